# Runs the commands of a page; see README.md. usage: sh run.sh PAGE, with the page's path from the project's root.
set -eu
page=$1
root=$(cd "$NATSFORM_TESTS/.." && pwd)
ip link set lo up
# Ctrl-C is for what runs in the foreground.
trap : INT

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

before() { :; }
code() { :; }
. "$NATSFORM_TESTS/pages/$(basename "$page" .md).sh"
world

# In the order of the page. The file is read by another descriptor, since the commands' input is the terminal.
sed -nE -e 's/^ +(\$ )?(natsform .*)$/\2/p' -e 's/^(\$ )(natsform .*)$/\2/p' -e 's/^ +([a-z]+ .*\| natsform .*)$/\1/p' "$root/$page" | sed -E 's/ +# .*$//' >"$HOME/commands"
while IFS= read -r command <&3; do
    before "$command"
    printf '\n$ %s\n' "$command"
    wanted=$(code "$command")
    got=0
    eval "$command" 3<&- || got=$?
    if [ "$got" != "${wanted:-0}" ]; then
        echo "$page: '$command' ended with $got instead of ${wanted:-0}"
        exit 1
    fi
done 3<"$HOME/commands"
printf '\nEach command of %s ran.\n' "$page"
