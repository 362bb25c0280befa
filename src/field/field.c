/* Rows, and the versions that have them; see field.h. */
#include "field/field.h"

#include <string.h>
#include <strings.h>

#include "base/number.h"
#include "base/suggest.h"
#include "base/text.h"

/*
 * ---- version ----
 * Versions of nats-server. Ten bits for each part make one number that can be compared. Suffixes
 * such as -RC.1 are ignored, because a release candidate has the fields of its release.
 */

enum { PART_MOST = 1023, MINOR_BITS = 10 }; /* what is above the patch tells branches apart */

static bool scan_part(const char **cursor, uint32_t *ret_part)
{
    uint64_t part;
    if (!number_scan_u64(cursor, &part) || part > PART_MOST)
        return false;
    *ret_part = (uint32_t)part;
    return true;
}

bool version_parse(const char *text, uint32_t *ret_version)
{
    uint32_t parts[3] = {0};
    text += *text == 'v';
    for (int i = 0; i < 3; i++) {
        if (i > 0 && *text != '.')
            break;
        text += i > 0;
        if (!scan_part(&text, &parts[i]))
            return false;
    }
    /* "2.15.0-RC.1", "2.12.0+build". */
    if (*text && *text != '-' && *text != '+')
        return false;
    *ret_version = VERSION(parts[0], parts[1], parts[2]);
    return true;
}

const char *version_format(struct arena *arena, uint32_t version, bool brief)
{
    uint32_t patch = version & PART_MOST;
    char *text = arena_printf(arena, "%u.%u", version >> 20, (version >> 10) & PART_MOST);
    return brief && patch == 0 ? text : arena_printf(arena, "%s.%u", text, patch);
}

/* A version that is not known counts as the newest: then nothing is called too old. */
bool version_has(uint32_t version, uint32_t since)
{
    return version == VERSION_UNKNOWN || version >= since;
}

/*
 * What was ported back has several first versions, one for each branch. On a branch in between that has none of its
 * own, the last counts.
 */
bool since_holds(const uint32_t since[SINCE_MOST], uint32_t version)
{
    uint32_t last = 0;
    for (size_t i = 0; i < SINCE_MOST && since[i]; i++) {
        last = since[i];
        if (version >> MINOR_BITS == last >> MINOR_BITS && version >= last)
            return true;
    }
    return !last || version_has(version, last);
}

const char *since_text(struct arena *arena, const uint32_t since[SINCE_MOST], bool brief)
{
    const char *text = NULL;
    for (size_t i = 0; i < SINCE_MOST && since[i]; i++) {
        bool last = i + 1 == SINCE_MOST || !since[i + 1];
        const char *version = version_format(arena, since[i], brief);
        text = text ? arena_printf(arena, "%s%s%s", text, last ? " or " : ", ", version) : version;
    }
    return text;
}

/*
 * ---- field ----
 * Finding rows, and the types' names for people. Rows are searched one by one, because tables have at
 * most some forty of them.
 */

const char *table_article(const struct table *table)
{
    return strchr("aeiou", table->noun[0]) ? "an" : "a";
}

const char *table_word(const struct table *table)
{
    return table->word ? table->word : table->noun;
}

/* nats-server compares names of options without case, but not those that the user chose. */
static bool is_option(const struct field *option, const char *name, size_t length)
{
    if (strlen(option->name) == length && strncasecmp(option->name, name, length) == 0)
        return true;
    for (size_t i = 0; i < FIELD_ALIASES_MOST && option->aliases[i]; i++)
        if (strlen(option->aliases[i]) == length && strncasecmp(option->aliases[i], name, length) == 0)
            return true;
    return false;
}

/* `name` may go on after `length`. nats-server takes names of options in any case. */
static const struct field *find_row(const struct table *table, const char *name, size_t length)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        if (table->options ? is_option(field, name, length)
                           : strncmp(field->name, name, length) == 0 && !field->name[length])
            return field;
    }
    return NULL;
}

const struct field *table_field(const struct table *table, const char *name)
{
    return find_row(table, name, strlen(name));
}

/* Ids stand in the order of the rows, so the row of an id is never before the place that the id counts. */
const struct field *table_field_by_id(const struct table *table, unsigned id)
{
    for (size_t i = id - 1; i < table->count; i++)
        if (table->fields[i].id == id)
            return &table->fields[i];
    return NULL;
}

