/* Carries a restore out, and makes sure of it; see restore.h. What servers make of a request is in docs/backup.md. */
#include "apply/restore.h"

#include <string.h>

#include "apply/restore_consumers.h"
#include "apply/restore_freeze.h"
#include "apply/restore_messages.h"
#include "apply/restore_scale.h"
#include "base/clock.h"
#include "base/number.h"
#include "base/read.h"
#include "base/scope.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "field/field.h"
#include "kind/kinds.h"
#include "server/api.h"
#include "server/live_object.h"
#include "server/transfer.h"
#include "syntax/json.h"

int restore_refuse(const struct restoring *restoring, struct diags *diags, const char *why, const char *hint)
{
    struct diag *diag = diag_add(diags, &code_restore, (struct srcpos){0}, "'%s' cannot be restored: %s",
                                 restoring->folder, why);
    if (hint)
        diag_hint(diags, diag, "%s", hint);
    return -1;
}

int restore_diagnose(const struct restoring *restoring, struct diags *diags, const char *what,
                     const struct api_answer *answer)
{
    api_diagnose(diags, restoring->server, (struct srcpos){0},
                 arena_printf(&diags->arena, "%s '%s'", what, restore_name(restoring)), &answer->is);
    return -1;
}

/* ---- before ---- */

static const char *version_text(const struct restoring *restoring)
{
    return server_info(restoring->server)->version_text;
}

/* That of the server; VERSION_UNKNOWN counts as the newest. */
static uint32_t version_of(const struct restoring *restoring)
{
    uint32_t version = VERSION_UNKNOWN;
    return version_parse(version_text(restoring), &version) ? version : VERSION_UNKNOWN;
}

static bool is_new_server(const struct restoring *restoring)
{
    return version_has(version_of(restoring), RESTORE_NEW_FORMAT_SINCE);
}

static bool is_memory(const struct node *config)
{
    return strcmp(node_get_text(config, table_field_by_id(&stream_table, STREAM_STORAGE)->name), "memory") ==
           0;
}

static int check_version(const struct restoring *restoring, struct diags *diags)
{
    const char *text = version_text(restoring);
    if (restoring->by_messages) {
        const struct refill refill = restore_refill(restoring);
        const char *fault = refill_fault(&refill);
        return fault ? restore_refuse(restoring, diags, fault, "restore it on nats-server 2.15 or later") : 0;
    }
    if (is_new_server(restoring))
        return 0;
    if (restoring->backup.is_new_format)
        return restore_refuse(
            restoring, diags,
            arena_printf(&diags->arena, "nats-server %s cannot read archives of 2.15 and later", text),
            "restore it on nats-server 2.15 or later; a backup that is made there stays in that form");
    if (restoring->name && strcmp(restoring->name, restoring->backup.stream) != 0)
        return restore_refuse(
            restoring, diags,
            arena_printf(&diags->arena, "nats-server %s takes an archive under its own name alone", text),
            "leave --as out, or restore it on nats-server 2.15 or later");
    if (is_memory(restoring->backup.config))
        return restore_refuse(
            restoring, diags,
            arena_printf(&diags->arena, "nats-server %s keeps nothing of an archive in memory", text), NULL);
    return 0;
}

/* ---- which messages ---- */

static int check_rewrite(const struct restoring *restoring, struct diags *diags)
{
    if (!is_new_server(restoring))
        return restore_refuse(restoring, diags,
                              arena_printf(&diags->arena, "nats-server %s takes an archive as it is alone",
                                           version_text(restoring)),
                              "restore all of it, or choose messages on nats-server 2.15 or later");
    if (!restoring->backup.is_new_format)
        return restore_refuse(
            restoring, diags,
            "messages can be chosen, and subjects renamed, in archives of nats-server 2.15 and later",
            "restore all of it on nats-server 2.15 or later, and back it up there");
    return 0;
}

static int check_chosen(const struct restoring *restoring, struct diags *diags)
{
    const struct rewrite *rewrite = &restoring->rewrite;
    if (rewrite->torn_consumer)
        return restore_refuse(
            restoring, diags,
            arena_printf(&diags->arena,
                         "of what consumer '%s' filters by '%s', some is renamed and some is not",
                         rewrite->torn_consumer, rewrite->torn_filter),
            "rename all that it filters");
    if (!rewrite->messages)
        return restore_refuse(restoring, diags, "it has no such message", NULL);
    return 0;
}

