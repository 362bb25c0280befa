/*
 * Chooses what is exported of an account; see export.h. export_text.c writes the texts, and export_check.c proves that
 * they are right.
 */
#include "edit/export.h"

#include <fnmatch.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/suggest.h"
#include "base/text.h"
#include "base/utf8.h"
#include "edit/export_model.h"
#include "field/encode.h"
#include "kind/kinds.h"
#include "kind/manifest_rows.h"
#include "manifest/manifest.h"
#include "plan/step.h"

DIAG_CODE(code_not_found, .name = "not-found", CODE_ERROR(EXIT_FAILED),
          .doc = "Nothing on the server has the name or fits the pattern.",
          .why = "A name that nothing has is most often a typing error.", .example = "natsform import ORDRES",
          .remedy = "Look at the names with 'natsform export'.");

enum {
    ROUNDS_MOST = 8, /* rounds of writing and checking */
    NAMES_MOST = 5,  /* names in one remark */
};

/* ---- remarks ---- */

void export_remark(struct exporting *exporting, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *text = utf8_shown(exporting->arena, arena_vprintf(exporting->arena, format, args));
    va_end(args);
    VEC_PUSH(exporting->arena, &exporting->exported->remarks, text);
}

/* Objects that are left out for the same reason get one remark. */
struct left_out {
    const char *why;
    const char *hint; /* "": none */
    struct strbuf names;
    size_t count;
};

static void leave_out(struct exporting *exporting, struct left_out *reason, const struct live_object *live)
{
    if (reason->count++ < NAMES_MOST)
        strbuf_addf(&reason->names, "%s%s", reason->names.length ? ", " : "",
                    resource_label(exporting->arena, live->table, live->stream, live->name));
}

static void tell_left_out(struct exporting *exporting, struct left_out *reason)
{
    size_t more = reason->count > NAMES_MOST ? reason->count - NAMES_MOST : 0;
    const char *rest = more ? arena_printf(exporting->arena, " and %zu more", more) : "";
    if (reason->count)
        export_remark(exporting, "left out, %s: %s%s%s%s", reason->why, strbuf_text(&reason->names), rest,
                      *reason->hint ? "; " : "", reason->hint);
    strbuf_release(&reason->names);
}

/* ---- whose is what ---- */

/* Such as $MQTT_msgs, which a server makes when the first MQTT client comes. */
static bool is_servers_stream(const char *name)
{
    return name[0] == '$';
}

static bool has_metadata_prefix(const struct live_object *live, const char *prefix)
{
    const struct field *field = table_field_by_id(live->table, CONSUMER_METADATA);
    const struct node *pairs = node_get(live->config, field->name);
    for (size_t i = 0; pairs && pairs->type == NODE_MAP && i < pairs->count; i++)
        if (text_begins(pairs->members[i].key, prefix))
            return true;
    return false;
}

/*
 * Is it a consumer that a server made for a mirror or a source? Servers hide most of these, but 2.15 shows those on work
 * queues.
 */
static bool is_servers_consumer(const struct live_object *live, const struct object *object)
{
    return text_begins(live->name, "JS_MIRROR_") || text_begins(live->name, "JS_SRC_") ||
           live->name[0] == '$' || object_flag(object, CONSUMER_DIRECT) ||
           object_flag(object, CONSUMER_SOURCING) || has_metadata_prefix(live, "_nats.mirror.") ||
           has_metadata_prefix(live, "_nats.src.");
}

static bool is_passing(const struct object *object)
{
    const char *durable = object_text(object, CONSUMER_DURABLE_NAME);
    return !durable || !*durable;
}

/* Does the pattern match the stream's name or, if it may be a bucket, the bucket's own name? */
static bool is_called(const char *pattern, const char *stream)
{
    const char *bucket;
    return fnmatch(pattern, stream, 0) == 0 ||
           (bucket_kind_by_stream(stream, &bucket) && fnmatch(pattern, bucket, 0) == 0);
}

/* Was the consumer picked or, if `consumer` is NULL, the stream itself? */
static bool is_picked(const struct export_request *request, const char *stream, const char *consumer)
{
    for (size_t i = 0; i < request->pick_count; i++) {
        const struct export_pick *pick = &request->picks[i];
        if (strcmp(pick->stream, stream) == 0 &&
            (!pick->consumer || (consumer && strcmp(pick->consumer, consumer) == 0)))
            return true;
    }
    return request->pick_count == 0;
}

