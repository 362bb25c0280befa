/*
 * Streams in use whose fields change that servers never change, on each version, on a server alone and in a cluster of three: somebody
 * publishes to the stream and somebody consumes from it all the while (tests/support/exchange.h), and beside them it has consumers of
 * all kinds that stand still half way. Afterwards all that was acknowledged is there once, by its sequence, and has come to the
 * consumer; nothing whose acknowledgement was confirmed comes again; or all was refused, and nothing is touched. What a version keeps
 * is what the table of docs/migrate.md says, which is made of what was seen here:
 *
 *     EXHAUSTIVE=1 GOLDEN=renew build/dev/tests/live_migrate && git diff tests/golden docs
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/exit.h"
#include "field/field.h"
#include "support/content.h"
#include "support/exchange.h"
#include "support/jetstream.h"
#include "support/patience.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/seen.h"
#include "support/server_fixture.h"
#include "support/shell.h"
#include "support/suite.h"
#include "support/trip.h"
#include "syntax/json.h"

#define format(...) arena_printf(test_arena(), __VA_ARGS__)

enum {
    PARTS =
        4, /* of the rows, each with servers of its own, side by side: they wait for servers most of the time */
    SEEDS = 10, /* messages of each subject before anybody begins */
    WELL_UNDER_WAY = 20,
    CALM_CLUSTERED_US = 25000, /* natsform looks ten times less often there */
    STILL_SEEDS = 400,         /* for who consumes where nobody may publish */
    SINGLES_MOST = 12,
    SIDES_MOST = 4 + SINGLES_MOST,
    HALF_DELIVERED = 7,
};

/* ---- what changes ---- */

enum supply { OWN_SUBJECTS, FROM_MIRROR, SEALED, EMPTY };

struct row {
    const char *name;           /* of the table */
    const char *before, *after; /* fields of the stream, or of the consumer, one a line */
    enum supply supply;
    uint32_t since,
        until; /* the versions that have the field and refuse to change it; 0: from the first, to the last */
    bool divided;               /* each consumer has subjects of its own, as those of a work queue must */
    bool drops;                 /* before or afterwards, what all have acknowledged goes */
    uint32_t loses_since;       /* as the plan says, so it has to be allowed */
    bool without_memory;        /* it has no consumer in memory beside */
    bool clustered;             /* no server alone has it */
    bool alone;                 /* no cluster has it */
    bool renamed;               /* the stream gets another name, NAME_R */
    uint32_t refused_before;    /* natsform refuses to migrate it on older versions */
    const char *refused;        /* and what it says then */
    const char *out_of_order;   /* a consumer beside that has acknowledged so */
    const char *undone;         /* what is said if so it cannot be, and all is as it was */
    const char *header, *value; /* that messages have before the change */
};

#define REFUSED_ON_ALL UINT32_MAX

