/*
 * The consumers of a restore; see restore_consumers.h.
 *
 * No server takes a position in the request that makes a consumer. From 2.14 on, CONSUMER.RESET moves one that begins at the start, at a
 * sequence or at a time, and it keeps its policy. It is paused meanwhile, so that nothing is delivered from where it begins. Others, and all before
 * 2.14, are made with a start sequence behind their floor: nothing else puts them there without delivering what lies before.
 */
#include "apply/restore_consumers.h"

#include <string.h>

#include "base/scope.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "field/field.h"
#include "field/mark_keys.h"
#include "kind/kinds.h"
#include "server/api.h"
#include "syntax/json.h"

static DIAG_CODE(
    code_lost_consumer, .name = "lost-consumer", CODE_WARNING,
    .doc = "A server restored a stream without one of the consumers that are in its archive.",
    .why = "It is made anew where it was, but what it had acknowledged behind a gap comes again.",
    .example =
        "natsform restore backups/ORDERS in a cluster, right after a stream of that name was deleted there",
    .remedy =
        "Nothing, if it may come again. Else delete the stream, wait a moment, and restore it once more.");

enum {
    PAUSED_SECONDS = 3600
}; /* longer than any two requests; a killed run leaves it paused for no longer */

/* ---- asking ---- */

static const char *name_of(unsigned id)
{
    return table_field_by_id(&consumer_table, id)->name;
}

static const char *subject_of(const struct restoring *restoring, const char *consumer)
{
    return arena_printf(restoring->arena, "%s.%s", restore_name(restoring), consumer);
}

static int diagnose(const struct restoring *restoring, const char *what, const char *consumer,
                    const struct api_answer *answer, struct diags *diags)
{
    api_diagnose(diags, restoring->server, (struct srcpos){0},
                 arena_printf(&diags->arena, "%s consumer '%s' of stream '%s'", what, consumer,
                              restore_name(restoring)),
                 &answer->is);
    return -1;
}

static struct api_answer look(const struct restoring *restoring, const char *consumer)
{
    return restore_ask(restoring, "CONSUMER.INFO", subject_of(restoring, consumer), NULL,
                       "consumer_info_response");
}

static const char *text_of(const struct restoring *restoring, const struct node *body)
{
    return json_text(restoring->arena, body);
}

/* ---- where they go on ---- */

static uint64_t position_of(const struct node *consumer)
{
    uint64_t floor = node_get_number(node_get(consumer, "ack_floor"), "stream_seq");
    uint64_t delivered = node_get_number(node_get(consumer, "delivered"), "stream_seq");
    bool acknowledges =
        strcmp(node_get_text(node_get(consumer, "config"), name_of(CONSUMER_ACK_POLICY)), "none") != 0;
    uint64_t done = acknowledges ? floor : delivered;
    return done ? done + 1 : 0;
}

/* A work queue has nothing any more of what its consumers are done with: there, they begin at the start, and nowhere else. */
static bool is_queue(const struct restoring *restoring)
{
    const char *key = table_field_by_id(&stream_table, STREAM_RETENTION)->name;
    return strcmp(node_get_text(restoring->config, key), CHOICE_WORKQUEUE) == 0;
}

uint64_t restore_start(const struct restoring *restoring, const struct node *consumer)
{
    return is_queue(restoring) ? 0 : position_of(consumer);
}

bool restore_moves(const struct restoring *restoring, const struct node *consumer)
{
    static const char *const policies[] = {"all", "by_start_sequence", "by_start_time"};
    const char *policy = node_get_text(node_get(consumer, "config"), name_of(CONSUMER_DELIVER_POLICY));
    uint32_t version = 0;
    bool known = version_parse(server_info(restoring->server)->version_text, &version);
    bool resets = false;
    for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++)
        resets |= text_is(policy, policies[i]);
    return known && version_has(version, V_2_14) && resets && restore_start(restoring, consumer);
}

/* ---- made anew ---- */

bool restore_keeps_start(const struct restoring *restoring)
{
    uint32_t version = 0;
    return version_parse(server_info(restoring->server)->version_text, &version) &&
           version_has(version, V_2_10);
}

/* What it was made for, so that a plan still knows it: MARK_START. One that was made anew before has it already. */
static void note_start(struct arena *arena, struct node *config)
{
    const char *key = name_of(CONSUMER_METADATA);
    const char *policy = node_get_text(config, name_of(CONSUMER_DELIVER_POLICY));
    const char *sequence = node_get_text(config, name_of(CONSUMER_OPT_START_SEQ));
    const char *time = node_get_text(config, name_of(CONSUMER_OPT_START_TIME));
    const char *start = *sequence ? sequence : time;
    struct node *metadata = node_get(config, key);
    metadata = metadata ? metadata : node_map(arena);
    if (!*node_get_text(metadata, MARK_START))
        node_put_text(arena, metadata, MARK_START,
                      *start ? arena_printf(arena, "%s %s", policy, start) : policy);
    node_put(arena, config, key, metadata);
}

