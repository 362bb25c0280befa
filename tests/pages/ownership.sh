world() {
    server 4222
    holds 4222 'project: chat
streams: {CHAT: {subjects: [chat.>]}, OLD: {subjects: [old]}}'
    printf 'project: chat\nstreams: {CHAT: {subjects: [chat.>]}}\n' >natsform.yaml
}
