world() { mkdir -p "$HOME/shop" && cd "$HOME/shop"; }

# The second and the third way to begin are in folders of their own, the last one beside a server that holds something.
before() {
    case $1 in
    *--yes*) natsform down >/dev/null && mkdir "$HOME/second" && cd "$HOME/second" ;;
    *--from-live*)
        cd "$HOME"
        server 4333
        context prod 4333
        holds 4333 'streams: {ORDERS: {subjects: [orders.>]}}'
        ;;
    esac
}
