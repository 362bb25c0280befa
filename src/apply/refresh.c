/*
 * From a connection to a plan; see refresh.h. It brings server/, which reads, together with plan/, which compares:
 * each live object goes to the planner as soon as its page arrives. What the planner then wants to know about
 * other streams is read in a second step.
 */
#include "apply/refresh.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/number.h"
#include "base/text.h"
#include "field/encode.h"
#include "kind/kinds.h"
#include "kind/manifest_rows.h"
#include "plan/step.h"
#include "server/connection.h"
#include "syntax/json.h"

static DIAG_CODE(
    code_expected_server, .name = "expected-server", CODE_ERROR(EXIT_REFUSED),
    .doc = "connection.expect names another cluster, server, account or domain than the one that answered.",
    .why = "What is meant for staging must not hit production.",
    .example = "connection: {expect: {cluster: staging}}",
    .remedy = "Connect to the one that the manifest names. nats-server tells accounts from 2.10 on.");

static DIAG_CODE(
    code_not_looked_at, .name = "not-looked-at", CODE_NOTE,
    .doc =
        "The project may have consumers on streams that are not in the manifest, and not all of those were looked at.",
    .why = "That is a request for each stream. A plan makes 256 of them; --prune makes as many as it takes.",
    .example = "a consumer that was taken out of the manifest, on one of 1,000 streams of other projects",
    .remedy = "Look with 'natsform plan --prune', which deletes nothing.");

/* Copies all texts, because the target is shown after the connection was closed. */
struct target target_of(struct arena *arena, const struct server_info *info, struct instant now)
{
    struct target target = {
        .version_text = arena_strdup(arena, info->version_text),
        .url = arena_strdup(arena, info->url),
        .found = arena_strdup(arena, info->found),
        .name = arena_strdup(arena, info->name),
        .cluster = arena_strdup(arena, info->cluster),
        .account = info->account ? arena_strdup(arena, info->account) : NULL,
        .account_name = info->account_name ? arena_strdup(arena, info->account_name) : NULL,
        .who = info->who ? arena_strdup(arena, info->who) : NULL,
        .domain = info->domain ? arena_strdup(arena, info->domain) : NULL,
        .clustered = server_is_clustered(info),
        .now = now,
        .account_info = info->account_info ? node_keep(arena, info->account_info) : NULL,
    };
    if (!version_parse(info->version_text, &target.version))
        target.version = VERSION_UNKNOWN;
    return target;
}

/* What the server is. A server that is in no cluster goes by its own name. */
static const char *actual_of(const struct server_info *info, unsigned id)
{
    switch ((enum expect_row)id) {
    case EXPECT_CLUSTER:
        return info->cluster[0] ? info->cluster : info->name;
    case EXPECT_SERVER_NAME:
        return info->name;
    case EXPECT_ACCOUNT:
        return info->account;
    case EXPECT_DOMAIN:
        return info->domain;
    }
    return "";
}

int check_expected(const struct server_info *info, const struct manifest *manifest, struct diags *diags)
{
    const struct object *expect = connection_expected(manifest);
    int failed = 0;
    for (size_t i = 0; expect && i < expect->table->count; i++) {
        const struct field *row = &expect->table->fields[i];
        const char *expected = object_text(expect, row->id);
        const char *actual = actual_of(info, row->id);
        if (!expected || strcmp(expected, actual) == 0)
            continue;
        const char *has = actual[0] ? arena_printf(&diags->arena, "has '%s'", actual) : "tells none";
        struct diag *diag =
            diag_add(diags, &code_expected_server, object_pos(expect, row->id),
                     "the manifest expects %s '%s', but %s %s", row->name, expected, info->where, has);
        diag_hint(diags, diag, "nothing was changed; check --server, --context and the environment");
        failed = -1;
    }
    return failed;
}

static void on_live(void *context, const struct live_object *live)
{
    planner_see(context, live);
}

/* What is wanted of a plan, and by whom. */
struct refreshing {
    struct arena *arena;
    struct manifest *manifest;
    const struct plan_options *options;
    const struct target *target;
    struct diags *diags;
};

static void note_unlisted(size_t streams, struct diags *diags)
{
    struct diag *diag = diag_add(diags, &code_not_looked_at, (struct srcpos){0},
                                 "consumers of %zu stream%s beside the manifest were not looked at", streams,
                                 streams == 1 ? "" : "s");
    diag_hint(diags, diag, "'natsform plan --prune' looks at all, and deletes nothing");
}

