/*
 * Mirrors and sources, and the streams that they copy from, where those are another one's or come and go: what the plan says of
 * copies that get nothing, or will. Part of the planner: planner_state.h.
 */
#include <string.h>

#include "kind/kinds.h"
#include "plan/planner_state.h"
#include "plan/risk.h"
#include "rules/rules.h"

/* ---- who copies ---- */

static bool names(const struct object *config, const char *origin, bool *ret_mirrors)
{
    const struct object *mirror = object_object(config, STREAM_MIRROR);
    const struct value_list *sources = object_list(config, STREAM_SOURCES);
    bool found = false;
    for (size_t i = 0; i < sources->count + (mirror != NULL); i++) {
        const struct object *from = i < sources->count ? sources->items[i].object : mirror;
        found |=
            strcmp(object_text(from, ORIGIN_NAME), origin) == 0 && !object_has(from, ORIGIN_EXTERNAL, NULL);
    }
    *ret_mirrors = mirror != NULL;
    return found;
}

/* Is the manifest's stream there, and copies from the origin, now and later? */
static bool copies_now(const struct resource *stream, const char *origin, bool *ret_mirrors)
{
    const struct seen *seen = stream->planned;
    return !stream->external && seen->found && names(stream->config, origin, ret_mirrors) &&
           !(seen->step && seen->step->live && !names(seen->step->live, origin, ret_mirrors));
}

const char *planner_copy_of(const struct planner *planner, const char *origin)
{
    struct arena *arena = &planner->diags->arena;
    bool mirrors;
    for (size_t i = 0; i < planner->manifest->streams.count; i++) {
        const struct resource *stream = planner->manifest->streams.items[i];
        if (copies_now(stream, origin, &mirrors))
            return resource_label(arena, resource_kind(stream), NULL, resource_shown_name(stream));
    }
    for (size_t i = 0; i < planner->copiers.count; i++)
        if (strcmp(planner->copiers.items[i].origin, origin) == 0)
            return resource_label(arena, &stream_table, NULL, planner->copiers.items[i].stream);
    return NULL;
}

/* ---- mirrors and sources that fail ---- */

static DIAG_CODE(
    code_origin_fails, .name = "origin-fails", CODE_WARNING, .lint = true,
    .doc = "The server says that it cannot copy from the origin of a mirror or source.",
    .why = "A copy that gets nothing looks like one for which there is nothing.",
    .example = "COPY: {mirror: {name: ORDERS, external: {api: $JS.OTHER.API}}}",
    .remedy = "Mend the origin, its name or what leads to it; then the server goes on by itself.");

/* The origin in the manifest, for its place there: of a mirror, or of the first source of that name. */
static struct srcpos origin_pos(const struct resource *stream, bool mirrors, const char *name)
{
    const struct object *mirror = stream->external ? NULL : object_object(stream->config, STREAM_MIRROR);
    if (mirrors && mirror)
        return object_pos(mirror, ORIGIN_NAME);
    for (size_t i = 0; !stream->external && i < object_list(stream->config, STREAM_SOURCES)->count; i++) {
        const struct object *source = object_list(stream->config, STREAM_SOURCES)->items[i].object;
        if (strcmp(object_text(source, ORIGIN_NAME), name) == 0)
            return object_pos(source, ORIGIN_NAME);
    }
    return stream->pos;
}

/* `origin` as the reply has it: {"name": …, "error": {"err_code": …, "description": …}}. NULL is fine. */
static void report_origin(struct planner *planner, const struct resource *stream, bool mirrors,
                          const struct node *origin)
{
    enum { STREAM_NOT_FOUND = 10059 };
    const struct node *error = node_get(origin, "error");
    const struct node *name = node_get(origin, "name");
    const struct node *words = node_get(error, "description");
    uint64_t code = node_get_number(error, "err_code");
    if (!error || !name || name->type != NODE_SCALAR ||
        lint_ignores(stream->lint_ignored, &code_origin_fails))
        return;
    /* It is there, or will be: the server looks again in a while. */
    if (code == STREAM_NOT_FOUND && !node_get(origin, "external") &&
        map_get(&planner->manifest->streams_by_name, name->text))
        return;
    const char *label =
        resource_label(&planner->scratch, resource_kind(stream), NULL, resource_shown_name(stream));
    struct diag *diag = diag_add(planner->diags, &code_origin_fails, origin_pos(stream, mirrors, name->text),
                                 "%s gets nothing from stream %s: %s", label, name->text,
                                 words && words->type == NODE_SCALAR ? words->text : "it does not say why");
    diag_note(planner->diags, diag, (struct srcpos){0}, "the server says so, with error %llu",
              (unsigned long long)code);
    diag->object =
        resource_address(&planner->diags->arena, resource_kind(stream), NULL, resource_shown_name(stream));
}

