/* Carries a restore out, and makes sure of it; see restore.h. What servers make of a request is in docs/backup.md. */
#include "apply/restore.h"

#include <string.h>

#include "apply/refill.h"
#include "base/clock.h"
#include "base/number.h"
#include "base/read.h"
#include "base/scope.h"
#include "base/strbuf.h"
#include "field/field.h"
#include "kind/kinds.h"
#include "server/api.h"
#include "server/live_object.h"
#include "server/transfer.h"
#include "syntax/json.h"

static DIAG_CODE(
    code_restore, .name = "restore", CODE_ERROR(EXIT_FAILED),
    .doc = "A backup cannot be restored there, or the server did not keep all of it.",
    .why = "Servers say yes to some archives and keep nothing of them, so that each restore is read back.",
    .example = "natsform restore backups/ORDERS, where a stream ORDERS is there already",
    .remedy = "See what the message says; --as gives it another name, on nats-server 2.15 and later.");

enum { NEW_FORMAT_SINCE = V_2_15, NOT_FOUND = 10059 };

static const char *name_of(const struct restoring *restoring)
{
    return restoring->name ? restoring->name : restoring->backup.stream;
}

static int refuse(const struct restoring *restoring, struct diags *diags, const char *why, const char *hint)
{
    struct diag *diag = diag_add(diags, &code_restore, (struct srcpos){0}, "'%s' cannot be restored: %s",
                                 restoring->folder, why);
    if (hint)
        diag_hint(diags, diag, "%s", hint);
    return -1;
}

/* ---- asking ---- */

static struct api_answer ask(const struct restoring *restoring, const char *verb, const char *name,
                             const char *body, const char *type)
{
    struct api_answer answer = {.arena = restoring->arena};
    api_submit(
        restoring->server,
        &(struct api_request){
            .verb = verb, .name = name, .body = body, .type = type, .done = api_answer, .context = &answer});
    api_drain(restoring->server);
    return answer;
}

static int diagnose(const struct restoring *restoring, struct diags *diags, const char *what,
                    const struct api_answer *answer)
{
    api_diagnose(diags, restoring->server, (struct srcpos){0},
                 arena_printf(&diags->arena, "%s '%s'", what, name_of(restoring)), &answer->is);
    return -1;
}

/* ---- before ---- */

static struct refill refill_of(const struct restoring *restoring)
{
    return (struct refill){.arena = restoring->arena,
                           .server = restoring->server,
                           .name = name_of(restoring),
                           .backup = &restoring->backup,
                           .contents = &restoring->contents,
                           .interrupted = restoring->interrupted};
}

static int check_version(const struct restoring *restoring, struct diags *diags)
{
    const char *text = server_info(restoring->server)->version_text;
    const char *storage = node_get_text(restoring->backup.config, "storage");
    uint32_t version = 0;
    bool known = version_parse(text, &version);
    bool is_new = known && version_has(version, NEW_FORMAT_SINCE);
    if (restoring->by_messages) {
        const struct refill refill = refill_of(restoring);
        const char *fault = refill_fault(&refill);
        return fault ? refuse(restoring, diags, fault, "restore it on nats-server 2.15 or later") : 0;
    }
    if (restoring->backup.is_new_format && known && !is_new)
        return refuse(
            restoring, diags,
            arena_printf(&diags->arena, "nats-server %s cannot read archives of 2.15 and later", text),
            "restore it on nats-server 2.15 or later; a backup that is made there stays in that form");
    if (restoring->name && known && !is_new)
        return refuse(
            restoring, diags,
            arena_printf(&diags->arena, "nats-server %s takes an archive under its own name alone", text),
            "leave --as out, or restore it on nats-server 2.15 or later");
    if (strcmp(storage, "memory") == 0 && known && !is_new)
        return refuse(
            restoring, diags,
            arena_printf(&diags->arena, "nats-server %s keeps nothing of an archive in memory", text), NULL);
    return 0;
}