/* NULL if the server could not be read. *ret_moved: it changed so much meanwhile that it has to be read again. */
static struct plan *plan_once(const struct refreshing *refreshing, const struct live_source *source,
                              bool *ret_moved)
{
    struct planner *planner = planner_new(refreshing->arena, refreshing->manifest, refreshing->target,
                                          refreshing->options, refreshing->diags);
    /* What has left the manifest, and what is nobody's, only lists tell. */
    bool beside = refreshing->manifest->project && !refreshing->options->destroy &&
                  !refreshing->options->named_only && version_has(refreshing->target->version, MARKS_SINCE);
    const struct live_reading reading = {.manifest = planner_part(planner),
                                         .all = refreshing->options->prune,
                                         .beside = beside,
                                         .seen = on_live,
                                         .context = planner};
    struct live_reader *reader = live_read(source, &reading, refreshing->diags);
    *ret_moved = reader && live_ending(reader).moved;
    struct live_questions questions;
    /* Answers may raise more questions: a stream that is found may copy from another one. */
    while (reader && !*ret_moved && planner_ask(planner, &questions))
        live_find(reader, &questions);
    bool read = reader && !*ret_moved;
    beside = beside && reader && !live_ending(reader).partly;
    size_t unlisted = beside ? live_ending(reader).unlisted : 0;
    if (reader)
        live_reader_free(reader);
    struct plan *plan = read ? planner_finish(planner) : NULL;
    if (!read)
        planner_cancel(planner);
    if (plan)
        plan->beside = beside;
    if (plan && unlisted)
        note_unlisted(unlisted, refreshing->diags);
    return plan;
}

struct plan *refresh_plan(struct arena *arena, const struct live_source *source, struct manifest *manifest,
                          const struct plan_options *options, struct instant now, struct diags *diags)
{
    const struct server_info *info = server_info(source->server);
    struct target target = target_of(arena, info, now);
    const struct refreshing refreshing = {arena, manifest, options, &target, diags};
    if (check_expected(info, manifest, diags))
        return NULL;
    struct live_source from = *source;
    for (int tries = 0; tries < LIVE_TRIES_MOST; tries++) {
        bool moved;
        const struct diags before = *diags;
        struct plan *plan = plan_once(&refreshing, &from, &moved);
        if (!moved)
            return plan;
        diags_forget(diags, &before);
        from.ahead = NULL; /* it knows the old list */
    }
    live_fail(diags);
    return NULL;
}

struct plan *survey_plan(struct arena *arena, const struct survey *survey, struct manifest *manifest,
                         const struct target *target, const struct plan_options *options, struct diags *diags)
{
    struct planner *planner = planner_new(arena, manifest, target, options, diags);
    for (size_t i = 0; i < survey->streams.count; i++)
        planner_see(planner, &survey->streams.items[i]->live);
    for (size_t i = 0; i < survey->streams.count; i++)
        for (size_t j = 0; j < survey->streams.items[i]->consumers.count; j++)
            planner_see(planner, &survey->streams.items[i]->consumers.items[j]);
    return planner_finish(planner);
}

/*
 * ---- request ----
 * From a step to API requests. The configuration in a request is encoded by field/encode.c. Here is
 * only what the API wants around it; names of keys are those of the API's messages.
 */

/* Verbs and reply types by kind of request, for streams and consumers. */
static const struct {
    const char *verb;
    const char *type;
} words[][2] = {
    [REQUEST_CREATE] = {{"STREAM.CREATE", "stream_create_response"},
                        {"CONSUMER.CREATE", "consumer_create_response"}},
    /* Consumers have no request of their own for updates: a create of one that exists changes it. */
    [REQUEST_UPDATE] = {{"STREAM.UPDATE", "stream_update_response"},
                        {"CONSUMER.CREATE", "consumer_create_response"}},
    [REQUEST_PAUSE] = {{0}, {"CONSUMER.PAUSE", "consumer_pause_response"}},
    [REQUEST_DELETE] = {{"STREAM.DELETE", "stream_delete_response"},
                        {"CONSUMER.DELETE", "consumer_delete_response"}},
    [REQUEST_READ] = {{"STREAM.INFO", "stream_info_response"}, {"CONSUMER.INFO", "consumer_info_response"}},
};

/*
 * nats-server 2.9 ignores `action`. From 2.10 on it keeps a create from becoming an update if somebody else was faster,
 * and the other way round.
 */
