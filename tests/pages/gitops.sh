commit() { git add -A && git -c user.name=a -c user.email=a@example.com commit -qm "$1"; }

world() {
    server 4222
    context prod 4222
    git init -q -b main .
    mkdir deploy streams
    echo 'streams: {CHAT: {subjects: [chat.>]}}' | tee natsform.yaml base.yaml deploy/natsform.yaml >streams/chat.yaml
    commit one && git tag v1.3.0
    echo 'streams: {CHAT: {subjects: [chat.>], max_age: 7d}}' >deploy/natsform.yaml
    commit two && git tag v1.4.0
    git update-ref refs/remotes/origin/main HEAD
    echo 'streams: {CHAT: {subjects: [chat.>], max_msgs: 9}}' >natsform.yaml
    commit three
    echo '# nothing' >>natsform.yaml
    commit four
    git clone -q --bare . infra.git
    git -C infra.git update-ref refs/heads/main v1.4.0
    # A host that is in no network: what ssh would have run there, runs here.
    cat >fake-ssh <<'SSH'
while [ $# -gt 1 ]; do shift; done
cd "$FAKE_HOST" && eval "$(printf '%s' "$1" | sed "s|'/|'|")"
SSH
    export FAKE_HOST="$PWD" GIT_SSH_COMMAND="sh '$PWD/fake-ssh'"
    ln -s infra.git infra
    echo 'streams: {CHAT: {max_age: 30d}}' >prod.yaml
    echo 'streams: {CHAT: {subjects: [chat.>, user.>], max_msgs: 9}}' >natsform.yaml
}

# Differences are what a diff is for.
code() {
    case $1 in
    *' diff '*) echo 1 ;;
    esac
}
