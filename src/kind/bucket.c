/*
 * Buckets to streams and back; see bucket.h. Both directions are loops over the rows of the bucket's table. Only
 * mirrors and sources need code of their own, because clients put a transform between two buckets.
 */
#include "kind/bucket.h"

#include <string.h>

#include "field/check.h"
#include "field/decode.h"
#include "field/subject.h"
#include "kind/kinds.h"

#define COMPRESSED "s2"
#define UNCOMPRESSED "none"

const struct bucket_kind *const bucket_kinds[] = {&key_value_kind, &object_store_kind};
const size_t bucket_kind_count = sizeof(bucket_kinds) / sizeof(bucket_kinds[0]);

/* ---- names ---- */

const struct bucket_kind *bucket_kind_of(const struct table *table)
{
    for (size_t i = 0; i < bucket_kind_count; i++)
        if (bucket_kinds[i]->table == table)
            return bucket_kinds[i];
    return NULL;
}

const char *bucket_stream_name(struct arena *arena, const struct bucket_kind *kind, const char *bucket)
{
    return arena_printf(arena, "%s%s", kind->prefix, bucket);
}

/* NULL: the stream is no bucket of this kind. */
static const char *after_prefix(const struct bucket_kind *kind, const char *stream)
{
    size_t length = strlen(kind->prefix);
    return strncmp(stream, kind->prefix, length) == 0 ? stream + length : NULL;
}

const struct bucket_kind *bucket_kind_by_stream(const char *stream, const char **ret_bucket)
{
    for (size_t i = 0; i < bucket_kind_count; i++) {
        const char *bucket = after_prefix(bucket_kinds[i], stream);
        if (!bucket || bucket_name_fault(bucket))
            continue;
        *ret_bucket = bucket;
        return bucket_kinds[i];
    }
    return NULL;
}

/* ---- origins ---- */

/* Flat: the two tables have the same rows, so values go over one by one. */
static struct object *copy_object(struct arena *arena, const struct object *from, const struct table *table)
{
    struct object *copy = object_new(arena, table);
    memcpy(copy, from, sizeof(*copy) + table->count * sizeof(struct value));
    copy->table = table;
    return copy;
}

static void set_text(struct object *object, unsigned id, const char *text)
{
    struct value *value = object_value(object, id);
    value->type = VALUE_TEXT;
    value->text = text;
}

static const char *subject_of(struct arena *arena, const struct bucket_kind *kind, const char *bucket)
{
    return arena_printf(arena, "%s%s%s", kind->subject_prefix, bucket, kind->subject_ends[0]);
}

/* What a client puts between two buckets: "$KV.a.>" becomes "$KV.b.>". */
static struct object *transform_between(struct arena *arena, const struct bucket_kind *kind, const char *from,
                                        const char *to)
{
    struct object *transform = object_new(arena, &transform_table);
    const char *const subjects[] = {subject_of(arena, kind, from), subject_of(arena, kind, to)};
    for (unsigned i = 0; i < 2; i++) {
        struct value *value = object_value(transform, i ? TRANSFORM_DEST : TRANSFORM_SRC);
        *value = (struct value){.type = VALUE_TEXT, .given = true, .text = subjects[i]};
    }
    return transform;
}

/* A source in another account or domain that has the same name already has the right subjects. */
static bool is_transformed(const struct object *source, const char *from, const char *to)
{
    return !object_object(source, ORIGIN_EXTERNAL) || strcmp(from, to) != 0;
}

static const char *bucket_of_origin(const struct bucket_kind *kind, const char *name)
{
    const char *bucket = after_prefix(kind, name);
    return bucket ? bucket : name;
}

static struct object *expand_origin(struct arena *arena, const struct bucket_kind *kind,
                                    const struct object *origin, const struct table *table)
{
    struct object *stream = copy_object(arena, origin, table);
    const char *name = object_text(origin, ORIGIN_NAME);
    if (name && !after_prefix(kind, name))
        set_text(stream, ORIGIN_NAME, bucket_stream_name(arena, kind, name));
    return stream;
}

