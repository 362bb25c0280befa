/*
 * Reading the servers of a manifest; see servers.h. It is called while the manifest is loaded, after overlays and
 * variables. If an option takes only one type, the messages are those of decode_fault.c.
 */
#include "manifest/servers.h"

#include <string.h>
#include <strings.h>

#include "base/number.h"
#include "base/suggest.h"
#include "field/decode_fault.h"
#include "field/units.h"
#include "manifest/manifest.h"

struct reader {
    struct arena *arena;
    struct diags *diags;
    const char *server;
};

static struct node *read_value(const struct reader *reader, const struct server_option *option,
                               const struct node *node, unsigned takes, bool is_item);

/* ---- what is wrong ---- */

enum { CHOICES_MOST = 16 };

/* A field that describes an option with one type, so that decode_fault.c can report mistakes in its value. */
struct stand_in {
    struct field field;
    struct choice choices[CHOICES_MOST];
    struct decoder decoder;
};

static enum field_type type_of(unsigned takes)
{
    switch (takes) {
    case TAKES_BOOL:
        return FIELD_BOOL;
    case TAKES_INT:
        return FIELD_COUNT;
    case TAKES_SIZE:
        return FIELD_SIZE;
    case TAKES_DURATION:
    case TAKES_SECONDS:
        return FIELD_DURATION;
    case TAKES_CHOICE:
        return FIELD_CHOICE;
    case TAKES_PERCENT:
        return FIELD_PERCENT;
    default:
        return FIELD_TEXT;
    }
}

static void stand_in_for(const struct reader *reader, const struct server_option *option, unsigned takes,
                         bool is_item, struct stand_in *stand_in)
{
    bool secret = option->flags & (SERVER_SECRET | SERVER_URL);
    *stand_in = (struct stand_in){
        .field = {.name = option->name,
                  .type = type_of(takes),
                  .flags = secret ? FIELD_SECRET : 0,
                  .least = option->least,
                  .most = option->most},
        .decoder = {.arena = reader->arena,
                    .form = FORM_MANIFEST,
                    .diags = reader->diags,
                    .is_item = is_item},
    };
    for (size_t i = 0; option->choices && option->choices[i] && i + 1 < CHOICES_MOST; i++)
        stand_in->choices[i].name = option->choices[i];
    stand_in->field.choices = stand_in->choices;
}

/* Adds a hint: the choice that is nearest to a word that the option does not take. */
static void hint_at(const struct reader *reader, const struct server_option *option, const struct node *node,
                    unsigned takes, struct diag *diag)
{
    static const char *const words[] = {"yes", "on", "no", "off"};
    struct suggestion near = {.wanted = node->text};
    bool secret = node->expanded || (option->flags & (SERVER_SECRET | SERVER_URL));
    for (size_t i = 0; (takes & TAKES_CHOICE) && option->choices[i]; i++)
        suggestion_consider(&near, option->choices[i]);
    if (near.best)
        diag_hint(reader->diags, diag, "did you mean '%s'?", near.best);
    for (size_t i = 0; (takes & TAKES_BOOL) && i < sizeof(words) / sizeof(words[0]); i++)
        if (!near.best && strcasecmp(words[i], node->text) == 0)
            diag_hint(reader->diags, diag, "write '%s': in YAML 1.2, '%s' is a string",
                      i < 2 ? "true" : "false", node->text);
    if ((takes & TAKES_LIST) && !secret && *node->text)
        diag_hint(reader->diags, diag, "write '%s: [%s]'", option->name, node->text);
}

static struct node *refuse_type(const struct reader *reader, const struct server_option *option,
                                const struct node *node, unsigned takes, bool is_item)
{
    struct stand_in stand_in;
    struct diags *diags = reader->diags;
    stand_in_for(reader, option, takes, is_item, &stand_in);
    struct diag *diag = diag_add(diags, &code_wrong_type, node->pos, "%s must be %s, not %s",
                                 fault_subject(&stand_in.decoder, &stand_in.field),
                                 server_takes_text(&diags->arena, option, takes),
                                 fault_shown(&stand_in.decoder, &stand_in.field, node));
    diag->secret = option->flags & (SERVER_SECRET | SERVER_URL);
    if (node->type == NODE_SCALAR && !node_is_null(node))
        hint_at(reader, option, node, takes, diag);
    else if (node->type == NODE_MAP && (takes & TAKES_LIST) && (option->items & TAKES_BLOCK))
        diag_hint(diags, diag, "begin each item with '- '");
    return NULL;
}

