/*
 * Reading the servers of a manifest; see servers.h. It is called while the manifest is loaded, after overlays and
 * variables. If an option takes only one type, the messages are those of decode_fault.c.
 */
#include "manifest/servers.h"

#include <string.h>
#include <strings.h>

#include "base/conceal.h"
#include "base/number.h"
#include "base/suggest.h"
#include "field/check.h"
#include "field/decode.h"
#include "field/decode_fault.h"
#include "field/field.h"
#include "field/value.h"
#include "kind/server_options.h"
#include "manifest/manifest.h"

/*
 * ---- servers walk ----
 * Versions and secrets of options that were read already.
 */

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

/* ---- servers ---- */

struct reader {
    struct arena *arena;
    struct diags *diags;
    struct diags *unheard; /* of types that were tried before another was right */
    const char *server;
};

static struct node *read_value(const struct reader *reader, const struct field *option,
                               const struct node *node, unsigned types, bool is_item);

/* ---- what is wrong ---- */

/* The option as if it took that one type. */
static struct field only(const struct field *option, unsigned type)
{
    struct field row = *option;
    row.type = type;
    row.shape = SHAPE_ONE;
    /* A URL may have a password in it, so messages about it show nothing of it. */
    if (row.flags & FIELD_URL)
        row.flags |= FIELD_SECRET;
    return row;
}

/* What may have been meant by a word that is none of those that the option takes. */
static void hint_at(const struct reader *reader, const struct field *option, const struct node *node,
                    unsigned types, struct diag *diag)
{
    static const char *const words[] = {"yes", "on", "no", "off"};
    struct suggestion near = {.wanted = node->text};
    bool secret = node->expanded || field_has_secrets(option) || (option->flags & FIELD_URL) ||
                  conceal_is_needed(node->text);
    for (size_t i = 0; (types & FIELD_CHOICE) && option->choices[i].name; i++)
        suggestion_consider(&near, option->choices[i].name);
    if (near.best)
        diag_hint(reader->diags, diag, "did you mean '%s'?", near.best);
    for (size_t i = 0; (types & FIELD_BOOL) && i < sizeof(words) / sizeof(words[0]); i++)
        if (!near.best && strcasecmp(words[i], node->text) == 0)
            diag_hint(reader->diags, diag, "write '%s': in YAML 1.2, '%s' is a string",
                      i < 2 ? "true" : "false", node->text);
    if ((types & FIELD_LIST) && !secret && *node->text)
        diag_hint(reader->diags, diag, "write '%s: [%s]'", option->name, node->text);
}

static struct node *refuse_type(const struct reader *reader, const struct field *option,
                                const struct node *node, unsigned types, bool is_item)
{
    struct diags *diags = reader->diags;
    struct field row = only(option, FIELD_TEXT);
    const struct decoder decoder = {.diags = diags, .is_item = is_item};
    if (types & ~(unsigned)(FIELD_OBJECT | FIELD_LIST | FIELD_MAP)) /* a word may stand for all of it */
        row.object = NULL;
    struct diag *diag =
        diag_add(diags, &code_wrong_type, node->pos, "%s must be %s, not %s", fault_subject(&decoder, &row),
                 field_types_describe(&diags->arena, option, types), fault_shown(&decoder, &row, node));
    diag->secret = (row.flags & FIELD_SECRET) || (field_has_secrets(&row) && node->type == NODE_SCALAR);
    if (node->type == NODE_SCALAR && !node_is_null(node))
        hint_at(reader, option, node, types, diag);
    else if (node->type == NODE_MAP && (types & FIELD_LIST) && (field_items(option) & FIELD_OBJECT))
        diag_hint(diags, diag, "begin each item with '- '");
    return NULL;
}

/* ---- scalars ---- */

static struct node *scalar(struct arena *arena, const struct node *from, const char *text, bool quoted)
{
    struct node *node = node_scalar(arena, text, quoted);
    node->pos = from->pos;
    node->expanded = from->expanded;
    return node;
}