/* The row that other people's files give that name, or that sets the stream's field of that name in a bucket. */
static const char *name_elsewhere(const struct table *table, const char *name)
{
    const struct field *of_stream = table->sets ? table_field(table->sets, name) : NULL;
    for (size_t i = 0; i < table->count; i++) {
        const struct field *row = &table->fields[i];
        bool same = of_stream && of_stream->id && row->stream_field == of_stream->id;
        if (same || (row->nack && *row->nack && strcmp(row->nack, name) == 0) ||
            (row->terraform && strcmp(row->terraform, name) == 0))
            return row->name;
    }
    return NULL;
}

static const char *suggest_among(const struct table *table, const char *name, bool ours)
{
    struct suggestion near = {.wanted = name};
    for (size_t i = 0; i < table->count; i++) {
        const struct field *row = &table->fields[i];
        if (table->options && !(row->flags & FIELD_OURS) == ours)
            continue;
        if (!(row->flags & FIELD_INTERNAL))
            suggestion_consider(&near, row->name);
        for (size_t j = 0; j < FIELD_ALIASES_MOST && row->aliases[j]; j++)
            suggestion_consider(&near, row->aliases[j]);
    }
    return near.best;
}

/* An option of nats-server is likelier than a key of natsform's own: the key may be out of a configuration. */
const char *table_suggest(const struct table *table, const char *name)
{
    const char *elsewhere = name_elsewhere(table, name);
    const char *near = elsewhere ? elsewhere : suggest_among(table, name, false);
    return near || !table->options ? near : suggest_among(table, name, true);
}

const char *table_place_below(struct arena *arena, const struct table *table, const char *key)
{
    static const char *const between[] = {[SHAPE_ONE] = ".", [SHAPE_LIST] = "[].", [SHAPE_MAP] = ".NAME."};
    const char *place = NULL;
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        bool near = !table->options || (field->shape == SHAPE_ONE && (field->type & FIELD_OBJECT));
        const struct field *found = field->object && near ? table_field(field->object, key) : NULL;
        if (!found || (found->flags & FIELD_INTERNAL))
            continue;
        if (place)
            return NULL;
        place = arena_printf(arena, "%s%s%s", field->name, between[field->shape], key);
    }
    return place;
}

const struct field *table_field_by_path(const struct table *table, const char *path)
{
    size_t length = strcspn(path, ".");
    const struct field *field = find_row(table, path, length);
    if (!field || !path[length])
        return field;
    return field->object ? table_field_by_path(field->object, path + length + 1) : NULL;
}

/* Rules are in the order of versions, so the last that holds is the one. */
const struct update_rule *field_update_rule(const struct field *field, uint32_t version)
{
    const struct update_rule *rule = &field->updates[0];
    for (size_t i = 1; i < FIELD_RULES_MOST; i++)
        if (field->updates[i].since && version_has(version, field->updates[i].since))
            rule = &field->updates[i];
    return rule;
}

const struct choice *field_choice(const struct field *field, const char *name)
{
    bool any_case = field->flags & FIELD_ANY_CASE;
    for (const struct choice *choice = field->choices; choice && choice->name; choice++)
        if (any_case ? strcasecmp(choice->name, name) == 0 : text_is(choice->name, name))
            return choice;
    return NULL;
}

/* ---- types ---- */

unsigned field_types(const struct field *field)
{
    static const unsigned several[] = {[SHAPE_LIST] = FIELD_LIST, [SHAPE_MAP] = FIELD_MAP};
    return field->shape == SHAPE_ONE ? field->type : several[field->shape];
}

unsigned field_items(const struct field *field)
{
    return field->shape == SHAPE_LIST ? field->type : field->items;
}

unsigned field_values(const struct field *field)
{
    return field->shape == SHAPE_MAP ? field->type : field->values;
}