/* ---- scalars ---- */

static struct node *scalar(const struct reader *reader, const struct node *from, const char *text,
                           bool quoted)
{
    struct node *node = node_scalar(reader->arena, text, quoted);
    node->pos = from->pos;
    node->expanded = from->expanded;
    return node;
}

static struct node *integer(const struct reader *reader, const struct node *from, int64_t number)
{
    return scalar(reader, from, arena_printf(reader->arena, "%lld", (long long)number), false);
}

static bool is_bounded(const struct server_option *option, int64_t number)
{
    return (!option->least && !option->most) || (number >= option->least && number <= option->most);
}

/* A duration as Go writes it: "168h", "1h30m", "250ms". Go knows no days. */
static const char *go_duration(struct arena *arena, int64_t nanos)
{
    static const struct {
        int64_t nanos;
        const char *name;
    } units[] = {
        {INT64_C(3600000000000), "h"}, {INT64_C(60000000000), "m"}, {INT64_C(1000000000), "s"},
        {INT64_C(1000000), "ms"},      {INT64_C(1000), "us"},       {1, "ns"},
    };
    const char *text = "";
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        int64_t count = nanos / units[i].nanos;
        nanos %= units[i].nanos;
        if (count)
            text = arena_printf(arena, "%s%lld%s", text, (long long)count, units[i].name);
    }
    return *text ? text : "0s";
}

static struct node *read_bool(const struct reader *reader, const struct server_option *option,
                              const struct node *node)
{
    bool value;
    (void)option;
    return node_is_bool(node, &value) ? scalar(reader, node, value ? "true" : "false", false) : NULL;
}

static struct node *read_integer(const struct reader *reader, const struct server_option *option,
                                 const struct node *node)
{
    int64_t number;
    if (node->quoted || !number_parse_i64(node->text, &number) || !is_bounded(option, number))
        return NULL;
    return integer(reader, node, number);
}

static struct node *read_size(const struct reader *reader, const struct server_option *option,
                              const struct node *node)
{
    int64_t bytes = -1;
    bool unlimited = option->least < 0 && (!strcmp(node->text, "-1") || !strcmp(node->text, "unlimited"));
    if ((!unlimited && size_parse(node->text, &bytes)) || !is_bounded(option, bytes))
        return NULL;
    return integer(reader, node, bytes);
}

static struct node *read_duration(const struct reader *reader, const struct server_option *option,
                                  const struct node *node)
{
    int64_t nanos;
    if (duration_parse(node->text, &nanos) || !is_bounded(option, nanos))
        return NULL;
    return scalar(reader, node, go_duration(reader->arena, nanos), true);
}

/* A plain number means seconds, as on servers. */
static struct node *read_seconds(const struct reader *reader, const struct server_option *option,
                                 const struct node *node)
{
    size_t whole = strspn(node->text, "0123456789");
    const char *rest = node->text + whole;
    bool fraction = *rest == '.' && rest[1] && !rest[1 + strspn(rest + 1, "0123456789")];
    if (whole && whole < 10 && !node->quoted && (!*rest || fraction))
        return scalar(reader, node, node->text, false);
    return read_duration(reader, option, node);
}

static struct node *read_percent(const struct reader *reader, const struct server_option *option,
                                 const struct node *node)
{
    enum { ALL = 100 };
    int64_t number;
    size_t digits = strspn(node->text, "0123456789");
    bool sign = strcmp(node->text + digits, "%") == 0;
    (void)option;
    if (!digits || digits > 3 || (node->text[digits] && !sign) ||
        !number_parse_i64(arena_strndup(reader->arena, node->text, digits), &number) || number > ALL)
        return NULL;
    return sign ? scalar(reader, node, node->text, true) : integer(reader, node, number);
}

