world() {
    server 4222
    mkdir k8s
    cat >k8s/streams.yaml <<'Y'
apiVersion: jetstream.nats.io/v1beta2
kind: Stream
metadata: {name: orders}
spec: {name: ORDERS, subjects: [orders.>], storage: file}
Y
    echo 'streams: {CHAT: {subjects: [chat.>]}}' >natsform.yaml
    echo 'streams: {ORDERS: {num_replicas: 1}}' >prod.yaml
    # What other programs print.
    mkdir "$HOME/bin"
    printf '#!/bin/sh\ncat "%s"\n' "$PWD/k8s/streams.yaml" >"$HOME/bin/kubectl"
    printf '#!/bin/sh\ncase $2 in ls) echo ORDERS ;; *) cat "%s" ;; esac\n' "$NATSFORM_TESTS/formats/cli-stream-info.json" >"$HOME/bin/nats"
    printf '#!/bin/sh\ncat "%s"\n' "$NATSFORM_TESTS/formats/terraform-state.json" >"$HOME/bin/terraform"
    chmod +x "$HOME/bin"/*
    PATH=$HOME/bin:$PATH
}
