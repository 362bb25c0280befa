#compdef natsform
_natsform() {
  local -a values
  local line
  for line in "${(@f)$("${words[1]}" __complete -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}"; do
    case $line in
      :files) _files; return ;;
      :folders) _files -/; return ;;
      ?*) line=${line//:/\\:}; values+=("${line/$'\t'/:}") ;;
    esac
  done
  _describe value values
}
if [ "$funcstack[1]" = _natsform ]; then _natsform "$@"; else compdef _natsform natsform; fi