static struct node *read_choice(const struct reader *reader, const struct server_option *option,
                                const struct node *node)
{
    bool any_case = option->flags & SERVER_ANY_CASE;
    for (size_t i = 0; option->choices[i]; i++)
        if ((any_case ? strcasecmp : strcmp)(option->choices[i], node->text) == 0)
            return scalar(reader, node, option->choices[i], true);
    return NULL;
}

/* Is it an address to listen on, such as "127.0.0.1:4222", ":4222" or "[::1]:-1"? */
static bool is_listen(const char *text)
{
    enum { PORT_MOST = 65535 };
    const char *colon = strrchr(text, ':');
    int64_t port;
    bool host = colon && (text[0] == '[' ? colon > text && colon[-1] == ']' : strchr(text, ':') == colon);
    return host && number_parse_i64(colon + 1, &port) && port >= -1 && port <= PORT_MOST;
}

static struct node *read_text(const struct reader *reader, const struct server_option *option,
                              const struct node *node)
{
    if ((option->flags & SERVER_LISTEN) && !is_listen(node->text))
        return NULL;
    return scalar(reader, node, node->text, true);
}

/* The types of scalars, in the order in which they are tried. Text comes last, because nearly everything is a text. */
static const struct scalar_kind {
    unsigned takes;
    struct node *(*read)(const struct reader *reader, const struct server_option *option,
                         const struct node *node);
} scalar_kinds[] = {
    {TAKES_BOOL, read_bool},         {TAKES_INT, read_integer},     {TAKES_SIZE, read_size},
    {TAKES_DURATION, read_duration}, {TAKES_SECONDS, read_seconds}, {TAKES_PERCENT, read_percent},
    {TAKES_CHOICE, read_choice},     {TAKES_TEXT, read_text},
};
enum { SCALAR_KINDS = sizeof(scalar_kinds) / sizeof(scalar_kinds[0]) };

static bool is_integer(const struct node *node)
{
    int64_t number;
    return !node->quoted && number_parse_i64(node->text, &number);
}

/* Reports a value that is of none of the option's types. */
static void refuse_scalar(const struct reader *reader, const struct server_option *option,
                          const struct node *node, unsigned takes, bool is_item)
{
    struct stand_in stand_in;
    int64_t number = 0;
    enum units_fault why = UNITS_OK;
    stand_in_for(reader, option, takes, is_item, &stand_in);
    const struct field *field = &stand_in.field;
    switch (takes) {
    case TAKES_BOOL:
        fault_bool(&stand_in.decoder, field, node);
        return;
    case TAKES_INT:
        if (is_integer(node))
            fault_range(&stand_in.decoder, field, node);
        else
            fault_integer(&stand_in.decoder, field, node);
        return;
    case TAKES_SIZE:
    case TAKES_DURATION:
    case TAKES_SECONDS:
        why = takes == TAKES_SIZE ? size_parse(node->text, &number) : duration_parse(node->text, &number);
        if (why)
            fault_units(&stand_in.decoder, field, node, why);
        else
            fault_range(&stand_in.decoder, field, node);
        return;
    case TAKES_CHOICE:
        fault_choice(&stand_in.decoder, field, node);
        return;
    default:
        if ((takes & TAKES_DURATION) && duration_parse(node->text, &number) == UNITS_NO_UNIT)
            fault_units(&stand_in.decoder, field, node, UNITS_NO_UNIT);
        else
            refuse_type(reader, option, node, takes, is_item);
    }
}

static bool check_text(const struct reader *reader, const struct server_option *option,
                       const struct node *node)
{
    if (!(option->flags & SERVER_NO_SPACES) || (*node->text && !strpbrk(node->text, " \t\r\n")))
        return true;
    struct diag *diag = diag_add(reader->diags, &code_name, node->pos, "'%s' %s", option->name,
                                 *node->text ? "has white space in it" : "is empty");
    diag_hint(reader->diags, diag, "servers refuse such a name, or cannot be told apart by it");
    return false;
}

