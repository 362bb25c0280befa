/*
 * Walks every row of every table that a manifest reaches: what one row lacks is missing in messages, editors, plans or
 * requests, so each has to be whole. A new row needs no new test here.
 */
#include "field/field.h"

#include <ctype.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/vec.h"
#include "field/check.h"
#include "field/encode.h"
#include "kind/kinds.h"
#include "manifest/schema.h"
#include "plan/step.h"
#include "unit/suites.h"
#include "unit/world.h"

/* One way to a row: "streams.NAME.mirror.name" and its table. */
struct place {
    const char *path; /* as `explain` has it: without names */
    const struct table *table;
    const struct field *field;
};

static struct {
    VEC(struct place) list;
} places;

static void walk(const struct table *table, const char *path)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        const char *here = arena_printf(&world.arena, "%s%s%s", path, *path ? "." : "", field->name);
        VEC_PUSH(&world.arena, &places.list, ((struct place){here, table, field}));
        if (field->object)
            walk(field->object, here);
    }
}

static void setup(void)
{
    world_setup();
    memset(&places, 0, sizeof(places));
    walk(&manifest_table, "");
}

/* Each row of each table is looked at, by all the ways that lead to it. */
#define EACH_PLACE(place)                                                                                    \
    for (const struct place *place = places.list.items; place < places.list.items + places.list.count;       \
         place++)

static bool is_sentence(const char *text)
{
    size_t length = text ? strlen(text) : 0;
    return length > 1 && text[length - 1] == '.' && text[length - 2] != '.' &&
           !islower((unsigned char)text[0]);
}

/* ---- words ---- */

START_TEST(names_and_words)
{
    ck_assert_uint_gt(places.list.count, 200);
    EACH_PLACE(place)
    {
        const struct field *field = place->field;
        ck_assert_msg(field->name[strspn(field->name, "abcdefghijklmnopqrstuvwxyz_")] == '\0', "%s: name",
                      place->path);
        ck_assert_msg(table_field(place->table, field->name) == field, "%s: twice in its table", place->path);
        ck_assert_msg(is_sentence(field->doc), "%s: doc '%s'", place->path, field->doc);
        ck_assert_msg(is_sentence(place->table->doc), "%s: its table's doc", place->path);
        ck_assert_msg(place->table->noun[0] != '\0', "%s: its table's noun", place->path);
        ck_assert_msg(table_field_by_path(&manifest_table, place->path) == field, "%s cannot be explained",
                      place->path);
        ck_assert_msg(field_type_describe(field) != NULL, "%s: type", place->path);
        ck_assert_msg(*field_type_name(&world.arena, field) != '\0', "%s: type", place->path);
        ck_assert_msg(!field->derive || field->fallback_doc, "%s: a derived default has no words",
                      place->path);
        ck_assert_msg(!field->derive || !field->fallback, "%s: two defaults", place->path);
    }
}
END_TEST

START_TEST(paths_that_lead_nowhere)
{
    static const char *const nowhere[] = {"",
                                          "streams.",
                                          ".streams",
                                          "stream",
                                          "streams.x",
                                          "streams.mirror.",
                                          "project.x",
                                          "streams..mirror",
                                          "streams.max_age.x",
                                          "streams.mirror.name.x"};
    for (size_t i = 0; i < sizeof(nowhere) / sizeof(nowhere[0]); i++)
        ck_assert_msg(table_field_by_path(&manifest_table, nowhere[i]) == NULL, "'%s'", nowhere[i]);
    ck_assert_str_eq(table_field_by_path(&stream_table, "consumers.ack_policy")->name, "ack_policy");
}
END_TEST

/* ---- choices and updates ---- */

