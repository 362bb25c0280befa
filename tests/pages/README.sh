# README.md: servers and streams of this machine, and another server that has less.
world() {
    server 4333
    context prod 4333
    printf 'project: chat\nservers: {dev: {websocket: {no_tls: true}}}\nstreams: {CHAT: {subjects: [chat.>]}}\n' >natsform.yaml
}
