/* Names and subjects; see subject.h. */
#include "field/subject.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/number.h"
#include "field/field.h"

/*
 * ---- subject ----
 * Subjects, token by token and without copying them. nats-server compares subjects in the same way,
 * so the answers agree even for odd ones such as "a*", which has no wildcard.
 */

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

/*
 * ---- name fault ----
 * Names, byte by byte. A name becomes a token of subjects and a directory of the server, so
 * blanks, dots, wildcards and slashes are out.
 */

const char *name_fault(const char *name)
{
    enum { NAME_MOST = 255 };
    if (!*name)
        return "is empty";
    /* The server's limit, and that of most file systems for one name. */
    if (strlen(name) > NAME_MOST)
        return "is longer than 255 bytes";
    if (strpbrk(name, " \t\r\n\f"))
        return "has white space in it";
    if (strpbrk(name, ".*>/\\"))
        return "has one of . * > / \\ in it";
    return NULL;
}

/* Stricter than servers, which would take more: clients refuse to open a bucket of another name (^[a-zA-Z0-9_-]+$). */
const char *bucket_name_fault(const char *name)
{
    if (!*name)
        return "is empty";
    if (name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")])
        return "has other characters in it than A-Z a-z 0-9 _ -";
    return NULL;
}

/*
 * ---- subject transform ----
 * Transforms of subjects, token by token. It follows nats-server's own checks, which
 * differ between versions: newer ones know more functions, and check some transforms earlier.
 */

enum { ARGUMENTS_MOST = 32 };

enum role {
    ROLE_INDEX,  /* of a '*' of the source */
    ROLE_NUMBER, /* of 32 bits */
    ROLE_TEXT,   /* without a blank */
};

/*
 * Capital letters of a name may be small ones, too. 'Left' and 'Right' came with 2.10.16. The check of destinations before their use did not know them until 2.15,
 * and refused them.
 */
static const struct function {
    const char *name;
    uint32_t since;
    uint32_t checked_since; /* first version whose check of destinations before use knows it */
    size_t least;           /* arguments */
    size_t most;
    enum role first;
    enum role rest;
    bool whole; /* may do without any '*' in the source, from 2.12 on */
} functions[] = {
    {"Wildcard", 0, 0, 1, 1, ROLE_INDEX, ROLE_INDEX, false},
    {"Partition", 0, 0, 1, ARGUMENTS_MOST, ROLE_NUMBER, ROLE_INDEX, true},
    {"SplitFromLeft", 0, 0, 2, 2, ROLE_INDEX, ROLE_NUMBER, false},
    {"SplitFromRight", 0, 0, 2, 2, ROLE_INDEX, ROLE_NUMBER, false},
    {"SliceFromLeft", 0, 0, 2, 2, ROLE_INDEX, ROLE_NUMBER, false},
    {"SliceFromRight", 0, 0, 2, 2, ROLE_INDEX, ROLE_NUMBER, false},
    {"Split", 0, 0, 2, 2, ROLE_INDEX, ROLE_TEXT, false},
    {"Left", VERSION(2, 10, 16), V_2_15, 2, 2, ROLE_INDEX, ROLE_NUMBER, false},
    {"Right", VERSION(2, 10, 16), V_2_15, 2, 2, ROLE_INDEX, ROLE_NUMBER, false},
    {"Random", V_2_12, V_2_12, 1, 1, ROLE_NUMBER, ROLE_NUMBER, true},
};

struct span {
    const char *text;
    size_t length;
};

struct transform {
    struct arena *arena;
    const char *source;
    uint32_t version;
    enum transform_use use;
    size_t wildcards; /* '*' in the source */
    bool tail;        /* the source ends in '>' */
    size_t used;      /* tokens of the destination that stand for something */
};

/* ---- subjects ---- */

/* The tokens of a subject as nats-server's transforms see it: neither empty, nor any after '>'. White space may be in them. */
static bool count_wildcards(const char *subject, size_t *ret_stars, bool *ret_tail)
{
    *ret_stars = 0;
    *ret_tail = false;
    for (const char *at = subject;; at++) {
        size_t length = strcspn(at, ".");
        if (length == 0 || *ret_tail)
            return false;
        *ret_stars += length == 1 && *at == '*';
        *ret_tail = length == 1 && *at == '>';
        at += length;
        if (!*at)
            return true;
    }
}

static bool has_space(struct span token)
{
    for (size_t i = 0; i < token.length; i++)
        if (strchr(" \t\n\f\r", token.text[i]))
            return true;
    return false;
}

/* ---- functions ---- */

static struct span trim(struct span span)
{
    while (span.length && span.text[0] == ' ')
        span.text++, span.length--;
    while (span.length && span.text[span.length - 1] == ' ')
        span.length--;
    return span;
}

static bool is_number(struct arena *arena, struct span span, int64_t *ret_number)
{
    span = trim(span);
    if (span.length && *span.text == '+')
        span.text++, span.length--;
    return span.length > 0 && number_parse_i64(arena_strndup(arena, span.text, span.length), ret_number);
}

/* The server's patterns are such as "[wW]ildcard": only these letters may be either. */
static bool is_named(const struct function *function, struct span name)
{
    const char *want = function->name;
    for (size_t i = 0; i < name.length; i++, want++) {
        bool either = *want >= 'A' && *want <= 'Z' && name.text[i] == *want + ('a' - 'A');
        if (name.text[i] != *want && !either)
            return false;
    }
    return !*want;
}

/* Are sources, and from 2.11 on streams and mirrors, looked at before a transform is made of them? */
static bool is_checked_first(const struct transform *transform)
{
    if (transform->use == TRANSFORM_REPUBLISH)
        return false;
    return version_has(transform->version, transform->use == TRANSFORM_SOURCE ? V_2_10 : V_2_11);
}

static const struct function *find_function(const struct transform *transform, struct span name)
{
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
        if (is_named(&functions[i], name) && version_has(transform->version, functions[i].since) &&
            (!is_checked_first(transform) || version_has(transform->version, functions[i].checked_since)))
            return &functions[i];
    return NULL;
}

static size_t split_arguments(struct span text, struct span *ret_arguments)
{
    size_t count = 0;
    for (;;) {
        const char *comma = memchr(text.text, ',', text.length);
        size_t length = comma ? (size_t)(comma - text.text) : text.length;
        /* Counted on, though no longer kept: the number is compared with what the function takes. */
        if (count < ARGUMENTS_MOST)
            ret_arguments[count] = (struct span){text.text, length};
        count++;
        if (!comma)
            return count;
        text = (struct span){comma + 1, text.length - length - 1};
        while (text.length && strchr(" \t\n\f\r", *text.text))
            text.text++, text.length--;
    }
}

/* Indexes count from 1. The server takes 0 too, and means the first token by it. */
static const char *check_index(const struct transform *transform, struct span token, int64_t index)
{
    if (index <= (int64_t)transform->wildcards)
        return NULL;
    return arena_printf(transform->arena, "has '%.*s', and '%s' has %zu '*'", (int)token.length, token.text,
                        transform->source, transform->wildcards);
}

static const char *check_argument(const struct transform *transform, struct span token, enum role role,
                                  struct span argument)
{
    int64_t number = 0;
    bool fine = role == ROLE_TEXT ? !has_space(argument) : is_number(transform->arena, argument, &number);
    if (!fine || (role == ROLE_NUMBER && number > INT32_MAX))
        return arena_printf(transform->arena,
                            "has '%.*s', where '%.*s' is no argument that the function takes",
                            (int)token.length, token.text, (int)argument.length, argument.text);
    return role == ROLE_INDEX ? check_index(transform, token, number) : NULL;
}

static const char *check_arguments(const struct transform *transform, const struct function *function,
                                   struct span token, struct span text)
{
    struct span arguments[ARGUMENTS_MOST];
    size_t count = split_arguments(text, arguments);
    /* Before 2.12 a partition needs the index of a token; since then it may take the whole subject. */
    bool two = function->whole && function->most > 1 && !version_has(transform->version, V_2_12);
    size_t least = two ? 2 : function->least;
    if (count < least || count > function->most)
        return arena_printf(transform->arena, "has '%.*s', and the function takes %s%zu argument%s",
                            (int)token.length, token.text, least < function->most ? "at least " : "", least,
                            least == 1 ? "" : "s");
    for (size_t i = 0; i < count; i++) {
        const char *fault =
            check_argument(transform, token, i ? function->rest : function->first, arguments[i]);
        if (fault)
            return fault;
    }
    return NULL;
}

static const char *check_function(struct transform *transform, struct span token)
{
    struct span inner = trim((struct span){token.text + 2, token.length - 4});
    const char *open = memchr(inner.text, '(', inner.length);
    struct span name = trim((struct span){inner.text, open ? (size_t)(open - inner.text) : inner.length});
    const struct function *function = find_function(transform, name);
    if (!open || inner.text[inner.length - 1] != ')' || !function)
        return arena_printf(transform->arena, "has '%.*s', a function that the server does not know",
                            (int)token.length, token.text);
    size_t length = inner.length - (size_t)(open - inner.text) - 2;
    bool whole = function->whole && version_has(transform->version, V_2_12);
    transform->used++;
    if (transform->wildcards == 0 && !transform->tail && !whole && version_has(transform->version, V_2_10))
        return arena_printf(transform->arena, "has '%.*s', and '%s' has no '*'", (int)token.length,
                            token.text, transform->source);
    struct span text = {open + 1, length};
    if (whole && transform->wildcards == 0 &&
        !transform->tail) { /* counts the wildcards no more than the server */
        struct transform lenient = *transform;
        lenient.wildcards = INT32_MAX;
        return check_arguments(&lenient, function, token, text);
    }
    return check_arguments(transform, function, token, text);
}

static const char *check_token(struct transform *transform, struct span token)
{
    int64_t index;
    if (token.length > 1 && *token.text == '$') {
        if (!is_number(transform->arena, (struct span){token.text + 1, token.length - 1}, &index) ||
            memchr(token.text, ' ', token.length))
            return NULL;
        transform->used++;
        bool lenient = !version_has(transform->version, V_2_10) && transform->wildcards == 0;
        if (transform->wildcards == 0 && !transform->tail && !lenient)
            index = INT32_MAX;
        return lenient && !transform->tail ? NULL : check_index(transform, token, index);
    }
    bool function = token.length > 4 && strncmp(token.text, "{{", 2) == 0 &&
                    strncmp(token.text + token.length - 2, "}}", 2) == 0;
    if (function && (version_has(transform->version, V_2_10) || transform->wildcards || transform->tail))
        return check_function(transform, token);
    if (!function && is_checked_first(transform) && has_space(token))
        return arena_printf(transform->arena, "has white space in '%.*s'", (int)token.length, token.text);
    return NULL;
}

/* ---- the whole ---- */

static const char *check_shape(const struct transform *transform, const char *destination)
{
    size_t stars;
    bool tail;
    if (!count_wildcards(destination, &stars, &tail))
        return "is not a valid subject";
    if (stars > 0)
        return "has a '*': write $1 or {{wildcard(1)}} for what the source's first one stands for";
    if (tail != transform->tail)
        return arena_printf(transform->arena,
                            transform->tail ? "must end in '>', as '%s' does"
                                            : "cannot end in '>', as '%s' does not",
                            transform->source);
    return NULL;
}

const char *transform_fault(struct arena *arena, const char *source, const char *destination,
                            enum transform_use use, uint32_t version)
{
    struct transform transform = {
        .arena = arena, .source = source && *source ? source : ">", .version = version, .use = use};
    if (!destination || !*destination ||
        !count_wildcards(transform.source, &transform.wildcards, &transform.tail))
        return NULL; /* a source that is no subject is refused as such */
    const char *fault = check_shape(&transform, destination);
    for (const char *at = destination; !fault; at++) {
        struct span token = {at, strcspn(at, ".")};
        fault = check_token(&transform, token);
        at += token.length;
        if (!*at)
            break;
    }
    if (!fault && !version_has(version, V_2_10) && transform.used < transform.wildcards)
        return arena_printf(arena, "does not use every '*' of '%s', which servers before 2.10 want",
                            transform.source);
    return fault;
}