static bool matches(const struct export_request *request, const char *name)
{
    for (size_t i = 0; i < request->pick_count; i++)
        if (strcmp(request->picks[i].stream, name) == 0)
            return true;
    if (request->pick_count)
        return false;
    for (size_t i = 0; i < request->pattern_count; i++)
        if (is_called(request->patterns[i], name))
            return true;
    return request->pattern_count == 0;
}

bool export_wants(void *context, const struct live_object *stream)
{
    return !is_servers_stream(stream->name) && matches(context, stream->name);
}

/* Can a manifest have this name as a key? Not with "${" in it: that looks like a variable, and keys have none. */
static bool can_be_named(const char *name)
{
    return strstr(name, "${") == NULL;
}

/* ---- choosing ---- */

/* A pause passes by itself, and plans leave alone what the manifest does not say. Written down, it would come again with each apply. */
static void leave_pauses_out(struct exporting *exporting, struct export_item *item)
{
    const struct live_object *live = item->live;
    for (size_t i = 0; i < live->table->count; i++) {
        struct value *value = &item->object->values[i];
        if (!(live->table->fields[i].flags & FIELD_PASSES) || value->type != VALUE_TIME)
            continue;
        export_remark(exporting,
                      "%s is paused until %s, which is not exported: that passes, and plans leave it alone",
                      resource_label(exporting->arena, live->table, live->stream, live->name),
                      instant_format(exporting->arena, *value->instant));
        *value = (struct value){0};
    }
}

static struct export_item *new_item(struct exporting *exporting, const struct live_object *live,
                                    struct export_item *stream)
{
    struct export_item *item = ARENA_NEW(exporting->arena, struct export_item);
    item->live = live;
    item->stream = stream;
    item->object = live_decode(exporting->arena, live, exporting->request->target->now);
    item->without = ARENA_ARRAY(exporting->arena, bool, live->table->count);
    leave_pauses_out(exporting, item);
    /* A newer server has fields that no row knows. An update carries them along, but a manifest cannot have them. */
    const char *unknown = object_unknown_names(exporting->arena, item->object);
    if (unknown) {
        VEC_PUSH(
            exporting->arena, &item->comments,
            arena_printf(exporting->arena, "not managed, because natsform does not know it: %s", unknown));
        export_remark(exporting, "%s has fields that natsform does not know and leaves alone: %s",
                      resource_label(exporting->arena, live->table, live->stream, live->name), unknown);
    }
    return item;
}

struct choosing {
    struct left_out servers;
    struct left_out passing;
    struct left_out unnameable;
    struct left_out unowned;
    struct map owned; /* by project, to struct left_out */
};

static void take_consumers(struct exporting *exporting, struct choosing *choosing, struct export_item *stream,
                           const struct survey_stream *from)
{
    for (size_t i = 0; i < from->consumers.count; i++) {
        const struct live_object *live = &from->consumers.items[i];
        if (!is_picked(exporting->request, live->stream, live->name))
            continue;
        struct object *object = live_decode(exporting->arena, live, exporting->request->target->now);
        struct left_out *why = is_servers_consumer(live, object) ? &choosing->servers
                               : is_passing(object)              ? &choosing->passing
                               : !can_be_named(live->name)       ? &choosing->unnameable
                                                                 : NULL;
        if (why)
            leave_out(exporting, why, live);
        else
            VEC_PUSH(exporting->arena, &stream->consumers, new_item(exporting, live, stream));
    }
}

static void take_streams(struct exporting *exporting, struct choosing *choosing)
{
    const struct survey *survey = exporting->survey;
    for (size_t i = 0; i < survey->streams.count; i++) {
        const struct survey_stream *from = survey->streams.items[i];
        if (!matches(exporting->request, from->live.name))
            continue;
        if (is_servers_stream(from->live.name) || !can_be_named(from->live.name)) {
            leave_out(exporting,
                      is_servers_stream(from->live.name) ? &choosing->servers : &choosing->unnameable,
                      &from->live);
            continue;
        }
        struct export_item *stream = new_item(exporting, &from->live, NULL);
        VEC_PUSH(exporting->arena, &exporting->streams, stream);
        take_consumers(exporting, choosing, stream, from);
    }
}

