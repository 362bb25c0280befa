world() {
    mkdir shop && cd shop && git init -q .
    cp "$root"/examples/pipelines/*.yaml .
}

# The third one is for a project without a pipeline.
before() {
    case $1 in
    *--environment*) rm -r .github ;;
    esac
}
