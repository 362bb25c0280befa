world() {
    server 4222
    printf 'project: chat\nstreams: {CHAT: {subjects: [chat.>]}}\n' >natsform.yaml
}