/* The same sequences, and the last message of the same moment, to the nanosecond. */
static bool is_same(const struct restoring *restoring, const struct node *info)
{
    const struct node *state = node_get(info, "state");
    const struct backup_contents *wanted = &restoring->contents;
    const char *last = node_get_text(restoring->backup.state, "last_ts");
    return wanted->messages > 0 && node_get_number(state, "messages") == wanted->messages &&
           node_get_number(state, "first_seq") == wanted->first_seq &&
           node_get_number(state, "last_seq") == wanted->last_seq &&
           strcmp(node_get_text(state, "last_ts"), last) == 0;
}

static int check_free(struct restoring *restoring, struct diags *diags)
{
    struct api_answer answer =
        ask(restoring, "STREAM.INFO", name_of(restoring), NULL, "stream_info_response");
    if (api_is_not_found(&answer.is))
        return 0;
    if (answer.is.outcome != API_DONE)
        return diagnose(restoring, diags, "look for stream", &answer);
    const struct refill refill = refill_of(restoring);
    enum refill_left left = restoring->by_messages ? refill_found(&refill, answer.is.body) : REFILL_NOTHING;
    restoring->is_left = left == REFILL_OURS;
    restoring->is_there = left == REFILL_MIXED || is_same(restoring, answer.is.body);
    if (restoring->is_there || restoring->is_left)
        return 0;
    return refuse(restoring, diags,
                  arena_printf(&diags->arena, "a stream '%s' is there already", name_of(restoring)),
                  "nothing is ever restored over a stream; '--as NAME' gives it another name");
}

/* The account's limits, of all streams together; less than 0 is none. */
static int check_room(const struct restoring *restoring, struct diags *diags)
{
    const struct node *account = server_info(restoring->server)->account_info;
    const struct node *limits = node_get(account, "limits");
    bool memory = strcmp(node_get_text(restoring->backup.config, "storage"), "memory") == 0;
    int64_t most = 0, streams = 0;
    uint64_t used = node_get_number(account, memory ? "memory" : "storage");
    if (number_parse_i64(node_get_text(limits, "max_streams"), &streams) && streams > 0 &&
        node_get_number(account, "streams") >= (uint64_t)streams)
        return refuse(restoring, diags, "the account has as many streams as it may have", NULL);
    if (number_parse_i64(node_get_text(limits, memory ? "max_memory" : "max_storage"), &most) && most >= 0 &&
        used + restoring->contents.bytes > (uint64_t)most)
        return refuse(restoring, diags, "the account has no room for its messages", NULL);
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
    if (backup_open(restoring->arena, restoring->folder, &restoring->backup, diags) ||
        backup_verify(restoring->arena, &restoring->backup, &restoring->contents, diags))
        return -1;
    const struct refill refill = refill_of(restoring);
    restoring->by_messages = refill_applies(&refill);
    restoring->is_seen = restoring->by_messages && refill_is_seen(&refill);
    find_lacking(restoring);
    return check_version(restoring, diags) || check_free(restoring, diags) || check_room(restoring, diags)
               ? -1
               : 0;
}

/* ---- the archive ---- */

struct reading {
    const struct restoring *restoring;
    struct file_pieces pieces;
    struct diags *diags;
};

static int64_t next(void *context, char *data, size_t most)
{
    const struct reading *reading = context;
    ssize_t got = file_pieces_read(&reading->pieces, data, most);
    if (got < 0)
        refuse(reading->restoring, reading->diags, "its archive cannot be read any more", NULL);
    return got;
}

/* Keys of the server's own are never sent; it makes them anew. */
static struct node *plain_metadata(struct arena *arena, const struct node *metadata)
{
    struct node *plain = node_map(arena);
    for (size_t i = 0; i < metadata->count; i++)
        if (strncmp(metadata->members[i].key, "_nats.", strlen("_nats.")) != 0)
            node_add(arena, plain, metadata->members[i]);
    return plain;
}

/*
 * nats-server before 2.15 begins a stream with a first_seq anew, and says yes to an archive of which it then keeps no message (2.10.27).
 * The archive has the sequences, so that the option is not missed.
 */