START_TEST(choices)
{
    EACH_PLACE(place)
    {
        const struct field *field = place->field;
        ck_assert_msg((field->type == FIELD_CHOICE) == (field->choices != NULL), "%s: choices", place->path);
        for (const struct choice *choice = field->choices; choice && choice->name; choice++) {
            ck_assert_msg(field_choice(field, choice->name) == choice, "%s: '%s' twice", place->path,
                          choice->name);
            ck_assert_msg(is_sentence(choice->doc), "%s: doc of '%s'", place->path, choice->name);
            ck_assert_msg(!choice->since[0] || choice->since[0] >= field->since[0],
                          "%s: '%s' is older than its field", place->path, choice->name);
        }
        ck_assert_msg(!field->choices || (field->fallback && field_choice(field, field->fallback)),
                      "%s: the default is not a choice", place->path);
    }
}
END_TEST

static void check_rule(const struct place *place, const struct update_rule *rule)
{
    const struct field *field = place->field;
    bool refuses = rule->policy == UPDATE_NEVER || rule->policy == UPDATE_LATCH ||
                   rule->policy == UPDATE_REMOVE || rule->policy == UPDATE_KEEP_CHOICE ||
                   rule->policy == UPDATE_KEEP_PRESENCE || rule->policy == UPDATE_CLUSTERED ||
                   rule->policy == UPDATE_FREEZES;
    bool explained = rule->says && (rule->err_code >= 10000 || (field->flags & FIELD_IDENTITY));
    ck_assert_msg(!refuses || explained, "%s: the server's answer to a change", place->path);
    ck_assert_msg(refuses || !rule->says, "%s: what is free is not refused", place->path);
    ck_assert_msg(rule->policy != UPDATE_LATCH || field->type == FIELD_BOOL, "%s: a latch is a flag",
                  place->path);
    ck_assert_msg(rule->policy != UPDATE_CLUSTERED || field->type == FIELD_COUNT, "%s: replicas are counted",
                  place->path);
    ck_assert_msg((rule->policy == UPDATE_KEEP_CHOICE) == (rule->choice != NULL), "%s: choice of a rule",
                  place->path);
    ck_assert_msg(!rule->choice || field_choice(field, rule->choice), "%s: '%s'", place->path, rule->choice);
}

/* A row's rules go from old to new, each later than the field itself, and the right one is found for each version. */
START_TEST(update_rules)
{
    EACH_PLACE(place)
    {
        const struct field *field = place->field;
        ck_assert_msg(field->updates[0].since == 0, "%s: the first rule holds from the beginning",
                      place->path);
        check_rule(place, &field->updates[0]);
        ck_assert_ptr_eq(field_update_rule(field, 1), &field->updates[0]);
        const struct update_rule *last = &field->updates[0];
        for (size_t i = 1; i < FIELD_RULES_MOST && field->updates[i].since; i++) {
            const struct update_rule *rule = &field->updates[i];
            ck_assert_msg(rule->since > last->since && rule->since > field->since[0], "%s: rules in order",
                          place->path);
            ck_assert_ptr_eq(field_update_rule(field, rule->since), rule);
            ck_assert_ptr_eq(field_update_rule(field, rule->since - 1), last);
            check_rule(place, rule);
            last = rule;
        }
        ck_assert_ptr_eq(field_update_rule(field, VERSION_UNKNOWN), last);
    }
}
END_TEST

/* ---- flags ---- */

static bool is_number(const struct field *field)
{
    return field->type == FIELD_COUNT || field->type == FIELD_DURATION || field->type == FIELD_SIZE;
}

