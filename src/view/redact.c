/*
 * Overwriting secrets; see redact.h. Rows of tables say which keys have secret values. Too much may be hidden, but never
 * too little.
 */
#include "view/redact.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "kind/server_options.h"
#include "manifest/manifest.h"

static bool is_word(char byte)
{
    return isalnum((unsigned char)byte) || byte == '_' || byte == '-';
}

/* Blanks stay, so that the line's words and the caret below keep their places. */
static void overwrite(char *from, const char *end)
{
    for (; from < end; from++)
        if (!isspace((unsigned char)*from))
            *from = '*';
}

/* The place behind `name:`, with any quotes and blanks around the name. NULL if the line does not have it. */
static char *value_of(char *line, const char *end, const char *name)
{
    size_t length = strlen(name);
    for (char *at = line; (size_t)(end - at) > length; at++) {
        bool begins = at == line || !is_word(at[-1]);
        if (!begins || strncasecmp(at, name, length) != 0 || is_word(at[length]))
            continue;
        char *colon = at + length;
        while (colon < end && (isspace((unsigned char)*colon) || *colon == '"' || *colon == '\''))
            colon++;
        if (colon < end && *colon == ':')
            return colon + 1;
    }
    return NULL;
}

/* By every name that it may have. */
static void redact_field(const struct field *field, char *line, const char *end)
{
    for (size_t i = 0; i <= FIELD_ALIASES_MOST; i++) {
        const char *name = i ? field->aliases[i - 1] : field->name;
        char *value = name ? value_of(line, end, name) : NULL;
        if (value)
            overwrite(value, end);
    }
}

/* Ends: no table contains itself, by however many steps. */
static void redact_table(const struct table *table, char *line, const char *end)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        if (field->flags & FIELD_SECRET)
            redact_field(field, line, end);
        if (field->object)
            redact_table(field->object, line, end);
    }
}

/* nats://user:password@host */
static void redact_urls(char *line, const char *end)
{
    for (char *at = line; at + 3 <= end; at++) {
        if (memcmp(at, "://", 3) != 0)
            continue;
        char *stop = at + 3;
        while (stop < end && !isspace((unsigned char)*stop) && !strchr("/,\"'", *stop))
            stop++;
        char *sign = stop - 1; /* what is at `end` is not the line's */
        while (sign > at && *sign != '@')
            sign--;
        if (sign > at)
            overwrite(at + 3, sign);
    }
}

void redact_line(char *line, size_t length)
{
    redact_table(&manifest_table, line, line + length);
    redact_table(&server_table, line, line + length);
    redact_urls(line, line + length);
}
