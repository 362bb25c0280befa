/*
 * Expressions of CI services; see ci_words.h. Values are texts: "" and "false" do not hold. A function is a word too: "always()" is set by
 * whoever runs a job.
 */
#include "support/ci_words.h"

#include <check.h>
#include <string.h>

#include "base/strbuf.h"
#include "support/scratch.h"

#define NAME_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-."

struct reading {
    const struct ci_words *words;
    const char *whole, *at;
};

static const char *either(struct reading *reading);

void ci_set(struct ci_words *words, const char *name, const char *value)
{
    VEC_PUSH(test_arena(), &words->list, ((struct ci_word){name, value}));
}

const char *ci_word(const struct ci_words *words, const char *name)
{
    for (size_t i = words->list.count; i > 0; i--)
        if (strcmp(words->list.items[i - 1].name, name) == 0)
            return words->list.items[i - 1].value;
    return "";
}

static bool is_true(const char *value)
{
    return *value && strcmp(value, "false") != 0;
}

/* Is that next? Then it is passed. */
static bool pass(struct reading *reading, const char *sign)
{
    reading->at += strspn(reading->at, " \n");
    if (strncmp(reading->at, sign, strlen(sign)) != 0)
        return false;
    reading->at += strlen(sign);
    return true;
}

static const char *quoted(struct reading *reading, const char *end)
{
    size_t length = strcspn(reading->at, end);
    const char *text = arena_strndup(test_arena(), reading->at, length);
    reading->at += length;
    ck_assert_msg(pass(reading, end), "a string has no end: %s", reading->whole);
    return text;
}

static const char *single(struct reading *reading)
{
    if (pass(reading, "!"))
        return is_true(single(reading)) ? "" : "true";
    if (pass(reading, "(")) {
        const char *value = either(reading);
        ck_assert_msg(pass(reading, ")"), "a bracket is open: %s", reading->whole);
        return value;
    }
    if (pass(reading, "'"))
        return quoted(reading, "'");
    if (pass(reading, "\""))
        return quoted(reading, "\"");
    pass(reading, "$");
    size_t length = strspn(reading->at, NAME_LETTERS);
    ck_assert_msg(length > 0, "no expression: %s", reading->whole);
    length += strncmp(reading->at + length, "()", 2) == 0 ? 2 : 0;
    reading->at += length;
    return ci_word(reading->words, arena_strndup(test_arena(), reading->at - length, length));
}

static const char *compared(struct reading *reading)
{
    const char *left = single(reading);
    bool same = pass(reading, "==");
    if (!same && !pass(reading, "!="))
        return left;
    return (strcmp(left, single(reading)) == 0) == same ? "true" : "";
}

static const char *both(struct reading *reading)
{
    const char *left = compared(reading);
    while (pass(reading, "&&")) {
        const char *right = compared(reading);
        left = is_true(left) ? right : left;
    }
    return left;
}

static const char *either(struct reading *reading)
{
    const char *left = both(reading);
    while (pass(reading, "||")) {
        const char *right = both(reading);
        left = is_true(left) ? left : right;
    }
    return left;
}

const char *ci_value(const struct ci_words *words, const char *expression)
{
    struct reading reading = {.words = words, .whole = expression, .at = expression};
    const char *value = either(&reading);
    reading.at += strspn(reading.at, " \n");
    ck_assert_msg(!*reading.at, "there is more behind an expression: %s", reading.at);
    return value;
}

bool ci_holds(const struct ci_words *words, const char *expression)
{
    return is_true(ci_value(words, expression));
}

const char *ci_expand(const struct ci_words *words, const char *text)
{
    struct strbuf out = {0};
    for (const char *next; (next = strstr(text, "${{")); text = strstr(next, "}}") + 2) {
        const char *end = strstr(next, "}}");
        ck_assert_ptr_nonnull(end);
        strbuf_add(&out, text, (size_t)(next - text));
        strbuf_adds(&out, ci_value(words, arena_strndup(test_arena(), next + 3, (size_t)(end - next) - 3)));
    }
    strbuf_adds(&out, text);
    return strbuf_move(&out, test_arena());
}
