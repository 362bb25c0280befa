# A repository, and a server of the team's with logins, for which the nats CLI has a context.
world() {
    ip address add 10.0.0.7/32 dev lo
    printf '%s\n' 'listen: "10.0.0.7:4222"' 'server_name: prod' \
        'accounts {SHOP {jetstream: enabled, users: [{user: ann, password: secret}]}}' >"$HOME/prod.conf"
    setsid nats-server -c "$HOME/prod.conf" -js -sd "$HOME/prod" >"$HOME/prod.log" 2>&1 &
    until grep -qs 'Server is ready' "$HOME/prod.log"; do sleep 0.02; done
    nats context add prod -s nats://10.0.0.7:4222 --user ann --password secret --select >/dev/null
    export GIT_AUTHOR_NAME=Ann GIT_AUTHOR_EMAIL=ann@example.com GIT_COMMITTER_NAME=Ann GIT_COMMITTER_EMAIL=ann@example.com
    git init -q -b main .
}

# What somebody else types meanwhile.
before() {
    case $1 in
    'natsform watch')
        { until [ -e "$HOME/watching" ]; do sleep 0.02; done && nats stream edit ORDERS --max-age 1h --force >/dev/null; } &
        ;;
    esac
}
