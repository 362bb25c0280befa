/* Looking rows of nats-server's options up; see server_option.h. The rows themselves are in server_options_*.c. */
#include "field/server_option.h"

#include <string.h>
#include <strings.h>

#include "base/suggest.h"

/* ---- rows ---- */

static bool is_called(const struct server_option *option, const char *key, size_t length)
{
    if (strlen(option->name) == length && strncasecmp(option->name, key, length) == 0)
        return true;
    for (size_t i = 0; i < SERVER_ALIASES_MOST && option->aliases[i]; i++)
        if (strlen(option->aliases[i]) == length && strncasecmp(option->aliases[i], key, length) == 0)
            return true;
    return false;
}

static const struct server_option *find(const struct server_block *block, const char *key, size_t length)
{
    for (size_t i = 0; i < block->count; i++)
        if (is_called(&block->rows[i], key, length))
            return &block->rows[i];
    return NULL;
}

const struct server_option *server_option_find(const struct server_block *block, const char *key)
{
    return find(block, key, strlen(key));
}

const char *server_option_suggest(const struct server_block *block, const char *key)
{
    struct suggestion near = {.wanted = key};
    for (size_t i = 0; i < block->count; i++) {
        suggestion_consider(&near, block->rows[i].name);
        for (size_t j = 0; j < SERVER_ALIASES_MOST && block->rows[i].aliases[j]; j++)
            suggestion_consider(&near, block->rows[i].aliases[j]);
    }
    return near.best;
}

const struct server_option *server_option_by_path(const char *path)
{
    const struct server_block *block = &server_options;
    for (;;) {
        size_t length = strcspn(path, ".");
        const struct server_option *option = find(block, path, length);
        if (!option || !path[length])
            return option;
        if (!option->block)
            return NULL;
        block = option->block;
        path += length + 1;
    }
}

/* ---- versions ---- */

enum { MINOR_BITS = 10 }; /* of VERSION(): what is above the patch tells branches apart */

bool server_since_holds(const struct server_since *since, uint32_t version)
{
    bool any = false;
    uint32_t last = 0;
    for (size_t i = 0; i < SERVER_SINCE_MOST && since->versions[i]; i++) {
        last = since->versions[i];
        any |= version >> MINOR_BITS == last >> MINOR_BITS && version >= last;
    }
    return any || !last || version_has(version, last);
}

const char *server_since_text(struct arena *arena, const struct server_since *since)
{
    const char *text = NULL;
    for (size_t i = 0; i < SERVER_SINCE_MOST && since->versions[i]; i++) {
        bool last = i + 1 == SERVER_SINCE_MOST || !since->versions[i + 1];
        const char *version = version_format(arena, since->versions[i], true);
        text = text ? arena_printf(arena, "%s%s%s", text, last ? " or " : ", ", version) : version;
    }
    return text;
}

bool server_option_is_choice(const struct server_option *option, const struct node *value)
{
    bool any_case = option->flags & SERVER_ANY_CASE;
    for (size_t i = 0; option->choices && option->choices[i] && value->type == NODE_SCALAR; i++)
        if ((any_case ? strcasecmp : strcmp)(option->choices[i], value->text) == 0)
            return true;
    return false;
}

enum server_reload server_option_reload(const struct server_option *option, uint32_t version)
{
    return server_since_holds(&option->reload_since, version) ? option->reload : RELOAD_REFUSED;
}

/* ---- words ---- */

static const char *choices_text(struct arena *arena, const struct server_option *option)
{
    const char *text = "";
    for (size_t i = 0; option->choices[i]; i++)
        text = arena_printf(arena, "%s%s'%s'", text, i ? ", " : "", option->choices[i]);
    return text;
}

const char *server_takes_text(struct arena *arena, const struct server_option *option, unsigned takes)
{
    const struct {
        unsigned takes;
        const char *words;
    } words[] = {
        {TAKES_BOOL, "true or false"},
        {TAKES_INT, "an integer"},
        {TAKES_SIZE, "a size such as 512MiB or 1GiB"},
        {TAKES_DURATION, "a duration such as 30s, 24h or 7d"},
        {TAKES_SECONDS, "a duration such as 2s or 500ms"},
        {TAKES_PERCENT, "a percentage such as 50%"},
        {TAKES_CHOICE, option->choices ? choices_text(arena, option) : ""},
        {TAKES_TEXT,
         (option->flags & SERVER_LISTEN) ? "an address and port such as '127.0.0.1:4222'" : "a string"},
        {TAKES_LIST, "a list"},
        {TAKES_BLOCK | TAKES_MAP, "a map"},
    };
    const char *text = NULL;
    size_t left = 0;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        left += (takes & words[i].takes) != 0;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (!(takes & words[i].takes))
            continue;
        text = text ? arena_printf(arena, "%s%s%s", text, left > 1 ? ", " : " or ", words[i].words)
                    : words[i].words;
        left--;
    }
    return text ? text : "nothing";
}

/* ---- walking ---- */

struct walk {
    server_option_visit *visit;
    void *context;
};

static void walk_block(const struct walk *walk, const struct server_block *block, const struct node *map);

static void walk_value(const struct walk *walk, const struct server_option *option, const struct node *value,
                       unsigned takes)
{
    if (value->type == NODE_MAP && (takes & TAKES_BLOCK))
        walk_block(walk, option->block, value);
    for (size_t i = 0; value->type == NODE_LIST && (takes & TAKES_LIST) && i < value->count; i++)
        walk_value(walk, option, value->items[i], option->items);
    for (size_t i = 0; value->type == NODE_MAP && (takes & TAKES_MAP) && i < value->count; i++)
        walk_value(walk, option, value->members[i].value, option->values);
}

static void walk_block(const struct walk *walk, const struct server_block *block, const struct node *map)
{
    for (size_t i = 0; i < map->count; i++) {
        const struct member *member = &map->members[i];
        const struct server_option *option = server_option_find(block, member->key);
        if (!option)
            continue;
        walk->visit(walk->context, option, member);
        walk_value(walk, option, member->value, option->takes);
    }
}

void server_options_walk(const struct server_block *block, const struct node *map, server_option_visit *visit,
                         void *context)
{
    const struct walk walk = {visit, context};
    if (map && map->type == NODE_MAP)
        walk_block(&walk, block, map);
}