/* Counts what is kept of the archive. */
static int begin_rewrite(struct restoring *restoring, struct diags *diags)
{
    struct rewrite *rewrite = &restoring->rewrite;
    *rewrite = (struct rewrite){.arena = restoring->arena,
                                .backup = &restoring->backup,
                                .terms = &restoring->terms->rewrite,
                                .consumer_replicas = rewrite->consumer_replicas,
                                .is_memory = is_memory(restoring->backup.config)};
    restoring->rewrites = true;
    if (rewrite_count(rewrite, diags))
        return -1;
    restoring->messages = rewrite->messages;
    restoring->bytes = rewrite->bytes;
    restoring->first_seq = rewrite->first_seq;
    restoring->last_seq = rewrite->last_seq;
    return 0;
}

/* How much of it is sent, and what becomes of the sequences. */
static int choose(struct restoring *restoring, struct diags *diags)
{
    const struct backup_contents *contents = &restoring->contents;
    restoring->messages = contents->messages;
    restoring->bytes = contents->bytes;
    restoring->first_seq = contents->first_seq;
    restoring->last_seq = contents->last_seq;
    bool by_refill = restoring->exact && restoring->by_messages;
    if (by_refill || !rewrite_is_wanted(&restoring->terms->rewrite))
        return 0;
    return check_rewrite(restoring, diags) || begin_rewrite(restoring, diags) ||
                   check_chosen(restoring, diags)
               ? -1
               : 0;
}

/* ---- replicas ---- */

/* A consumer with the most replicas of its own; NULL: none has any. */
static const struct backup_consumer *most_replicas(const struct restoring *restoring)
{
    const struct backup_consumer *most = NULL;
    for (size_t i = 0; i < restoring->contents.consumers.count; i++) {
        const struct backup_consumer *consumer = &restoring->contents.consumers.items[i];
        if (consumer->is_in_archive && consumer->replicas > (most ? most->replicas : 0))
            most = consumer;
    }
    return most;
}

/*
 * No server lets a consumer have more replicas than its stream (10126). So such a stream gets all of its own at once; and with fewer than its
 * consumers have, these are lowered, where the archive can be written anew.
 */
static int place_replicas(struct restoring *restoring, struct diags *diags)
{
    const struct backup_consumer *most = most_replicas(restoring);
    uint64_t wanted =
        node_get_number(restoring->config, table_field_by_id(&stream_table, STREAM_NUM_REPLICAS)->name);
    if (wanted > 1 && restoring->bytes >= RESTORE_LARGE && (!most || most->replicas <= 1))
        restoring->replicas_later = wanted;
    if (!most || most->replicas <= (wanted ? wanted : 1))
        return 0;
    if (!is_new_server(restoring) || !restoring->backup.is_new_format)
        return restore_refuse(restoring, diags,
                              arena_printf(&diags->arena,
                                           "its consumer '%s' has %llu replicas, and no stream has fewer",
                                           most->name, (unsigned long long)most->replicas),
                              "restore it with as many, and lower both by 'natsform apply'");
    restoring->rewrite.consumer_replicas = wanted ? wanted : 1;
    return restoring->rewrites ? 0 : begin_rewrite(restoring, diags);
}

/* Nanoseconds; 0 without messages, and of those to come. */
static uint64_t oldest_of(const struct restoring *restoring)
{
    enum { SECOND_NANOS = 1000000000 };
    struct instant first = restoring->rewrite.first_time;
    if (!restoring->messages ||
        (!restoring->rewrites && !instant_parse(restoring->contents.first_time, &first)))
        return 0;
    int64_t seconds = restoring->now.seconds - first.seconds + 1;
    return seconds > 0 ? (uint64_t)seconds * SECOND_NANOS : 0;
}

