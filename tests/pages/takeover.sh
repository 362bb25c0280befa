world() {
    server 4222
    holds 4222 'streams: {ORDERS: {subjects: [orders.>], consumers: {billing: {ack_policy: explicit}}}, ORDERS_OLD: {subjects: [old]}, INVOICES: {subjects: [invoices]}}
key_values: {sessions: {}}'
    holds 4222 'project: chat
streams: {CHAT: {subjects: [chat.>]}}'
    printf 'project: shop\nstreams: {}\n' >natsform.yaml
}

# A consumer alone is for a manifest that has its stream; 'pull' is for what somebody has changed.
before() {
    case $1 in
    *ORDERS/billing) printf 'project: shop\nstreams: {ORDERS: {subjects: [orders.>]}}\n' >natsform.yaml ;;
    *' pull')
        natsform plan >/dev/null || true
        sed -i 's/orders.>/orders.new/' natsform.yaml
        ;;
    esac
}