START_TEST(flags)
{
    EACH_PLACE(place)
    {
        const struct field *field = place->field;
        const char *path = place->path;
        unsigned set = field->flags;
        bool lowers = field->risk >= RISK_TRIMS_MESSAGES && field->risk <= RISK_TRIMS_SUBJECTS;
        ck_assert_msg(((field->type & FIELD_OBJECT) != 0) == (field->object != NULL), "%s: object", path);
        ck_assert_msg(field->least <= field->most, "%s: bounds", path);
        ck_assert_msg(!field->least || is_number(field), "%s: bounds of what is no number", path);
        ck_assert_msg(!(set & FIELD_UNLIMITED) || is_number(field), "%s: unlimited", path);
        ck_assert_msg(!(set & FIELD_ORDERED) || field->shape == SHAPE_LIST, "%s: ordered", path);
        ck_assert_msg(!(set & FIELD_IDENTITY) || field->type == FIELD_NAME || field->type == FIELD_BUCKET,
                      "%s: identity", path);
        ck_assert_msg(!(set & FIELD_SECRET) || field->type == FIELD_TEXT, "%s: secret", path);
        ck_assert_msg(!(set & FIELD_EMPTY_IS_NONE) ||
                          (field->type == FIELD_OBJECT && field->shape == SHAPE_ONE),
                      "%s: empty is none", path);
        ck_assert_msg(!(set & FIELD_ANY_CASE) || field->type == FIELD_CHOICE || field->type == FIELD_TEXT,
                      "%s: case", path);
        ck_assert_msg(!(set & FIELD_SEND_DEFAULT) || field->derive || field->fallback,
                      "%s: no default to send", path);
        ck_assert_msg(!(set & FIELD_SERVER_LOWERS) || field->derive, "%s: no default to lower", path);
        ck_assert_msg(!(set & FIELD_REQUIRED) || (!field->fallback && !field->derive),
                      "%s: required and a default", path);
        ck_assert_msg(!(set & FIELD_INTERNAL) || !(set & (FIELD_OURS | FIELD_REQUIRED | FIELD_IDENTITY)),
                      "%s: whose", path);
        ck_assert_msg(field->type != FIELD_PATH || place->table != &stream_table,
                      "%s: a path is natsform's own", path);
        ck_assert_msg(!lowers || is_number(field), "%s: trims, and is no limit", path);
        ck_assert_msg(!field->since[0] || field->since[0] > VERSION(2, 9, 0),
                      "%s: all supported servers have it", path);
    }
}
END_TEST

/* ---- ids ---- */

static void count_ids(const struct table *table, unsigned *counts, unsigned most)
{
    for (size_t i = 0; i < table->count; i++) {
        ck_assert_msg(table->fields[i].id <= most, "%s.%s: id %u", table->noun, table->fields[i].name,
                      table->fields[i].id);
        counts[table->fields[i].id]++;
        if (table->fields[i].id)
            ck_assert_ptr_eq(table_field_by_id(table, table->fields[i].id), &table->fields[i]);
    }
}

/* Every id from 1 to the last is the id of exactly one row. */
static void expect_ids(const struct table *table, unsigned last)
{
    unsigned counts[64] = {0};
    ck_assert_uint_lt(last, 64);
    count_ids(table, counts, last);
    for (unsigned id = 1; id <= last; id++)
        ck_assert_msg(counts[id] == 1, "id %u of %s is that of %u rows", id, table->noun, counts[id]);
}

static const struct table *part(const struct table *table, const char *path)
{
    return table_field_by_path(table, path)->object;
}

START_TEST(ids)
{
    expect_ids(&stream_table, STREAM_CONSUMERS);
    expect_ids(&key_value_table, KEY_VALUE_CONNECTION);
    expect_ids(&object_store_table, OBJECT_STORE_CONNECTION);
    expect_ids(&transform_table, TRANSFORM_DEST);
    expect_ids(&consumer_table, CONSUMER_LINT);
    expect_ids(&lifecycle_table, LIFECYCLE_ON_IMMUTABLE);
    expect_ids(&lint_table, LINT_IGNORE);
    expect_ids(part(&stream_table, "republish"), REPUBLISH_DEST);
    expect_ids(part(&stream_table, "mirror"), ORIGIN_CONSUMER);
    expect_ids(part(&stream_table, "sources"), ORIGIN_CONSUMER);
    expect_ids(part(&stream_table, "mirror.consumer"), DELIVERY_SUBJECT);
    expect_ids(part(&stream_table, "consumer_limits"), LIMITS_MAX_ACK_PENDING);
    expect_ids(&manifest_table, MANIFEST_SERVERS);
    expect_ids(part(&manifest_table, "defaults"), DEFAULTS_OBJECT_STORE);
    expect_ids(part(&manifest_table, "connection"), CONNECTION_EXPECT);
    expect_ids(part(&manifest_table, "connection.tls"), TLS_FIRST);
    expect_ids(part(&manifest_table, "connection.expect"), EXPECT_DOMAIN);
}
END_TEST