static const struct row rows[] = {
    {
        .name = "`storage`: file to memory",
        .before = "storage: file",
        .after = "storage: memory",
        .refused_before = V_2_10,
        .refused = "storage",
    },
    {
        .name = "`storage`: memory to file",
        .before = "storage: memory",
        .after = "storage: file",
        .refused_before = V_2_10,
        .refused = "storage",
    },
    {
        .name = "`retention`: limits to workqueue",
        .before = "retention: limits",
        .after = "retention: workqueue",
        .without_memory = true,
        .divided = true,
        .loses_since = V_2_15,
        .drops = true,
    },
    {
        .name = "the same, with a consumer in memory",
        .before = "retention: limits",
        .after = "retention: workqueue",
        .refused_before = V_2_15,
        .refused = "would get again what it has acknowledged",
        .divided = true,
        .loses_since = V_2_15,
        .drops = true,
    },
    {
        .name = "`retention`: workqueue to limits",
        .before = "retention: workqueue",
        .after = "retention: limits",
        .divided = true,
        .drops = true,
    },
    {
        .name = "`retention`: limits to interest",
        .before = "retention: limits",
        .after = "retention: interest",
        .until = V_2_10,
        .without_memory = true,
        .divided =
            true, /* in a cluster, 2.9.10 itself drops messages of interest streams that several want */
        .drops = true,
    },
    {
        .name = "the same to interest, with a consumer in memory",
        .before = "retention: limits",
        .after = "retention: interest",
        .until = V_2_10,
        .divided = true,
        .drops = true,
        .refused_before = REFUSED_ON_ALL,
        .refused = "before that is made anew the others would take what it waits for",
    },
    {
        .name = "`retention`: interest to limits",
        .before = "retention: interest",
        .after = "retention: limits",
        .until = V_2_10,
        .divided = true,
        .drops = true,
    },
    {
        .name = "`retention`: interest to workqueue",
        .before = "retention: interest",
        .after = "retention: workqueue",
        .without_memory = true,
        .divided = true,
        .drops = true,
    },
    {
        .name = "`retention`: workqueue to interest",
        .before = "retention: workqueue",
        .after = "retention: interest",
        .divided = true,
        .drops = true,
    },
    {
        .name = "`deny_delete`: off, of an interest stream",
        .before = "retention: interest\ndeny_delete: true",
        .after = "retention: interest",
        .since =
            V_2_10, /* in a cluster, 2.9.10 itself drops messages of interest streams that several want */
        .drops = true,
        .refused_before = V_2_11,
        .refused = "before that is made anew the others would take what it waits for",
    },
    {
        .name = "`deny_delete` and `deny_purge`: off",
        .before = "deny_delete: true\ndeny_purge: true",
        .after = "deny_delete: false\ndeny_purge: false",
    },
    {
        .name = "`sealed`: off",
        .before = "sealed: false",
        .after = "sealed: false",
        .supply = SEALED,
    },
    {
        .name = "`max_consumers`",
        .before = "max_consumers: 50",
        .after = "max_consumers: 60",
        .until = VERSION(2, 12, 5),
    },
    {
        .name = "`republish`",
        .before = "description: plain",
        .after = "republish: {src: \">\", dest: \"copies.>\"}",
        .until = V_2_10,
    },
    {
        .name = "`deny_delete`: off, where its own subjects are republished",
        .before = "deny_delete: true\nrepublish: {src: NAME.>, dest: copies.NAME.>}",
        .after = "republish: {src: NAME.>, dest: copies.NAME.>}",
        .refused_before = V_2_10,
        .refused = "it republishes 'M",
    },
    {
        .name = "`mirror`: removed",
        .before = "mirror: {name: NAME_O}",
        .after = "subjects: [NAME_own]",
        .supply = FROM_MIRROR,
        .until = V_2_12,
    },
    {
        .name = "`mirror`: of another stream",
        .before = "mirror: {name: NAME_O}",
        .after = "mirror: {name: NAME_P}",
        .supply = FROM_MIRROR,
        .refused_before = REFUSED_ON_ALL, /* its sequences are those of its origin: none of them can stay */
        .refused = "mirror",
    },
    {
        .name = "`allow_msg_counter`: off",
        .before = "allow_msg_counter: true",
        .after = "allow_msg_counter: false",
        .since = V_2_12,
        .header = "Nats-Incr",
        .value = "+1",
    },
    {
        .name = "`allow_msg_ttl`: off",
        .before = "allow_msg_ttl: true",
        .after = "allow_msg_ttl: false",
        .since = V_2_11,
        .header = "Nats-TTL",
        .value = "1h",
    },
    {
        .name = "`allow_msg_schedules`: off",
        .before = "allow_msg_schedules: true",
        .after = "allow_msg_schedules: false",
        .since = V_2_12,
    },
    {
        .name = "`persist_mode`: async to default",
        .before = "persist_mode: async",
        .after = "persist_mode: default",
        .since = V_2_12,
        .alone = true,
    },
    {
        .name = "`storage` of an empty stream, under `refuse`",
        .before = "storage: file",
        .after = "storage: memory",
        .supply = EMPTY,
    },
    {
        .name = "with a consumer that has acknowledged out of order",
        .before = "deny_delete: true",
        .after = "deny_delete: false",
        .out_of_order = "half",
        .undone = "has acknowledged messages behind one that it has not",
    },
    {
        .name = "with such a one in memory",
        .before = "deny_delete: true",
        .after = "deny_delete: false",
        .out_of_order = "memory",
        .undone = "has acknowledged messages behind one that it has not",
    },
    {
        .name = "with such a one of one replica",
        .before = "deny_delete: true",
        .after = "deny_delete: false",
        .clustered = true,
        .out_of_order = "single",
        .undone = "has acknowledged messages behind one that it has not",
    },
    {
        .name = "another name, to which the consumer goes over",
        .before = "",
        .after = "renamed_from: NAME",
        .renamed = true,
        .refused_before = V_2_10,
        .refused = "takes an archive under its own name alone",
    },
};