static void drop_first_seq(const struct restoring *restoring, struct node *config)
{
    uint32_t version = 0;
    bool known = version_parse(server_info(restoring->server)->version_text, &version);
    if (!known || !version_has(version, NEW_FORMAT_SINCE))
        node_remove(config, table_field_by_id(&stream_table, STREAM_FIRST_SEQ)->name);
}

static const char *body_of(const struct restoring *restoring)
{
    struct arena *arena = restoring->arena;
    struct node *body = node_map(arena), *config = node_copy(arena, restoring->backup.config);
    const struct node *metadata = node_get(config, "metadata");
    struct strbuf text = {0};
    node_put_text(arena, config, "name", name_of(restoring));
    drop_first_seq(restoring, config);
    if (metadata && metadata->type == NODE_MAP)
        node_put(arena, config, "metadata", plain_metadata(arena, metadata));
    node_put(arena, body, "config", config);
    node_put(arena, body, "state", node_copy(arena, restoring->backup.state));
    json_write(&text, body, false);
    return strbuf_move(&text, arena);
}

static int send(struct restoring *restoring, bool *ret_begun, struct diags *diags)
{
    struct reading reading = {.restoring = restoring, .diags = diags};
    struct restore restore = {.stream = name_of(restoring),
                              .body = body_of(restoring),
                              .next = next,
                              .context = &reading,
                              .interrupted = restoring->interrupted};
    const char *why = NULL;
    if (file_pieces_open(restoring->arena, restoring->backup.archive, &reading.pieces, &why)) {
        file_pieces_close(&reading.pieces);
        return refuse(restoring, diags, why, NULL);
    }
    int failed = restore_send(restoring->arena, restoring->server, &restore, diags);
    *ret_begun = restore.begun;
    file_pieces_close(&reading.pieces);
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
    const struct backup_contents *wanted = &restoring->contents;
    uint64_t messages = node_get_number(state, "messages"), last = node_get_number(state, "last_seq");
    bool ages = node_get_number(restoring->backup.config, "max_age") > 0;
    uint64_t since = last > wanted->last_seq ? last - wanted->last_seq : 0;
    bool all = since ? messages <= wanted->messages + since && messages + since >= wanted->messages
                     : messages == wanted->messages;
    restoring->state = state;
    if (last >= wanted->last_seq && (all || (ages && messages < wanted->messages + since)))
        return 0;
    return diag_error(
        diags, &code_restore, (struct srcpos){0},
        "stream '%s' is not what was restored: it has %llu messages up to %llu, and the backup %llu up to %llu",
        name_of(restoring), (unsigned long long)messages, (unsigned long long)last,
        (unsigned long long)wanted->messages, (unsigned long long)wanted->last_seq);
}

uint64_t restore_start(const struct node *consumer)
{
    uint64_t floor = node_get_number(node_get(consumer, "ack_floor"), "stream_seq");
    uint64_t delivered = node_get_number(node_get(consumer, "delivered"), "stream_seq");
    bool acknowledges = strcmp(node_get_text(node_get(consumer, "config"), "ack_policy"), "none") != 0;
    uint64_t done = acknowledges ? floor : delivered;
    return done ? done + 1 : 0;
}

/* It goes on behind its floor. A policy of its own, such as "new", would pass over what came since the backup. */
static const char *consumer_body(const struct restoring *restoring, const struct node *info)
{
    static const char *const starts[] = {"opt_start_time", "opt_start_seq"};
    struct arena *arena = restoring->arena;
    struct node *body = node_map(arena), *config = node_copy(arena, node_get(info, "config"));
    const struct node *metadata = node_get(config, "metadata");
    uint64_t start = restore_start(info);
    struct strbuf text = {0};
    if (start) {
        for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
            node_remove(config, starts[i]);
        node_put_text(arena, config, "deliver_policy", "by_start_sequence");
        node_put_number(arena, config, "opt_start_seq", start);
    }
    if (metadata && metadata->type == NODE_MAP)
        node_put(arena, config, "metadata", plain_metadata(arena, metadata));
    node_put_text(arena, body, "stream_name", name_of(restoring));
    node_put(arena, body, "config", config);
    json_write(&text, body, false);
    return strbuf_move(&text, arena);
}