/* What implications and constraints refer to is there, and their words can be read. */
START_TEST(references)
{
    EACH_PLACE(place)
    {
        const struct table *table = place->table;
        if (place->field != table->fields)
            continue; /* once for each table */
        for (size_t i = 0; i < table->implication_count; i++) {
            const struct implication *row = &table->implications[i];
            const struct field *when = table_field_by_id(table, row->when);
            const struct field *then = table_field_by_id(table, row->then);
            struct value value = {0};
            ck_assert(when && then && when != then);
            ck_assert(!row->choice || field_choice(when, row->choice));
            value_from_text(&world.arena, then, row->value, &value);
            ck_assert_msg(value.type != VALUE_ABSENT, "%s: '%s'", then->name, row->value);
        }
        for (size_t i = 0; i < table->constraint_count; i++) {
            const struct constraint *row = &table->constraints[i];
            const struct field *field = table_field_by_id(table, row->field);
            const struct field *other = table_field_by_id(table, row->other);
            ck_assert(field && other && field != other);
            ck_assert(!row->choice || field_choice(field, row->choice));
            ck_assert(!row->other_choice || field_choice(other, row->other_choice));
            if (strcmp(table->noun, "connection") == 0) /* no server sees it */
                ck_assert_int_eq(row->err_code, 0);
            else
                ck_assert_int_ge(row->err_code, 10000);
        }
    }
}
END_TEST

/* ---- values ---- */

static const char *sample(const struct field *field, enum form form, unsigned skip);

static const char *sample_object(const struct table *table, enum form form, unsigned skip)
{
    const char *text = "";
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        if (!(field->flags & skip))
            text = arena_printf(&world.arena, "%s%s\"%s\": %s", text, *text ? ", " : "", field->name,
                                sample(field, form, skip));
    }
    return arena_printf(&world.arena, "{%s}", text);
}

/* A value of the row that is not its default, in flow style, which is JSON as well. */
static const char *sample_one(const struct field *field, enum form form, unsigned skip)
{
    const struct choice *choice = field->choices;
    bool wire = form == FORM_WIRE;
    switch (field->type & FIELD_OBJECT ? FIELD_OBJECT : field->type) {
    case FIELD_TEXT:
    case FIELD_PATH:
        return "\"no: > 5\"";
    case FIELD_NAME:
    case FIELD_BUCKET:
        return "\"N\"";
    case FIELD_SUBJECT:
        return "\"a.*.>\"";
    case FIELD_LITERAL:
        return "\"a.b\"";
    case FIELD_PERCENT:
        return "\"50%\"";
    case FIELD_GROUP:
        return "\"g\"";
    case FIELD_BOOL:
        return "true";
    case FIELD_COUNT:
        return field->most >= INT32_MAX ? "2147483647" : "5";
    case FIELD_UNSIGNED:
        return "18446744073709551615";
    case FIELD_DURATION:
        return wire ? "9007199254740993" : "\"104d5h59m59s254ms740us993ns\"";
    case FIELD_SIZE:
        return wire ? "1048576" : "\"1MiB\"";
    case FIELD_CHOICE:
        while (choice[1].name)
            choice++;
        return arena_printf(&world.arena, "\"%s\"", choice->name);
    case FIELD_TIME:
        return "\"2026-01-31T13:00:00.000000001+01:00\"";
    case FIELD_OBJECT:
        return sample_object(field->object, form, skip);
    case FIELD_TREE:
        return "{\"port\": 4222, \"users\": [{\"user\": \"a\"}]}";
    default:
        return NULL;
    }
}

static const char *sample(const struct field *field, enum form form, unsigned skip)
{
    const char *one = sample_one(field, form, skip);
    if (field->shape == SHAPE_LIST)
        return arena_printf(&world.arena, "[%s]", one);
    return field->shape == SHAPE_MAP ? arena_printf(&world.arena, "{\"N\": %s}", one) : one;
}

