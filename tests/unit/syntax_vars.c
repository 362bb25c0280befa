/* Unit tests of syntax/vars.h, on manifests as the YAML reader has read them. */
#include "syntax/vars.h"

#include <string.h>

#include "syntax/yaml.h"
#include "unit/render.h"
#include "unit/suites.h"

struct vars_case {
    const char *text;
    const char *expected;
};

static struct arena arena;
static struct diags diags;
static struct source source;
static struct documents documents;
static struct strbuf out;
static char big[512 * 1024 + 1];
static int lookups;

static void setup(void)
{
    arena_init(&arena);
    diags_init(&diags);
    memset(big, 'x', sizeof(big) - 1);
    lookups = 0;
}

static void teardown(void)
{
    strbuf_release(&out);
    diags_release(&diags);
    arena_release(&arena);
}

static const char *lookup(void *context, const char *name)
{
    static const struct {
        const char *name;
        const char *value;
    } set[] = {
        {"A", "one"},
        {"EMPTY", ""},
        {"_x9", "nine"},
        {"TRICK", "${A} $$ }"},
        {"EURO", "\342\202\254"},
        {"BAD", "\377"},
        {"BELL", "\a"},
        {"LINES", "a: b\n- c\n"},
        {"REPLICAS", "3"},
        {"BIG", big},
    };
    ck_assert_ptr_eq(context, &lookups);
    lookups++;
    for (size_t i = 0; i < sizeof(set) / sizeof(set[0]); i++)
        if (strcmp(set[i].name, name) == 0)
            return set[i].value;
    return NULL;
}

static int expand(const char *text)
{
    source = (struct source){"x.yaml", text, strlen(text)};
    ck_assert_int_eq(yaml_read(&arena, &source, &diags, &documents), 0);
    return vars_expand(&arena, documents.items[0], lookup, &lookups, &diags);
}

static const struct vars_case expanded[] = {
    {"${A}", "one"},
    {"x${A}y${A}", "xoneyone"},
    {"\"${A}\"", "\"one\""},
    {"|\n  ${A}\n  ${_x9}\n", "\"one\nnine\n\""},
    {"${EMPTY}", ""},
    {"'${EMPTY}'", "\"\""},
    {"n: ${REPLICAS}", "{n: 3}"},
    {"- \"${A}\"\n- b: ${A}\n", "[\"one\", {b: one}]"},
    /* keys are left alone */
    {"${A}: ${A}", "{${A}: one}"},
    /* a dollar sign before anything else is itself */
    {"$JS.EVENT.>", "$JS.EVENT.>"},
    {"a$", "a$"},
    {"$A $ $}", "$A $ $}"},
    {"a}{", "a}{"},
    {"$$", "$"},
    {"$${A}", "${A}"},
    {"$$$${A}", "$${A}"},
    {"$$${A}", "$one"},
    {"$$$", "$$"},
    {"$$JS.>", "$JS.>"},
    /* values are not looked into */
    {"${TRICK}", "${A} $$ }"},
    {"${LINES}", "a: b\n- c\n"},
    /* defaults */
    {"${NONE:-x}", "x"},
    {"${EMPTY:-x}", "x"},
    {"${A:-x}", "one"},
    {"${NONE:-}", ""},
    {"${NONE:-a b:c}", "a b:c"},
    {"${NONE:-a$b$$c$}d", "a$b$c$d"},
    {"${NONE:-${A}}", "one"},
    {"${NONE:-<${NONE:-${NONE:-z}}>}", "<z>"},
    {"${A:-${NONE}}", "one"},
    {"${A:-${NONE:?not asked}}", "one"},
    {"${NONE:-${TRICK}}", "${A} $$ }"},
    {"\"${NONE:-{x}}\"", "\"{x}\""},
    /* required */
    {"${A:?must be set}", "one"},
    {"${EURO}${EURO:?}", "\342\202\254\342\202\254"},
};