void planner_report_origins(struct planner *planner, const struct resource *stream,
                            const struct live_object *live)
{
    const struct node *sources = live->sources;
    report_origin(planner, stream, true, live->mirror);
    for (size_t i = 0; sources && sources->type == NODE_LIST && i < sources->count; i++)
        report_origin(planner, stream, false, sources->items[i]);
}

/* ---- origins that are deleted ---- */

static DIAG_CODE(
    code_origin_deleted, .name = "origin-deleted", CODE_WARNING,
    .doc = "A stream is deleted, and a mirror or source of it stays.",
    .why = "The copy keeps what it has and gets nothing more, and servers say so nowhere but in its INFO.",
    .example = "natsform destroy, with a stream of another manifest that copies from one of this",
    .remedy = "Take the mirror or source out of the copy, or delete it too.");

/* `config` as on the wire. */
static void add_copier(struct planner *planner, const struct live_object *stream, const struct node *origin,
                       bool mirrors)
{
    const struct node *name = node_get(origin, "name");
    if (!name || name->type != NODE_SCALAR || node_get(origin, "external"))
        return;
    struct copier copier = {.stream = arena_strdup(planner->arena, stream->name),
                            .origin = arena_strdup(planner->arena, name->text),
                            .mirrors = mirrors,
                            .last = stream->state.last};
    for (size_t i = 0; i < planner->copiers.count; i++) /* twice the same, through two filters */
        if (strcmp(planner->copiers.items[i].stream, stream->name) == 0 &&
            strcmp(planner->copiers.items[i].origin, name->text) == 0)
            return;
    VEC_PUSH(planner->arena, &planner->copiers, copier);
}

void planner_see_copier(struct planner *planner, const struct live_object *stream)
{
    const char *sources_key = table_field_by_id(&stream_table, STREAM_SOURCES)->name;
    const struct node *sources = node_get(stream->config, sources_key);
    add_copier(planner, stream,
               node_get(stream->config, table_field_by_id(&stream_table, STREAM_MIRROR)->name), true);
    for (size_t i = 0; sources && sources->type == NODE_LIST && i < sources->count; i++)
        add_copier(planner, stream, sources->items[i], false);
}

static void warn_deleted(struct planner *planner, const struct step *origin, const char *copy,
                         struct srcpos pos)
{
    struct diags *diags = planner->diags;
    struct diag *diag = diag_add(diags, &code_origin_deleted, pos,
                                 "%s is deleted, and %s, which copies from it, stays and gets nothing more",
                                 origin->label, copy);
    diag_hint(diags, diag, "take the mirror or source out of it, or delete it too");
    diag->object = step_address(&diags->arena, origin);
}

static void report_copies(struct planner *planner, const struct step *origin)
{
    for (size_t i = 0; !planner->options.destroy && i < planner->manifest->streams.count; i++) {
        const struct resource *stream = planner->manifest->streams.items[i];
        const struct object *config = stream->external ? NULL : stream->config;
        const struct object *mirror = config ? object_object(config, STREAM_MIRROR) : NULL;
        const struct value_list *sources = config ? object_list(config, STREAM_SOURCES) : NULL;
        for (size_t j = 0; config && j < sources->count + (mirror != NULL); j++) {
            const struct object *from = j < sources->count ? sources->items[j].object : mirror;
            if (strcmp(object_text(from, ORIGIN_NAME), origin->name) == 0 &&
                !object_has(from, ORIGIN_EXTERNAL, NULL))
                warn_deleted(planner, origin,
                             resource_label(&planner->diags->arena, resource_kind(stream), NULL,
                                            resource_shown_name(stream)),
                             object_pos(from, ORIGIN_NAME));
        }
    }
    for (size_t i = 0; i < planner->copiers.count; i++) {
        const struct copier *copier = &planner->copiers.items[i];
        if (strcmp(copier->origin, origin->name) == 0 && !planner_deletes(planner, copier->stream, NULL))
            warn_deleted(planner, origin,
                         resource_label(&planner->diags->arena, &stream_table, NULL, copier->stream),
                         (struct srcpos){0});
    }
}

void planner_report_deleted(struct planner *planner)
{
    for (size_t i = 0; i < planner->plan->steps.count; i++) {
        const struct step *step = planner->plan->steps.items[i];
        if (step->action == ACTION_DELETE && !step->stream)
            report_copies(planner, step);
    }
}

/* ---- origins that are made anew ---- */

static DIAG_CODE(
    code_origin_anew, .name = "origin-anew", CODE_WARNING, .lint = true,
    .doc = "A stream is created, and a copy of one of that name is there already.",
    .why =
        "The copy goes on after the last message that it has, by sequence. Of a stream that begins with 1 it gets nothing "
        "until it has come so far, and servers say so nowhere.",
    .example = "natsform apply, after somebody has deleted a stream that has a mirror",
    .remedy =
        "Begin above what the copies hold: first_seq, from nats-server 2.10 on. Or make the copies anew, too.");

