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
}