/* The same of the consumer that is in use. */
static const struct row consumer_rows[] = {
    {
        .name = "a consumer's `ack_policy`",
        .before = "ack_policy: explicit",
        .after = "ack_policy: all",
        .refused_before = V_2_10,
        .refused = "can make no consumer that goes on where it was",
    },
    {
        .name = "a consumer's `deliver_policy`",
        .before = "ack_policy: explicit\ndeliver_policy: all",
        .after = "ack_policy: explicit\ndeliver_policy: new",
        .refused_before = V_2_10,
        .refused = "can make no consumer that goes on where it was",
    },
    {
        .name = "a pull consumer that becomes a push consumer",
        .before = "ack_policy: explicit",
        .after = "ack_policy: explicit\ndeliver_subject: NAME_pushed",
        .refused_before = V_2_10,
        .refused = "can make no consumer that goes on where it was",
    },
};

enum {
    ROWS = sizeof(rows) / sizeof(rows[0]),
    CONSUMER_ROWS = sizeof(consumer_rows) / sizeof(consumer_rows[0]),
    ALL_ROWS = ROWS + CONSUMER_ROWS
};

static const struct row *row_at(size_t index)
{
    return index < ROWS ? &rows[index] : &consumer_rows[index - ROWS];
}

static const char *row_name(size_t index)
{
    return row_at(index)->name;
}

static const struct seen_table table = {.name = "migrate",
                                        .by = "tests/live/migrate.c",
                                        .page = "migrate.md",
                                        .rows = ALL_ROWS,
                                        .row_name = row_name};

/* ---- where ---- */

struct place {
    struct server_fixture *server;   /* that natsform asks */
    struct cluster_fixture *cluster; /* NULL: it is alone */
    natsConnection *connection;
    uint32_t version;
};

/* A consumer beside the one in use; it stands still. */
struct side {
    const char *name, *words;  /* the latter for the table */
    const char *config, *yaml; /* more of its configuration; with the latter it is in the manifest */
    bool half;                 /* has acknowledged some, and has others outstanding */
    bool filtered;             /* to subjects of its own, whatever the others have */
    bool clusters;
};

static const struct side sides[] = {
    {.name = "half", .words = "file", .config = "", .yaml = "", .half = true},
    {.name = "memory", .words = "memory", .config = ",\"mem_storage\":true", .half = true},
    {.name = "fresh", .words = "unused", .config = "", .filtered = true},
    /* As many as it takes for one to be where the stream's leader is not. */
    {.name = "single",
     .words = "one replica",
     .config = ",\"num_replicas\":1",
     .half = true,
     .clusters = true},
};
enum { SIDES = sizeof(sides) / sizeof(sides[0]) };

struct standing {
    const struct side *side;
    const char *name;
    size_t subject;            /* of the exchange; the messages that it wants, unless it wants all */
    const struct node *before; /* INFO */
};

/* One row at one place. */
struct trial {
    const struct place *place;
    const struct row *row;
    bool of_consumer;
    const char *name;   /* of the stream */
    const char *folder; /* where natsform runs */
    struct exchange *exchange;
    struct standing standing[SIDES_MOST];
    size_t standings;
    struct content content; /* before */
    bool has_gone_through;  /* though something moved */
};

/* Up to 2.9 filters have to match the stream's subjects, and those of a mirror that is one no longer are others. */
static bool is_filtered(const struct trial *trial, const struct side *side)
{
    return side->filtered && trial->row->supply != FROM_MIRROR;
}

static const char *put_name(const char *text, const char *name)
{
    for (const char *at; (at = strstr(text, "NAME"));)
        text = format("%.*s%s%s", (int)(at - text), text, name, at + strlen("NAME"));
    return text;
}

/* ---- manifests ---- */

static const char *indented(const char *lines, const char *indent)
{
    const char *text = "";
    while (*lines) {
        size_t length = strcspn(lines, "\n");
        text = format("%s%s%.*s\n", text, indent, (int)length, lines);
        lines += length + (lines[length] == '\n');
    }
    return text;
}

static const char *live_filter(const struct trial *trial)
{
    return trial->row->divided ? "\nfilter_subject: NAME.live" : "";
}

static const char *consumers_text(const struct trial *trial, bool changed)
{
    const struct row *row = trial->row;
    const char *live = trial->of_consumer ? (changed ? row->after : row->before) : "ack_policy: explicit";
    const char *text = format("    consumers:\n      live:\n%s",
                              indented(format("%s\nack_wait: 5s%s", live, live_filter(trial)), "        "));
    if (trial->of_consumer && changed)
        text = format("%s        lifecycle: {on_immutable: migrate}\n", text);
    for (size_t i = 0; i < SIDES; i++) {
        if (!sides[i].yaml)
            continue;
        const char *filter = row->divided || is_filtered(trial, &sides[i])
                                 ? format("\nfilter_subject: NAME.%s", sides[i].name)
                                 : "";
        text = format(
            "%s      %s:\n%s", text, sides[i].name,
            indented(format("ack_policy: explicit\nack_wait: 1h%s%s", sides[i].yaml, filter), "        "));
    }
    return text;
}

