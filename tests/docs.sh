#!/usr/bin/env bash
# Holds the documentation to the program: each command that README.md, docs/ and the programs' own examples show is one
# that natsform takes, each manifest is one that it finds right, each link leads somewhere, each make target is there.
#
# docs/codes.md shows what is wrong: there each manifest has to be told the code that it stands under.
#
# Manifests are the indented blocks that begin with a key of the outermost map; commands are lines and `code` that begin
# with natsform. "--help" after a command checks all its options and does nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

passed=0 failed=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

pass() { passed=$((passed + 1)); }
fail() {
    failed=$((failed + 1))
    printf '%s\n' "$*"
}

pages=()
for page in README.md docs/*.md examples/*/README.md; do
    if [ -e "$page" ] && [ "$page" != docs/codes.md ]; then pages+=("$page"); fi
done
mkdir "$scratch/help"
for command in $("$NATSFORM" help | awk '/^  [a-z]/ { print $1 }'); do
    "$NATSFORM" "$command" --help >"$scratch/help/$command"
done
keys=$("$NATSFORM" explain manifest | sed -nE 's/^  manifest\.([a-z_]+) .*/\1/p' | paste -sd '|' -)

commands() {
    sed -nE -e 's/^ +(\$ )?(natsform .*)$/\2/p' -e 's/^(\$ )(natsform .*)$/\2/p' "$1" | sed -E 's/ +# .*$//'
    # shellcheck disable=SC2016 # backticks are text
    { grep -oE '`natsform [^`]*`' "$1" || true; } | tr -d '`'
}

# Placeholders and shell syntax go; what is left are the words that natsform would see. What is quoted is one of them.
words_of() { sed -E -e "s/'[^']*'/quoted/g" -e 's/ *(\||>|&&|;|2>|<).*$//' -e 's/…|\.\.\.//g' -e 's/\[[^]]*\]//g' <<<"$1"; }

for page in "${pages[@]}" "$scratch"/help/*; do
    while IFS= read -r command; do
        text=$(words_of "$command")
        if eval "set -- ${text#natsform}" && "$NATSFORM" "$@" --help >/dev/null 2>"$scratch/said"; then
            pass
        else
            fail "${page#"$scratch/"}: '$command' is not taken: $(head -n 1 "$scratch/said")"
        fi
    done < <(commands "$page")
done

# Writes each manifest of a page to a file of its own, which begins with the heading above it.
manifests() {
    awk -v keys="^    ($keys):" -v marked='^    # yaml-language-server' -v to="$2" '
        /^## / { heading = $2 }
        /^    / { if (!inside) { inside = 1; wanted = $0 ~ keys || $0 ~ marked; if (wanted) file = to "/" heading "," ++count ".yaml" } }
        !/^    / && !/^$/ { inside = 0 }
        inside && wanted { print substr($0, 5) >file }' "$1"
}

for page in "${pages[@]}"; do
    rm -rf "$scratch/manifests"
    mkdir "$scratch/manifests"
    manifests "$page" "$scratch/manifests"
    for manifest in "$scratch"/manifests/*.yaml; do
        [ -e "$manifest" ] || continue
        # Passwords and the like come from the environment.
        mapfile -t variables < <(grep -oE '\$\{[A-Z_]+(:\?[^}]*)?\}' "$manifest" | sed -E 's/^..([A-Z_]+).*/\1=hush/')
        if env "${variables[@]}" "$NATSFORM" validate -f "$manifest" >"$scratch/said" 2>&1; then
            pass
        else
            fail "$page: a manifest is not right: $(cat "$scratch/said")"
        fi
    done
done

mkdir "$scratch/codes"
manifests docs/codes.md "$scratch/codes"
for manifest in "$scratch"/codes/*.yaml; do
    code=$(basename "${manifest%%,*}")
    "$NATSFORM" validate -f "$manifest" >"$scratch/said" 2>&1 || :
    # "Valid": what only a server would show. Files that are included are not there.
    if grep -qE "^Valid: " "$scratch/said" || grep -q "^include:" "$manifest" ||
        grep -qF "[$code]" "$scratch/said"; then
        pass
    else
        fail "docs/codes.md: the example of $code is told $(cat "$scratch/said")"
    fi
done

for page in "${pages[@]}" CHANGELOG.md docs/codes.md; do
    while IFS= read -r link; do
        case $link in
        *://* | '#'*) continue ;;
        esac
        if [ -e "$(dirname "$page")/${link%%#*}" ]; then pass; else fail "$page: '$link' leads nowhere"; fi
    done < <(grep -oE '\]\([^)]+\)' "$page" | sed -E 's/^\]\(|\)$//g')
    while IFS= read -r target; do
        if grep -q "^$target:" Makefile; then pass; else fail "$page: there is no 'make $target'"; fi
    done < <(grep -oE '(`|^    )make [a-z-]+' "$page" | sed -E 's/.*make //')
done

printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
