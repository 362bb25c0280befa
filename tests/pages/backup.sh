world() {
    server 4222
    holds 4222 'project: shop
streams: {ORDERS: {subjects: [orders.>]}}
key_values: {sessions: {}}'
    cp "$HOME/holds.yaml" natsform.yaml
    context here 4222
    publish 4222 orders.1 orders.2 orders.3 orders.eu.1
}

# A message of each subject.
publish() {
    # shellcheck disable=SC2016  # for bash, which has sockets
    bash -c 'exec 9<>"/dev/tcp/127.0.0.1/$1" && shift
        printf "CONNECT {\"verbose\":false}\r\n" >&9
        printf "PUB %s 5\r\nhello\r\n" "$@" >&9
        printf "PING\r\n" >&9
        while read -r line <&9; do case $line in PONG*) break ;; esac done' publish "$@"
    until natsform plan --destroy 2>&1 | grep -q '4 messages'; do sleep 0.02; done
}

# Whoever it belongs to now.
gone() {
    natsform apply --yes >/dev/null 2>&1
    natsform destroy --yes --allow-data-loss ORDERS --allow-data-loss KV_sessions >/dev/null
}

# Each of the first lines is a way to begin. What is restored is not there any more.
before() {
    case $1 in
    *' --out backups') rm -rf backups ;;
    'natsform restore '*) gone ;;
    esac
}