static struct object *with_value(const struct table *table, const struct field *field, const char *text,
                                 enum form form)
{
    const char *yaml = arena_printf(&world.arena, "%s: %s", field->name, text);
    return object_decode(&world.arena, table, NULL, world_yaml(yaml), form, &world.diags);
}

START_TEST(defaults_and_examples)
{
    EACH_PLACE(place)
    {
        const char *const texts[] = {place->field->fallback, place->field->example};
        for (size_t i = 0; i < 2; i++) {
            size_t errors = world.diags.errors;
            if (!texts[i])
                continue;
            const struct object *object = with_value(place->table, place->field, texts[i], FORM_MANIFEST);
            const struct value *value = object_value_of(object, place->field);
            ck_assert_msg(value->type != VALUE_ABSENT && !value->refused, "%s: %s", place->path, texts[i]);
            for (size_t j = errors; j < world.diags.errors; j++) /* a required row beside it may be missing */
                ck_assert_str_eq(world.diags.list.items[j]->code->name, "required");
        }
        struct value fallback = {0};
        if (place->field->fallback)
            value_from_text(&world.arena, place->field, place->field->fallback, &fallback);
        ck_assert_msg(!place->field->fallback || fallback.type != VALUE_ABSENT, "%s: default", place->path);
        ck_assert(!fallback.node);
    }
}
END_TEST

/* A value comes back from the form of manifests and from that of the wire, and differs from nothing. */
START_TEST(round_trips)
{
    EACH_PLACE(place)
    {
        const struct field *field = place->field;
        const char *text = sample(field, FORM_MANIFEST, FIELD_INTERNAL);
        if (field->flags & FIELD_INTERNAL)
            continue;
        const struct value *value =
            object_value_of(with_value(place->table, field, text, FORM_MANIFEST), field);
        ck_assert_msg(value->type != VALUE_ABSENT && !value->refused, "%s: %s", place->path, world_told());
        ck_assert_msg(value_equal(field, value, value), "%s differs from itself", place->path);
        for (int form = FORM_MANIFEST; form <= FORM_WIRE; form++) {
            if (form == FORM_WIRE && (field->flags & FIELD_OURS))
                continue;
            const char *encoded = world_text(value_encode(&world.arena, field, value, (enum form)form));
            const struct object *again = with_value(place->table, field, encoded, (enum form)form);
            ck_assert_msg(value_equal(field, value, object_value_of(again, field)), "%s: %s from %s",
                          place->path, encoded, text);
            const char *twice =
                world_text(value_encode(&world.arena, field, object_value_of(again, field), (enum form)form));
            ck_assert_str_eq(twice, encoded);
        }
        struct value nothing = {0};
        ck_assert_msg((field->flags & (FIELD_OURS | FIELD_EMPTY_IS_NONE)) ||
                          !value_equal(field, value, &nothing) || place->table == &manifest_table,
                      "%s: the sample equals nothing", place->path);
    }
}
END_TEST

/* With every row set at once, an object does not differ from itself, normalised for any server, live or wanted. */
START_TEST(no_difference_from_itself)
{
    static const struct table *const kinds[] = {&stream_table, &consumer_table};
    static const uint32_t versions[] = {VERSION(2, 9, 10), VERSION(2, 10, 27), VERSION(2, 15, 1),
                                        VERSION_UNKNOWN};
    const struct table *table = kinds[_i % 2];
    const struct target target = {.version = versions[_i / 2], .version_text = "", .clustered = true};
    const struct surroundings around = {.version = target.version};
    const char *yaml = sample_object(table, FORM_MANIFEST, FIELD_INTERNAL | FIELD_OURS);
    struct object *wanted = world_object(table, "N", yaml);
    struct object *live = world_object(table, "N", yaml);
    ck_assert_str_eq(world_told(), "");
    object_normalise_wanted(&world.arena, wanted, &around);
    object_normalise_wanted(&world.arena, live, &around);
    struct step step = {.wanted = wanted, .live = live};
    ck_assert_uint_eq(compare_objects(&world.arena, &step, &target), 0);
    struct step echo = {
        .wanted = wanted,
        .live = world_live_object(table, "N", world_text(object_encode_create(&world.arena, wanted))),
    };
    compare_objects(&world.arena, &echo, &target);
    for (size_t i = 0; i < echo.changes.count; i++) /* by an update right after */
        ck_assert_msg(echo.changes.items[i].field->flags & FIELD_LATER, "%s",
                      echo.changes.items[i].field->name);
}
END_TEST

