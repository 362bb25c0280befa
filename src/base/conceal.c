/* Telling secrets by their looks; see conceal.h. Too much may be hidden, but never too little. */
#include "base/conceal.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/scope.h"
#include "base/strbuf.h"

static const char pem_begin[] = "-----BEGIN";
static const char pem_end[] = "-----END";

static bool has_prefix(const char *text, size_t length, const char *prefix)
{
    size_t wanted = strlen(prefix);
    return length >= wanted && memcmp(text, prefix, wanted) == 0;
}

/* How many bytes there are of letters, digits and `also`. */
static size_t word_length(const char *text, size_t length, const char *also)
{
    size_t at = 0;
    while (at < length && text[at] && (isalnum((unsigned char)text[at]) || strchr(also, text[at])))
        at++;
    return at;
}

bool conceal_is_name(const char *text, size_t length)
{
    static const char *const parts[] = {"pass", "pwd", "token", "secret", "seed", "jwt", "cred", "key"};
    for (size_t at = 0; at < length; at++)
        for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
            if (length - at >= strlen(parts[i]) && strncasecmp(text + at, parts[i], strlen(parts[i])) == 0)
                return true;
    return false;
}

bool conceal_is_named(const struct source *source, uint32_t line)
{
    size_t length = 0, above = 0;
    const char *text = source && source->text ? source_line(source, line, &length) : NULL;
    const char *key = text && line > 1 ? source_line(source, line - 1, &above) : NULL;
    while (above && isspace((unsigned char)key[above - 1]))
        above--;
    return text &&
           (conceal_is_name(text, length) || (above && key[above - 1] == ':' && conceal_is_name(key, above)));
}

/* ---- what secrets look like ---- */

/* Returns how many bytes at the text's beginning are one, or 0. */
typedef size_t looks_match(const char *text, size_t length);

/*
 * To the last end mark, or to the end of the text. A block that was cut off has no end mark, and a credentials file has
 * two blocks.
 */
static size_t match_pem(const char *text, size_t length)
{
    size_t end = 0;
    if (!has_prefix(text, length, pem_begin))
        return 0;
    for (size_t at = 0; at < length; at++)
        if (has_prefix(text + at, length - at, pem_end))
            end = at + strlen(pem_end);
    if (!end)
        return length;
    while (end < length && text[end] != '-' && text[end] != '\n')
        end++;
    while (end < length && text[end] == '-')
        end++;
    return end;
}

/* "S", whose seed it is, and base32: 58 bytes in all. Messages may have cut it. */
static size_t match_seed(const char *text, size_t length)
{
    enum { SEED_LEAST = 30 };
    size_t base32 = 2;
    if (length < SEED_LEAST || text[0] != 'S' || !strchr("NCOAUXPV", text[1]))
        return 0;
    while (base32 < length &&
           ((text[base32] >= 'A' && text[base32] <= 'Z') || (text[base32] >= '2' && text[base32] <= '7')))
        base32++;
    return base32 < SEED_LEAST ? 0 : word_length(text, length, "");
}

/* Base64 of '{"', which every header of a JWT begins with. */
static size_t match_jwt(const char *text, size_t length)
{
    enum { JWT_LEAST = 16 };
    size_t word = has_prefix(text, length, "eyJ") ? word_length(text, length, "-_.") : 0;
    return word < JWT_LEAST ? 0 : word;
}

/* "$2a$11$" and 53 bytes */
static size_t match_bcrypt(const char *text, size_t length)
{
    enum { BEFORE_SALT = 7 };
    bool fits = length > BEFORE_SALT && has_prefix(text, length, "$2") && isalpha((unsigned char)text[2]) &&
                text[3] == '$' && isdigit((unsigned char)text[4]) && isdigit((unsigned char)text[5]) &&
                text[6] == '$';
    return fits ? BEFORE_SALT + word_length(text + BEFORE_SALT, length - BEFORE_SALT, "./") : 0;
}

/* "data:;base64,SGVsbG8=" */
static size_t match_data(const char *text, size_t length)
{
    static const char base64[] = ";base64,";
    size_t at = has_prefix(text, length, "data:") ? word_length(text, length, ":/+.-") : length;
    if (!has_prefix(text + at, length - at, base64))
        return 0;
    at += strlen(base64);
    return at + word_length(text + at, length - at, "+/=-_");
}

/* What stands before the last '@' of a URL. */
static size_t match_login(const char *text, size_t length)
{
    size_t sign = 0;
    if (!has_prefix(text, length, "://"))
        return 0;
    for (size_t at = 0; at < length && !isspace((unsigned char)text[at]) && !strchr("\"'", text[at]); at++)
        sign = text[at] == '@' ? at : sign;
    return sign;
}

