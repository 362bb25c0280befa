# What the pages' worlds are made of, and how a command of a page is run there. $page is the page, with its path from the project's root.
root=$(cd "$NATSFORM_TESTS/.." && pwd)
ip link set lo up

# JetStream on that port, in a folder of its own; ready when this returns. More arguments are nats-server's.
server() {
    port=$1
    shift
    # In a session of its own, as Ctrl-C is for what runs in the foreground.
    setsid nats-server -a 127.0.0.1 -p "$port" -js -sd "$HOME/store-$port" "$@" >"$HOME/server-$port.log" 2>&1 &
    until natsform export -s "nats://127.0.0.1:$port" >/dev/null 2>&1; do sleep 0.02; done
}

# A context of the nats CLI for a server here, which is selected.
context() {
    mkdir -p "$XDG_CONFIG_HOME/nats/context"
    printf '{"url": "nats://127.0.0.1:%s"}\n' "$2" >"$XDG_CONFIG_HOME/nats/context/$1.json"
    printf '%s' "$1" >"$XDG_CONFIG_HOME/nats/context.txt"
}

# The N-th manifest of a page, as tests/docs.sh finds them.
manifest_of() {
    awk -v wanted="$2" '
        /^    / { if (!inside) { inside = 1; shown = 0; if ($0 ~ /^    (project|servers|streams|connections|# yaml-language-server)/) shown = ++count == wanted } }
        !/^    / && !/^$/ { inside = 0 }
        inside && shown { print substr($0, 5) }' "$root/$1"
}

# Applies a manifest to the server on that port.
holds() {
    printf '%s\n' "$2" >"$HOME/holds.yaml"
    natsform apply --yes -f "$HOME/holds.yaml" -s "nats://127.0.0.1:$1" >/dev/null 2>&1
}

# Runs a command of the page, whose exit code has to be the expected one.
try() {
    before "$1"
    printf '$ %s\n' "$1"
    wanted=$(code "$1")
    got=0
    eval "$1" || got=$?
    if [ "$got" != "${wanted:-0}" ]; then
        echo "$page: '$1' ended with $got instead of ${wanted:-0}"
        exit 1
    fi
}

before() { :; }
code() { :; }
. "$NATSFORM_TESTS/pages/$(basename "$page" .md).sh"
world
