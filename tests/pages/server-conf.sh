# The machine's own /etc is left alone: what is laid over it is gone with this run.
world() {
    cp -a /etc "$HOME/etc"
    mkdir -p "$HOME/etc/nats"
    cat >"$HOME/etc/nats/nats-server.conf" <<'C'
port: 4222
jetstream { store_dir: /tmp/nats }
authorization { user: app, password: "s3cret" }
C
    mount --bind "$HOME/etc" /etc
    cat >docker-compose.yml <<'Y'
services:
  nats:
    image: nats:2.10
    command: -js --user app --pass s3cret
    ports: ["4222:4222"]
Y
}

before() {
    case $1 in
    *compose*) rm natsform.yaml ;;
    esac
}