START_TEST(expands)
{
    ck_assert_int_eq(expand(expanded[_i].text), 0);
    render_node(&out, documents.items[0]);
    ck_assert_str_eq(strbuf_text(&out), expanded[_i].expected);
    ck_assert_uint_eq(diags.list.count, 0);
    /* Once is enough: what came out is not looked into again. */
    strbuf_reset(&out);
    ck_assert_int_eq(vars_expand(&arena, documents.items[0], lookup, &lookups, &diags), 0);
    render_node(&out, documents.items[0]);
    ck_assert_str_eq(strbuf_text(&out), expanded[_i].expected);
}
END_TEST

#define FORMS "  hint: write ${NAME}, ${NAME:-default} or ${NAME:?message}; a dollar sign is '$$'\n"

static const struct vars_case rejected[] = {
    {"a: ${NONE}", "1:4+7 variable: variable 'NONE' is not set\n"
                   "  hint: set it in the environment, or give a default: ${NONE:-default}\n"},
    {"a: x \303\251${NONE} y ${NO}",
     "1:7+7 variable: variable 'NONE' is not set\n"
     "  hint: set it in the environment, or give a default: ${NONE:-default}\n"
     "1:17+5 variable: variable 'NO' is not set\n"
     "  hint: set it in the environment, or give a default: ${NO:-default}\n"},
    {"a: \"x ${NONE}\"", "1:7+7 variable: variable 'NONE' is not set\n"
                         "  hint: set it in the environment, or give a default: ${NONE:-default}\n"},
    /* with an escape, over lines: the scalar as a whole */
    {"a: \"\\x41 ${NONE}\"", "1:4+14 variable: variable 'NONE' is not set\n"
                             "  hint: set it in the environment, or give a default: ${NONE:-default}\n"},
    {"a: b\n  ${NONE}", "1:4+0 variable: variable 'NONE' is not set\n"
                        "  hint: set it in the environment, or give a default: ${NONE:-default}\n"},
    {"a: !!str ${NONE}", "1:10+7 variable: variable 'NONE' is not set\n"
                         "  hint: set it in the environment, or give a default: ${NONE:-default}\n"},
    {"a: ${NONE:-${NO}}", "1:12+5 variable: variable 'NO' is not set\n"
                          "  hint: set it in the environment, or give a default: ${NO:-default}\n"},
    {"a: ${NONE:?the token}", "1:4+18 variable: variable 'NONE' is required: the token\n"},
    {"a: ${EMPTY:?}", "1:4+10 variable: variable 'EMPTY' is required\n"},
    {"a: ${NONE:?see ${A} $$}b", "1:4+20 variable: variable 'NONE' is required: see ${A} $$\n"},
    {"a: ${}", "1:4+3 variable: '${}' is not a variable\n" FORMS},
    {"a: ${1A}", "1:4+5 variable: '${1A}' is not a variable\n" FORMS},
    {"a: ${A B}", "1:4+6 variable: '${A…' is not a variable\n" FORMS},
    {"a: ${A-x}", "1:4+6 variable: '${A…' is not a variable\n" FORMS},
    {"a: ${A?x}", "1:4+6 variable: '${A…' is not a variable\n" FORMS},
    {"a: ${A:x}", "1:4+6 variable: '${A…' is not a variable\n" FORMS},
    {"a: ${\303\251}", "1:4+4 variable: '${…' is not a variable\n" FORMS},
    {"a: ${A", "1:4+3 variable: '${A' is not a variable\n" FORMS},
    {"a: x${A:-b", "1:5+6 variable: '${A:-…' is not a variable\n" FORMS},
    {"a: ${A:-${A}", "1:4+9 variable: '${A:-…' is not a variable\n" FORMS},
    {"a: ${A:-${A", "1:9+3 variable: '${A' is not a variable\n" FORMS},
    {"a: ${A:?b", "1:4+6 variable: '${A:?…' is not a variable\n" FORMS},
    {"a: ${A:-${1}}", "1:9+4 variable: '${1}' is not a variable\n" FORMS},
    {"a: ${01234567890123456789012345678901234567\303\251}",
     "1:4+40 variable: '${01234567890123456789012345678901234567' is not a variable\n" FORMS},
    {"a: ${BAD}", "1:4+6 encoding: the value of variable 'BAD' is not UTF-8, or has a control byte in it\n"},
    {"a: ${BELL}",
     "1:4+7 encoding: the value of variable 'BELL' is not UTF-8, or has a control byte in it\n"},
    {"a: ${NONE:-${NONE:-${NONE:-${NONE:-${NONE:-${NONE:-${NONE:-${NONE:-${NONE:-${NONE:-${NONE:-${NONE:-"
     "${NONE:-${NONE:-${NONE:-${NONE:-${NONE:-x}}}}}}}}}}}}}}}}}",
     "1:132+2 limit: variables in defaults are nested more than 16 levels deep\n"},
    {"[a, \"${BIG}${BIG}y\"]", "1:5+15 limit: variables expand to more than 1048576 bytes\n"},
};

