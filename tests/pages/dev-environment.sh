world() {
    printf 'servers: {dev: {}}\nstreams: {CHAT: {subjects: [chat.>]}}\n' >natsform.yaml
}