static const char *manifest_text(const struct trial *trial, bool changed)
{
    const struct row *row = trial->row;
    int replicas = trial->place->cluster ? 3 : 1;
    const char *text = "project: migrations\nstreams:\n";
    if (row->supply == FROM_MIRROR)
        text = format("%s  NAME_O: {subjects: [NAME.>], num_replicas: %d}\n"
                      "  NAME_P: {subjects: [NAME_P.>], num_replicas: %d}\n",
                      text, replicas, replicas);
    text = format("%s  NAME%s:\n    num_replicas: %d\n", text, changed && row->renamed ? "_R" : "", replicas);
    if (row->supply != FROM_MIRROR)
        text = format("%s    subjects: [NAME.>]\n", text);
    if (!trial->of_consumer)
        text = format("%s%s", text, indented(changed ? row->after : row->before, "    "));
    if (!trial->of_consumer && changed && row->supply != EMPTY)
        text = format("%s    lifecycle: {on_immutable: migrate}\n", text);
    return put_name(format("%s%s", text, consumers_text(trial, changed)), trial->name);
}

static bool is_refused(const struct trial *trial)
{
    return trial->place->version < trial->row->refused_before;
}

static struct run run_in(const struct trial *trial, const char *const *arguments)
{
    return run_natsform(&(struct run_options){.arguments = arguments, .directory = trial->folder});
}

#define RUN_IN(trial, ...) run_in((trial), (const char *const[]){__VA_ARGS__, NULL})

/* What cannot be tried on the server itself is tried on one of its own, where that does not take a cluster. */
static struct run apply(const struct trial *trial, bool changed)
{
    const char *more = changed && !trial->place->cluster ? "--rehearse" : NULL;
    write_file(trial->folder, "natsform.yaml", manifest_text(trial, changed));
    return RUN_IN(trial, "apply", "--yes", "-s", trial->place->server->url, more);
}

/*
 * What loses something has to be allowed by name: on 2.15 and later a work queue lets go what was acknowledged. Elsewhere it depends on
 * what is under way when the plan is made.
 */
static struct run apply_change(const struct trial *trial)
{
    struct run run = apply(trial, true);
    bool loses = trial->row->loses_since && version_has(trial->place->version, trial->row->loses_since);
    if (is_refused(trial) || (!loses && (!trial->row->drops || run.exit_code != EXIT_REFUSED)))
        return run;
    ck_assert_exit(run, EXIT_REFUSED);
    ck_assert_contains(run.err, "[data-loss]");
    return RUN_IN(trial, "apply", "--yes", "-s", trial->place->server->url, "--allow-data-loss", trial->name,
                  trial->place->cluster ? NULL : "--rehearse");
}

/* ---- beforehand ---- */

static void publish_seeds(struct trial *trial, size_t subject, size_t count)
{
    for (size_t i = 0; i < count; i++)
        exchange_publish(trial->exchange, trial->place->connection, subject);
}

static const struct node *info_of(const struct trial *trial, const char *consumer)
{
    return jetstream_info(trial->place->connection, "CONSUMER", format("%s.%s", trial->name, consumer));
}

static bool is_out_of_order(const struct trial *trial, const struct side *side)
{
    return trial->row->out_of_order && strcmp(trial->row->out_of_order, side->name) == 0;
}

static void make_side(struct trial *trial, const struct side *side, const char *name)
{
    struct standing *standing = &trial->standing[trial->standings++];
    natsConnection *connection = trial->place->connection;
    bool filtered = trial->row->divided || is_filtered(trial, side);
    const char *filter = filtered ? format(",\"filter_subject\":\"%s.%s\"", trial->name, name) : "";
    *standing = (struct standing){.side = side, .name = name, .subject = trial->standings};
    ck_assert_uint_lt(standing->subject, EXCHANGE_SUBJECTS);
    trial->exchange->subjects[standing->subject] = format("%s.%s", trial->name, name);
    if (!side->yaml)
        jetstream_ask(
            connection, format("$JS.API.CONSUMER.DURABLE.CREATE.%s.%s", trial->name, name),
            format("{\"stream_name\":\"%s\",\"config\":{\"durable_name\":\"%s\",\"ack_policy\":\"explicit\","
                   "\"ack_wait\":3600000000000%s%s}}",
                   trial->name, name, side->config, filter));
    info_of(trial, name);
    if (trial->row->supply == EMPTY)
        return;
    publish_seeds(trial, standing->subject, SEEDS);
    if (side->half)
        jetstream_use(connection, trial->name, name, is_out_of_order(trial, side));
}