/* "ssh://git@host": a user is no secret there, as a login is by a key. */
static bool is_ssh_user(const char *text, size_t at, size_t login)
{
    return at >= strlen("ssh") && memcmp(text + at - strlen("ssh"), "ssh", strlen("ssh")) == 0 &&
           login > strlen("://") && !memchr(text + at + strlen("://"), ':', login - strlen("://"));
}

/*
 * "NATS_PASSWORD=hunter2" and, where somebody forgot the blank, "password:hunter2". With a ':', fewer names count: hosts
 * and files may have any name, and a number behind it; and in "nats://token:4222" it is no name at all.
 */
static size_t match_assignment(const char *text, size_t length, bool is_host)
{
    static const char *const names[] = {"password", "pass", "token", "secret", "seed"};
    size_t name = word_length(text, length, "-_"), end = name + 1;
    bool fits = end < length && text[name] == '=' && conceal_is_name(text, name);
    for (size_t i = 0; !is_host && end < length && text[name] == ':' && i < sizeof(names) / sizeof(names[0]);
         i++)
        fits |= name == strlen(names[i]) && strncasecmp(text, names[i], name) == 0;
    while (fits && end < length && !isspace((unsigned char)text[end]) && text[end] != '\'')
        end++;
    return fits && end > name + 1 ? end : 0;
}

static bool match_at(const char *text, size_t length, size_t at, struct stretch *ret_stretch)
{
    static looks_match *const anywhere[] = {match_pem, match_data, match_bcrypt};
    static looks_match *const words[] = {match_seed, match_jwt};
    bool inside_word = at && isalnum((unsigned char)text[at - 1]);
    const char *here = text + at;
    size_t left = length - at, found = 0, shown = 0;
    for (size_t i = 0; i < sizeof(anywhere) / sizeof(anywhere[0]) && !found; i++)
        found = anywhere[i](here, left);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]) && !found && !inside_word; i++)
        found = words[i](here, left);
    if (!found && (found = match_login(here, left)) && is_ssh_user(text, at, found))
        found = 0;
    else if (found && has_prefix(here, left, "://"))
        shown = strlen("://");
    if (!found && !inside_word && (found = match_assignment(here, left, at && strchr("/@.", text[at - 1]))))
        shown = word_length(here, left, "-_") + 1;
    *ret_stretch = (struct stretch){at + shown, at + found};
    return found;
}

bool conceal_find(const char *text, size_t length, size_t from, struct stretch *ret_stretch)
{
    for (size_t at = from; at < length; at++)
        if (match_at(text, length, at, ret_stretch))
            return true;
    return false;
}

bool conceal_is_needed(const char *value)
{
    struct stretch found;
    return strchr(value, '\n') || conceal_find(value, strlen(value), 0, &found);
}

const char *conceal_name(const char *name)
{
    return conceal_is_needed(name) ? "(secret)" : name;
}

bool conceal_is_content(const char *value)
{
    value += strspn(value, " \t\r\n");
    size_t length = strlen(value);
    return strchr(value, '\n') || has_prefix(value, length, pem_begin) || match_seed(value, length) ||
           match_jwt(value, length);
}

/* ---- messages ---- */

/*
 * The first quoted value from `from` on that has several lines. A quote opens at the beginning of a word and closes at the end of
 * one. What is not closed goes on to the end.
 */
static bool find_lines(const char *text, size_t length, size_t from, struct stretch *ret_stretch)
{
    size_t start = 0;
    bool lines = false;
    for (size_t at = from; at < length; at++) {
        if (start && text[at] == '\n')
            lines = true;
        if (text[at] != '\'')
            continue;
        if (!start && (at == 0 || !isalnum((unsigned char)text[at - 1])))
            start = at + 1;
        else if (start && !isalnum((unsigned char)text[at + 1]) && lines)
            return *ret_stretch = (struct stretch){start, at}, true;
        else if (start && !isalnum((unsigned char)text[at + 1]))
            start = 0;
    }
    if (lines)
        *ret_stretch = (struct stretch){start, length};
    return lines;
}

static const char *without(struct arena *arena, const char *text,
                           bool (*find)(const char *, size_t, size_t, struct stretch *))
{
    struct strbuf out SCOPED(strbuf_release) = {0};
    struct stretch found;
    size_t length = strlen(text), at = 0;
    if (!find(text, length, 0, &found))
        return text;
    while (find(text, length, at, &found)) {
        strbuf_add(&out, text + at, found.start - at);
        strbuf_adds(&out, "(secret)");
        at = found.end;
    }
    strbuf_add(&out, text + at, length - at);
    return arena_strdup(arena, strbuf_text(&out));
}

const char *conceal_message(struct arena *arena, const char *message)
{
    return without(arena, without(arena, message, find_lines), conceal_find);
}
