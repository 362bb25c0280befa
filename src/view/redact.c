/*
 * Overwriting secrets; see redact.h. Rows of tables say which keys have secret values; a key that is in no row may be a
 * misspelt one of them. Too much may be hidden, but never too little.
 */
#include "view/redact.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/conceal.h"
#include "base/suggest.h"
#include "kind/server_options.h"
#include "manifest/manifest.h"

enum { NAME_MOST = 64, NEAR_LEAST = 3 };

/* Blanks stay, so that the line's words and the caret below keep their places. */
static void overwrite(char *from, const char *end)
{
    for (; from < end; from++)
        if (!isspace((unsigned char)*from))
            *from = '*';
}

/* ---- keys ---- */

struct search {
    char name[NAME_MOST + 1];
    bool is_known; /* a row has that name, or one with a secret value */
    bool is_secret;
    struct suggestion secret; /* the nearest of those with secret values, and of the others */
    struct suggestion other;
};

/* Distances are dear: they are asked for only when they matter. */
enum phase { EXACT, NEAR_SECRETS, NEAR_OTHERS };

/* Ends: no table contains itself, by however many steps. */
static void search_table(const struct table *table, struct search *search, enum phase phase)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        bool secret = field->flags & FIELD_SECRET;
        const char *name = field->name;
        for (size_t j = 0; name; name = j < FIELD_ALIASES_MOST ? field->aliases[j] : NULL, j++) {
            bool same = ((name[0] ^ search->name[0]) & ~0x20) == 0 && strcasecmp(name, search->name) == 0;
            search->is_known |= same;
            search->is_secret |= same && secret;
            if (phase == (secret ? NEAR_SECRETS : NEAR_OTHERS))
                suggestion_consider(secret ? &search->secret : &search->other, name);
        }
        if (field->object)
            search_table(field->object, search, phase);
    }
}

static void search_names(struct search *search, enum phase phase)
{
    search_table(&manifest_table, search, phase);
    search_table(&server_table, search, phase);
}

enum verdict { NOT_SECRET, SOUNDS_SECRET, IS_SECRET };

/* A name that no row has sounds secret by the row that it is nearest to, or else by itself. */
static enum verdict judge(const char *word, size_t length)
{
    struct search search = {.secret = {.wanted = search.name}, .other = {.wanted = search.name}};
    if (length > NAME_MOST)
        return conceal_is_name(word, length) ? SOUNDS_SECRET : NOT_SECRET;
    memcpy(search.name, word, length);
    search_names(&search, EXACT);
    if (search.is_known)
        return search.is_secret ? IS_SECRET : NOT_SECRET;
    if (length < NEAR_LEAST)
        return NOT_SECRET;
    search_names(&search, NEAR_SECRETS);
    if (!search.secret.best && !conceal_is_name(word, length))
        return NOT_SECRET;
    search_names(&search, NEAR_OTHERS);
    bool nearer = search.secret.best && search.secret.distance <= search.other.distance;
    return search.other.best && !nearer ? NOT_SECRET : SOUNDS_SECRET;
}

static size_t word_length(const char *at, const char *end)
{
    size_t length = 0;
    while (at + length < end && (isalnum((unsigned char)at[length]) || strchr("_-", at[length])))
        length++;
    return length;
}

/*
 * The place behind the first secret key and its ':' or '='. Where a line or an entry begins with the very name, they may be
 * missing. A map below a key that only sounds secret has keys of its own. NULL: the line has none.
 */
static char *secret_value(char *line, char *end)
{
    bool begins = true;
    for (char *at = line; at < end;) {
        size_t length = word_length(at, end);
        char *behind = at + length;
        while (length && behind < end && (isblank((unsigned char)*behind) || strchr("\"'", *behind)))
            behind++;
        bool assigned = behind < end && strchr(":=", *behind);
        bool apart = begins && behind > at + length;
        enum verdict verdict = length && (assigned || apart) ? judge(at, length) : NOT_SECRET;
        behind += assigned;
        bool is_map =
            assigned && strspn(behind, " ") < (size_t)(end - behind) && behind[strspn(behind, " ")] == '{';
        if (verdict == IS_SECRET || (verdict == SOUNDS_SECRET && assigned && !is_map))
            return behind;
        begins = length ? false : strchr("{,[-", *at) || (begins && strchr(" \t\"'", *at));
        at += length ? length : 1;
    }
    return NULL;
}