static struct node *consumer_envelope(struct arena *arena, const struct step *step, struct node *config,
                                      enum request_kind kind)
{
    struct node *envelope = node_map(arena);
    node_put_text(arena, envelope, "stream_name", step->stream);
    node_put(arena, envelope, "config", config);
    node_put_text(arena, envelope, "action", kind == REQUEST_CREATE ? "create" : "update");
    return envelope;
}

static struct node *pause_body(struct arena *arena, const struct step *step)
{
    const struct field *field = table_field_by_id(step->table, CONSUMER_PAUSE_UNTIL);
    const struct value *until = object_value_of(step->wanted, field);
    struct node *body = node_map(arena);
    if (until->type == VALUE_TIME) /* without pause_until, the request resumes the consumer */
        node_put(arena, body, field->name, value_encode(arena, field, until, FORM_WIRE));
    return body;
}

static struct node *body_of(struct arena *arena, const struct request *request)
{
    const struct step *step = request->step;
    enum request_kind kind = request->kind;
    const char *digest = NULL;
    struct node *config;
    if (kind == REQUEST_PAUSE)
        return pause_body(arena, step);
    if (kind != REQUEST_CREATE && kind != REQUEST_UPDATE)
        return NULL;
    config = kind == REQUEST_CREATE ? object_encode_create(arena, step->wanted)
                                    : object_encode_update(arena, step->wanted, request->live, step->keep);
    if (request->revision)
        digest = mark_digest(arena, step->stream, step->name, step->wanted, step->keep, request->live);
    object_encode_revision(arena, step->table, config, request->revision, digest);
    return step->stream ? consumer_envelope(arena, step, config, kind) : config;
}

void request_build(struct arena *arena, const struct request *request, struct strbuf *body,
                   struct api_request *ret_request)
{
    const struct step *step = request->step;
    struct node *node = body_of(arena, request);
    bool consumer = step->stream != NULL;
    strbuf_reset(body);
    if (node)
        json_write(body, node, false);
    ret_request->verb = words[request->kind][consumer].verb;
    ret_request->type = words[request->kind][consumer].type;
    ret_request->name = consumer ? arena_printf(arena, "%s.%s", step->stream, step->name) : step->name;
    ret_request->body = node ? strbuf_text(body) : NULL;
    ret_request->length = node ? body->length : 0;
}

/*
 * ---- echo ----
 * What servers keep of what was sent.
 */

static DIAG_CODE(code_echo, .name = "echo", CODE_ERROR(EXIT_FAILED),
                 .doc = "The server accepted a configuration and kept another one than was sent.",
                 .why = "What the server holds must be what the plan said.",
                 .example = "max_age: 1d, and the server keeps 12h",
                 .remedy = "Look at the server's limits; plan again to see what is left.");

bool info_is_settled(const struct node *info)
{
    const struct node *cluster = node_get(info, "cluster");
    const struct node *leader = node_get(cluster, "leader");
    const struct node *copies = node_get(cluster, "replicas");
    size_t count = copies && copies->type == NODE_LIST ? copies->count : 0;
    bool current = leader && leader->type == NODE_SCALAR && *leader->text;
    for (size_t i = 0; i < count; i++) {
        bool is_current = false;
        const struct node *node = node_get(copies->items[i], "current");
        current &= node && node_is_bool(node, &is_current) && is_current;
    }
    return !cluster || (current && count + 1 == node_get_number(node_get(info, "config"), "num_replicas"));
}

size_t echo_compare(struct arena *arena, const struct step *now, const struct target *target,
                    struct object *echo, struct step *ret_probe)
{
    size_t differing = 0;
    *ret_probe = step_from(now, echo);
    ret_probe->raised = NULL; /* what the server has filled in now is its limit */
    compare_objects(arena, ret_probe, target);
    for (size_t i = 0; i < ret_probe->changes.count; i++)
        /* A pause is not a part of the configuration that was sent. */
        differing += !ret_probe->changes.items[i].separate;
    return differing;
}

void echo_report(const struct step *step, const struct step *probe, struct diags *diags)
{
    struct diag *diag = diag_add(diags, &code_echo, step->pos,
                                 "the server kept another configuration of %s than was sent", step->label);
    for (size_t i = 0; i < probe->changes.count; i++) {
        const struct change *change = &probe->changes.items[i];
        diag_note(diags, diag,
                  change->shown.after->node ? change->shown.after->node->pos : (struct srcpos){0},
                  "'%s' is %s, not %s", change->shown.field->name,
                  value_text(&diags->arena, change->shown.field, change->shown.before),
                  value_text(&diags->arena, change->shown.field, change->shown.after));
    }
    diag_hint(diags, diag, "somebody else may change it too; run 'natsform plan' to see what is there now");
}