static int configure(struct restoring *restoring, struct diags *diags)
{
    const struct restore_subject subject = {.arena = restoring->arena,
                                            .terms = restoring->terms,
                                            .backup = &restoring->backup,
                                            .name = restore_name(restoring),
                                            .version = version_of(restoring),
                                            .version_text = version_text(restoring),
                                            .is_clustered = *server_info(restoring->server)->cluster != '\0',
                                            .messages = restoring->messages,
                                            .bytes = restoring->bytes,
                                            .oldest = oldest_of(restoring)};
    if (restoring->exact)
        restoring->config = node_copy(restoring->arena, restoring->exact);
    else if (restore_config(&subject, &restoring->config, diags))
        return -1;
    restore_plan_freeze(restoring);
    restoring->loses_marks =
        restore_has_marks(restoring->config) && !version_has(version_of(restoring), V_2_10);
    return place_replicas(restoring, diags);
}

/* ---- is there room ---- */

static bool is_at(const char *text, struct instant wanted)
{
    struct instant is;
    return instant_parse(text, &is) && instant_compare(is, wanted) == 0;
}

/* The last message of the same moment, to the nanosecond; it may not be among those that are chosen, and then it is the first one. */
static bool is_same_moment(const struct restoring *restoring, const struct node *state)
{
    if (restoring->rewrites)
        return is_at(node_get_text(state, "first_ts"), restoring->rewrite.first_time);
    return strcmp(node_get_text(state, "last_ts"), node_get_text(restoring->backup.state, "last_ts")) == 0;
}

/* Keys of the server's own are no difference; it makes them anew. */
static struct node *plain_metadata(struct arena *arena, const struct node *metadata)
{
    struct node *plain = node_map(arena);
    for (size_t i = 0; i < metadata->count; i++)
        if (!metadata_key_is_servers(metadata->members[i].key))
            node_add(arena, plain, metadata->members[i]);
    return plain;
}

/* Has the stream all of that? What the server adds, as defaults are, is no difference. */
static bool has_all(const struct restoring *restoring, const struct node *wanted, const struct node *live)
{
    const char *replicas = table_field_by_id(&stream_table, STREAM_NUM_REPLICAS)->name;
    const char *metadata = table_field_by_id(&stream_table, STREAM_METADATA)->name;
    for (size_t i = 0; i < wanted->count; i++) {
        const char *key = wanted->members[i].key;
        const struct node *value = node_get(live, key), *other = wanted->members[i].value;
        bool later = restoring->replicas_later && strcmp(key, replicas) == 0;
        if (value && strcmp(key, metadata) == 0 && value->type == NODE_MAP && other->type == NODE_MAP) {
            value = plain_metadata(restoring->arena, value);
            other = plain_metadata(restoring->arena, other);
        }
        if (!later && (!value || !node_equal(value, other)))
            return false;
    }
    return true;
}

static bool has_config(const struct restoring *restoring, const struct node *live)
{
    return has_all(restoring, restoring->config, live) ||
           (restoring->frozen && has_all(restoring, restoring->frozen, live));
}

/* An empty one has nothing by which to tell it from another: it has to have the same configuration. */
static bool is_same(const struct restoring *restoring, const struct node *info)
{
    const struct node *state = node_get(info, "state");
    if (node_get_number(state, "messages") != restoring->messages ||
        node_get_number(state, "last_seq") != restoring->last_seq)
        return false;
    if (!restoring->messages)
        return has_config(restoring, node_get(info, "config"));
    return node_get_number(state, "first_seq") == restoring->first_seq && is_same_moment(restoring, state);
}

/* It came whole, and its consumers have taken some of it since. */
static bool is_taken_from(const struct restoring *restoring, const struct node *info)
{
    const struct node *state = node_get(info, "state");
    return restoring->lets_go && !restoring->rewrites && node_get_number(state, "consumer_count") > 0 &&
           node_get_number(state, "messages") > 0 &&
           node_get_number(state, "messages") < restoring->messages &&
           node_get_number(state, "last_seq") == restoring->last_seq && is_same_moment(restoring, state) &&
           has_config(restoring, node_get(info, "config"));
}

/* It may be what nats-server 2.15 keeps of a restore in the middle of which it was killed. Whether it is, only the user knows. */
static bool is_part(const struct restoring *restoring, const struct node *info)
{
    const struct node *state = node_get(info, "state");
    uint64_t messages = node_get_number(state, "messages");
    bool within = !messages || (node_get_number(state, "first_seq") >= restoring->first_seq &&
                                node_get_number(state, "last_seq") <= restoring->last_seq);
    return messages < restoring->messages && within && has_config(restoring, node_get(info, "config"));
}