static struct node *read_scalar(const struct reader *reader, const struct server_option *option,
                                const struct node *node, unsigned takes, bool is_item)
{
    if (node->broken)
        return NULL; /* it was reported already */
    for (size_t i = 0; i < SCALAR_KINDS; i++) {
        struct node *read =
            (takes & scalar_kinds[i].takes) ? scalar_kinds[i].read(reader, option, node) : NULL;
        if (read)
            return check_text(reader, option, read) ? read : NULL;
    }
    unsigned scalars = takes & ~(unsigned)(TAKES_LIST | TAKES_MAP | TAKES_BLOCK);
    if (scalars == takes)
        refuse_scalar(reader, option, node, takes, is_item);
    else
        refuse_type(reader, option, node, takes, is_item);
    return NULL;
}

/* ---- lists and maps ---- */

static struct node *read_list(const struct reader *reader, const struct server_option *option,
                              const struct node *node)
{
    struct node *list = node_list(reader->arena);
    list->pos = node->pos;
    for (size_t i = 0; i < node->count; i++) {
        struct node *item = read_value(reader, option, node->items[i], option->items, true);
        if (item)
            node_append(reader->arena, list, item);
    }
    return list;
}

static void refuse_variable(const struct reader *reader, const struct member *member)
{
    struct diag *diag = diag_add(reader->diags, &code_name, member->key_pos,
                                 "the key '%s' has a variable in it", member->key);
    diag_hint(reader->diags, diag, "variables are replaced in values, not in names");
}

static struct node *read_map(const struct reader *reader, const struct server_option *option,
                             const struct node *node)
{
    struct node *map = node_map(reader->arena);
    map->pos = node->pos;
    for (size_t i = 0; i < node->count; i++) {
        struct member member = node->members[i];
        if (strstr(member.key, "${"))
            refuse_variable(reader, &member);
        bool block = option->values & TAKES_BLOCK;
        if (node_is_null(member.value) && !block)
            continue;
        /* An account without anything: "A:". */
        struct node nothing = {.type = NODE_MAP, .pos = member.value->pos};
        member.value = read_value(reader, option, node_is_null(member.value) ? &nothing : member.value,
                                  option->values, false);
        if (member.value)
            node_add(reader->arena, map, member);
    }
    return map;
}

/* ---- blocks ---- */

/* The block's name in messages: "jetstream of server 'dev'". */
static const char *block_text(const struct reader *reader, const struct server_block *block)
{
    if (block == &server_options)
        return arena_printf(&reader->diags->arena, "server '%s'", reader->server);
    return arena_printf(&reader->diags->arena, "%s of server '%s'", block->noun, reader->server);
}

/* If exactly one block below this one has the key, its path, such as "jetstream.max_mem"; otherwise NULL. */
static const char *place_below(const struct reader *reader, const struct server_block *block, const char *key)
{
    const char *place = NULL;
    for (size_t i = 0; i < block->count; i++) {
        const struct server_option *option = &block->rows[i];
        bool direct = option->block && (option->takes & TAKES_BLOCK);
        if (!direct || !server_option_find(option->block, key))
            continue;
        if (place)
            return NULL;
        place = arena_printf(&reader->diags->arena, "%s.%s", option->name, key);
    }
    return place;
}

static void refuse_key(const struct reader *reader, const struct server_block *block,
                       const struct member *member)
{
    enum { SHOWN_MOST = 80 };
    struct diag *diag =
        diag_add(reader->diags, &code_unknown_key, member->key_pos, "unknown key '%.*s' in %s", SHOWN_MOST,
                 member->key, block_text(reader, block));
    const char *near = server_option_suggest(block, member->key);
    const char *place = near ? NULL : place_below(reader, block, member->key);
    if (strcasecmp(member->key, "include") == 0)
        diag_hint(reader->diags, diag, "files of a manifest are included by its own key 'include'");
    else if (table_field(&manifest_table, member->key) || strcmp(member->key, "consumers") == 0)
        diag_hint(reader->diags, diag, "'%s' is a key of the manifest, not of a server", member->key);
    else if (near || place)
        diag_hint(reader->diags, diag, "did you mean '%s'?", near ? near : place);
}