static const char *leader_of(const struct node *info)
{
    return node_get_text(node_get(info, "cluster"), "leader");
}

static void make_singles(struct trial *trial, const struct side *side)
{
    bool elsewhere = false;
    for (int i = 0; !elsewhere; i++) {
        const char *name = format("%s%d", side->name, i);
        ck_assert_int_lt(i, SINGLES_MOST);
        make_side(trial, side, name);
        const struct node *stream = jetstream_info(trial->place->connection, "STREAM", trial->name);
        elsewhere = strcmp(leader_of(info_of(trial, name)), leader_of(stream)) != 0;
    }
}

static void seal(const struct trial *trial)
{
    natsConnection *connection = trial->place->connection;
    const struct node *info = jetstream_info(connection, "STREAM", trial->name);
    struct node *config = node_copy(test_arena(), node_get(info, "config"));
    node_put_flag(test_arena(), config, "sealed", true);
    jetstream_ask(connection, format("$JS.API.STREAM.UPDATE.%s", trial->name),
                  json_text(test_arena(), config));
}

/* Who consumes has to know the stream's name. */
static void consume_from(struct trial *trial, const char *name)
{
    trial->name = name;
    trial->exchange->next = format("$JS.API.CONSUMER.MSG.NEXT.%s.live", name);
}

static void begin_exchange(struct trial *trial)
{
    const struct place *place = trial->place;
    struct exchange *exchange = ARENA_NEW(test_arena(), struct exchange);
    exchange->name = trial->name;
    exchange->publisher_url = exchange->consumer_url = place->server->url;
    if (place->cluster) {
        exchange->publisher_url = place->cluster->nodes[1]->url;
        exchange->consumer_url = place->cluster->nodes[2]->url;
        exchange->calm_us = CALM_CLUSTERED_US;
    }
    exchange->subjects[0] = format("%s.live", trial->name);
    exchange->pushed = format("%s_pushed", trial->name);
    exchange->header = trial->row->header;
    exchange->value = trial->row->value;
    exchange->only_consumes = trial->row->supply == SEALED;
    trial->exchange = exchange;
    consume_from(trial, trial->name);
}

static struct trial begin(const struct place *place, const struct row *row, size_t index)
{
    struct trial trial = {.place = place,
                          .row = row,
                          .of_consumer = index >= ROWS,
                          .name = format("M%zu", index),
                          .folder = test_directory()};
    begin_exchange(&trial);
    ck_assert_exit(apply(&trial, false), EXIT_DONE);
    for (size_t i = 0; i < SIDES; i++)
        if (row->without_memory && strcmp(sides[i].name, "memory") == 0)
            continue;
        else if (!sides[i].clusters)
            make_side(&trial, &sides[i], sides[i].name);
        else if (place->cluster && !row->drops) /* 10134: such a stream's consumers have its replicas */
            make_singles(&trial, &sides[i]);
    if (row->supply == SEALED) {
        publish_seeds(&trial, 0, STILL_SEEDS);
        seal(&trial);
    }
    return trial;
}

/* ---- what became of it ---- */

static bool wants(const struct trial *trial, const struct standing *standing, size_t number)
{
    bool all = !trial->row->divided && !is_filtered(trial, standing->side);
    return all || trial->exchange->list[number].subject == standing->subject;
}

/* As jetstream_use() does it, of the messages that it wants: the first three, and the fifth out of order. */
static bool has_acknowledged(const struct trial *trial, const struct standing *standing, size_t number)
{
    size_t before = 0;
    for (size_t i = 0; i < number && before < HALF_DELIVERED; i++)
        before += wants(trial, standing, i);
    return standing->side->half && (before < 3 || (before == 4 && is_out_of_order(trial, standing->side)));
}

static bool live_wants(const struct trial *trial, size_t number)
{
    return !trial->row->divided || trial->exchange->list[number].subject == 0;
}

/* All that want it have acknowledged it. */
static bool is_done_with(const struct trial *trial, size_t number)
{
    if (live_wants(trial, number) && !trial->exchange->list[number].confirmed)
        return false;
    for (size_t i = 0; i < trial->standings; i++)
        if (wants(trial, &trial->standing[i], number) &&
            !has_acknowledged(trial, &trial->standing[i], number))
            return false;
    return true;
}

static size_t wanted_count(const struct trial *trial)
{
    size_t count = 0;
    for (size_t i = 0; i < exchange_published(trial->exchange); i++)
        count += live_wants(trial, i);
    return count;
}

