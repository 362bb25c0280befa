/* States of the rows; see rows.h. */
#include "support/rows.h"

#include <check.h>
#include <ctype.h>
#include <string.h>

#include "base/strbuf.h"
#include "kind/kinds.h"
#include "support/config.h"
#include "support/scratch.h"

/* What every consumer under test has: clients' own default, and a name that makes it stay. */
#define USUAL_CONSUMER "durable_name: " ROW_CONSUMER ", ack_policy: explicit"

/* What an object below a row has at least. */
static const struct {
    const char *path;
    const char *members;
} minimal[] = {
    {"stream.placement", "cluster: " ROW_CLUSTER},
    {"stream.mirror", "name: " ROW_ORIGIN},
    {"stream.mirror.subject_transforms", "src: origin.a, dest: row.a"},
    {"stream.mirror.external", "api: $JS.hub.API"},
    {"stream.mirror.consumer", "name: feed, deliver_subject: feed.row"},
    {"stream.sources", "name: " ROW_ORIGIN},
    {"stream.sources.subject_transforms", "src: origin.a, dest: row.a"},
    {"stream.sources.external", "api: $JS.hub.API"},
    {"stream.sources.consumer", "name: feed, deliver_subject: feed.row"},
    {"stream.subject_transform", "src: " ROW_STREAM ", dest: row.a"},
    {"stream.republish", "src: " ROW_STREAM ", dest: copy.row"},
    {"stream.consumer_limits", "max_ack_pending: 5000"},
};

static const char *minimal_members(const char *path)
{
    for (size_t i = 0; i < sizeof(minimal) / sizeof(minimal[0]); i++)
        if (strcmp(minimal[i].path, path) == 0)
            return minimal[i].members;
    ck_abort_msg("'%s' has rows of its own: say in tests/support/rows.c what such an object has at least",
                 path);
    return NULL;
}

/* ---- spots ---- */

bool spot_is_stream(const struct spot *spot)
{
    return spot->table == &stream_table;
}

const struct field *spot_top_field(const struct spot *spot)
{
    return spot->above ? spot_top_field(spot->above) : spot->field;
}

struct node *spot_base(const struct spot *spot, const struct row_case *row_case)
{
    struct node *usual = config_read(spot_is_stream(spot) ? "" : USUAL_CONSUMER);
    return config_over(usual, config_read(row_case && row_case->base ? row_case->base : ""));
}

struct node *spot_state(const struct spot *spot, const char *members)
{
    struct node *map = config_read(members);
    for (const struct spot *up = spot->above; up; up = up->above) {
        struct node *whole = config_read("");
        struct node *item = config_over(config_read(minimal_members(up->path)), map);
        struct node *value = item;
        if (up->field->shape == SHAPE_LIST) {
            value = node_list(test_arena());
            node_append(test_arena(), value, item);
        }
        node_put(test_arena(), whole, up->field->name, value);
        map = whole;
    }
    return map;
}

/* ---- side by side ---- */

/* With `to` for the whole words that are `from`. */
static void swap_words(struct strbuf *out, const char *text, const char *from, const char *to)
{
    while (*text) {
        size_t length = 0;
        while (isalnum((unsigned char)text[length]))
            length++;
        if (length && length == strlen(from) && memcmp(text, from, length) == 0)
            strbuf_adds(out, to);
        else
            strbuf_add(out, text, length ? length : 1);
        text += length ? length : 1;
    }
}

static const char *swapped(const char *text, const char *from, const char *to)
{
    struct strbuf out = {0};
    swap_words(&out, text, from, to);
    const char *copy = arena_strdup(test_arena(), strbuf_text(&out));
    strbuf_release(&out);
    return copy;
}

static const char *numbered(const struct spot *spot, const char *word)
{
    return spot->number ? arena_printf(test_arena(), "%s%u", word, spot->number) : word;
}

const char *spot_own_text(const struct spot *spot, const char *text)
{
    const char *streams = swapped(text, ROW_STREAM, numbered(spot, ROW_STREAM));
    return swapped(streams, ROW_CONSUMER, numbered(spot, ROW_CONSUMER));
}

const char *spot_common_text(const struct spot *spot, const char *text)
{
    const char *streams = swapped(text, numbered(spot, ROW_STREAM), ROW_STREAM);
    return swapped(streams, numbered(spot, ROW_CONSUMER), ROW_CONSUMER);
}

typedef const char *translation(const struct spot *spot, const char *text);

static struct node *translated(const struct spot *spot, const struct node *node, translation *translate)
{
    struct node *copy = node_copy(test_arena(), node);
    if (copy->type == NODE_SCALAR)
        copy->text = translate(spot, copy->text);
    for (size_t i = 0; copy->type == NODE_LIST && i < copy->count; i++)
        copy->items[i] = translated(spot, copy->items[i], translate);
    for (size_t i = 0; copy->type == NODE_MAP && i < copy->count; i++)
        copy->members[i].value = translated(spot, copy->members[i].value, translate);
    return copy;
}

struct node *spot_own(const struct spot *spot, const struct node *node)
{
    return translated(spot, node, spot_own_text);
}

struct node *spot_common(const struct spot *spot, const struct node *node)
{
    return translated(spot, node, spot_common_text);
}

/* ---- states by type ---- */

static const char *member_text(const struct field *field, const char *value)
{
    return arena_printf(test_arena(), field->shape == SHAPE_LIST ? "%s: [%s]" : "%s: %s", field->name, value);
}