static const struct type_row {
    enum field_type type;
    const char *name;
    const char *describe;
} type_rows[] = {
    {FIELD_BOOL, "boolean", "true or false"},
    {FIELD_COUNT, "integer", "an integer"},
    {FIELD_UNSIGNED, "unsigned integer", "an integer of 0 or more"},
    {FIELD_SIZE, "size", "a size such as 512MiB or 1GiB"},
    {FIELD_DURATION, "duration", "a duration such as 30s, 24h or 7d"},
    {FIELD_SECONDS, "duration", "a duration such as 2s or 500ms"},
    {FIELD_PERCENT, "percentage", "a percentage such as 50%"},
    {FIELD_TIME, "time", "a time such as 2026-01-31T12:00:00Z"},
    {FIELD_CHOICE, "choice", "one of its choices"},
    {FIELD_TEXT, "text", "a string"},
    {FIELD_NAME, "name", "a name"},
    {FIELD_SUBJECT, "subject", "a subject"},
    {FIELD_LITERAL, "subject without wildcards", "a subject without wildcards"},
    {FIELD_GROUP, "group name", "the name of a group"},
    {FIELD_BUCKET, "bucket name", "the name of a bucket"},
    {FIELD_PATH, "path", "a path"},
    {FIELD_LIST, "list", "a list"},
    {FIELD_OBJECT | FIELD_TREE | FIELD_MAP, "map", "a map"},
};
enum { TYPE_ROWS = sizeof(type_rows) / sizeof(type_rows[0]) };

/* Ends at the last row at the latest: every type is in the table. */
static const struct type_row *type_row(unsigned type)
{
    const struct type_row *row = type_rows;
    while (!(row->type & type))
        row++;
    return row;
}

const char *field_type_describe(const struct field *field)
{
    return type_row(field->type)->describe;
}

const char *field_type_name(struct arena *arena, const struct field *field)
{
    const char *name = type_row(field->type)->name;
    if (field->shape == SHAPE_LIST)
        return arena_printf(arena, "list of %s", name);
    if (field->shape == SHAPE_MAP)
        return arena_printf(arena, "map of %s by name", name);
    return name;
}

/* As it is among others: with the choices themselves. */
static const char *describe(struct arena *arena, const struct field *field, const struct type_row *row)
{
    const char *text = "";
    if (row->type == FIELD_TEXT && (field->flags & FIELD_LISTEN))
        return "an address and port such as '127.0.0.1:4222'";
    if (row->type != FIELD_CHOICE)
        return row->describe;
    for (const struct choice *choice = field->choices; choice && choice->name; choice++)
        text = arena_printf(arena, "%s%s'%s'", text, *text ? ", " : "", choice->name);
    return text;
}

/* In the order of the table, which is the order in which readers expect them: the simplest first. */
const char *field_types_describe(struct arena *arena, const struct field *field, unsigned types)
{
    const char *text = NULL;
    size_t left = 0;
    for (size_t i = 0; i < TYPE_ROWS; i++)
        left += (types & type_rows[i].type) != 0;
    for (size_t i = 0; i < TYPE_ROWS; i++) {
        if (!(types & type_rows[i].type))
            continue;
        const char *words = describe(arena, field, &type_rows[i]);
        text = text ? arena_printf(arena, "%s%s%s", text, left > 1 ? ", " : " or ", words) : words;
        left--;
    }
    return text ? text : "nothing";
}

bool field_has_secrets(const struct field *field)
{
    bool found = (field->flags & FIELD_SECRET) || field->type == FIELD_TREE;
    for (size_t i = 0; !found && field->object && i < field->object->count; i++)
        found = field_has_secrets(&field->object->fields[i]);
    return found;
}

/*
 * ---- option ----
 * What the rows of nats-server's options say, and going along them. The rows are in kind/server_options_*.c.
 */

const struct choice *option_choice(const struct field *option, const struct node *value)
{
    return value->type == NODE_SCALAR ? field_choice(option, value->text) : NULL;
}

/* Before the version from which a reload takes the change, the server refuses the whole reload. */
enum reload_policy option_reload(const struct field *option, uint32_t version)
{
    return since_holds(option->reload_since, version) ? option->reload : RELOAD_NEVER;
}

/* ---- walking ---- */

struct walk {
    option_visit *visit;
    void *context;
};

static void walk_table(const struct walk *walk, const struct table *table, const struct node *map);

