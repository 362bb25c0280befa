world() {
    server 4222
    holds 4222 'project: shop
streams: {ORDERS: {subjects: [orders.>]}}
key_values: {sessions: {}}'
    cp "$HOME/holds.yaml" natsform.yaml
    context here 4222
}

# Each of the first lines is a way to begin. What is restored is not there any more.
before() {
    case $1 in
    *' --out backups') rm -rf backups ;;
    *--dry-run*) natsform destroy --yes --allow-data-loss ORDERS --allow-data-loss KV_sessions >/dev/null ;;
    esac
}
