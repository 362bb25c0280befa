world() {
    server 4222
    context prod 4222
    printf 'project: shop\nstreams: {ORDERS: {subjects: [orders.>]}}\n' | tee natsform.yaml >prod.yaml
}