/* ---- schema ---- */

static const struct node *definition(const struct node *schema, const struct table *table)
{
    char *name = arena_strdup(&world.arena, table->noun);
    for (char *at = name; *at; at++)
        *at = *at == ' ' || *at == '\'' ? '_' : *at;
    return table == &manifest_table ? schema : node_get(node_get(schema, "definitions"), name);
}

static void check_references(const struct node *schema, const struct node *node)
{
    static const char prefix[] = "#/definitions/";
    const struct node *reference = node_get(node, "$ref");
    if (reference) {
        ck_assert_int_eq(strncmp(reference->text, prefix, strlen(prefix)), 0);
        const struct node *at = node_get(schema, "definitions");
        for (const char *word = reference->text + strlen(prefix); *word && at;) {
            size_t length = strcspn(word, "/");
            at = node_get(at, arena_strndup(&world.arena, word, length));
            word += length + (word[length] == '/');
        }
        ck_assert_msg(at != NULL, "%s", reference->text);
    }
    for (size_t i = 0; node->type == NODE_MAP && i < node->count; i++)
        check_references(schema, node->members[i].value);
    for (size_t i = 0; node->type == NODE_LIST && i < node->count; i++)
        check_references(schema, node->items[i]);
}

START_TEST(schema)
{
    const struct node *root = schema_of_manifest(&world.arena);
    EACH_PLACE(place)
    {
        const struct node *table = definition(root, place->table);
        ck_assert_msg(table != NULL, "%s: no definition", place->path);
        const struct node *property = node_get(node_get(table, "properties"), place->field->name);
        ck_assert_msg((property != NULL) == !(place->field->flags & FIELD_INTERNAL), "%s: property",
                      place->path);
        const struct node *words = property ? node_get(property, "description") : NULL;
        ck_assert_msg(!property ||
                          (words && strncmp(words->text, place->field->doc, strlen(place->field->doc)) == 0),
                      "%s: description", place->path);
        ck_assert_str_eq(node_get(table, "description")->text, place->table->doc);
        ck_assert_str_eq(node_get(table, "additionalProperties")->text, "false");
        const struct node *required = node_get(table, "required");
        bool is_required = false;
        for (size_t i = 0; required && i < required->count; i++)
            is_required |= strcmp(required->items[i]->text, place->field->name) == 0;
        ck_assert_msg(is_required == ((place->field->flags & FIELD_REQUIRED) != 0), "%s: required",
                      place->path);
    }
    check_references(root, root);
}
END_TEST

/* ---- a row that is not there: what a newer server knows, and we do not ---- */

/* The table without row `hidden`, and without all that could refer to it. */
static struct table *without(const struct table *table, size_t hidden)
{
    struct table *copy = ARENA_NEW(&world.arena, struct table);
    struct field *fields = ARENA_ARRAY(&world.arena, struct field, table->count);
    *copy = (struct table){.noun = table->noun, .doc = table->doc, .fields = fields};
    for (size_t i = 0; i < table->count; i++) {
        fields[copy->count] = table->fields[i];
        fields[copy->count].derive = NULL;
        copy->count += i != hidden;
    }
    return copy;
}

/* Updates the description of an object with the sample in it, and returns what is sent. */
static const struct node *update(const struct table *table, const char *json)
{
    struct node *live = world_json(json);
    struct object *before = object_decode(&world.arena, table, "N", live, FORM_WIRE, NULL);
    struct object *after = object_decode(&world.arena, table, "N", live, FORM_WIRE, NULL);
    const struct field *description = table_field(table, "description");
    *object_value_of(after, description) = (struct value){.type = VALUE_TEXT, .text = "other", .given = true};
    const struct node *body = object_encode_update(&world.arena, after, before, NULL);
    ck_assert_str_eq(node_get(body, "description")->text, "other");
    return body;
}