static struct object *expand_source(struct arena *arena, const struct bucket_kind *kind,
                                    const struct object *source, const char *bucket)
{
    const char *name = object_text(source, ORIGIN_NAME);
    const struct value *transforms = object_value(source, ORIGIN_TRANSFORMS);
    if (!name || object_list(source, ORIGIN_TRANSFORMS)->count)
        return copy_object(arena, source, &source_table);
    struct object *stream = expand_origin(arena, kind, source, &source_table);
    const char *from = bucket_of_origin(kind, name);
    if (transforms->type == VALUE_LIST || transforms->refused || !is_transformed(source, from, bucket))
        return stream;
    struct value *value = object_value(stream, ORIGIN_TRANSFORMS);
    *value = (struct value){.type = VALUE_LIST,
                            .given = true,
                            .node = object_value(source, ORIGIN_NAME)->node,
                            .list = ARENA_NEW(arena, struct value_list)};
    struct object *transform = transform_between(arena, kind, from, bucket);
    transform->pos = object_pos(source, ORIGIN_NAME);
    value_list_add(
        arena, value->list,
        (struct value){.type = VALUE_OBJECT, .given = true, .node = value->node, .object = transform});
    return stream;
}

static struct object *collapse_origin(struct arena *arena, const struct bucket_kind *kind,
                                      const struct object *stream, const struct table *table)
{
    struct object *origin = copy_object(arena, stream, table);
    const char *name = object_text(stream, ORIGIN_NAME);
    const char *bucket = name ? after_prefix(kind, name) : NULL;
    /* "KV_KV_a" keeps its prefix: without it, expanding would take "KV_a" for a stream's name. */
    if (bucket && !after_prefix(kind, bucket))
        set_text(origin, ORIGIN_NAME, bucket);
    return origin;
}

static bool is_usual_transform(struct arena *arena, const struct bucket_kind *kind,
                               const struct value_list *transforms, const char *from, const char *to)
{
    struct object *usual = transform_between(arena, kind, from, to);
    return transforms->count == 1 && object_equal(transforms->items[0].object, usual);
}

static struct object *collapse_source(struct arena *arena, const struct bucket_kind *kind,
                                      const struct object *stream, const char *bucket)
{
    const char *name = object_text(stream, ORIGIN_NAME);
    const struct value_list *transforms = object_list(stream, ORIGIN_TRANSFORMS);
    const char *from = name ? bucket_of_origin(kind, name) : "";
    bool usual = is_transformed(stream, from, bucket);
    bool renamed = transforms->count == 0 || (usual && name && after_prefix(kind, name) &&
                                              is_usual_transform(arena, kind, transforms, from, bucket));
    if (!renamed)
        return copy_object(arena, stream, &bucket_source_table);
    struct object *source = collapse_origin(arena, kind, stream, &bucket_source_table);
    struct value *value = object_value(source, ORIGIN_TRANSFORMS);
    *value = (struct value){0};
    if (transforms->count == 0 && usual) /* an empty list: none, where clients would put one */
        *value =
            (struct value){.type = VALUE_LIST, .given = true, .list = ARENA_NEW(arena, struct value_list)};
    return source;
}

/* ---- rows ---- */

/* One direction of the way between a bucket's row and the stream's row. */
struct crossing {
    struct arena *arena;
    const struct bucket_kind *kind;
    const char *bucket;
    bool expands;
};

static struct object *cross_origin(const struct crossing *to, const struct object *origin, bool mirror)
{
    if (to->expands)
        return mirror ? expand_origin(to->arena, to->kind, origin, &mirror_table)
                      : expand_source(to->arena, to->kind, origin, to->bucket);
    return mirror ? collapse_origin(to->arena, to->kind, origin, &bucket_mirror_table)
                  : collapse_source(to->arena, to->kind, origin, to->bucket);
}

static void cross_sources(const struct crossing *to, struct value *value)
{
    const struct value_list *from = value->list;
    value->list = ARENA_NEW(to->arena, struct value_list);
    for (size_t i = 0; i < from->count; i++) {
        struct value item = from->items[i];
        item.object = cross_origin(to, item.object, false);
        value_list_add(to->arena, value->list, item);
    }
}

/* Clients offer on and off, servers a name; "s2" is the only one there is. */
static void cross_compression(const struct crossing *to, struct value *value)
{
    if (to->expands && value->type == VALUE_BOOL)
        *value = (struct value){.type = VALUE_TEXT,
                                .given = value->given,
                                .node = value->node,
                                .text = value->boolean ? COMPRESSED : UNCOMPRESSED};
    else if (!to->expands && value->type == VALUE_TEXT)
        *value = (struct value){.type = VALUE_BOOL,
                                .given = value->given,
                                .node = value->node,
                                .boolean = strcmp(value->text, UNCOMPRESSED) != 0};
}

static void cross_value(const struct crossing *to, unsigned stream_field, struct value *value)
{
    if (stream_field == STREAM_COMPRESSION)
        cross_compression(to, value);
    else if (stream_field == STREAM_MIRROR && value->type == VALUE_OBJECT)
        value->object = cross_origin(to, value->object, true);
    else if (stream_field == STREAM_SOURCES && value->type == VALUE_LIST)
        cross_sources(to, value);
}

