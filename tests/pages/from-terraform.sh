world() {
    server 4222
    context prod 4222
    holds 4222 'streams: {ORDERS: {subjects: [orders.>]}}'
    cp "$NATSFORM_TESTS"/formats/terraform-state.json state.json
}
