/* Freezing streams, and thawing them; see freeze.h. */
#include "apply/freeze.h"

#include <string.h>

#include "apply/journal.h"
#include "apply/restore_terms.h"
#include "field/field.h"
#include "kind/kinds.h"
#include "server/api.h"
#include "server/live_object.h"
#include "syntax/json.h"

#define FROZEN "natsform.frozen."
#define NOWHERE "natsform.nowhere"

enum { HELD_SECONDS = 3600, TRIES_MOST = 3 };

static const char *name_of(unsigned id)
{
    return table_field_by_id(&stream_table, id)->name;
}

static struct api_answer ask(const struct freeze *freeze, const char *verb, const char *name,
                             const char *body, const char *type)
{
    return api_ask(freeze->server, freeze->arena,
                   &(struct api_request){.verb = verb, .name = name, .body = body, .type = type});
}

static int diagnose(const struct freeze *freeze, const char *what, const struct api_answer *answer,
                    struct diags *diags)
{
    api_diagnose(diags, freeze->server, (struct srcpos){0},
                 arena_printf(&diags->arena, "%s stream '%s'", what, freeze->stream), &answer->is);
    return -1;
}

/* ---- subjects and sources ---- */

/* Nobody publishes to a mirror, nor to one that is sealed. */
static bool is_needed(const struct node *config)
{
    return !node_get(config, name_of(STREAM_MIRROR)) &&
           strcmp(node_get_text(config, name_of(STREAM_SEALED)), "true") != 0;
}

static struct node *frozen_config(struct arena *arena, const struct node *config, const char *stream)
{
    struct node *frozen = node_copy(arena, config);
    if (!is_needed(config))
        return frozen;
    struct node *subjects = node_list(arena);
    node_append(arena, subjects, node_scalar(arena, arena_printf(arena, FROZEN "%s", stream), true));
    node_put(arena, frozen, name_of(STREAM_SUBJECTS), subjects);
    node_remove(frozen, name_of(STREAM_SOURCES));
    return frozen;
}

static bool is_interest(const struct node *config)
{
    return strcmp(node_get_text(config, name_of(STREAM_RETENTION)), CHOICE_INTEREST) == 0;
}

/*
 * Up to 2.9 a consumer's filter has to match the subjects of its stream (10093), unless that copies from where the server does not see any:
 * so it copies from where nobody answers.
 */
struct node *freeze_config_anew(struct arena *arena, const struct node *config, const char *stream,
                                uint32_t version)
{
    struct node *frozen = frozen_config(arena, config, stream);
    if (version_has(version, V_2_10) || !is_needed(config))
        return frozen;
    struct node *sources = node_list(arena), *source = node_map(arena), *external = node_map(arena);
    const struct field *elsewhere = table_field_by_id(&source_table, ORIGIN_EXTERNAL);
    node_put_text(arena, external, table_field_by_id(elsewhere->object, EXTERNAL_API)->name, NOWHERE);
    node_put_text(arena, source, table_field_by_id(&source_table, ORIGIN_NAME)->name, stream);
    node_put(arena, source, elsewhere->name, external);
    node_append(arena, sources, source);
    node_put(arena, frozen, name_of(STREAM_SOURCES), sources);
    return frozen;
}

bool freeze_is_possible(const struct node *config, uint32_t version)
{
    const struct node *republish = node_get(config, name_of(STREAM_REPUBLISH));
    const char *source = node_get_text(republish, table_field_by_id(&republish_table, REPUBLISH_SRC)->name);
    return version_has(version, V_2_10) || !*source || strcmp(source, ">") == 0;
}

bool freeze_is_frozen(const struct node *config, const char *stream)
{
    const struct node *subjects = node_get(config, name_of(STREAM_SUBJECTS));
    const char *prefix = FROZEN;
    return subjects && subjects->type == NODE_LIST && subjects->count == 1 &&
           subjects->items[0]->type == NODE_SCALAR &&
           strncmp(subjects->items[0]->text, prefix, strlen(prefix)) == 0 &&
           strcmp(subjects->items[0]->text + strlen(prefix), stream) == 0;
}

static bool is_equal_in(const struct node *config, const struct node *wanted, unsigned id)
{
    const struct node *is = node_get(config, name_of(id)), *to_be = node_get(wanted, name_of(id));
    bool none = !to_be || (to_be->type == NODE_LIST && !to_be->count);
    return none ? !is || node_is_null(is) || !is->count : is && node_equal(is, to_be);
}