/* ---- from bucket to stream ---- */

/* What nobody wrote stands where the bucket does. */
static void fix_value(struct arena *arena, struct object *stream, unsigned id, const char *text)
{
    const struct field *field = table_field_by_id(stream->table, id);
    struct value *value = object_value_of(stream, field);
    struct node *node = node_scalar(arena, text, false);
    node->pos = stream->pos;
    value_from_text(arena, field, text, value);
    value->node = node;
    value->given = true;
}

static void fix_subjects(struct arena *arena, const struct bucket_kind *kind, struct object *stream,
                         const char *bucket)
{
    struct value *subjects = object_value(stream, STREAM_SUBJECTS);
    struct node *node = node_list(arena);
    /* A mirror has no subjects: servers refuse them (10034). */
    if (object_has(stream, STREAM_MIRROR, NULL))
        return;
    node->pos = stream->pos;
    *subjects = (struct value){
        .type = VALUE_LIST, .given = true, .node = node, .list = ARENA_NEW(arena, struct value_list)};
    for (size_t i = 0; kind->subject_ends[i]; i++) {
        const char *text = arena_printf(arena, "%s%s%s", kind->subject_prefix, bucket, kind->subject_ends[i]);
        struct node *item = node_scalar(arena, text, true);
        item->pos = stream->pos;
        value_list_add(arena, subjects->list,
                       (struct value){.type = VALUE_TEXT, .given = true, .node = item, .text = text});
    }
}

static void fix_settings(struct arena *arena, const struct bucket_kind *kind, struct object *stream)
{
    for (size_t i = 0; i < kind->setting_count; i++) {
        const struct bucket_setting *setting = &kind->settings[i];
        bool applies = (!setting->when || object_has(stream, setting->when, NULL)) &&
                       !(setting->unless && object_has(stream, setting->unless, NULL));
        if (applies)
            fix_value(arena, stream, setting->field, setting->value);
    }
}

struct object *bucket_expand(struct arena *arena, const struct bucket_kind *kind, const struct object *bucket)
{
    const struct crossing to = {arena, kind, bucket->name, true};
    struct object *stream = object_new(arena, &stream_table);
    stream->node = bucket->node;
    stream->pos = bucket->pos;
    stream->name = bucket_stream_name(arena, kind, bucket->name);
    set_text(stream, STREAM_NAME, stream->name);
    for (size_t i = 0; i < bucket->table->count; i++) {
        const struct field *row = &bucket->table->fields[i];
        if (!row->stream_field)
            continue;
        struct value *value = object_value(stream, row->stream_field);
        *value = bucket->values[i];
        cross_value(&to, row->stream_field, value);
        if (value->type == VALUE_ABSENT && (row->flags & FIELD_SEND_DEFAULT))
            fix_value(arena, stream, row->stream_field, row->fallback);
    }
    fix_subjects(arena, kind, stream, bucket->name);
    fix_settings(arena, kind, stream);
    return stream;
}

/* ---- from stream to bucket ---- */

struct object *bucket_collapse(struct arena *arena, const struct bucket_kind *kind,
                               const struct object *stream)
{
    const char *name = object_text(stream, STREAM_NAME);
    const char *bucket = name ? after_prefix(kind, name) : NULL;
    const struct crossing to = {arena, kind, bucket ? bucket : "", false};
    struct object *object = object_new(arena, kind->table);
    object->node = stream->node;
    object->pos = stream->pos;
    object->name = to.bucket;
    for (size_t i = 0; i < kind->table->count; i++) {
        const struct field *row = &kind->table->fields[i];
        struct value *value = &object->values[i];
        if (row->flags & FIELD_IDENTITY)
            *value = (struct value){.type = VALUE_TEXT, .text = to.bucket};
        if (!row->stream_field)
            continue;
        *value = *object_value(stream, row->stream_field);
        cross_value(&to, row->stream_field, value);
    }
    return object;
}

/* The window that clients ask for, or leave to the server. */
static bool is_usual_window(const struct object *wanted, const struct value *live)
{
    int64_t usual = 120 * SECOND;
    int64_t max_age = object_integer(wanted, STREAM_MAX_AGE);
    if (max_age > 0 && max_age < usual)
        usual = max_age;
    return live->type == VALUE_ABSENT || (live->type == VALUE_INT && live->integer == usual);
}