static void refuse_second(const struct reader *reader, const struct member *first,
                          const struct member *second)
{
    struct diag *diag = diag_add(reader->diags, &code_conflict, second->key_pos,
                                 "'%s' and '%s' are the same option", second->key, first->key);
    diag_note(reader->diags, diag, first->key_pos, "the other is here");
    diag_hint(reader->diags, diag, "keep one of them: a server would take either");
}

static void check_required(const struct reader *reader, const struct server_block *block,
                           const struct node *node, const struct member *const *members)
{
    for (size_t i = 0; i < block->count; i++)
        if ((block->rows[i].flags & SERVER_REQUIRED) && !members[i])
            diag_error(reader->diags, &code_required, node->pos, "%s has no '%s'", block_text(reader, block),
                       block->rows[i].name);
}

static struct node *read_block(const struct reader *reader, const struct server_block *block,
                               const struct node *node)
{
    const struct member **members = ARENA_ARRAY(reader->arena, const struct member *, block->count);
    struct node *map = node_map(reader->arena);
    map->pos = node->pos;
    for (size_t i = 0; i < node->count; i++) {
        const struct member *member = &node->members[i];
        const struct server_option *option = server_option_find(block, member->key);
        if (!option) {
            refuse_key(reader, block, member);
            continue;
        }
        if (node_is_null(member->value))
            continue; /* null has reset the value of a layer below */
        if (members[option - block->rows]) {
            refuse_second(reader, members[option - block->rows], member);
            continue;
        }
        members[option - block->rows] = member;
        struct node *value = read_value(reader, option, member->value, option->takes, false);
        if (value)
            node_add(reader->arena, map, (struct member){option->name, member->key_pos, value});
    }
    check_required(reader, block, node, members);
    return map;
}

static struct node *read_value(const struct reader *reader, const struct server_option *option,
                               const struct node *node, unsigned takes, bool is_item)
{
    if (node->type == NODE_SCALAR && !node_is_null(node))
        return read_scalar(reader, option, node, takes, is_item);
    if (node->type == NODE_LIST && (takes & TAKES_LIST))
        return read_list(reader, option, node);
    if (node->type == NODE_MAP && (takes & TAKES_BLOCK))
        return read_block(reader, option->block, node);
    if (node->type == NODE_MAP && (takes & TAKES_MAP))
        return read_map(reader, option, node);
    return refuse_type(reader, option, node, takes, is_item);
}

/* ---- servers ---- */

struct node *server_read(struct arena *arena, const char *name, const struct node *options,
                         struct diags *diags)
{
    const struct reader reader = {.arena = arena, .diags = diags, .server = name};
    struct node nothing = {.type = NODE_MAP, .pos = options->pos};
    return read_block(&reader, &server_options, options->type == NODE_MAP ? options : &nothing);
}

struct node *servers_read(struct arena *arena, const struct node *servers, struct diags *diags)
{
    struct node *map = node_map(arena);
    map->pos = servers->pos;
    for (size_t i = 0; servers->type == NODE_MAP && i < servers->count; i++) {
        struct member member = servers->members[i];
        if (member.value->type != NODE_MAP && !node_is_null(member.value))
            continue; /* it was reported already */
        member.value = server_read(arena, member.key, member.value, diags);
        node_add(arena, map, member);
    }
    return map;
}

bool server_wants_jetstream(const struct node *options)
{
    static const char *const noes[] = {"false", "no", "off", "disabled", "disable"};
    const struct node *jetstream = node_get(options, "jetstream");
    const char *said = jetstream && jetstream->type == NODE_MAP ? node_get_text(jetstream, "enabled")
                                                                : node_get_text(options, "jetstream");
    for (size_t i = 0; i < sizeof(noes) / sizeof(noes[0]); i++)
        if (strcasecmp(said, noes[i]) == 0)
            return false;
    return true;
}
