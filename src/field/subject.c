/*
 * Subjects, token by token and without copying them; see subject.h. nats-server compares subjects in the same way,
 * so the answers agree even for odd ones such as "a*", which has no wildcard.
 */
#include "field/subject.h"

#include <stddef.h>
#include <string.h>

struct token {
    const char *text;
    size_t length;
};

/* The next token, or false at the end. An empty token is returned as such. */
static bool next_token(const char **cursor, struct token *ret_token)
{
    if (!*cursor)
        return false;
    const char *dot = strchr(*cursor, '.');
    *ret_token = (struct token){*cursor, dot ? (size_t)(dot - *cursor) : strlen(*cursor)};
    *cursor = dot ? dot + 1 : NULL;
    return true;
}

static bool token_is(struct token token, char wildcard)
{
    return token.length == 1 && token.text[0] == wildcard;
}

static bool token_equal(struct token a, struct token b)
{
    return a.length == b.length && memcmp(a.text, b.text, a.length) == 0;
}

/* As nats-server's own test: control bytes other than these pass it. A lint rule warns of them. */
bool subject_is_valid(const char *subject)
{
    const char *cursor = subject;
    struct token token = {0};
    while (next_token(&cursor, &token)) {
        if (token.length == 0 || (token_is(token, '>') && cursor))
            return false;
        for (size_t i = 0; i < token.length; i++)
            if (strchr(" \t\n\f\r", token.text[i]))
                return false;
    }
    return true;
}

bool subject_is_literal(const char *subject)
{
    const char *cursor = subject;
    struct token token = {0};
    if (!subject_is_valid(subject))
        return false;
    while (next_token(&cursor, &token))
        if (token_is(token, '*') || token_is(token, '>'))
            return false;
    return true;
}

/* Does `b` match every subject that `a` matches, or with `any` at least one? */
static bool matches(const char *a, const char *b, bool any)
{
    struct token token_a = {0};
    struct token token_b = {0};
    for (;;) {
        bool more_a = next_token(&a, &token_a);
        bool more_b = next_token(&b, &token_b);
        /* One ends: both have to end, since a '>' stands for one token at least. */
        if (!more_a || !more_b)
            return more_a == more_b;
        if (token_is(token_b, '>'))
            return true;
        /* `b` is no '>' here. It cannot match all that `a` does; one subject in common there is always. */
        if (token_is(token_a, '>'))
            return any;
        bool wild = token_is(token_b, '*') || (any && token_is(token_a, '*'));
        if (!wild && (token_is(token_a, '*') || !token_equal(token_a, token_b)))
            return false;
    }
}

bool subjects_collide(const char *a, const char *b)
{
    return matches(a, b, true);
}

bool subject_is_subset(const char *a, const char *b)
{
    return matches(a, b, false);
}
