world() { echo 'streams: {CHAT: {subjects: [chat.>]}}' >natsform.yaml; }