static int refuse_part(const struct restoring *restoring, const struct node *info, struct diags *diags)
{
    const char *stream = restore_name(restoring);
    return restore_refuse(
        restoring, diags,
        arena_printf(&diags->arena, "a stream '%s' is there already, with %s of its %llu message%s", stream,
                     node_get_text(node_get(info, "state"), "messages"),
                     (unsigned long long)restoring->messages, text_plural(restoring->messages)),
        arena_printf(
            &diags->arena,
            "a server that dies in the middle of a restore keeps a part of the stream; if it is that, "
            "'nats stream rm %s' makes way for it",
            stream));
}

static int check_free(struct restoring *restoring, struct diags *diags)
{
    struct api_answer answer =
        restore_ask(restoring, "STREAM.INFO", restore_name(restoring), NULL, "stream_info_response");
    if (api_is_not_found(&answer.is))
        return 0;
    if (answer.is.outcome != API_DONE)
        return restore_diagnose(restoring, diags, "look for stream", &answer);
    const struct refill refill = restore_refill(restoring);
    enum refill_left left = restoring->by_messages ? refill_found(&refill, answer.is.body) : REFILL_NOTHING;
    restoring->is_left = left == REFILL_OURS;
    restoring->is_there = left == REFILL_MIXED || is_same(restoring, answer.is.body) ||
                          is_taken_from(restoring, answer.is.body);
    if (restoring->is_there || restoring->is_left)
        return 0;
    if (is_part(restoring, answer.is.body))
        return refuse_part(restoring, answer.is.body, diags);
    return restore_refuse(
        restoring, diags,
        arena_printf(&diags->arena, "a stream '%s' is there already", restore_name(restoring)),
        "nothing is ever restored over a stream; '--as NAME' gives it another name");
}

/* No two streams have a subject in common. Servers say so when all of the archive has come, where it has left something. */
static int check_subjects(const struct restoring *restoring, struct diags *diags)
{
    struct arena *arena = restoring->arena;
    const struct node *subjects =
        node_get(restoring->config, table_field_by_id(&stream_table, STREAM_SUBJECTS)->name);
    for (size_t i = 0; subjects && subjects->type == NODE_LIST && i < subjects->count; i++) {
        struct node *body = node_map(arena);
        node_put_text(arena, body, "subject", subjects->items[i]->text);
        struct api_answer answer =
            restore_ask(restoring, "STREAM.NAMES", NULL, json_text(arena, body), "stream_names_response");
        const struct node *names = node_get(answer.is.body, "streams");
        if (answer.is.outcome == API_FORBIDDEN) /* then the server is the one to say it */
            return 0;
        if (answer.is.outcome != API_DONE)
            return restore_diagnose(restoring, diags, "look for the subjects of stream", &answer);
        if (names && names->type == NODE_LIST && names->count)
            return restore_refuse(
                restoring, diags,
                arena_printf(&diags->arena, "its subject '%s' is that of stream '%s'",
                             subjects->items[i]->text, names->items[0]->text),
                "--set subjects=[…] gives it others, and so does --rename-subject, with its messages");
    }
    return 0;
}

static int refuse_room(struct restoring *restoring, const char *why, struct diags *diags)
{
    restoring->lacks_room = true;
    return restore_refuse(restoring, diags, why,
                          "raise the account's limits, or delete what is needed no more, and try again");
}

/* The account's limits, of all streams together; less than 0 is none. */
static int check_room(struct restoring *restoring, struct diags *diags)
{
    const struct node *account = server_info(restoring->server)->account_info;
    const struct node *limits = node_get(account, "limits");
    bool memory = is_memory(restoring->config);
    int64_t most = 0, streams = 0;
    uint64_t used = node_get_number(account, memory ? "memory" : "storage");
    bool frees = restoring->replaces && memory == is_memory(restoring->backup.config);
    used = !frees ? used : used > restoring->bytes ? used - restoring->bytes : 0;
    if (!restoring->replaces && number_parse_i64(node_get_text(limits, "max_streams"), &streams) &&
        streams > 0 && node_get_number(account, "streams") >= (uint64_t)streams)
        return refuse_room(restoring, "the account has as many streams as it may have", diags);
    if (number_parse_i64(node_get_text(limits, memory ? "max_memory" : "max_storage"), &most) && most >= 0 &&
        used + restoring->bytes > (uint64_t)most)
        return refuse_room(restoring, "the account has no room for its messages", diags);
    return 0;
}

