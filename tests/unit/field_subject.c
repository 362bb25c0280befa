/* Unit tests of field/subject.h: literal cases, and all patterns of up to three tokens against what they match. */
#include "field/subject.h"

#include <string.h>

#include "unit/suites.h"
#include "unit/world.h"

struct subject_case {
    const char *text;
    bool valid;
    bool literal;
};

static const struct subject_case subjects[] = {
    {"a", true, true},          {"a.b.c", true, true},
    {"a*", true, true}, /* '*' and '>' are wildcards as whole tokens alone */
    {"b>", true, true},         {">b", true, true},
    {"**", true, true},         {"a.b*.c>", true, true},
    {"$JS.API.>", true, false}, {"*", true, false},
    {">", true, false},         {"*.>", true, false},
    {"a.*.b", true, false},     {"\xC3\xA4.\xE2\x82\xAC", true, true},
    {"a\x01.b", true, true}, /* servers take control bytes */
    {"", false, false},         {".", false, false},
    {".a", false, false},       {"a.", false, false},
    {"a..b", false, false},     {">.a", false, false},
    {"a.>.b", false, false},    {"a b", false, false},
    {" a", false, false},       {"a.b ", false, false},
    {"a\tb", false, false},     {"a\nb", false, false},
    {"a\rb", false, false},     {"a\fb", false, false},
};

START_TEST(valid_and_literal)
{
    const struct subject_case *at = &subjects[_i];
    ck_assert_msg(subject_is_valid(at->text) == at->valid, "'%s' valid", at->text);
    ck_assert_msg(subject_is_literal(at->text) == at->literal, "'%s' literal", at->text);
}
END_TEST

struct pair_case {
    const char *a;
    const char *b;
    bool collide;
    bool a_in_b;
    bool b_in_a;
};

static const struct pair_case pairs[] = {
    {"a", "a", true, true, true},
    {"a", "b", false, false, false},
    {"a", "a.b", false, false, false},
    {"a*", "ab", false, false, false},
    {"a*", "a*", true, true, true},
    {"a.b", "a.*", true, true, false},
    {"a.b", "a.>", true, true, false},
    {"a", "a.>", false, false, false},
    {"a", ">", true, true, false},
    {"a.b.c", "*.*", false, false, false},
    {"a.b.c", "*.>", true, true, false},
    {"a.*", "*.b", true, false, false},
    {"a.*.c", "a.b.*", true, false, false},
    {"s.*.x", "s.y.*", true, false, false},
    {"a.*", "a.>", true, true, false},
    {"a.>", "*.b", true, false, false},
    {"a.b.>", "a.*", false, false, false},
    {"a.b.>", "a.>", true, true, false},
    {"a.>", "b.>", false, false, false},
    {"*", ">", true, true, false},
    {">", ">", true, true, true},
    {"*.orders", "$JS.>", true, false, false}, /* why such a stream would need no_ack */
    {"*.>", "$JS.API.>", true, false, true},
    {"orders", "$JS.>", false, false, false},
    {"$JS.EVENT.ADVISORY.>", "$JS.EVENT.>", true, true, false},
};

START_TEST(two_subjects)
{
    const struct pair_case *at = &pairs[_i];
    ck_assert_msg(subjects_collide(at->a, at->b) == at->collide, "'%s' and '%s'", at->a, at->b);
    ck_assert_msg(subjects_collide(at->b, at->a) == at->collide, "'%s' and '%s'", at->b, at->a);
    ck_assert_msg(subject_is_subset(at->a, at->b) == at->a_in_b, "'%s' in '%s'", at->a, at->b);
    ck_assert_msg(subject_is_subset(at->b, at->a) == at->b_in_a, "'%s' in '%s'", at->b, at->a);
}
END_TEST

/* ---- against the sets ---- */

enum { PATTERN_TOKENS = 3, PATTERNS = 52, SUBJECT_TOKENS = 5, SUBJECTS = 363 };

struct texts {
    const char *list[SUBJECTS];
    int count;
};

/* All sequences of up to `tokens` of the letters; a '>' is only put last. */
static struct texts sequences(const char *letters, int tokens)
{
    struct texts texts = {0};
    for (const char *letter = letters; *letter; letter++)
        texts.list[texts.count++] = arena_printf(&world.arena, "%c", *letter);
    for (int length = 2, begin = 0; length <= tokens; length++) {
        int end = texts.count;
        for (; begin < end; begin++)
            for (const char *letter = letters; *letter && !strchr(texts.list[begin], '>'); letter++)
                texts.list[texts.count++] = arena_printf(&world.arena, "%s.%c", texts.list[begin], *letter);
    }
    return texts;
}

/* Of patterns and subjects of one-letter tokens, by the definition. */
static bool matches(const char *pattern, const char *subject)
{
    for (;; pattern += 2, subject += 2) {
        if (*pattern == '>')
            return true;
        if (*pattern != '*' && *pattern != *subject)
            return false;
        if (!pattern[1] || !subject[1])
            return !pattern[1] && !subject[1];
    }
}

START_TEST(agrees_with_sets)
{
    struct texts patterns = sequences("ab*>", PATTERN_TOKENS);
    struct texts plain =
        sequences("abc", SUBJECT_TOKENS); /* a letter and two tokens more than patterns have */
    ck_assert_int_eq(patterns.count, PATTERNS);
    ck_assert_int_eq(plain.count, SUBJECTS);
    for (int i = 0; i < patterns.count; i++) {
        for (int j = 0; j < patterns.count; j++) {
            const char *a = patterns.list[i];
            const char *b = patterns.list[j];
            bool both = false;
            bool subset = true;
            for (int k = 0; k < plain.count; k++) {
                bool in_a = matches(a, plain.list[k]);
                bool in_b = matches(b, plain.list[k]);
                both |= in_a && in_b;
                subset &= !in_a || in_b;
            }
            ck_assert_msg(subjects_collide(a, b) == both, "'%s' and '%s' collide: %d", a, b, both);
            ck_assert_msg(subject_is_subset(a, b) == subset, "'%s' in '%s': %d", a, b, subset);
        }
    }
}
END_TEST

Suite *field_subject_suite(void)
{
    Suite *suite = suite_create("field/subject");
    TCase *tests = tcase_create("subject");
    tcase_add_checked_fixture(tests, world_setup, world_teardown);
    tcase_add_loop_test(tests, valid_and_literal, 0, COUNT_OF(subjects));
    tcase_add_loop_test(tests, two_subjects, 0, COUNT_OF(pairs));
    tcase_add_test(tests, agrees_with_sets);
    suite_add_tcase(suite, tests);
    return suite;
}