START_TEST(hidden_rows)
{
    const struct table *table = _i ? &consumer_table : &stream_table;
    const char *json = sample_object(table, FORM_WIRE, FIELD_OURS);
    const struct node *live = world_json(json);
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        bool skipped =
            (field->flags & (FIELD_OURS | FIELD_IDENTITY)) || strcmp(field->name, "description") == 0;
        if (skipped)
            continue;
        const struct node *kept = node_get(update(without(table, i), json), field->name);
        ck_assert_msg(kept != NULL, "'%s' is lost", field->name);
        ck_assert_str_eq(world_text(kept), world_text(node_get(live, field->name)));
    }
}
END_TEST

/* A change in `whole`, of which one row is not known, keeps what stands in that row. */
static void check_hidden_part(const struct table *table, const struct field *whole, size_t hidden,
                              const char *json)
{
    struct table *outer = without(table, table->count);
    struct field *fields = ARENA_ARRAY(&world.arena, struct field, table->count);
    memcpy(fields, outer->fields, table->count * sizeof(*fields));
    outer->fields = fields;
    size_t at = (size_t)(whole - table->fields);
    fields[at].object = without(whole->object, hidden);
    const char *name = whole->object->fields[hidden].name;
    struct node *live = world_json(json);
    struct object *before = object_decode(&world.arena, outer, "N", live, FORM_WIRE, NULL);
    struct object *after = object_decode(&world.arena, outer, "N", live, FORM_WIRE, NULL);
    struct object *inner =
        whole->shape == SHAPE_LIST ? after->values[at].list->items[0].object : after->values[at].object;
    for (size_t i = 0; i < inner->table->count; i++) /* something changes that does not tell items apart */
        if (!(inner->table->fields[i].flags & FIELD_KEY) && inner->values[i].type != VALUE_ABSENT)
            inner->values[i] = (struct value){0};
    const struct node *body = node_get(object_encode_update(&world.arena, after, before, NULL), whole->name);
    const struct node *old = node_get(live, whole->name);
    ck_assert_msg(body != NULL, "'%s' without '%s' is lost", whole->name, name);
    if (whole->shape == SHAPE_LIST) {
        body = body->items[0];
        old = old->items[0];
    }
    ck_assert_msg(node_get(body, name) != NULL, "'%s' of '%s' is lost", name, whole->name);
    ck_assert_str_eq(world_text(node_get(body, name)), world_text(node_get(old, name)));
}

START_TEST(hidden_rows_of_parts)
{
    const struct table *table = &stream_table;
    const char *json = sample_object(table, FORM_WIRE, FIELD_OURS);
    size_t parts = 0;
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        for (size_t j = 0; field->object && !(field->flags & FIELD_OURS) && j < field->object->count;
             j++, parts++)
            check_hidden_part(table, field, j, json);
    }
    ck_assert_uint_gt(parts, 20);
}
END_TEST

Suite *kind_table_suite(void)
{
    Suite *suite = suite_create("kind/table");
    TCase *tests = tcase_create("rows");
    tcase_add_checked_fixture(tests, setup, world_teardown);
    tcase_add_test(tests, names_and_words);
    tcase_add_test(tests, paths_that_lead_nowhere);
    tcase_add_test(tests, choices);
    tcase_add_test(tests, update_rules);
    tcase_add_test(tests, flags);
    tcase_add_test(tests, ids);
    tcase_add_test(tests, references);
    tcase_add_test(tests, defaults_and_examples);
    tcase_add_test(tests, round_trips);
    tcase_add_loop_test(tests, no_difference_from_itself, 0, 8);
    tcase_add_test(tests, schema);
    tcase_add_loop_test(tests, hidden_rows, 0, 2);
    tcase_add_test(tests, hidden_rows_of_parts);
    suite_add_tcase(suite, tests);
    return suite;
}