/* Without a request that moves it, it goes on behind its floor. Its own policy, such as "new", would pass over what came since the backup. */
static void begin_behind(const struct restoring *restoring, uint64_t start, struct node *config)
{
    if (restore_keeps_start(restoring))
        note_start(restoring->arena, config);
    node_remove(config, name_of(CONSUMER_OPT_START_TIME));
    node_put_text(restoring->arena, config, name_of(CONSUMER_DELIVER_POLICY), "by_start_sequence");
    node_put_number(restoring->arena, config, name_of(CONSUMER_OPT_START_SEQ), start);
}

static const char *create_body(const struct restoring *restoring, const struct node *info)
{
    struct arena *arena = restoring->arena;
    struct node *body = node_map(arena), *config = node_copy(arena, node_get(info, "config"));
    struct instant until = restoring->now;
    if (restore_moves(restoring, info)) {
        until.seconds += PAUSED_SECONDS;
        node_put_text(arena, config, name_of(CONSUMER_PAUSE_UNTIL), instant_format(arena, until));
    } else if (restore_start(restoring, info)) {
        begin_behind(restoring, restore_start(restoring, info), config);
    }
    rewrite_consumer(arena, &restoring->terms->rewrite, config);
    rewrite_replicas(
        arena,
        node_get_number(restoring->config, table_field_by_id(&stream_table, STREAM_NUM_REPLICAS)->name),
        config);
    restore_own(restoring, node_get_text(info, "name"), config);
    node_put_text(arena, body, "stream_name", restore_name(restoring));
    node_put(arena, body, "config", config);
    return text_of(restoring, body);
}

static int move(const struct restoring *restoring, const struct node *info, struct diags *diags)
{
    struct arena *arena = restoring->arena;
    const char *name = node_get_text(info, "name"), *pause = name_of(CONSUMER_PAUSE_UNTIL);
    const char *until = node_get_text(node_get(info, "config"), pause);
    struct node *reset = node_map(arena), *resume = node_map(arena);
    node_put_number(arena, reset, "seq", restore_start(restoring, info));
    struct api_answer answer = restore_ask(restoring, "CONSUMER.RESET", subject_of(restoring, name),
                                           text_of(restoring, reset), "consumer_reset_response");
    if (answer.is.outcome != API_DONE)
        return diagnose(restoring, "move", name, &answer, diags);
    if (*until)
        node_put_text(arena, resume, pause, until);
    answer = restore_ask(restoring, "CONSUMER.PAUSE", subject_of(restoring, name), text_of(restoring, resume),
                         "consumer_pause_response");
    return answer.is.outcome == API_DONE ? 0 : diagnose(restoring, "resume", name, &answer, diags);
}

/* A run that was killed may have made it, and left it where it begins. */
static bool is_in_place(const struct node *info, const struct node *there)
{
    return position_of(there) >= position_of(info);
}

static bool is_of_interest(const struct restoring *restoring)
{
    const char *retention = table_field_by_id(&stream_table, STREAM_RETENTION)->name;
    return strcmp(node_get_text(restoring->config, retention), CHOICE_INTEREST) == 0;
}

/*
 * In a cluster, a consumer can get a leader that has not caught up with the stream; it then begins where that has come to, before its start
 * (2.10.27). So what it says of itself is looked at, and as long as nothing was delivered to anybody, it is made once more. Not on a stream of
 * interest, out of which a consumer that goes takes all that nobody else waits for: better some of it comes twice.
 */
static int create(const struct restoring *restoring, const struct node *info, uint64_t start,
                  struct diags *diags)
{
    enum { TRIES = 50, PAUSE_MS = 200 };
    const char *name = node_get_text(info, "name");
    for (int i = 0; i < TRIES && !(i && restoring->interrupted && restoring->interrupted()); i++) {
        struct api_answer answer =
            restore_ask(restoring, "CONSUMER.DURABLE.CREATE", subject_of(restoring, name),
                        create_body(restoring, info), "consumer_create_response");
        const struct node *delivered = node_get(answer.is.body, "delivered");
        if (answer.is.outcome != API_DONE)
            return diagnose(restoring, "make", name, &answer, diags);
        if (node_get_number(delivered, "stream_seq") + 1 >= start)
            return 0;
        if (node_get_number(delivered, "consumer_seq") || is_of_interest(restoring))
            break;
        answer = restore_ask(restoring, "CONSUMER.DELETE", subject_of(restoring, name), NULL,
                             "consumer_delete_response");
        if (answer.is.outcome != API_DONE)
            return diagnose(restoring, "make", name, &answer, diags);
        api_pause(restoring->server, PAUSE_MS);
    }
    return diag_error(diags, &code_restore, (struct srcpos){0},
                      "consumer '%s' of stream '%s' does not begin at %llu, from where it was to go on", name,
                      restore_name(restoring), (unsigned long long)start);
}

