world() {
    server 4222
    printf 'connection: {url: "nats://127.0.0.1:4222"}\nstreams: {CHAT: {subjects: [chat.>]}}\n' >natsform.yaml
    natsform apply --yes >/dev/null 2>&1
}