static const char *text_of(unsigned type, int which)
{
    static const struct {
        enum field_type type;
        const char *texts[2];
    } rows[] = {
        {FIELD_TEXT, {"one", "two"}},
        {FIELD_NAME, {"one", "two"}},
        {FIELD_SUBJECT, {"row.one", "row.two"}},
        {FIELD_LITERAL, {"row.one", "row.two"}},
        {FIELD_PERCENT, {"'10'", "50%"}},
        {FIELD_GROUP, {"one", "two"}},
        {FIELD_BUCKET, {"one", "two"}},
        {FIELD_BOOL, {"true", NULL}},
        {FIELD_TIME, {"'2024-01-01T00:00:00Z'", "'2024-01-02T00:00:00+01:00'"}},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].type == type)
            return rows[i].texts[which];
    return NULL;
}

const char *spot_member(const struct spot *spot, int which)
{
    const struct field *field = spot->field;
    bool number = field->type == FIELD_COUNT || field->type == FIELD_UNSIGNED || field->type == FIELD_SIZE ||
                  field->type == FIELD_DURATION;
    /* Long, where it is the time after which the object goes by itself. */
    int64_t second = field->risk == RISK_LEAVES_UNUSED ? 3600 * (int64_t)SECOND : SECOND;
    int64_t unit = field->least > 0 ? field->least : field->type == FIELD_DURATION ? second : 1;
    const char *value = number ? arena_printf(test_arena(), "%lld", (long long)unit * (which + 2))
                               : text_of(field->type, which);
    return value && field->shape != SHAPE_MAP ? member_text(field, value) : NULL;
}

/* Each choice; or nothing, and a minimal object or two values. */
static size_t states_by_type(const struct spot *spot, const char **states)
{
    const struct field *field = spot->field;
    size_t count = 0;
    if (field->type == FIELD_CHOICE) {
        for (const struct choice *choice = field->choices; choice->name && count < ROW_STATES_MOST; choice++)
            states[count++] = member_text(field, choice->name);
        return count;
    }
    states[count++] = "";
    if (field->type == FIELD_OBJECT)
        states[count++] = member_text(field, arena_printf(test_arena(), "{%s}", minimal_members(spot->path)));
    for (int which = 0; which < 2; which++)
        if (spot_member(spot, which))
            states[count++] = spot_member(spot, which);
    return count;
}

size_t spot_states(const struct spot *spot, const struct row_case *row_case, const char **ret_states)
{
    size_t count = 0;
    for (; row_case && count < ROW_STATES_MOST && row_case->states[count]; count++)
        ret_states[count] = row_case->states[count];
    return count ? count : states_by_type(spot, ret_states);
}

/* ---- walking ---- */

static void walk(const struct table *object, const struct table *table, const struct spot *above,
                 row_visit *visit, void *context)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        const char *path =
            arena_printf(test_arena(), "%s.%s", above ? above->path : object->noun, field->name);
        struct spot *spot = ARENA_NEW(test_arena(), struct spot);
        *spot = (struct spot){.table = object, .field = field, .above = above, .path = path};
        if (field->flags & FIELD_OURS)
            continue;
        visit(context, spot);
        if (field->object)
            walk(object, field->object, spot, visit, context);
    }
}

void rows_walk(const struct table *table, row_visit *visit, void *context)
{
    walk(table, table, NULL, visit, context);
}

/* ---- cases ---- */

const struct row_case *row_case_next(struct row_cases cases, const char *path, const struct row_case *last)
{
    for (const struct row_case *next = last ? last + 1 : cases.list; next < cases.list + cases.count; next++)
        if (strcmp(next->path, path) == 0)
            return next;
    return NULL;
}

static void check_path(const char *path)
{
    bool stream = strncmp(path, "stream.", 7) == 0;
    const char *below = strchr(path, '.') + 1;
    ck_assert_msg(table_field_by_path(stream ? &stream_table : &consumer_table, below) != NULL,
                  "'%s' names no row", path);
}

static bool has_choice(struct row_cases cases, const struct spot *spot, const char *choice)
{
    const char *text = member_text(spot->field, choice);
    const struct row_case *next = NULL;
    while ((next = row_case_next(cases, spot->path, next)) != NULL)
        for (size_t i = 0; i < ROW_STATES_MOST && next->states[i]; i++)
            if (strncmp(next->states[i], text, strlen(text)) == 0)
                return true;
    return false;
}

/* Of the choices, the default one may be said by leaving it out. */
static void check_choices(void *context, const struct spot *spot)
{
    const struct row_cases *cases = context;
    const struct row_case *first = row_case_next(*cases, spot->path, NULL);
    for (const struct choice *choice = spot->field->choices; choice && choice->name; choice++)
        if (first && first->states[0] && strcmp(choice->name, spot->field->fallback) != 0)
            ck_assert_msg(has_choice(*cases, spot, choice->name), "no state of %s has '%s'", spot->path,
                          choice->name);
}

void row_cases_check(struct row_cases cases)
{
    for (size_t i = 0; i < cases.count; i++)
        check_path(cases.list[i].path);
    for (size_t i = 0; i < sizeof(minimal) / sizeof(minimal[0]); i++)
        check_path(minimal[i].path);
    rows_walk(&stream_table, check_choices, &cases);
    rows_walk(&consumer_table, check_choices, &cases);
}