static bool goes_on(const struct trial *trial, size_t published, size_t confirmed)
{
    const struct exchange *exchange = trial->exchange;
    if (exchange->only_consumes)
        return exchange_confirmed(exchange) > confirmed ||
               exchange_confirmed(exchange) == wanted_count(trial);
    return exchange_published(exchange) >= published + WELL_UNDER_WAY &&
           exchange_confirmed(exchange) >= confirmed + WELL_UNDER_WAY;
}

static void await_progress(const struct trial *trial)
{
    size_t published = exchange_published(trial->exchange), confirmed = exchange_confirmed(trial->exchange);
    exchange_hurry(trial->exchange, WELL_UNDER_WAY);
    AWAIT(goes_on(trial, published, confirmed));
}

/* A mirror that is one no longer has what it had when it was taken from its origin. */
static size_t last_of(const struct trial *trial)
{
    const struct node *info = jetstream_info(trial->place->connection, "STREAM", trial->name);
    bool all = trial->row->supply != FROM_MIRROR || !trial->has_gone_through;
    return all ? SIZE_MAX : node_get_number(node_get(info, "state"), "last_seq");
}

/* Returns whether something stays that all who wanted it have acknowledged. */
static bool check_messages(const struct trial *trial, const struct content *content)
{
    bool stays = false;
    size_t last = last_of(trial);
    size_t count = exchange_published(trial->exchange);
    const bool *kept = exchange_kept(trial->exchange, content, trial->row->name);
    for (size_t i = 0; i < count; i++) {
        bool done = trial->row->drops && is_done_with(trial, i);
        const struct exchange_message *message = &trial->exchange->list[i];
        ck_assert_msg(
            kept[i] || done || message->seq > last,
            "%s%s: message %zu of %zu, of %s, was acknowledged as %llu and is gone; delivered %zu times, "
            "confirmed as %zu of %zu",
            trial->row->name, trial->place->cluster ? " in a cluster" : "", i, count,
            trial->exchange->subjects[message->subject], (unsigned long long)message->seq, message->delivered,
            message->confirmed, exchange_confirmed(trial->exchange));
        stays |= done && kept[i] && !strstr(trial->row->after, "limits");
    }
    return stays;
}

/* What was there before and is there now has the same subject and content; returns whether it has the same time. */
static bool check_same(const struct trial *trial, const struct content *content)
{
    bool same_times = true;
    for (size_t i = 0, j = 0; i < trial->content.list.count; i++) {
        const struct content_message *was = &trial->content.list.items[i];
        while (j < content->list.count && content->list.items[j].seq < was->seq)
            j++;
        if (j == content->list.count || content->list.items[j].seq != was->seq)
            continue;
        const struct content_message *is = &content->list.items[j];
        ck_assert_str_eq(is->subject, was->subject);
        ck_assert_str_eq(is->data, was->data);
        same_times &= strcmp(is->time, was->time) == 0;
    }
    return same_times;
}

static void check_deliveries(const struct trial *trial, size_t mark)
{
    for (size_t i = 0; i < exchange_published(trial->exchange); i++) {
        const struct exchange_message *message = &trial->exchange->list[i];
        ck_assert_msg(!message->again || message->confirmed > mark,
                      "%s: message %zu came again, though its acknowledgement was confirmed before",
                      trial->row->name, i);
    }
}

/* ---- consumers that stood still ---- */

static const char *position_of(const struct node *info)
{
    return format(
        "delivered %s, floor %s, %s outstanding", node_get_text(node_get(info, "delivered"), "stream_seq"),
        node_get_text(node_get(info, "ack_floor"), "stream_seq"), node_get_text(info, "num_ack_pending"));
}

enum { UNDECIDED = -1, STANDS, GOES_BACK };

/* Of one that has delivered nothing, servers say where it looks next, which others' messages move. */
static bool is_unused(const struct node *info)
{
    return node_get_number(node_get(info, "delivered"), "consumer_seq") == 0;
}

/* All from the floor on comes again, and nothing is passed over. */
static int compare(const struct node *was, const struct node *is)
{
    uint64_t floor = node_get_number(node_get(was, "ack_floor"), "stream_seq");
    if (strcmp(position_of(was), position_of(is)) == 0 || (is_unused(was) && is_unused(is)))
        return STANDS;
    return node_get_number(node_get(is, "delivered"), "stream_seq") == floor &&
                   node_get_number(is, "num_ack_pending") == 0
               ? GOES_BACK
               : UNDECIDED;
}

