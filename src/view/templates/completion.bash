_natsform() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :folders) while IFS= read -r line; do COMPREPLY[${#COMPREPLY[@]}]=$(printf %q "$line"); done \
        < <(compgen -d -- "${COMP_WORDS[COMP_CWORD]}") ;;
      :*) ;;
      *) COMPREPLY[${#COMPREPLY[@]}]=$(printf %q "${line%%$'\t'*}") ;;
    esac
  done < <("$1" __complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _natsform natsform
