world() {
    server 4222
    context prod 4222
    holds 4222 'streams: {ORDERS: {subjects: [orders.>]}}'
    cat >nack.yaml <<'Y'
apiVersion: jetstream.nats.io/v1beta2
kind: Stream
metadata: {name: orders}
spec: {name: ORDERS, subjects: [orders.>], storage: file}
Y
}
