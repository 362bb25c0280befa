# Runs the commands of a page; see README.md. usage: sh run.sh PAGE, with the page's path from the project's root.
set -eu
page=$1
# Ctrl-C is for what runs in the foreground.
trap : INT
. "$NATSFORM_TESTS/pages/world.sh"

# In the order of the page. The file is read by another descriptor, since the commands' input is the terminal.
sed -nE -e 's/^ +(\$ )?(natsform .*)$/\2/p' -e 's/^(\$ )(natsform .*)$/\2/p' -e 's/^ +([a-z]+ .*\| natsform .*)$/\1/p' "$root/$page" | sed -E 's/ +# .*$//' >"$HOME/commands"
while IFS= read -r command <&3; do
    echo
    try "$command" 3<&-
done 3<"$HOME/commands"
printf '\nEach command of %s ran.\n' "$page"