/* The project that owns everything. NULL if there are several, or some object has no owner. */
static const char *only_owner(const struct exporting *exporting)
{
    const char *owner = NULL;
    for (size_t i = 0; i < exporting->streams.count; i++) {
        const struct export_item *stream = exporting->streams.items[i];
        for (size_t j = 0; j <= stream->consumers.count; j++) {
            const char *mark = mark_owner(j ? stream->consumers.items[j - 1]->live : stream->live);
            if (!mark || (owner && strcmp(owner, mark) != 0))
                return NULL;
            owner = mark;
        }
    }
    return owner;
}

static bool is_ours(struct exporting *exporting, struct choosing *choosing, const struct export_item *item)
{
    const char *owner = mark_owner(item->live);
    const char *project = exporting->exported->project;
    const char *from = exporting->request->from;
    if (owner ? (project && strcmp(owner, project) == 0) || (from && strcmp(owner, from) == 0)
              : !project || exporting->request->pick_count)
        return true;
    struct left_out *why = owner ? map_get(&choosing->owned, owner) : &choosing->unowned;
    if (!why) {
        why = ARENA_NEW(exporting->arena, struct left_out);
        why->why = arena_printf(exporting->arena, "because it belongs to project '%s'", owner);
        why->hint = arena_printf(exporting->arena, "'--project %s' exports that", owner);
        map_put(&choosing->owned, owner, why);
    }
    if (!exporting->request->project) /* somebody who asks for one project knows that there are others */
        leave_out(exporting, why, item->live);
    return false;
}

/* Chooses by owner. Somebody else's stream is kept, as `external`, if one of its consumers is ours. */
static void choose_by_owner(struct exporting *exporting, struct choosing *choosing)
{
    size_t kept = 0;
    exporting->exported->project = exporting->request->project || exporting->request->pick_count
                                       ? exporting->request->project
                                       : only_owner(exporting);
    for (size_t i = 0; i < exporting->streams.count; i++) {
        struct export_item *stream = exporting->streams.items[i];
        size_t consumers = 0;
        for (size_t j = 0; j < stream->consumers.count; j++)
            if (is_ours(exporting, choosing, stream->consumers.items[j]))
                stream->consumers.items[consumers++] = stream->consumers.items[j];
        stream->consumers.count = consumers;
        stream->external =
            !is_ours(exporting, choosing, stream) || !is_picked(exporting->request, stream->live->name, NULL);
        if (!stream->external || consumers)
            exporting->streams.items[kept++] = stream;
    }
    exporting->streams.count = kept;
}

/*
 * Decides which streams are written as buckets. A bucket with consumers is written as a stream, because buckets cannot
 * have any in a manifest.
 */
static void recognise_buckets(struct exporting *exporting)
{
    for (size_t i = 0; i < exporting->streams.count; i++) {
        struct export_item *stream = exporting->streams.items[i];
        const char *name;
        const struct bucket_kind *kind = bucket_kind_by_stream(stream->live->name, &name);
        if (!kind || stream->external)
            continue;
        stream->declared =
            bucket_of_stream(exporting->arena, stream->object, exporting->request->target->version);
        if (stream->declared && stream->consumers.count == 0)
            stream->bucket = kind;
        else
            VEC_PUSH(exporting->arena, &stream->comments,
                     arena_printf(exporting->arena, "the stream of a bucket, %s",
                                  stream->declared ? "and has consumers, which buckets do not have"
                                                   : "with settings that no bucket has"));
    }
}

static void choose(struct exporting *exporting)
{
    struct choosing choosing = {
        .servers = {.why = "because the server made it", .hint = ""},
        .passing = {.why = "because it goes away by itself (it is not durable)", .hint = ""},
        .unnameable = {.why = "because a manifest cannot have '${' in a name", .hint = ""},
        .unowned = {.why = "because no project owns it", .hint = ""},
    };
    struct left_out *reasons[] = {&choosing.servers, &choosing.passing, &choosing.unnameable,
                                  &choosing.unowned};
    map_init(&choosing.owned, exporting->arena);
    take_streams(exporting, &choosing);
    choose_by_owner(exporting, &choosing);
    recognise_buckets(exporting);
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        tell_left_out(exporting, reasons[i]);
    for (size_t i = 0; i < choosing.owned.count; i++)
        tell_left_out(exporting, choosing.owned.entries[i].value);
    /* Streams that need a newer server than this one: the list has their names and the reason, and no configuration. */
    for (size_t i = 0; i < exporting->survey->offline.count; i++)
        export_remark(exporting, "left out, because the server cannot run it: stream %s",
                      exporting->survey->offline.items[i]);
}

