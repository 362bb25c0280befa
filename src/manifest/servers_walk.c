/* Versions and secrets of options that were read already; see servers.h. */
#include <string.h>

#include "field/check.h"
#include "field/field.h"
#include "kind/server_options.h"
#include "manifest/servers.h"

/* ---- versions ---- */

enum { MINOR_BITS = 10, PATCH_MOST = (1 << MINOR_BITS) - 1 };

struct version_check {
    const char *server;
    const struct version_range *range;
    const char *text;
    struct diags *diags;
};

/* Of each minor version in the range the last patch counts: whoever asks for 2.10 gets one. */
static bool holds(const uint32_t since[SINCE_MOST], const struct version_range *range)
{
    uint32_t most = range->most;
    uint32_t newest = 0;
    for (size_t i = 0; i < SINCE_MOST && since[i]; i++)
        newest = since[i];
    for (uint32_t minor = range->least >> MINOR_BITS;; minor++) {
        uint32_t last = minor << MINOR_BITS | PATCH_MOST;
        if (!since_holds(since, last < most ? last : most))
            return false;
        if (last >= most || last >= newest)
            break; /* later minor versions have it too */
    }
    return since_holds(since, most == UINT32_MAX ? VERSION_UNKNOWN : most);
}

static void too_old(const struct version_check *check, const char *what, struct srcpos pos,
                    const uint32_t since[SINCE_MOST])
{
    struct diag *diag =
        diag_add(check->diags, &code_unsupported, pos, "'%s' of server '%s' needs nats-server %s", what,
                 check->server, since_text(&check->diags->arena, since, true));
    diag_hint(check->diags, diag, "take it away, or run a newer one than %s", check->text);
}

static void check_version(void *context, const struct field *option, const struct member *member)
{
    const struct version_check *check = context;
    const struct choice *choice = option_choice(option, member->value);
    if (!holds(option->since, check->range))
        too_old(check, option->name, member->key_pos, option->since);
    else if (choice && !holds(choice->since, check->range))
        too_old(check, arena_printf(&check->diags->arena, "%s: %s", option->name, member->value->text),
                member->value->pos, choice->since);
}

void server_check_versions(const char *name, const struct node *options, const struct version_range *range,
                           const char *text, struct diags *diags)
{
    struct version_check check = {name, range, text, diags};
    options_walk(&server_table, options, check_version, &check);
}

/* ---- secrets ---- */

struct stripper {
    struct arena *arena;
    struct map *secrets;
};

static struct node *strip_block(const struct stripper *stripper, const struct table *table, const char *path,
                                const struct node *map);

/* As everywhere: '://' and '@' in one text may be a URL with a password. */
static bool has_login(const struct node *node)
{
    return strstr(node->text, "://") && strchr(node->text, '@');
}

/* NULL: nothing is left of it. */
static struct node *strip_value(const struct stripper *stripper, const struct field *option, const char *path,
                                const struct node *value, unsigned types)
{
    struct arena *arena = stripper->arena;
    if ((option->flags & FIELD_SECRET) || (value->type == NODE_SCALAR && has_login(value))) {
        map_put(stripper->secrets, path, (void *)(uintptr_t)1);
        return NULL;
    }
    if (value->type == NODE_SCALAR)
        return node_copy(arena, value);
    if (value->type == NODE_MAP && (types & FIELD_OBJECT))
        return strip_block(stripper, option->object, path, value);
    struct node *copy = value->type == NODE_LIST ? node_list(arena) : node_map(arena);
    for (size_t i = 0; value->type == NODE_LIST && i < value->count; i++) {
        struct node *item = strip_value(stripper, option, path, value->items[i], field_items(option));
        if (item)
            node_append(arena, copy, item);
    }
    for (size_t i = 0; value->type == NODE_MAP && i < value->count; i++) {
        struct member member = value->members[i];
        const char *below = arena_printf(arena, "%s.%s", path, member.key);
        member.value = strip_value(stripper, option, below, member.value, field_values(option));
        if (member.value)
            node_add(arena, copy, member);
    }
    return copy;
}

static struct node *strip_block(const struct stripper *stripper, const struct table *table, const char *path,
                                const struct node *map)
{
    struct node *copy = node_map(stripper->arena);
    for (size_t i = 0; i < map->count; i++) {
        struct member member = map->members[i];
        const struct field *option = table_field(table, member.key);
        const char *below = arena_printf(stripper->arena, "%s.%s", path, member.key);
        if (!option)
            continue;
        member.value = strip_value(stripper, option, below, member.value, field_types(option));
        if (member.value)
            node_add(stripper->arena, copy, member);
    }
    return copy;
}

struct node *servers_without_secrets(struct arena *arena, const struct node *servers, struct map *secrets)
{
    const struct stripper stripper = {arena, secrets};
    struct node *copy = node_map(arena);
    for (size_t i = 0; servers->type == NODE_MAP && i < servers->count; i++) {
        struct member member = servers->members[i];
        const char *path = arena_printf(arena, "servers.%s", member.key);
        if (member.value->type == NODE_MAP)
            member.value = strip_block(&stripper, &server_table, path, member.value);
        node_add(arena, copy, member);
    }
    return copy;
}

struct redaction {
    struct arena *arena;
    const char *text;
};

static void redact_word(struct redaction *redaction, const char *word)
{
    enum { WORD_LEAST = 4 }; /* shorter words occur in any text, so they are not removed */
    size_t length = strlen(word);
    const char *at = length >= WORD_LEAST ? strstr(redaction->text, word) : NULL;
    while (at) {
        size_t before = (size_t)(at - redaction->text);
        redaction->text =
            arena_printf(redaction->arena, "%.*s***%s", (int)before, redaction->text, at + length);
        /* On behind the stars, so this ends even if the word were a part of them. */
        at = strstr(redaction->text + before + 3, word);
    }
}

static void redact_all(struct redaction *redaction, const struct node *node)
{
    if (node->type == NODE_SCALAR)
        redact_word(redaction, node->text);
    for (size_t i = 0; node->type == NODE_LIST && i < node->count; i++)
        redact_all(redaction, node->items[i]);
    for (size_t i = 0; node->type == NODE_MAP && i < node->count; i++)
        redact_all(redaction, node->members[i].value);
}

static void redact_option(void *context, const struct field *option, const struct member *member)
{
    if (option->flags & FIELD_SECRET)
        redact_all(context, member->value);
}

/* Removes logins of URLs such as nats://user:password@host. */
static void redact_logins(struct redaction *redaction)
{
    char *text = arena_strdup(redaction->arena, redaction->text);
    for (char *at = strstr(text, "://"); at; at = strstr(at, "://")) {
        at += strlen("://");
        char *sign = at + strcspn(at, " \t/\"'");
        while (sign > at && *sign != '@')
            sign--;
        for (; at < sign; at++)
            *at = '*';
    }
    redaction->text = text;
}

const char *server_redact(struct arena *arena, const struct node *options, const char *text)
{
    struct redaction redaction = {arena, text};
    options_walk(&server_table, options, redact_option, &redaction);
    redact_logins(&redaction);
    return redaction.text;
}