/*
 * ---- lock api ----
 * The lock's requests. Names of keys are those of the API's messages.
 */

enum { NAMES_PAGES_MOST = 4096 }; /* some four million streams */

void lock_send(struct arena *arena, struct server *server, const struct api_request *request,
               struct api_answer *reply)
{
    struct api_request sent = *request;
    sent.done = api_answer;
    sent.context = reply;
    *reply = (struct api_answer){.arena = arena};
    api_submit(server, &sent);
}

/*
 * Waits for the reply. Did none come, and may it be asked for once more? A cluster that chooses a new leader at that moment answers
 * nobody (2.10.27, on a busy machine).
 */
static bool lock_is_unheard(struct server *server, const struct api_answer *reply)
{
    api_wait(server, &reply->done, INT64_MAX / 2);
    return reply->is.outcome == API_TIMEOUT && server_is_connected(server);
}

struct api_answer lock_request(struct arena *arena, struct server *server, const char *verb, const char *name,
                               const char *type)
{
    const struct api_request request = {.verb = verb, .name = name, .type = type};
    struct api_answer reply;
    lock_send(arena, server, &request, &reply);
    if (lock_is_unheard(server, &reply)) {
        lock_send(arena, server, &request, &reply);
        api_wait(server, &reply.done, INT64_MAX / 2);
    }
    return reply;
}

const struct node *lock_names_in(const struct api_answer *reply)
{
    static const struct node none = {.type = NODE_LIST};
    const struct node *names = node_get(reply->is.body, "streams");
    return names && names->type == NODE_LIST ? names : &none; /* servers send null for an empty list */
}

/*
 * The list is sorted, so the project's locks are next to each other. Only one page shows the state of one moment. So a
 * page is good if it shows what is before the locks and what is behind them. If it does not, returns false and the
 * offset to look at next.
 */
static bool shows_all(const struct api_answer *reply, const char *prefix, uint64_t *offset)
{
    const struct node *names = lock_names_in(reply);
    const struct node *total = node_get(reply->is.body, "total");
    uint64_t count = 0;
    if (names->count == 0)
        return true;
    const char *first = names->items[0]->text;
    const char *last = names->items[names->count - 1]->text;
    if (*offset && strcmp(first, prefix) >= 0) { /* streams before them were removed meanwhile: go back */
        *offset = *offset > names->count / 2 ? *offset - names->count / 2 : 0;
        return false;
    }
    if (strcmp(last, prefix) > 0 && !text_begins(last, prefix))
        return true;
    if (!total || !number_parse_u64(total->text, &count) || *offset + names->count >= count)
        return true;
    size_t next = names->count - 1; /* the last name again, so that the next page begins before the locks */
    while (next > 1 && strcmp(names->items[next]->text, prefix) >= 0)
        next--;
    *offset += next;
    return false;
}

void lock_names_send(struct arena *arena, struct server *server, uint64_t offset, struct api_answer *reply)
{
    lock_send(arena, server,
              &(struct api_request){
                  .verb = "STREAM.NAMES",
                  .body = arena_printf(arena, "{\"offset\":%llu}", (unsigned long long)offset),
                  .type = "stream_names_response",
              },
              reply);
}

int lock_names_read(struct arena *arena, struct server *server, const char *prefix, struct api_answer *reply)
{
    struct arena pages;
    uint64_t offset = 0;
    int asked = 1;
    arena_init(&pages);
    if (lock_is_unheard(server, reply))
        lock_names_send(arena, server, offset, reply);
    api_wait(server, &reply->done, INT64_MAX / 2);
    while (reply->is.outcome == API_DONE && !shows_all(reply, prefix, &offset) &&
           asked++ < NAMES_PAGES_MOST) {
        arena_reset(&pages);
        lock_names_send(&pages, server, offset, reply);
        api_wait(server, &reply->done, INT64_MAX / 2);
    }
    if (asked > NAMES_PAGES_MOST)
        reply->is = (struct api_reply){.outcome = API_STRANGE,
                                       .description = "the server's list of streams has no end"};
    else if (asked > 1 && reply->is.outcome == API_DONE)
        reply->is.body = node_keep(arena, reply->is.body);
    reply->is.description = arena_strdup(arena, reply->is.description);
    arena_release(&pages);
    return reply->is.outcome == API_DONE ? 0 : -1;
}

/*
 * The nats CLI makes no backups of streams in memory, and then refuses the whole backup of their account. A file gets into such
 * a backup and does no harm when that is restored.
 */