static bool is_in_archive(const struct restoring *restoring, const char *consumer)
{
    for (size_t i = 0; i < restoring->contents.consumers.count; i++) {
        const struct backup_consumer *other = &restoring->contents.consumers.items[i];
        if (other->is_in_archive && strcmp(other->name, consumer) == 0)
            return true;
    }
    return false;
}

/* A consumer that goes away by itself is nobody's to bring back. */
static void find_lacking(struct restoring *restoring)
{
    const struct node *list = node_get(restoring->backup.own, "consumers");
    for (size_t i = 0; list && list->type == NODE_LIST && i < list->count; i++) {
        const struct node *info = list->items[i];
        const char *name = node_get_text(info, "name");
        bool lacks = restoring->by_messages || !is_in_archive(restoring, name);
        if (*node_get_text(node_get(info, "config"), "durable_name") && lacks)
            VEC_PUSH(restoring->arena, &restoring->anew, info);
    }
}

int restore_plan(struct restoring *restoring, struct diags *diags)
{
    static const struct restore_terms as_it_was;
    if (!restoring->terms)
        restoring->terms = &as_it_was;
    if (backup_open(restoring->arena, restoring->folder, &restoring->backup, diags) ||
        backup_verify(restoring->arena, &restoring->backup, &restoring->contents, diags))
        return -1;
    const struct refill refill = restore_refill(restoring);
    restoring->by_messages = refill_applies(&refill);
    restoring->is_seen = restoring->by_messages && refill_is_seen(&refill);
    find_lacking(restoring);
    if (check_version(restoring, diags) || choose(restoring, diags) || configure(restoring, diags) ||
        (!restoring->replaces && check_free(restoring, diags)))
        return -1;
    if (restoring->is_there || restoring->replaces)
        return restoring->replaces ? check_room(restoring, diags) : 0;
    return check_subjects(restoring, diags) || check_room(restoring, diags) ? -1 : 0;
}

/* ---- the archive ---- */

struct reading {
    const struct restoring *restoring;
    struct file_pieces pieces;
    struct rewriter *rewriter; /* NULL: the archive is sent as it is */
    struct diags *diags;
};

static int64_t next(void *context, char *data, size_t most)
{
    const struct reading *reading = context;
    if (reading->rewriter)
        return rewriter_next(reading->rewriter, data, most);
    ssize_t got = file_pieces_read(&reading->pieces, data, most);
    if (got < 0)
        restore_refuse(reading->restoring, reading->diags, "its archive cannot be read any more", NULL);
    return got;
}

static void close_reading(const struct reading *reading)
{
    if (reading->restoring->rewrites)
        rewriter_close(reading->rewriter);
    else
        file_pieces_close(&reading->pieces);
}

static int open_reading(const struct restoring *restoring, struct diags *diags, struct reading *ret_reading)
{
    const char *why = NULL;
    *ret_reading = (struct reading){.restoring = restoring, .diags = diags};
    if (restoring->rewrites) {
        ret_reading->rewriter = rewriter_open(&restoring->rewrite, diags);
        return ret_reading->rewriter ? 0 : -1;
    }
    return file_pieces_open(restoring->arena, restoring->backup.archive, &ret_reading->pieces, &why)
               ? restore_refuse(restoring, diags, why, NULL)
               : 0;
}

static struct node *state_of(const struct restoring *restoring)
{
    struct arena *arena = restoring->arena;
    struct node *state = node_copy(arena, restoring->backup.state);
    if (!restoring->rewrites)
        return state;
    node_put_number(arena, state, "messages", restoring->messages);
    node_put_number(arena, state, "bytes", restoring->bytes);
    node_put_number(arena, state, "first_seq", restoring->first_seq);
    node_put_text(arena, state, "first_ts", instant_format(arena, restoring->rewrite.first_time));
    return state;
}

static const char *body_of(const struct restoring *restoring)
{
    struct arena *arena = restoring->arena;
    struct node *body = node_map(arena);
    struct node *config = node_copy(arena, restoring->frozen ? restoring->frozen : restoring->config);
    if (restoring->replicas_later)
        node_put_number(arena, config, table_field_by_id(&stream_table, STREAM_NUM_REPLICAS)->name, 1);
    node_put(arena, body, "config", config);
    node_put(arena, body, "state", state_of(restoring));
    return json_text(arena, body);
}