/* ---- values ---- */

/* nats://user:password@host; a password may have any character. */
static void redact_login(char *line, char *end)
{
    char *sign = end;
    while (sign > line && *--sign != '@')
        ;
    for (char *at = line; at + 3 <= sign; at++)
        if (memcmp(at, "://", 3) == 0)
            overwrite(at + 3, sign);
}

/* "${NAME:-default" that is never closed: what stands behind the name may be anything. */
static void redact_open_variable(char *line, const char *end)
{
    char *open = line;
    size_t depth = 0;
    for (char *at = line; at + 1 < end; at++) {
        if (at[0] == '$' && at[1] == '{')
            open = depth++ ? open : at + strlen("${");
        else if (*at == '}' && depth)
            depth--;
    }
    if (depth > (end > line && end[-1] == '}'))
        overwrite(open + word_length(open, end), end);
}

/* A text in double quotes that has a line break in it. */
static void redact_lines(char *line, const char *end)
{
    char *quote = NULL;
    bool breaks = false;
    for (char *at = line; at < end; at++) {
        if (quote && *at == '\\' && at + 1 < end) {
            at++;
            breaks |= *at == 'n';
        } else if (*at == '"') {
            if (breaks)
                overwrite(quote + 1, at);
            quote = quote ? NULL : at;
            breaks = false;
        }
    }
    if (breaks)
        overwrite(quote + 1, end);
}

/* A line of a PEM block: base64, and too long and too mixed for a name. */
static void redact_base64(char *line, const char *end)
{
    enum { LEAST = 40 };
    for (char *at = line; at < end; at++) {
        char *start = at;
        bool upper = false, lower = false, digit = false;
        for (; at < end && (isalnum((unsigned char)*at) || strchr("+/=", *at)); at++) {
            upper |= isupper((unsigned char)*at) != 0;
            lower |= islower((unsigned char)*at) != 0;
            digit |= isdigit((unsigned char)*at) != 0;
        }
        if (at - start >= LEAST && upper && lower && digit)
            overwrite(start, at);
    }
}

void redact_line(char *line, size_t length)
{
    char *end = line + length;
    char *value = secret_value(line, end);
    struct stretch found;
    for (size_t at = 0; conceal_find(line, length, at, &found); at = found.end)
        overwrite(line + found.start, line + found.end);
    if (value)
        overwrite(value, end);
    redact_lines(line, end);
    redact_login(line, end);
    redact_open_variable(line, end);
    redact_base64(line, end);
}

/* ---- values of several lines ---- */

static size_t indentation(const char *line)
{
    return strspn(line, " ");
}

/* Does the line end with a secret key's value, or with the key and the value is the line right below? */
static bool opens_secret(const char *line, bool is_right_above, const char *below)
{
    char copy[1024];
    size_t length = strcspn(line, "\n");
    if (length > sizeof(copy))
        length = sizeof(copy);
    memcpy(copy, line, length);
    const char *value = secret_value(copy, copy + length);
    bool has_more = value && value + strspn(value, " \t\r") < copy + length;
    return value && (has_more || (is_right_above && !memchr(below, ':', strcspn(below, "\n"))));
}

bool redact_is_continued(const char *text, const char *line)
{
    enum { LOOKED_AT_MOST = 16 * 1024 };
    size_t indent = indentation(line);
    const char *least = line - text > LOOKED_AT_MOST ? line - LOOKED_AT_MOST : text;
    bool is_right_above = true;
    for (const char *above = line; indent && above > least;) {
        for (above--; above > text && above[-1] != '\n'; above--)
            ;
        size_t here = indentation(above);
        if (here >= indent || strchr("\r\n#", above[here]))
            continue;
        if (opens_secret(above, is_right_above, line))
            return true;
        is_right_above = false;
        indent = here;
    }
    return false;
}