static int fail_consumer(const struct restoring *restoring, const struct node *info,
                         const struct api_answer *answer, struct diags *diags)
{
    api_diagnose(diags, restoring->server, (struct srcpos){0},
                 arena_printf(&diags->arena, "make consumer '%s' of stream '%s'", node_get_text(info, "name"),
                              name_of(restoring)),
                 &answer->is);
    return -1;
}

/*
 * In a cluster, a consumer can get a leader that has not caught up with the stream; it then begins where that has come to, before its start (2.10.27). So
 * what it says of itself is looked at, and as long as nothing was delivered to anybody, it is made once more.
 */
static int make_consumer(struct restoring *restoring, const struct node *info, struct diags *diags)
{
    enum { TRIES = 50, PAUSE_MS = 200 };
    const char *subject =
        arena_printf(restoring->arena, "%s.%s", name_of(restoring), node_get_text(info, "name"));
    uint64_t start = restore_start(info);
    for (int i = 0; i < TRIES && !(i && restoring->interrupted && restoring->interrupted()); i++) {
        struct api_answer answer = ask(restoring, "CONSUMER.DURABLE.CREATE", subject,
                                       consumer_body(restoring, info), "consumer_create_response");
        const struct node *delivered = node_get(answer.is.body, "delivered");
        if (answer.is.outcome != API_DONE)
            return fail_consumer(restoring, info, &answer, diags);
        if (node_get_number(delivered, "stream_seq") + 1 >= start)
            return 0;
        if (node_get_number(delivered, "consumer_seq"))
            break;
        answer = ask(restoring, "CONSUMER.DELETE", subject, NULL, "consumer_delete_response");
        if (answer.is.outcome != API_DONE)
            return fail_consumer(restoring, info, &answer, diags);
        api_pause(restoring->server, PAUSE_MS);
    }
    return diag_error(diags, &code_restore, (struct srcpos){0},
                      "consumer '%s' of stream '%s' does not begin at %llu, from where it was to go on",
                      node_get_text(info, "name"), name_of(restoring), (unsigned long long)start);
}

static int make_consumers(struct restoring *restoring, struct diags *diags)
{
    int failed = 0;
    for (size_t i = 0; i < restoring->anew.count; i++) {
        const struct node *info = restoring->anew.items[i];
        const char *subject =
            arena_printf(restoring->arena, "%s.%s", name_of(restoring), node_get_text(info, "name"));
        struct api_answer answer = ask(restoring, "CONSUMER.INFO", subject, NULL, "consumer_info_response");
        if (answer.is.outcome != API_DONE) /* else a run that was killed has made it */
            failed |= make_consumer(restoring, info, diags);
    }
    return failed;
}

/* Each consumer of the archive, by name, with what it had acknowledged. */
static int check_consumer(const struct restoring *restoring, const struct backup_consumer *wanted,
                          struct diags *diags)
{
    const char *subject = arena_printf(restoring->arena, "%s.%s", name_of(restoring), wanted->name);
    struct api_answer answer = ask(restoring, "CONSUMER.INFO", subject, NULL, "consumer_info_response");
    uint64_t floor = node_get_number(node_get(answer.is.body, "ack_floor"), "stream_seq");
    if (answer.is.outcome != API_DONE)
        return diag_error(diags, &code_restore, (struct srcpos){0},
                          "consumer '%s' of stream '%s' is not there: %s", wanted->name, name_of(restoring),
                          answer.is.description);
    if (floor >= wanted->ack_floor)
        return 0;
    return diag_error(diags, &code_restore, (struct srcpos){0},
                      "consumer '%s' of stream '%s' is at %llu, and was at %llu", wanted->name,
                      name_of(restoring), (unsigned long long)floor, (unsigned long long)wanted->ack_floor);
}