/* A request that is cut off may have been carried out, or may be still: what counts is what is read. */
static int update(const struct freeze *freeze, const char *what, const struct node *config,
                  struct diags *diags)
{
    struct api_answer answer = {0};
    for (int i = 0; i < TRIES_MOST; i++) {
        answer = ask(freeze, "STREAM.UPDATE", freeze->stream, json_text(freeze->arena, config),
                     "stream_update_response");
        bool unknown = answer.is.outcome == API_TIMEOUT || answer.is.outcome == API_STRANGE;
        if (answer.is.outcome != API_DONE && !unknown)
            return diagnose(freeze, what, &answer, diags);
        answer = ask(freeze, "STREAM.INFO", freeze->stream, NULL, "stream_info_response");
        if (answer.is.outcome != API_DONE)
            return diagnose(freeze, what, &answer, diags);
        const struct node *is = node_get(answer.is.body, "config");
        if (is_equal_in(is, config, STREAM_SUBJECTS) && is_equal_in(is, config, STREAM_SOURCES))
            return 0;
    }
    return diag_error(diags, &code_migration, (struct srcpos){0},
                      "cannot %s stream '%s': the server says yes, and leaves its subjects as they are", what,
                      freeze->stream);
}

int freeze_stream(const struct freeze *freeze, const struct node *before, struct diags *diags)
{
    return is_needed(before)
               ? update(freeze, "freeze", frozen_config(freeze->arena, before, freeze->stream), diags)
               : 0;
}

static void put_back(const struct freeze *freeze, const struct node *before, unsigned id, struct node *config)
{
    const struct node *value = node_get(before, name_of(id));
    if (value)
        node_put(freeze->arena, config, name_of(id), node_copy(freeze->arena, value));
    else
        node_remove(config, name_of(id));
}

int freeze_thaw(const struct freeze *freeze, const struct node *before, struct diags *diags)
{
    struct api_answer answer = ask(freeze, "STREAM.INFO", freeze->stream, NULL, "stream_info_response");
    if (answer.is.outcome != API_DONE)
        return diagnose(freeze, "thaw", &answer, diags);
    struct node *config = node_copy(freeze->arena, node_get(answer.is.body, "config"));
    if (!freeze_is_frozen(config, freeze->stream))
        return 0;
    restore_plain(freeze->arena, config);
    put_back(freeze, before, STREAM_SUBJECTS, config);
    put_back(freeze, before, STREAM_SOURCES, config);
    if (version_has(freeze->version, V_2_10) && is_interest(before))
        put_back(freeze, before, STREAM_RETENTION, config);
    /* The server's default is another one beside sources. */
    put_back(freeze, before, STREAM_DUPLICATE_WINDOW, config);
    return update(freeze, "thaw", config, diags);
}

/* ---- consumers ---- */

struct node *freeze_pauses(struct arena *arena, const struct node *consumers)
{
    const char *key = table_field_by_id(&consumer_table, CONSUMER_PAUSE_UNTIL)->name;
    struct node *pauses = node_map(arena);
    for (size_t i = 0; i < consumers->count; i++) {
        const struct node *config = node_get(consumers->items[i], "config");
        if (!live_is_servers(config))
            node_put_text(arena, pauses, node_get_text(consumers->items[i], "name"),
                          node_get_text(config, key));
    }
    return pauses;
}

static int pause_one(const struct freeze *freeze, const char *consumer, const char *until,
                     struct diags *diags)
{
    const char *key = table_field_by_id(&consumer_table, CONSUMER_PAUSE_UNTIL)->name;
    struct node *body = node_map(freeze->arena);
    struct api_answer answer = {0};
    if (*until)
        node_put_text(freeze->arena, body, key, until);
    for (int i = 0; i < TRIES_MOST; i++) {
        answer = ask(freeze, "CONSUMER.PAUSE", arena_printf(freeze->arena, "%s.%s", freeze->stream, consumer),
                     json_text(freeze->arena, body), "consumer_pause_response");
        if (answer.is.outcome == API_DONE || api_is_not_found(&answer.is))
            return 0;
        if (answer.is.outcome != API_TIMEOUT)
            break;
    }
    api_diagnose(diags, freeze->server, (struct srcpos){0},
                 arena_printf(&diags->arena, "%s consumer '%s' of stream '%s'", *until ? "pause" : "resume",
                              consumer, freeze->stream),
                 &answer.is);
    return -1;
}

static bool can_pause(const struct freeze *freeze)
{
    return version_has(freeze->version, V_2_11);
}

int freeze_hold(const struct freeze *freeze, const struct node *pauses, struct diags *diags)
{
    struct instant until = freeze->now;
    int failed = 0;
    until.seconds += HELD_SECONDS;
    for (size_t i = 0; can_pause(freeze) && !failed && i < pauses->count; i++)
        failed = pause_one(freeze, pauses->members[i].key, instant_format(freeze->arena, until), diags);
    return failed;
}

int freeze_release(const struct freeze *freeze, const struct node *pauses, struct diags *diags)
{
    int failed = 0;
    for (size_t i = 0; can_pause(freeze) && i < pauses->count; i++)
        failed |= pause_one(
            freeze, pauses->members[i].key,
            pauses->members[i].value->type == NODE_SCALAR ? pauses->members[i].value->text : "", diags);
    return failed;
}
