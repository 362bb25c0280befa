world() {
    server 4222
    holds 4222 'project: chat
streams: {CHAT: {subjects: [chat.>]}}'
    cp "$HOME/holds.yaml" natsform.yaml
}