static int check_all(struct restoring *restoring, struct diags *diags)
{
    struct api_answer answer =
        ask(restoring, "STREAM.INFO", name_of(restoring), NULL, "stream_info_response");
    if (answer.is.outcome != API_DONE)
        return diagnose(restoring, diags, "read back stream", &answer);
    int failed = check_state(restoring, answer.is.body, diags);
    for (size_t i = 0; i < restoring->contents.consumers.count; i++)
        if (restoring->contents.consumers.items[i].is_in_archive && !restoring->by_messages)
            failed |= check_consumer(restoring, &restoring->contents.consumers.items[i], diags);
    return failed;
}

/*
 * In a cluster, leaders of stream and consumers are elected first, and then they count what there is. Until then nobody answers for a
 * consumer, so that one look may take the whole deadline of a request.
 */
static int check_settled(struct restoring *restoring, struct diags *diags)
{
    enum { SETTLE_MS = 10000, LOOKS_LEAST = 4, PAUSE_MS = 100 };
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
 * Takes away what a failed restore has left. It was not there before; but somebody else may have made one of that name since. So only
 * what is empty goes, and has no consumers.
 */
static void take_away(const struct restoring *restoring, struct diags *diags)
{
    struct api_answer answer =
        ask(restoring, "STREAM.INFO", name_of(restoring), NULL, "stream_info_response");
    const struct node *state = node_get(answer.is.body, "state");
    struct diag *diag = NULL;
    if (api_is_not_found(&answer.is))
        return;
    bool empty = answer.is.outcome == API_DONE && node_get_number(state, "messages") == 0 &&
                 node_get_number(state, "consumer_count") == 0;
    if (empty) {
        answer = ask(restoring, "STREAM.DELETE", name_of(restoring), NULL, "stream_delete_response");
        empty = answer.is.outcome == API_DONE;
    }
    if (empty)
        return;
    diag = diag_add(diags, &code_restore, (struct srcpos){0}, "something is left of stream '%s'",
                    name_of(restoring));
    diag_hint(diags, diag, "look at it, and delete it before the next try");
}

/* What was filled is more than empty, and goes while nobody else could have put anything into it. */
static void take_away_filled(const struct restoring *restoring, enum refill_left left, struct diags *diags)
{
    if (left == REFILL_OURS &&
        ask(restoring, "STREAM.DELETE", name_of(restoring), NULL, "stream_delete_response").is.outcome ==
            API_DONE)
        return;
    if (left != REFILL_NOTHING)
        take_away(restoring, diags);
}

/* The run that began it may not have been killed after all: what it has finished stays. */
static int remove_left(const struct restoring *restoring, struct diags *diags)
{
    const struct refill refill = refill_of(restoring);
    struct api_answer answer =
        ask(restoring, "STREAM.INFO", name_of(restoring), NULL, "stream_info_response");
    if (api_is_not_found(&answer.is))
        return 0;
    if (answer.is.outcome == API_DONE && refill_found(&refill, answer.is.body) != REFILL_OURS)
        return refuse(restoring, diags, "another restore has finished the stream meanwhile", NULL);
    if (answer.is.outcome == API_DONE)
        answer = ask(restoring, "STREAM.DELETE", name_of(restoring), NULL, "stream_delete_response");
    return answer.is.outcome == API_DONE
               ? 0
               : diagnose(restoring, diags, "delete what a killed run has left of stream", &answer);
}

static int restore_by_messages(struct restoring *restoring, struct diags *diags)
{
    const struct refill refill = refill_of(restoring);
    enum refill_left left = REFILL_NOTHING;
    if (restoring->is_left && remove_left(restoring, diags))
        return -1;
    if (!restoring->is_there && refill_begin(&refill, &left, diags)) {
        take_away_filled(restoring, left, diags);
        return -1;
    }
    return check_settled(restoring, diags) || make_consumers(restoring, diags) || refill_end(&refill, diags)
               ? -1
               : 0;
}

int restore_stream(struct restoring *restoring, struct diags *diags)
{
    bool begun = false;
    if (restoring->by_messages)
        return restore_by_messages(restoring, diags);
    bool sent = restoring->is_there || send(restoring, &begun, diags) == 0;
    int failed = sent && check_settled(restoring, diags) == 0 ? 0 : -1;
    if (failed && begun)
        take_away(restoring, diags);
    return failed ? -1 : make_consumers(restoring, diags);
}