static void walk_value(const struct walk *walk, const struct field *option, const struct node *value,
                       unsigned types)
{
    if (value->type == NODE_MAP && (types & FIELD_OBJECT))
        walk_table(walk, option->object, value);
    for (size_t i = 0; value->type == NODE_LIST && (types & FIELD_LIST) && i < value->count; i++)
        walk_value(walk, option, value->items[i], field_items(option));
    for (size_t i = 0; value->type == NODE_MAP && (types & FIELD_MAP) && i < value->count; i++)
        walk_value(walk, option, value->members[i].value, field_values(option));
}

static void walk_table(const struct walk *walk, const struct table *table, const struct node *map)
{
    for (size_t i = 0; i < map->count; i++) {
        const struct member *member = &map->members[i];
        const struct field *option = table_field(table, member->key);
        /* Unknown names were reported when the manifest was read. */
        if (!option)
            continue;
        walk->visit(walk->context, option, member);
        walk_value(walk, option, member->value, field_types(option));
    }
}

void options_walk(const struct table *table, const struct node *map, option_visit *visit, void *context)
{
    const struct walk walk = {visit, context};
    if (map && map->type == NODE_MAP)
        walk_table(&walk, table, map);
}

/*
 * ---- version range ----
 * Ranges of nats-server versions. The spellings are those of npm, Cargo and Compose, so that
 * nobody has to learn a new one.
 */

#define MINOR_STEP VERSION(0, 1, 0)
#define MAJOR_STEP VERSION(1, 0, 0)
#define OLDEST VERSION(2, 9, 0)

static const char wrong_range[] = "it is neither a version such as 2.10 or 2.10.27 nor a range such as "
                                  "2.9-2.12, '>=2.10 <2.15' or 2.10..2.12";

/* A version as written: all that it may stand for. */
struct partial {
    uint32_t least;
    uint32_t most;
    int parts; /* that were numbers */
};

static bool is_wildcard(char c)
{
    return c == 'x' || c == 'X' || c == '*';
}

/* "-rc.1" and "+build" say nothing here; "-2.12" is a range's end. */
static void skip_suffix(const char **cursor)
{
    bool suffix = (**cursor == '-' && strchr("0123456789vV ", (*cursor)[1]) == NULL) || **cursor == '+';
    if (suffix)
        *cursor += strcspn(*cursor, " ,");
}

static bool scan_partial(const char **cursor, struct partial *ret_partial)
{
    static const uint32_t steps[] = {MAJOR_STEP, MINOR_STEP, 1};
    uint32_t parts[3] = {0};
    int count = 0;
    *cursor += **cursor == 'v' || **cursor == 'V';
    for (int i = 0; i < 3; i++) {
        /* ".." is the middle of a range, not an empty part. */
        if (i > 0 && (**cursor != '.' || (*cursor)[1] == '.'))
            break;
        *cursor += i > 0;
        if (i > 0 && is_wildcard(**cursor)) {
            (*cursor)++;
            break;
        }
        if (!scan_part(cursor, &parts[i]))
            return false;
        count++;
    }
    skip_suffix(cursor);
    ret_partial->parts = count;
    ret_partial->least = VERSION(parts[0], parts[1], parts[2]);
    /* "2.10" may be any 2.10.x, and "2" any 2.x.y. */
    ret_partial->most = ret_partial->least + steps[count - 1] - 1;
    return true;
}

/* ---- one condition ---- */

enum comparison { ANY_OF, AT_LEAST, ABOVE, AT_MOST, BELOW, SAME_MINOR, SAME_MAJOR };

static enum comparison scan_comparison(const char **cursor)
{
    static const struct {
        const char *text;
        enum comparison comparison;
    } words[] = {{">=", AT_LEAST}, {"<=", AT_MOST},   {">", ABOVE},      {"<", BELOW},
                 {"=", ANY_OF},    {"~", SAME_MINOR}, {"^", SAME_MAJOR}, {"", ANY_OF}};
    /* The longer ones come first, and the empty one at the end always fits. */
    size_t i = 0;
    while (strncmp(*cursor, words[i].text, strlen(words[i].text)) != 0)
        i++;
    *cursor += strlen(words[i].text);
    *cursor += strspn(*cursor, " ");
    return words[i].comparison;
}