/* What became of the name, also of sends before. */
struct claim {
    bool begun;  /* the server may have something of the stream */
    bool in_use; /* it says that it has the stream already */
};

static int send(struct restoring *restoring, struct claim *claim, struct diags *diags)
{
    struct reading reading SCOPED(close_reading);
    struct restore restore = {.stream = restore_name(restoring),
                              .body = body_of(restoring),
                              .next = next,
                              .context = &reading,
                              .interrupted = restoring->interrupted};
    if (open_reading(restoring, diags, &reading))
        return -1;
    int failed = restore_send(restoring->arena, restoring->server, &restore, diags);
    claim->begun |= restore.begun;
    claim->in_use = restore.in_use;
    return failed;
}

/* ---- afterwards ---- */

/*
 * Messages that are older than max_age go at once, which is no fault. All others have to be there, and what was published since comes on top of them;
 * each of these may have pushed one out, by a limit.
 */
static int check_state(struct restoring *restoring, const struct node *info, struct diags *diags)
{
    const struct node *state = node_get(info, "state");
    uint64_t messages = node_get_number(state, "messages"), last = node_get_number(state, "last_seq");
    uint64_t wanted = restoring->messages;
    bool ages = node_get_number(restoring->config, "max_age") > 0;
    uint64_t since = last > restoring->last_seq ? last - restoring->last_seq : 0;
    bool all = since ? messages <= wanted + since && messages + since >= wanted : messages == wanted;
    restoring->state = state;
    bool fewer = (ages || restoring->lets_go) && messages < wanted + since;
    if (last >= restoring->last_seq && (all || fewer))
        return 0;
    return diag_error(
        diags, &code_restore, (struct srcpos){0},
        "stream '%s' is not what was restored: it has %llu message%s up to %llu, and the backup %llu up to %llu",
        restore_name(restoring), (unsigned long long)messages, text_plural(messages),
        (unsigned long long)last, (unsigned long long)wanted, (unsigned long long)restoring->last_seq);
}

static int check_all(struct restoring *restoring, struct diags *diags)
{
    struct api_answer answer =
        restore_ask(restoring, "STREAM.INFO", restore_name(restoring), NULL, "stream_info_response");
    if (answer.is.outcome != API_DONE)
        return restore_diagnose(restoring, diags, "read back stream", &answer);
    int failed = check_state(restoring, answer.is.body, diags);
    return restoring->by_messages ? failed : failed | restore_check_consumers(restoring, diags);
}

/*
 * In a cluster, leaders of stream and consumers are elected first, and then they count what there is. Until then nobody answers for a
 * consumer, so that one look may take the whole deadline of a request.
 */
int restore_settled(struct restoring *restoring, struct diags *diags)
{
    enum { SETTLE_MS = 30000, LOOKS_LEAST = 4, PAUSE_MS = 100 };
    int64_t deadline = clock_ms() + SETTLE_MS;
    for (int look = 1;; look++) {
        struct diags faults SCOPED(diags_release) = {0};
        if (check_all(restoring, &faults) == 0)
            return 0;
        bool over = (clock_ms() > deadline && look >= LOOKS_LEAST) ||
                    !server_is_connected(restoring->server) ||
                    (restoring->interrupted && restoring->interrupted());
        if (over) {
            diags_append(diags, &faults);
            return -1;
        }
        api_pause(restoring->server, PAUSE_MS);
    }
}

/*
 * Some messages of the backup from its first one on, and nothing newer. From 2.15 on servers keep messages as they come, and take publishers' when
 * the rest does not come: those would be newer.
 */
static bool is_half(const struct restoring *restoring, const struct node *state)
{
    struct instant first = restoring->rewrite.first_time, last, newest;
    if (!restoring->rewrites && !instant_parse(restoring->contents.first_time, &first))
        return false;
    /* Where the last one is there, it is whole, and what is not there its consumers may have taken. */
    return node_get_number(state, "messages") > 0 &&
           node_get_number(state, "messages") < restoring->messages &&
           node_get_number(state, "first_seq") == restoring->first_seq &&
           node_get_number(state, "last_seq") < restoring->last_seq &&
           is_at(node_get_text(state, "first_ts"), first) &&
           instant_parse(node_get_text(state, "last_ts"), &last) &&
           instant_parse(node_get_text(restoring->backup.state, "last_ts"), &newest) &&
           instant_compare(last, newest) <= 0;
}

