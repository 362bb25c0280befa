# shellcheck shell=sh disable=SC2034
world() {
    server 4222
    context here 4222
    holds 4222 'project: shop
streams: {ORDERS: {subjects: [orders.>]}}'
    publish
    printf 'project: shop\nstreams: {ORDERS: {subjects: [orders.>], storage: memory}}\n' >memory.yaml
    printf 'project: shop\nstreams: {ORDERS: {subjects: [orders.>], storage: memory, lifecycle: {on_immutable: migrate}}}\n' >migrate.yaml
    printf 'project: shop\nstreams: {SALES: {subjects: [orders.>], storage: memory, renamed_from: ORDERS}}\n' >renamed.yaml
    cp renamed.yaml natsform.yaml
}

# Three messages.
publish() {
    # shellcheck disable=SC2016  # for bash, which has sockets
    bash -c 'exec 9<>/dev/tcp/127.0.0.1/4222
        printf "CONNECT {\"verbose\":false}\r\n" >&9
        printf "PUB %s 5\r\nhello\r\n" orders.1 orders.2 orders.3 >&9
        printf "PING\r\n" >&9
        while read -r line <&9; do case $line in PONG*) break ;; esac done'
    until natsform plan --destroy -f "$HOME/holds.yaml" 2>&1 | grep -q '3 messages'; do sleep 0.02; done
}

code() {
    case $1 in
    'natsform plan -f memory.yaml') echo 3 ;;
    esac
}