bool bucket_follows_from_sealing(const struct field *field)
{
    return field->id == STREAM_MAX_AGE || field->id == STREAM_DENY_PURGE ||
           field->id == STREAM_ALLOW_ROLLUP_HDRS;
}

bool bucket_tolerates(const struct object *wanted, const struct object *live, const struct field *field)
{
    if (object_flag(live, STREAM_SEALED) && bucket_follows_from_sealing(field))
        return true;
    switch (field->id) {
    case STREAM_DENY_DELETE:  /* nats.go sets it for key-value buckets, nats.js does not */
    case STREAM_ALLOW_DIRECT: /* nats.go and nats.js set it, nats.py and others only when asked */
        return true;
    case STREAM_DUPLICATE_WINDOW: /* nats.go sends it, nats.js leaves it to the server, which may give none */
        return is_usual_window(wanted, object_value_of(live, field));
    case STREAM_ALLOW_MSG_TTL: /* stays when limit markers go: the server never switches it off */
        return object_flag(live, STREAM_ALLOW_MSG_TTL);
    case STREAM_MIRROR_DIRECT: /* the server's choice, whatever a client asks for */
        return object_has(wanted, STREAM_MIRROR, NULL);
    default:
        return false;
    }
}

void bucket_ignore(const struct field *row, bool *ignored)
{
    /* what follows from a row, and would be set back without it */
    static const struct {
        unsigned field;
        unsigned then;
    } follows[] = {
        {STREAM_MAX_AGE, STREAM_DUPLICATE_WINDOW}, {STREAM_SUBJECT_DELETE_MARKER_TTL, STREAM_ALLOW_MSG_TTL},
        {STREAM_MIRROR, STREAM_SUBJECTS},          {STREAM_SEALED, STREAM_MAX_AGE},
        {STREAM_SEALED, STREAM_DENY_PURGE},        {STREAM_SEALED, STREAM_ALLOW_ROLLUP_HDRS},
    };
    const struct table *table = &stream_table;
    ignored[table_field_by_id(table, row->stream_field) - table->fields] = true;
    for (size_t i = 0; i < sizeof(follows) / sizeof(follows[0]); i++)
        if (follows[i].field == row->stream_field)
            ignored[table_field_by_id(table, follows[i].then) - table->fields] = true;
}

/* Could a manifest say it? Numbers only: texts that a server took are right. */
static bool is_within_bounds(const struct field *row, const struct value *value)
{
    if (value->type != VALUE_INT || !(row->least || row->most) || !value_is_on(row, value))
        return value->type != VALUE_TEXT || row->type != FIELD_BUCKET ||
               strlen(value->text) <= (size_t)row->most;
    return value->integer >= row->least && value->integer <= row->most;
}

/* Would a plan with the bucket find nothing to do? */
static bool is_same_stream(struct arena *arena, const struct bucket_kind *kind, const struct object *bucket,
                           const struct object *live, uint32_t version)
{
    const struct surroundings around = {.version = version};
    struct object *wanted = bucket_expand(arena, kind, bucket);
    object_imply(arena, wanted, NULL);
    object_normalise_wanted(arena, wanted, &around);
    for (size_t i = 0; i < live->table->count; i++) {
        const struct field *field = &live->table->fields[i];
        bool compared = !(field->flags & (FIELD_OURS | FIELD_IDENTITY | FIELD_INTERNAL));
        if (compared && !value_equal(field, &wanted->values[i], &live->values[i]) &&
            !value_is_servers_choice(field, &wanted->values[i], &live->values[i]) &&
            !bucket_tolerates(wanted, live, field))
            return false;
    }
    return true;
}

struct object *bucket_of_stream(struct arena *arena, const struct object *live, uint32_t version)
{
    const char *name = object_text(live, STREAM_NAME);
    const char *bucket_name;
    const struct bucket_kind *kind = name ? bucket_kind_by_stream(name, &bucket_name) : NULL;
    if (!kind)
        return NULL;
    struct object *bucket = bucket_collapse(arena, kind, live);
    for (size_t i = 0; i < kind->table->count; i++)
        if (!is_within_bounds(&kind->table->fields[i], &bucket->values[i]))
            return NULL;
    bool fits = object_fits_version(bucket, version) && is_same_stream(arena, kind, bucket, live, version);
    return fits ? bucket : NULL;
}

/* ---- for people ---- */

const struct field *bucket_shown_field(const struct bucket_kind *kind, const struct field *field)
{
    for (size_t i = 0; kind && field->id && i < kind->table->count; i++)
        if (kind->table->fields[i].stream_field == field->id)
            return &kind->table->fields[i];
    return field;
}