static int make(const struct restoring *restoring, const struct node *info, struct diags *diags)
{
    const char *name = node_get_text(info, "name");
    bool moves = restore_moves(restoring, info);
    struct api_answer answer = look(restoring, name);
    bool made = answer.is.outcome == API_DONE;
    if (made && (!moves || is_in_place(info, answer.is.body)))
        return 0;
    if (!made && create(restoring, info, moves ? 0 : restore_start(restoring, info), diags))
        return -1;
    return moves ? move(restoring, info, diags) : 0;
}

int restore_make_consumers(struct restoring *restoring, struct diags *diags)
{
    int failed = 0;
    for (size_t i = 0; i < restoring->anew.count; i++)
        failed |= make(restoring, restoring->anew.items[i], diags);
    return failed;
}

/* ---- those of the archive ---- */

static int check(const struct restoring *restoring, const struct backup_consumer *wanted, struct diags *diags)
{
    struct api_answer answer = look(restoring, wanted->name);
    uint64_t floor = node_get_number(node_get(answer.is.body, "ack_floor"), "stream_seq");
    if (answer.is.outcome != API_DONE)
        return diag_error(diags, &code_restore, (struct srcpos){0},
                          "consumer '%s' of stream '%s' is not there: %s", wanted->name,
                          restore_name(restoring), answer.is.description);
    if (floor >= wanted->ack_floor)
        return 0;
    return diag_error(diags, &code_restore, (struct srcpos){0},
                      "consumer '%s' of stream '%s' is at %llu, and was at %llu", wanted->name,
                      restore_name(restoring), (unsigned long long)floor,
                      (unsigned long long)wanted->ack_floor);
}

int restore_check_consumers(struct restoring *restoring, struct diags *diags)
{
    int failed = 0;
    for (size_t i = 0; i < restoring->contents.consumers.count; i++)
        if (restoring->contents.consumers.items[i].is_in_archive)
            failed |= check(restoring, &restoring->contents.consumers.items[i], diags);
    return failed;
}

static const struct node *own_info(const struct restoring *restoring, const char *consumer)
{
    const struct node *list = node_get(restoring->backup.own, "consumers");
    for (size_t i = 0; list && list->type == NODE_LIST && i < list->count; i++)
        if (text_is(node_get_text(list->items[i], "name"), consumer))
            return list->items[i];
    return NULL;
}

static bool take_lost(struct restoring *restoring, struct diags *diags)
{
    bool any = false;
    for (size_t i = 0; !restoring->exact && i < restoring->contents.consumers.count; i++) {
        struct backup_consumer *consumer = &restoring->contents.consumers.items[i];
        const struct node *info = own_info(restoring, consumer->name);
        if (!consumer->is_in_archive || !info)
            continue;
        struct api_answer answer = look(restoring, consumer->name);
        if (!api_is_not_found(&answer.is))
            continue;
        diag_add(
            diags, &code_lost_consumer, (struct srcpos){0},
            "the server has lost consumer '%s' of stream '%s' out of the archive: it is made anew behind its last acknowledgement",
            consumer->name, restore_name(restoring));
        consumer->is_in_archive = false;
        VEC_PUSH(restoring->arena, &restoring->anew, info);
        any = true;
    }
    return any;
}

int restore_settled_with_consumers(struct restoring *restoring, struct diags *diags)
{
    struct diags faults SCOPED(diags_release) = {0};
    int failed = restore_settled(restoring, &faults);
    if (failed && take_lost(restoring, diags))
        return restore_settled(restoring, diags);
    diags_append(diags, &faults);
    return failed;
}

/* ---- marks ---- */

static int mark(struct restoring *restoring, const char *name, struct diags *diags)
{
    struct arena *arena = restoring->arena;
    struct api_answer answer = look(restoring, name);
    struct node *body = node_map(arena);
    if (answer.is.outcome != API_DONE)
        return diagnose(restoring, "look for", name, &answer, diags);
    struct node *config = node_copy(arena, node_get(answer.is.body, "config"));
    if (!restore_own(restoring, name, config))
        return 0;
    node_put_text(arena, body, "stream_name", restore_name(restoring));
    node_put(arena, body, "config", config);
    node_put_text(arena, body, "action", "update");
    answer = restore_ask(restoring, "CONSUMER.CREATE", subject_of(restoring, name), text_of(restoring, body),
                         "consumer_create_response");
    return answer.is.outcome == API_DONE ? 0 : diagnose(restoring, "mark", name, &answer, diags);
}

int restore_mark_consumers(struct restoring *restoring, struct diags *diags)
{
    const struct restore_terms *terms = restoring->terms;
    int failed = 0;
    if (!terms->project && !terms->no_project)
        return 0;
    for (size_t i = 0; i < restoring->contents.consumers.count; i++)
        if (restoring->contents.consumers.items[i].is_in_archive)
            failed |= mark(restoring, restoring->contents.consumers.items[i].name, diags);
    return failed;
}