static struct version_range range_of(enum comparison comparison, const struct partial *partial)
{
    uint32_t minor_end = partial->parts > 1 ? (partial->least | PART_MOST) : partial->most;
    uint32_t major_end = partial->least / MAJOR_STEP * MAJOR_STEP + MAJOR_STEP - 1;
    switch (comparison) {
    case AT_LEAST:
        return (struct version_range){partial->least, UINT32_MAX};
    case ABOVE:
        return (struct version_range){partial->most + 1, UINT32_MAX};
    case AT_MOST:
        return (struct version_range){0, partial->most};
    case BELOW:
        return (struct version_range){0, partial->least - 1};
    case SAME_MINOR:
        return (struct version_range){partial->least, minor_end};
    case SAME_MAJOR:
        return (struct version_range){partial->least, major_end};
    case ANY_OF:
        break;
    }
    return (struct version_range){partial->least, partial->most};
}

/* "2.9-2.12", "2.9 - 2.12", "2.9..2.12": the second version after a first one; the cursor stays when there is none. */
static bool scan_end(const char **cursor, struct partial *ret_end)
{
    const char *at = *cursor + strspn(*cursor, " ");
    size_t dash = *at == '-' ? 1 : strncmp(at, "..", 2) == 0 ? 2 : 0;
    if (!dash)
        return false;
    at += dash + strspn(at + dash, " ");
    if (!scan_partial(&at, ret_end))
        return false;
    *cursor = at;
    return true;
}

static bool scan_condition(const char **cursor, struct version_range *ret_range)
{
    struct partial first, last;
    enum comparison comparison = scan_comparison(cursor);
    if (!scan_partial(cursor, &first))
        return false;
    *ret_range = range_of(comparison, &first);
    if (comparison == ANY_OF && scan_end(cursor, &last))
        ret_range->most = last.most;
    return **cursor == '\0' || **cursor == ' ' || **cursor == ',';
}

const char *version_range_parse(const char *text, struct version_range *ret_range)
{
    struct version_range range = {0, UINT32_MAX};
    const char *cursor = text + strspn(text, " ");
    bool any = false;
    for (; *cursor; cursor += strspn(cursor, " ,"), any = true) {
        struct version_range one;
        if (!scan_condition(&cursor, &one))
            return wrong_range;
        /* Several conditions all have to hold. */
        range.least = one.least > range.least ? one.least : range.least;
        range.most = one.most < range.most ? one.most : range.most;
    }
    if (!any)
        return wrong_range;
    if (range.least > range.most)
        return "no version is in it";
    if (range.most < OLDEST)
        return "natsform knows nats-server from 2.9 on";
    range.least = range.least < OLDEST ? OLDEST : range.least;
    *ret_range = range;
    return NULL;
}

bool version_range_is_exact(const struct version_range *range)
{
    return range->least == range->most;
}

/* ---- points ---- */

/* Points at which anything changes: checking these few versions is as good as checking all of the range. */
void version_points_add(struct arena *arena, struct version_points *points, const struct version_range *range,
                        uint32_t version)
{
    size_t at = 0;
    if (version == VERSION_UNKNOWN || version < range->least || version > range->most)
        return;
    while (at < points->count && points->items[at] < version)
        at++;
    if (at < points->count && points->items[at] == version)
        return;
    points->items = arena_grow(arena, points->items, points->count, points->count + 1, sizeof(uint32_t));
    memmove(&points->items[at + 1], &points->items[at], (points->count - at) * sizeof(uint32_t));
    points->items[at] = version;
    points->count++;
}

static void add_since(struct arena *arena, struct version_points *points, const struct version_range *range,
                      const uint32_t since[SINCE_MOST])
{
    for (size_t i = 0; i < SINCE_MOST; i++)
        version_points_add(arena, points, range, since[i]);
}

void version_points_add_table(struct arena *arena, struct version_points *points,
                              const struct version_range *range, const struct table *table)
{
    for (size_t i = 0; i < table->constraint_count; i++)
        add_since(arena, points, range, table->constraints[i].since);
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        add_since(arena, points, range, field->since);
        for (const struct choice *choice = field->choices; choice && choice->name; choice++)
            add_since(arena, points, range, choice->since);
        if (field->object && !(field->flags & FIELD_OURS))
            version_points_add_table(arena, points, range, field->object);
    }
}