const struct lock_storage lock_storages[LOCK_STORAGES] = {
    {"file", 1}, {"memory", 1}, {"file", 3}, {"memory", 3}};

bool lock_may_fit_elsewhere(const struct api_answer *reply)
{
    static const int codes[] = {10023, 10028, 10047,
                                10120}; /* resources of the server, memory, storage, no tier */
    for (size_t i = 0; reply->is.outcome == API_ERROR && i < sizeof(codes) / sizeof(codes[0]); i++)
        if (reply->is.err_code == codes[i])
            return true;
    return false;
}

/*
 * A source behind an API prefix that nobody serves. A source stream that is missing would do as well, but servers
 * complain about that in their logs, and 2.9 does so every two seconds.
 */
static struct node *nobodys_source(struct arena *arena)
{
    struct node *source = node_map(arena);
    struct node *external = node_map(arena);
    node_put_text(arena, external, "api", LOCK_SUBJECT_PREFIX "nobody");
    node_put_text(arena, source, "name", "nothing");
    node_put(arena, source, "external", external);
    return source;
}

/*
 * max_bytes of one byte with `discard: new`: every version refuses all messages (2.9.10 only after the first one), and
 * accounts that demand a max_bytes are satisfied. It does not acknowledge messages, so no publisher believes that one
 * was stored.
 */
const char *lock_stream_config(struct arena *arena, const char *stream, const char *who,
                               const struct lock_storage *storage, bool captured)
{
    struct node *config = node_map(arena);
    struct node *only = node_list(arena);
    node_append(arena, only,
                captured ? nobodys_source(arena)
                         : node_scalar(arena, arena_printf(arena, LOCK_SUBJECT_PREFIX "%s", stream), true));
    node_put_text(arena, config, "name", stream);
    node_put_text(arena, config, "description", who);
    node_put(arena, config, captured ? "sources" : "subjects", only);
    node_put_text(arena, config, "storage", storage->storage);
    node_put_number(arena, config, "num_replicas", (uint64_t)storage->replicas);
    node_put_text(arena, config, "discard", "new");
    node_put_number(arena, config, "max_bytes", 1);
    node_put_flag(arena, config, "no_ack", true);
    return json_text(arena, config);
}

/* In memory, so that it ends with its server. */
const char *lock_consumer_config(struct arena *arena, const char *stream, int64_t hold_ms)
{
    struct node *envelope = node_map(arena);
    struct node *config = node_map(arena);
    node_put_text(arena, config, "name", LOCK_CONSUMER);
    node_put_text(arena, config, "deliver_policy", "new");
    node_put_text(arena, config, "ack_policy", "none");
    node_put_number(arena, config, "inactive_threshold", (uint64_t)hold_ms * 1000000);
    node_put_flag(arena, config, "mem_storage", true);
    node_put_text(arena, envelope, "stream_name", stream);
    node_put(arena, envelope, "config", config);
    return json_text(arena, envelope);
}

void lock_state_read(struct arena *arena, const struct node *info, struct lock_state *ret_state)
{
    *ret_state = (struct lock_state){.who = node_get_text(node_get(info, "config"), "description")};
    if (!*ret_state->who)
        ret_state->who = arena_strdup(arena, "somebody who left no name");
    instant_parse(node_get_text(info, "created"), &ret_state->created);
    instant_parse(node_get_text(info, "ts"), &ret_state->now);
    ret_state->consumers = node_get_number(node_get(info, "state"), "consumer_count");
}

/*
 * A hash of the project's name, because names may be long and have characters that stream names cannot. If two projects
 * had the same hash, they would just share a lock. Manifests without a project use the hash of the empty name.
 */
static const char *key_of(struct arena *arena, const char *project)
{
    return arena_printf(arena, "%016llx", (unsigned long long)hash_text(project ? project : ""));
}

const char *lock_prefix(struct arena *arena, const char *project)
{
    return arena_printf(arena, "%s%s_", LOCK_STREAM_PREFIX, key_of(arena, project));
}

const char *lock_token(struct arena *arena)
{
    struct timespec now = {0};
    char host[64] = "";
    clock_gettime(CLOCK_REALTIME, &now);
    gethostname(host, sizeof(host) - 1);
    return arena_printf(arena, "%08llx%08lx_%lx_%08llx", (unsigned long long)now.tv_sec,
                        (unsigned long)now.tv_nsec, (unsigned long)getpid(),
                        (unsigned long long)(hash_text(host) & UINT32_MAX));
}