enum left {
    LEFT_NOTHING,
    LEFT_UNKNOWN,
    LEFT_SOMETHING,
};

/*
 * Takes away what a failed restore has left, if one was begun. It was not there before; but somebody else may have made one of that name
 * since. So only what is empty goes, and has no consumers, and what is certainly a part of the backup.
 */
static enum left take_away(const struct restoring *restoring, bool begun)
{
    struct api_answer answer =
        restore_ask(restoring, "STREAM.INFO", restore_name(restoring), NULL, "stream_info_response");
    const struct node *state = node_get(answer.is.body, "state");
    if (api_is_not_found(&answer.is))
        return LEFT_NOTHING;
    if (answer.is.outcome != API_DONE)
        return LEFT_UNKNOWN;
    bool empty = node_get_number(state, "messages") == 0 && node_get_number(state, "consumer_count") == 0;
    if (!begun || (!empty && !is_half(restoring, state)))
        return LEFT_SOMETHING;
    answer = restore_ask(restoring, "STREAM.DELETE", restore_name(restoring), NULL, "stream_delete_response");
    return answer.is.outcome == API_DONE || api_is_not_found(&answer.is) ? LEFT_NOTHING : LEFT_UNKNOWN;
}

void restore_take_away(const struct restoring *restoring, struct diags *diags)
{
    if (restoring->is_trial || take_away(restoring, true) == LEFT_NOTHING)
        return;
    struct diag *diag = diag_add(diags, &code_restore, (struct srcpos){0}, "something is left of stream '%s'",
                                 restore_name(restoring));
    diag_hint(diags, diag, "look at it, and delete it before the next try");
}

static bool may_go_on(const struct restoring *restoring)
{
    return server_is_connected(restoring->server) && !(restoring->interrupted && restoring->interrupted());
}

/*
 * A server whose own restore stands still for five seconds gives it up, and takes no more pieces (2.15.1, on a busy machine); or it makes
 * the stream after its answer has been given up (2.10.27). What there is of it is taken away, and it is sent again. A cluster keeps the name for a restore that it
 * waits for, and for some seconds nobody in it answers for the stream; what it has made of one of three replicas then stays (2.15.1). It
 * also keeps the name of a stream for a moment after it has answered that it is deleted.
 */
static int send_until_taken(struct restoring *restoring, struct claim *claim, struct diags *diags)
{
    enum { SENDS_MOST = 3, LOOKS_MOST = 60, UNANSWERED_MOST = 4, PAUSE_MS = 500 };
    const struct diags before = *diags;
    for (int sends = 0, looks = 0, unanswered = 0;;) {
        int failed = send(restoring, claim, diags);
        sends += !claim->in_use;
        bool again = failed && (claim->begun || claim->in_use) && sends < SENDS_MOST;
        enum left left = LEFT_UNKNOWN;
        while (again && left == LEFT_UNKNOWN && looks++ < LOOKS_MOST && unanswered < UNANSWERED_MOST &&
               may_go_on(restoring)) {
            api_pause(restoring->server, PAUSE_MS);
            left = take_away(restoring, claim->begun);
            unanswered += left == LEFT_UNKNOWN;
        }
        if (!again || left != LEFT_NOTHING) /* then this failure is what there is to be told */
            return failed;
        diags_forget(diags, &before);
    }
}

int restore_stream(struct restoring *restoring, struct diags *diags)
{
    struct claim claim = {0};
    if (restoring->by_messages)
        return restore_by_messages(restoring, diags);
    bool sent = restoring->is_there || send_until_taken(restoring, &claim, diags) == 0;
    int failed = sent ? restore_settled_with_consumers(restoring, diags) : -1;
    if (failed && claim.begun)
        restore_take_away(restoring, diags);
    if (failed)
        return -1;
    if (restore_scale(restoring, diags) || restore_make_consumers(restoring, diags) ||
        restore_mark_consumers(restoring, diags))
        return restore_report_frozen(restoring, diags);
    return restore_thaw(restoring, diags);
}