START_TEST(rejects)
{
    ck_assert_int_eq(expand(rejected[_i].text), -1);
    render_diags(&out, &diags);
    ck_assert_str_eq(strbuf_text(&out), rejected[_i].expected);
    /* The text stays as it was, and the fault is not reported again. */
    size_t errors = diags.errors;
    vars_expand(&arena, documents.items[0], lookup, &lookups, &diags);
    ck_assert_uint_eq(diags.errors, errors);
}
END_TEST

START_TEST(reports_everything)
{
    ck_assert_int_eq(expand("a: ${NO}\nb: ${A}\nc:\n- ${1}\n- d: ${NO}\n"), -1);
    ck_assert_uint_eq(diags.errors, 3);
    render_node(&out, documents.items[0]);
    ck_assert_str_eq(strbuf_text(&out), "{a: ${NO}, b: one, c: [${1}, {d: ${NO}}]}");
}
END_TEST

/* A shared node is expanded once, and its fault reported once. */
START_TEST(aliases)
{
    ck_assert_int_eq(expand("a: &a $${A}\nb: *a\nc: &c\n  d: $$$${A}\n  <<: {e: $$$$}\nf: {<<: *c}\n"), 0);
    render_node(&out, documents.items[0]);
    ck_assert_str_eq(strbuf_text(&out), "{a: ${A}, b: ${A}, c: {d: $${A}, e: $$}, f: {d: $${A}, e: $$}}");
    ck_assert_int_eq(lookups, 0);
    ck_assert_int_eq(expand("a: &a ${NO}\nb: *a\nc: [*a, *a]\n"), -1);
    ck_assert_uint_eq(diags.errors, 1);
}
END_TEST

/* What may hold a secret is marked; other text is not. */
START_TEST(marks)
{
    ck_assert_int_eq(expand("- $JS.>\n- ${A}\n- plain\n- ${NONE:-x}\n"), 0);
    static const bool marked[] = {false, true, false, true};
    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(documents.items[0]->items[i]->expanded, marked[i]);
}
END_TEST

START_TEST(longest_scalar)
{
    ck_assert_int_eq(expand("${BIG}${BIG}"), 0);
    ck_assert_uint_eq(strlen(documents.items[0]->text), 1024 * 1024);
}
END_TEST

/* Many small references to a large value are refused before the memory is gone. */
START_TEST(most_in_all)
{
    struct strbuf text = {0};
    for (int i = 0; i < 100000; i++)
        strbuf_adds(&text, "- ${BIG}\n");
    ck_assert_int_eq(expand(text.text), -1);
    render_diags(&out, &diags);
    ck_assert_str_eq(strbuf_text(&out), "65:3+6 limit: variables expand to more than 33554432 bytes\n");
    strbuf_release(&text);
}
END_TEST

#define COUNT(cases) ((int)(sizeof(cases) / sizeof((cases)[0])))

Suite *syntax_vars_suite(void)
{
    Suite *suite = suite_create("syntax/vars");
    TCase *tests = tcase_create("vars");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, expands, 0, COUNT(expanded));
    tcase_add_loop_test(tests, rejects, 0, COUNT(rejected));
    tcase_add_test(tests, reports_everything);
    tcase_add_test(tests, aliases);
    tcase_add_test(tests, marks);
    tcase_add_test(tests, longest_scalar);
    tcase_add_test(tests, most_in_all);
    suite_add_tcase(suite, tests);
    return suite;
}