/* A copy that is there already: of the manifest or not. */
struct copy {
    const char *label;
    bool mirrors;
    uint64_t last; /* the sequence of its last message: of a mirror, what it has come to */
};

static void warn_anew(struct planner *planner, const struct step *origin, const struct copy *copy)
{
    struct diags *diags = planner->diags;
    uint32_t version = planner->plan->target.version;
    const struct value *start = object_value(origin->wanted, STREAM_FIRST_SEQ);
    uint64_t first = start->type == VALUE_UINT ? start->natural : 0;
    /* Measured: 2.10.27 and 2.15.1 with mirrors, 2.9.10 and 2.10.27 with sources; 2.15.1 begins a source anew. */
    bool passes_by =
        copy->mirrors ? first <= copy->last : first <= 1 && !version_has(version, VERSION(2, 15, 0));
    if (!copy->last || !passes_by)
        return;
    /* What a source has come to, only the headers of what it copied tell. */
    const char *what =
        copy->mirrors
            ? arena_printf(&diags->arena, "gets nothing of it up to message %llu",
                           (unsigned long long)copy->last)
            : "may not get what comes first: it goes on after the last message that it has of the stream before";
    struct diag *diag =
        diag_add(diags, &code_origin_anew, origin->pos, "%s is made anew, and %s, which copies from it, %s",
                 origin->label, copy->label, what);
    const char *key = table_field_by_id(&stream_table, STREAM_FIRST_SEQ)->name;
    if (!version_has(version, VERSION(2, 10, 0)))
        diag_hint(diags, diag, "delete the copy, and create it with its origin");
    else if (copy->mirrors)
        diag_hint(diags, diag, "'%s: %llu' lets all of it arrive", key, (unsigned long long)copy->last + 1);
    else
        diag_hint(diags, diag, "'%s', above the last sequence of the stream before, lets all of it arrive",
                  key);
    diag->object = step_address(&diags->arena, origin);
}

static void report_anew(struct planner *planner, const struct step *origin)
{
    for (size_t i = 0; i < planner->manifest->streams.count; i++) {
        const struct resource *stream = planner->manifest->streams.items[i];
        struct copy copy = {.last = ((const struct seen *)stream->planned)->state.last};
        if (!copies_now(stream, origin->name, &copy.mirrors))
            continue;
        copy.label =
            resource_label(&planner->diags->arena, resource_kind(stream), NULL, resource_shown_name(stream));
        warn_anew(planner, origin, &copy);
    }
    for (size_t i = 0; i < planner->copiers.count; i++) {
        const struct copier *copier = &planner->copiers.items[i];
        struct copy copy = {.mirrors = copier->mirrors, .last = copier->last};
        if (strcmp(copier->origin, origin->name) != 0 || planner_deletes(planner, copier->stream, NULL))
            continue;
        copy.label = resource_label(&planner->diags->arena, &stream_table, NULL, copier->stream);
        warn_anew(planner, origin, &copy);
    }
}

void planner_report_anew(struct planner *planner)
{
    for (size_t i = 0; i < planner->plan->steps.count; i++) {
        const struct step *step = planner->plan->steps.items[i];
        if (step->action == ACTION_CREATE && !step->stream &&
            !lint_ignores(step->resource->lint_ignored, &code_origin_anew))
            report_anew(planner, step);
    }
}

/* ---- copies ---- */

/* A copies_find. */
static bool find_queue(void *context, const char *name, struct queue *ret_queue)
{
    const struct planner *planner = context;
    const struct resource *stream = map_get(&planner->manifest->streams_by_name, name);
    const struct seen *seen = stream ? stream->planned : NULL;
    struct queue queue = {0};
    if (seen)
        queue =
            (struct queue){seen->found ? &seen->state : NULL, stream->external ? seen->live : stream->config};
    else
        queue.state = unmanaged_state(planner->unmanaged, name, &queue.config);
    *ret_queue = queue;
    return queue.state &&
           (seen ? planner_is_queue(seen) : object_has(queue.config, STREAM_RETENTION, CHOICE_WORKQUEUE));
}

void planner_begin_copies(struct planner *planner)
{
    planner->copies =
        copies_new(planner->arena, planner->manifest, planner->plan->target.now, find_queue, planner);
}

/* What new copies take out of work queues; those are known now, and whatever their place in the manifest. */
void planner_refuse_drains(struct planner *planner)
{
    struct plan *plan = planner->plan;
    for (size_t i = 0; i < plan->steps.count; i++) {
        struct step *step = plan->steps.items[i];
        if (step->stream || !step->wanted || step->action == ACTION_REFUSED)
            continue;
        bool lost = step->loss.any;
        copies_drain(planner->copies, plan, step);
        if (!lost)
            risk_refuse(&planner->options, step, plan->target.now, planner->diags);
    }
}
