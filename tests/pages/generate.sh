world() {
    printf 'project: chat\nservers: {dev: {jetstream: {store_dir: ./data}}}\n' >natsform.yaml
    mkdir build
    cp "$(dirname "$NATSFORM")/healthcheck" build/healthcheck
}

# The committed files are those of 'generate all'.
before() {
    case $1 in
    *--check) rm -rf deploy && natsform generate all >/dev/null ;;
    esac
}