/* The names of those that have gone back to their floors. */
static const char *check_standing(const struct trial *trial)
{
    const char *names = "";
    for (size_t i = 0; i < trial->standings; i++) {
        const struct standing *standing = &trial->standing[i];
        const struct node *is = info_of(trial, standing->name);
        struct patience patience = {0};
        while (compare(standing->before, is) == UNDECIDED && patience_lasts(&patience))
            is = info_of(trial, standing->name);
        ck_assert_msg(compare(standing->before, is) != UNDECIDED, "%s: consumer %s: %s; and was: %s",
                      trial->row->name, standing->name, position_of(is), position_of(standing->before));
        ck_assert_msg(!node_get(is, "paused") || strcmp(node_get_text(is, "paused"), "true") != 0,
                      "%s: consumer %s is paused", trial->row->name, standing->name);
        bool goes_back = compare(standing->before, is) == GOES_BACK;
        ck_assert_msg(!goes_back || !is_out_of_order(trial, standing->side),
                      "%s: what consumer %s has acknowledged comes again", trial->row->name, standing->name);
        if (goes_back && !strstr(names, standing->side->words))
            names = format("%s%s%s", names, *names ? ", " : "", standing->side->words);
    }
    return names;
}

/* ---- outcomes ---- */

static const char *checked(struct trial *trial, size_t mark)
{
    natsConnection *connection = trial->place->connection;
    struct content content = content_read(connection, trial->name);
    const char *lost = "";
    if (check_messages(trial, &content))
        lost = format("%s, what was acknowledged stays", lost);
    if (!check_same(trial, &content))
        lost = format("%s, new times", lost);
    check_deliveries(trial, mark);
    const char *back = check_standing(trial);
    if (*back)
        lost = format("%s, consumers from their floor: %s", lost, back);
    return format("all%s", lost);
}

static bool is_undone(const struct trial *trial, const struct run *run)
{
    return trial->row->undone && run->exit_code == EXIT_FAILED;
}

/* When it was made, and how: neither changes when all is as it was. */
static const char *config_of(const struct trial *trial)
{
    const struct node *info = jetstream_info(trial->place->connection, "STREAM", trial->name);
    return format("%s %s", node_get_text(info, "created"), json_text(test_arena(), node_get(info, "config")));
}

/* Returns whether it is migrated; else that all is as it was, and why. */
static bool check_run(const struct trial *trial, const struct run *run, const char *config_before)
{
    bool refused = is_refused(trial), undone = is_undone(trial, run);
    ck_assert_exit(*run, refused ? EXIT_REFUSED : undone ? EXIT_FAILED : EXIT_DONE);
    run_shell(trial->folder, "! ls .natsform/journal/*.json 2>/dev/null");
    if (!refused && !undone)
        return true;
    ck_assert_contains(run->err, "error: ");
    ck_assert_contains(run->err, refused ? trial->row->refused : trial->row->undone);
    ck_assert_str_eq(config_of(trial), config_before);
    return false;
}

static void check_in_sync(const struct trial *trial)
{
    ck_assert_exit(RUN_IN(trial, "plan", "--detailed-exitcode", "-s", trial->place->server->url), EXIT_DONE);
}

static void await_confirmed(const struct trial *trial, size_t wanted)
{
    struct patience patience = {0};
    while (exchange_confirmed(trial->exchange) != wanted)
        ck_assert_msg(
            patience_lasts(&patience), "%s: %zu of %zu messages are acknowledged; the consumer is\n%s",
            trial->row->name, exchange_confirmed(trial->exchange), wanted,
            raw_request(trial->place->server, format("$JS.API.CONSUMER.INFO.%s.live", trial->name), ""));
}

static void await_rest(const struct trial *trial)
{
    exchange_stop_publishing(trial->exchange);
    size_t last = last_of(trial), wanted = wanted_count(trial);
    await_confirmed(trial, wanted < last ? wanted : last);
    exchange_stop(trial->exchange);
}

/* It says that somebody is at work there: either all the while, or once more when all had stood still. */
static bool says_in_use(const struct run *run)
{
    return strstr(run->err, " stand still") || strstr(run->err, "has used it");
}

/*
 * Nobody can keep messages from coming to a mirror, nor, before servers could pause them, consumers of which only one is made anew from
 * going on: while they do, all stays as it is. Afterwards who makes them do so has stopped.
 */
static bool is_left_until_still(struct trial *trial, const char *config)
{
    bool moves = trial->row->supply == FROM_MIRROR ||
                 (trial->of_consumer && !version_has(trial->place->version, V_2_11));
    if (!moves || is_refused(trial))
        return false;
    struct run run = apply_change(trial);
    if (run.exit_code == EXIT_DONE) { /* between two of its messages */
        trial->has_gone_through = true;
        if (!trial->of_consumer)
            exchange_stop_publishing(trial->exchange);
        return true;
    }
    ck_assert_exit(run, EXIT_FAILED);
    ck_assert_msg(says_in_use(&run), "%s", run.err);
    ck_assert_str_eq(config_of(trial), config);
    await_progress(trial);
    if (trial->of_consumer) {
        exchange_stop_consuming(trial->exchange);
        return true;
    }
    exchange_stop_publishing(trial->exchange);
    await_confirmed(trial, wanted_count(trial));
    return true;
}

