#!/usr/bin/env bash
# Tests tools/lint itself: a rule that silently stopped finding anything would look like a tidy tree. A small
# tree breaks every rule once, next to innocent look-alikes of each; the findings must be exactly the expected.
set -euo pipefail

lint=$(cd "$(dirname "$0")/.." && pwd)/tools/lint
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
cd "$tree"
expected=()

# put FILE LINE...: writes a file of these lines below src/; one that begins with / below the tree itself.
put() {
    local file=src/$1
    case $1 in /*) file=.$1 ;; esac
    mkdir -p "$(dirname "$file")"
    printf '%s\n' "${@:2}" >"$file"
}

# finds FILE:LINE TEXT: of the tree's findings one must be at that line and contain that text.
finds() {
    case $1 in
    /*) expected+=("${1#/}: $2") ;;
    *) expected+=("src/$1: $2") ;;
    esac
}

# The innocent: nothing in these may be found.
put main.c '#include <stdio.h>' '#include "cmd/plan.h"' '#include "base/arena.h"'
put cmd/plan.c '#include "cmd/plan.h"' '#include "view/text.h"' '#include <getopt.h>' 'printf("strcpy(a, b)");'
put repo/git.c '#include <git2.h>' '#include <git2/repository.h>'
put server/nats.c '#include <nats/nats.h>'
put syntax/parse.c '#include <yaml.h>' '#include <cjson/cJSON.h>'
put base/number.c '#include "base/number.h"' '#include <stdlib.h>' '#include <sys/types.h>' 'n = strtoull(s, 0, 10);'
put plan/pure.c '/* time( is not' ' * printf( here' ' */ n = node->time(x) + plan_time(x);' \
    '// getenv("HOME")' 'snprintf(b, sizeof b, "time(%d)", 1); char q = '"'\"'; n = x.read(1);" \
    'char *s = "a \" exit(1)"; int exit_code = 1;'
put rules/table.c '/* the line after an opening comment' '#include "main.h"' '*/'

# (a) includes
put base/up.c 'int x;' '#include "field/field.h"'
finds base/up.c:2 '"field/field.h" may not be included in base/'
put plan/up.c '#include <stdint.h>' '' '  # include "apply/run.h"'
finds plan/up.c:3 '"apply/run.h" may not be included in plan/'
put view/up.c '#include "cmd/plan.h"'
finds view/up.c:1 '"cmd/plan.h" may not be included in view/'
put kind/form.c '#include "field.h"' '#include "../kind/field.h"' '#include "base/deep/x.h"'
finds kind/form.c:1 'does not have the form "room/file.h"'
finds kind/form.c:2 'does not have the form "room/file.h"'
finds kind/form.c:3 'does not have the form "room/file.h"'
put kind/nowhere.c '#include "attic/x.h"'
finds kind/nowhere.c:1 'is in no room'
put attic/x.c 'int x;'
finds attic/x.c:1 'this file is in none of the rooms'
put plan/one.h 'int x;'
put plan/one.c '#include "plan/one.h"' '#include "plan/two.h"'
put plan/two.h '#include "plan/three.h"'
put plan/three.h '#include "plan/four.h"'
put plan/three.c '#include "plan/one.h"'
put plan/four.h '#include "base/arena.h"'
finds plan/one.c:1 'these include each other: plan/one, plan/two, plan/three'
put plan/used.h 'int plan_used(int a);' '/* plan_alone */' 'int plan_alone(int a,' '               int b);' '#define PLAN_MACRO(x) plan_helper(x)' \
    'int plan_helper(int x);'
put plan/used.c '#include "plan/used.h"' 'int plan_used(int a) { return plan_alone(a, a); }' 'int plan_alone(int a, int b) { return a; }' \
    'int plan_helper(int x) { return x; }'
put view/user.c '#include "plan/used.h"' 'int y = plan_used(1); /*' ' * plan_alone */'
finds plan/used.h:3 'nobody else names plan_alone: it can be static'
put helper.c 'int x;'
finds helper.c:1 'this file is in none of the rooms'
put plan/git.h '#include <git2.h>'
finds plan/git.h:1 '<git2.h> may be included in repo/ only'
put apply/nats.c '#include <nats/nats.h>'
finds apply/nats.c:1 '<nats/nats.h> may be included in server/ only'
put kind/yaml.c '#include <yaml.h>' '#include <cjson/cJSON.h>'
finds kind/yaml.c:1 '<yaml.h> may be included in syntax/ only'
finds kind/yaml.c:2 '<cjson/cJSON.h> may be included in syntax/ only'
put base/tls.c '#include <openssl/ssl.h>'
finds base/tls.c:1 '<openssl/ssl.h> may not be included in base/'

# (a) purity
put plan/impure.c 'int x = 1;' 'printf("%d", x);' 'now = time (NULL);'
finds plan/impure.c:2 "'printf' is not called in plan/"
finds plan/impure.c:3 "'time' is not called in plan/"
put rules/impure.c 'if (getenv("HOME")) x = fopen(p, "r");' 'f(stderr);'
finds rules/impure.c:1 "'getenv' is not called in rules/"
finds rules/impure.c:1 "'fopen' is not called in rules/"
finds rules/impure.c:2 'no stdout, stderr or environ in rules/'
put kind/impure.h 'n = clock_gettime(c, &t);' '/* a */ s = socket(1, 2, 3);'
finds kind/impure.h:1 "'clock_gettime' is not called in kind/"
finds kind/impure.h:2 "'socket' is not called in kind/"

# (a) files
put devenv/opening.c 'fd = mkstemp(path);' 'closedir(folder);'
finds devenv/opening.c:1 "'mkstemp' is called in base/ only"

# (b) banned calls
banned=(strtol strtoul strtoll strtoull atoi atol sprintf vsprintf strcpy strcat strtok gets alloca)
lines=()
for index in "${!banned[@]}"; do
    lines+=("x = ${banned[index]}(y);")
    finds "cmd/banned.c:$((index + 1))" "'${banned[index]}' is not called here"
done
put cmd/banned.c "${lines[@]}"
put base/parse.c 'n = strtoull(s, 0, 10);'
finds base/parse.c:1 "'strtoull' is not called here"

# (b) clocks
put /tests/support/patience.c 'now = clock_ms(); nanosleep(&pause, NULL);'
put /tests/live/waits.c '/* usleep( */ AWAIT(is_there(path));' 'row->clock(x); say("sleep(1)"); cert = make(time(NULL));'
put /tests/live/measures.c 'int64_t start = clock_ms();' 'ck_assert(x); sleep (1);'
put /tests/unit/limits.c 'tcase_set_timeout(tests, 60);'
finds /tests/live/measures.c:1 "'clock_ms' is not called in tests"
finds /tests/live/measures.c:2 "'sleep' is not called in tests"
finds /tests/unit/limits.c:1 "'tcase_set_timeout' is not called in tests"

# (c) length
mapfile -t lines < <(printf 'static int a%d;\n' {1..700})
put view/fits.c "${lines[@]}"
put view/long.c "${lines[@]}" 'static int last;'
finds view/long.c:701 'this file is longer than 700 lines'
if ctags --version 2>/dev/null | grep -q '^Universal Ctags'; then
    mapfile -t lines < <(printf '    x = %d;\n' {1..97})
    put view/functions.c 'int fits(int x)' '{' "${lines[@]}" '}' '' 'int too_long(int x)' '{' "${lines[@]}" '    x = 0;' '}'
    finds view/functions.c:102 'the function too_long has 101 lines'
    put view/parameters.c 'void six(int a, int b, int c, int d, void (*e)(int, int), int f) {}' \
        'void seven(int a, int b, int c, int d, int e, int f, int g) {}'
    finds view/parameters.c:2 'the function seven has 7 parameters'
fi
put cmd/command.h '#define EACH_COMMAND(each) each(plan) each(pull) each(man)'
put cmd/man.c 'const struct command man_command = {' '    .hidden = true,' '};'
# shellcheck disable=SC2016 # the backquotes are Markdown's
put /README.md 'Run `natsform plan`, or "pull".'
finds /README.md:1 "the verb 'pull' is not named here"

passed=0 failed=0
failure() {
    echo "FAILED: $*"
    failed=$((failed + 1))
}

status=0
findings=$("$lint" --quick . 2>errors) || status=$?
rm -f errors
if [ $status = 1 ]; then passed=$((passed + 1)); else failure "exit status $status, where 1 was expected"; fi
left=$findings
for wanted in "${expected[@]}"; do
    place=${wanted%%: *} text=${wanted#*: }
    line=$(grep -F "$place: " <<<"$left" | grep -m 1 -F "$text" || true)
    if [ -n "$line" ]; then
        passed=$((passed + 1))
        left=$(grep -v -x -F "$line" <<<"$left" || true)
    else
        failure "not found: $wanted"
    fi
done
if [ -z "$left" ]; then passed=$((passed + 1)); else failure "found, but should not be: $left"; fi

# A tree with nothing but the innocent has no finding.
rm tests/live/measures.c tests/unit/limits.c
find src -type f ! -path src/main.c ! -path src/cmd/plan.c ! -path 'src/repo/*' ! -path 'src/server/*' \
    ! -path 'src/syntax/*' ! -path src/base/number.c ! -path src/plan/pure.c ! -path src/rules/table.c -delete
if findings=$("$lint" --quick . 2>&1); then
    passed=$((passed + 1))
else
    failure "an innocent tree is found guilty: $findings"
fi

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