/* ---- patterns that match nothing ---- */

static bool is_pattern(const char *text)
{
    return strpbrk(text, "*?[") != NULL;
}

static int check_patterns(const struct survey *survey, const struct export_request *request,
                          struct diags *diags)
{
    int failed = 0;
    for (size_t i = 0; i < request->pattern_count; i++) {
        const char *pattern = request->patterns[i];
        struct suggestion near = {.wanted = pattern};
        bool found = false;
        for (size_t j = 0; j < survey->streams.count && !found; j++) {
            found = is_called(pattern, survey->streams.items[j]->live.name);
            suggestion_consider(&near, survey->streams.items[j]->live.name);
        }
        if (found)
            continue;
        struct diag *diag =
            diag_add(diags, &code_not_found, (struct srcpos){0}, "no stream or bucket on the server %s '%s'",
                     is_pattern(pattern) ? "matches" : "is called", pattern);
        if (near.best && !is_pattern(pattern))
            diag_hint(diags, diag, "did you mean '%s'?", near.best);
        failed = -1;
    }
    return failed;
}

/* ---- all of it ---- */

bool export_leave_alone(struct exporting *exporting, struct export_item *item, const struct field *field,
                        const char *why)
{
    size_t row = (size_t)(field - item->live->table->fields);
    if (item->without[row])
        return false;
    item->without[row] = true;
    VEC_PUSH(exporting->arena, &item->comments,
             arena_printf(exporting->arena, "'%s' stays as it is on the server: %s", field->name, why));
    export_remark(exporting, "'%s' of %s is left as it is on the server: %s", field->name,
                  export_label(exporting, item), why);
    return true;
}

const char *export_label(struct exporting *exporting, const struct export_item *item)
{
    return resource_label(exporting->arena, item->live->table, item->live->stream, item->live->name);
}

static void index_items(struct exporting *exporting)
{
    map_init(&exporting->by_key, exporting->arena);
    for (size_t i = 0; i < exporting->streams.count; i++) {
        struct export_item *stream = exporting->streams.items[i];
        map_put(&exporting->by_key, stream->live->name, stream);
        for (size_t j = 0; j < stream->consumers.count; j++) {
            struct export_item *consumer = stream->consumers.items[j];
            map_put(&exporting->by_key,
                    resource_key(exporting->arena, consumer->live->stream, consumer->live->name), consumer);
        }
    }
}

static void count_items(struct exporting *exporting)
{
    for (size_t i = 0; i < exporting->streams.count; i++) {
        const struct export_item *stream = exporting->streams.items[i];
        exporting->exported->streams += !stream->out && !stream->external && !stream->bucket;
        exporting->exported->buckets += !stream->out && stream->bucket;
        for (size_t j = 0; j < stream->consumers.count && !stream->out; j++)
            exporting->exported->consumers += !stream->consumers.items[j]->out;
    }
}

/* With defaults it has to mean the same; else it stays without. */
static void write_with_defaults(struct exporting *exporting)
{
    export_write(exporting);
    if (export_is_same(exporting))
        return;
    exporting->defaults = NULL;
    export_write(exporting);
}

int export_account(struct arena *arena, const struct survey *survey, const struct export_request *request,
                   struct diags *diags, struct exported *ret_exported)
{
    struct exporting exporting = {
        .arena = arena, .request = request, .survey = survey, .exported = ret_exported};
    *ret_exported = (struct exported){0};
    if (check_patterns(survey, request, diags))
        return -1;
    choose(&exporting);
    if (request->project && !request->pick_count && exporting.streams.count == 0)
        return diag_error(diags, &code_not_found, (struct srcpos){0},
                          "nothing on the server bears the mark of project '%s'", request->project);
    index_items(&exporting);
    export_write(&exporting);
    /*
     * Each round takes something out or writes it in another way, so the rounds end by themselves; the bound is for our
     * own mistakes.
     */
    for (int round = 0; round < ROUNDS_MOST && export_check(&exporting) > 0; round++)
        export_write(&exporting);
    if (request->defaults && export_find_defaults(&exporting))
        write_with_defaults(&exporting);
    count_items(&exporting);
    return 0;
}