static struct node *integer(struct arena *arena, const struct node *from, int64_t number)
{
    return scalar(arena, from, arena_printf(arena, "%lld", (long long)number), false);
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

/* By the reader of all fields, written as nats-server takes it. */
static struct node *read_plain(const struct decoder *decoder, const struct field *row,
                               const struct node *node)
{
    struct arena *arena = decoder->arena;
    struct value value = {0};
    if (!value_read_scalar(decoder, row, node, &value))
        return NULL;
    if (value.type == VALUE_BOOL)
        return scalar(arena, node, value.boolean ? "true" : "false", false);
    if (value.type == VALUE_TEXT)
        return scalar(arena, node, value.text, true);
    if (row->type != FIELD_DURATION)
        return integer(arena, node, value.integer);
    if (value.integer < row->least) { /* 0 is a duration like any other here */
        fault_range(decoder, row, node);
        return NULL;
    }
    /* In quotes: nats-server takes 2m without them for two million. */
    return scalar(arena, node, go_duration(arena, value.integer), true);
}

/* A number is one of seconds to servers, too. */
static struct node *read_seconds(const struct decoder *decoder, const struct field *row,
                                 const struct node *node)
{
    size_t whole = strspn(node->text, "0123456789");
    const char *rest = node->text + whole;
    bool fraction = *rest == '.' && rest[1] && !rest[1 + strspn(rest + 1, "0123456789")];
    /* Up to nine digits: more seconds than that are a slip, and the value has to fit a duration of nanoseconds. */
    if (whole && whole < 10 && !node->quoted && (!*rest || fraction))
        return scalar(decoder->arena, node, node->text, false);
    const struct field duration = only(row, FIELD_DURATION);
    return read_plain(decoder, &duration, node);
}

static struct node *read_percent(struct arena *arena, const struct node *node)
{
    enum { ALL = 100 };
    int64_t number;
    size_t digits = strspn(node->text, "0123456789");
    bool sign = strcmp(node->text + digits, "%") == 0;
    if (!digits || digits > 3 || (node->text[digits] && !sign) ||
        !number_parse_i64(arena_strndup(arena, node->text, digits), &number) || number > ALL)
        return NULL;
    return sign ? scalar(arena, node, node->text, true) : integer(arena, node, number);
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

static struct node *read_as(const struct decoder *decoder, const struct field *row, const struct node *node)
{
    switch (row->type) {
    case FIELD_SECONDS:
        return read_seconds(decoder, row, node);
    case FIELD_PERCENT:
        return read_percent(decoder->arena, node);
    case FIELD_TEXT:
        return (row->flags & FIELD_LISTEN) && !is_listen(node->text)
                   ? NULL
                   : scalar(decoder->arena, node, node->text, true);
    default:
        return read_plain(decoder, row, node);
    }
}

/* Says why none of the types that the option takes could be read. */
static void refuse_scalar(const struct reader *reader, const struct field *option, const struct node *node,
                          unsigned types, bool is_item)
{
    int64_t nanos;
    const struct field row = only(option, types);
    const struct decoder decoder = {
        .arena = reader->arena, .form = FORM_MANIFEST, .diags = reader->diags, .is_item = is_item};
    unsigned scalars = types & ~(unsigned)(FIELD_LIST | FIELD_MAP | FIELD_OBJECT);
    bool plain = !(scalars & (FIELD_TEXT | FIELD_PERCENT)) && !(scalars & (scalars - 1));
    const struct field number = only(option, FIELD_COUNT);
    int64_t count;
    /* Only one type, or certainly meant as that one: its own reader says best what is wrong. */
    if (plain && scalars == types)
        read_as(&decoder, &row, node);
    else if (scalars == FIELD_COUNT && number_parse_i64(node->text, &count))
        read_as(&decoder, &number, node);
    else if (!(types & (FIELD_LIST | FIELD_MAP | FIELD_OBJECT)) && (types & FIELD_DURATION) &&
             duration_parse(node->text, &nanos) == UNITS_NO_UNIT)
        fault_units(&decoder, &row, node, UNITS_NO_UNIT);
    else
        refuse_type(reader, option, node, types, is_item);
}

static bool check_text(const struct reader *reader, const struct field *option, const struct node *node)
{
    if (!(option->flags & FIELD_NO_SPACES) || (*node->text && !strpbrk(node->text, " \t\r\n")))
        return true;
    struct diag *diag = diag_add(reader->diags, &code_name, node->pos, "'%s' %s", option->name,
                                 *node->text ? "has white space in it" : "is empty");
    diag_hint(reader->diags, diag, "servers refuse such a name, or cannot be told apart by it");
    return false;
}

/* The types are tried in their order: what is no number may be a text. */
static struct node *read_scalar(const struct reader *reader, const struct field *option,
                                const struct node *node, unsigned types, bool is_item)
{
    const struct decoder quiet = {.arena = reader->arena, .form = FORM_MANIFEST, .diags = reader->unheard};
    if (node->broken)
        return NULL; /* that was said */
    /* Faults of a type that does not fit are not told, as long as another one does. */
    for (unsigned type = FIELD_BOOL; type <= FIELD_TEXT; type <<= 1) {
        const struct field row = only(option, type);
        struct node *read = (types & type) ? read_as(&quiet, &row, node) : NULL;
        if (read)
            return check_text(reader, option, read) ? read : NULL;
    }
    refuse_scalar(reader, option, node, types, is_item);
    return NULL;
}

/* ---- lists and maps ---- */

static struct node *read_list(const struct reader *reader, const struct field *option,
                              const struct node *node)
{
    struct node *list = node_list(reader->arena);
    list->pos = node->pos;
    for (size_t i = 0; i < node->count; i++) {
        struct node *item = read_value(reader, option, node->items[i], field_items(option), true);
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

static struct node *read_map(const struct reader *reader, const struct field *option, const struct node *node)
{
    struct node *map = node_map(reader->arena);
    map->pos = node->pos;
    for (size_t i = 0; i < node->count; i++) {
        struct member member = node->members[i];
        if (strstr(member.key, "${"))
            refuse_variable(reader, &member);
        bool block = field_values(option) & FIELD_OBJECT;
        if (node_is_null(member.value) && !block)
            continue;
        /* An account without anything: "A:". */
        struct node nothing = {.type = NODE_MAP, .pos = member.value->pos};
        member.value = read_value(reader, option, node_is_null(member.value) ? &nothing : member.value,
                                  field_values(option), false);
        if (member.value)
            node_add(reader->arena, map, member);
    }
    return map;
}

/* ---- blocks ---- */

/* "jetstream of server 'dev'" */
static const char *block_text(const struct reader *reader, const struct table *table)
{
    if (table == &server_table)
        return arena_printf(&reader->diags->arena, "server '%s'", reader->server);
    return arena_printf(&reader->diags->arena, "%s of server '%s'", table->noun, reader->server);
}

static void refuse_key(const struct reader *reader, const struct table *table, const struct member *member)
{
    enum { SHOWN_MOST = 80 };
    struct diag *diag =
        diag_add(reader->diags, &code_unknown_key, member->key_pos, "unknown key '%.*s' in %s", SHOWN_MOST,
                 member->key, block_text(reader, table));
    const char *near = table_suggest(table, member->key);
    const char *place = near ? NULL : table_place_below(&reader->diags->arena, table, member->key);
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

static void check_required(const struct reader *reader, const struct table *table, const struct node *node,
                           const struct member *const *members)
{
    for (size_t i = 0; i < table->count; i++)
        if ((table->fields[i].flags & FIELD_REQUIRED) && !members[i])
            diag_error(reader->diags, &code_required, node->pos, "%s has no '%s'", block_text(reader, table),
                       table->fields[i].name);
}

static struct node *read_block(const struct reader *reader, const struct table *table,
                               const struct node *node)
{
    const struct member **members = ARENA_ARRAY(reader->arena, const struct member *, table->count);
    struct node *map = node_map(reader->arena);
    map->pos = node->pos;
    for (size_t i = 0; i < node->count; i++) {
        const struct member *member = &node->members[i];
        const struct field *option = table_field(table, member->key);
        if (!option) {
            refuse_key(reader, table, member);
            continue;
        }
        if (node_is_null(member->value))
            continue; /* null resets what a layer below says */
        /* Aliases of one option: nats-server reads its map of keys in any order, so either value could win. */
        if (members[option - table->fields]) {
            refuse_second(reader, members[option - table->fields], member);
            continue;
        }
        members[option - table->fields] = member;
        struct node *value = read_value(reader, option, member->value, field_types(option), false);
        if (value)
            /* Under the full name, so that nobody behind this has to know aliases. */
            node_add(reader->arena, map, (struct member){option->name, member->key_pos, value});
    }
    check_required(reader, table, node, members);
    return map;
}

static struct node *read_value(const struct reader *reader, const struct field *option,
                               const struct node *node, unsigned types, bool is_item)
{
    if (node->type == NODE_SCALAR && !node_is_null(node))
        return read_scalar(reader, option, node, types, is_item);
    if (node->type == NODE_LIST && (types & FIELD_LIST))
        return read_list(reader, option, node);
    if (node->type == NODE_MAP && (types & FIELD_OBJECT))
        return read_block(reader, option->object, node);
    if (node->type == NODE_MAP && (types & FIELD_MAP))
        return read_map(reader, option, node);
    return refuse_type(reader, option, node, types, is_item);
}

/* ---- servers ---- */

struct node *server_read(struct arena *arena, const char *name, const struct node *options,
                         struct diags *diags)
{
    struct diags unheard = {0};
    const struct reader reader = {.arena = arena, .diags = diags, .unheard = &unheard, .server = name};
    struct node nothing = {.type = NODE_MAP, .pos = options->pos};
    struct node *read = read_block(&reader, &server_table, options->type == NODE_MAP ? options : &nothing);
    diags_release(&unheard);
    return read;
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
    const struct node *jetstream = option_get(options, OPTION_JETSTREAM);
    bool block = jetstream && jetstream->type == NODE_MAP;
    return !option_is_off(block ? option_get(jetstream, OPTION_ENABLED) : jetstream);
}