/*
 * Who is still at work, or a server on a busy machine that gives a restore up, ends an apply before anything has changed; it is run
 * again, as its message says, until it goes through or says what the row has never done.
 */
static struct run apply_until_over(const struct trial *trial)
{
    struct patience patience = {0};
    for (;;) {
        struct run run = apply_change(trial);
        bool says_undone = trial->row->undone && strstr(run.err, trial->row->undone);
        if (is_refused(trial) || says_undone || run.exit_code != EXIT_FAILED || !patience_lasts(&patience))
            return run;
        ck_assert_msg(says_in_use(&run) || strstr(run.err, "cannot restore stream"), "%s", run.err);
    }
}

static void look_before(struct trial *trial)
{
    for (size_t i = 0; i < trial->standings; i++)
        trial->standing[i].before = info_of(trial, trial->standing[i].name);
    trial->content = content_read(trial->place->connection, trial->name);
}

static const char *try_row(const struct place *place, const struct row *row, size_t index)
{
    struct trial trial = begin(place, row, index);
    if (row->supply != EMPTY) {
        exchange_start(trial.exchange);
        await_progress(&trial);
    }
    look_before(&trial);
    const char *config = config_of(&trial);
    exchange_hurry(trial.exchange, EXCHANGE_BRISK);
    size_t mark = exchange_confirmed(trial.exchange);
    bool still = is_left_until_still(&trial, config);
    struct run run = apply_until_over(&trial); /* nothing is left to do if it has gone through */
    bool migrated = check_run(&trial, &run, config);
    if (migrated && row->renamed)
        consume_from(&trial, format("%s_R", trial.name));
    if (row->supply == EMPTY)
        exchange_start(trial.exchange);
    else if (!trial.exchange->consumes)
        exchange_start_consuming(trial.exchange);
    if (!still || trial.of_consumer)
        await_progress(&trial);
    await_rest(&trial);
    const char *outcome = checked(&trial, mark);
    if (migrated)
        check_in_sync(&trial);
    jetstream_ask(place->connection, format("$JS.API.STREAM.DELETE.%s", trial.name), "");
    if (!migrated)
        return is_refused(&trial) ? "refused" : "undone";
    if (!still)
        return outcome;
    return format("%s, once %s", outcome,
                  trial.of_consumer ? "nobody uses it" : "its origin has nothing new");
}

/* ---- tests ---- */

static const char *see(const struct place *place, size_t index)
{
    const struct row *row = row_at(index);
    bool has = version_is_in(place->version, row->since, row->until) && !(row->alone && place->cluster) &&
               !(row->clustered && !place->cluster);
    return has ? try_row(place, row, index) : "";
}

/* The versions that have it share what happens in a cluster, which takes three servers several times as long. */
static bool is_taken(int version, size_t index)
{
    return version_takes_of(version, (int)index, row_at(index)->since, row_at(index)->until);
}

START_TEST(all_is_kept)
{
    const char *version = version_at(_i / PARTS), *singles[ALL_ROWS];
    struct place single = {.server = fixture_start(version, NULL), .version = version_number(version)};
    single.connection = exchange_connect(single.server->url);
    for (size_t i = (size_t)(_i % PARTS); i < ALL_ROWS; i += PARTS)
        singles[i] = see(&single, i);
    natsConnection_Destroy(single.connection);
    fixture_stop(single.server);
    struct place cluster = {.cluster = cluster_start(version, "migrate"), .version = single.version};
    cluster.server = cluster.cluster->nodes[0];
    cluster.connection = exchange_connect(cluster.server->url);
    for (size_t i = (size_t)(_i % PARTS); i < ALL_ROWS; i += PARTS)
        seen_row(&table, version, i, singles[i], is_taken(_i / PARTS, i) ? see(&cluster, i) : NULL);
    natsConnection_Destroy(cluster.connection);
    cluster_stop(cluster.cluster);
}
END_TEST

START_TEST(the_page_says_so)
{
    (void)_i;
    seen_page(&table);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = all_is_kept, .times = PARTS, .each_version = true},
        {.test = the_page_says_so},
    };
    return suite_run_in_lanes("live/migrate", tests, sizeof(tests) / sizeof(tests[0]), PARTS);
}
