/*
 * What an old server drops without a word, `natsform plan` says before anything is written: an error that names the
 * field and the version that has it. Each row is a configuration that a server of the version before accepts; the test
 * first sees it lose the field, by a raw request, and then plans the same against the same server.
 *
 * Every row of the field tables that came after the oldest server has to be among them.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/exit.h"
#include "base/strbuf.h"
#include "field/field.h"
#include "kind/kinds.h"
#include "support/config.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/server_fixture.h"
#include "support/suite.h"
#include "syntax/yaml.h"

#define CONSUMER "c"
#define SUBJECTS "subjects: ['s.>']"
#define LONG "<131072 bytes>" /* stands for so many bytes */
enum { LONG_BYTES = 131072 };

struct silence {
    const char *name;
    const char *stream;   /* what is asked for: a stream's configuration, … */
    const char *consumer; /* … or a consumer's, of a stream with SUBJECTS */
    const char *had;      /* the stream's configuration before: then it is an update */
    const char *had_consumer;
    const char *lost;    /* "path version, …": from which version on the server keeps it */
    const char *instead; /* what is said of a key that no version knows, before any server is asked */
};

static const struct silence silences[] = {
    {.name = "s-metadata-131073", .stream = SUBJECTS ", metadata: {k: '" LONG "'}", .lost = "metadata 2.10"},
    {.name = "s-metadata-nonstring", .stream = SUBJECTS ", metadata: {k: 1}", .lost = "metadata 2.10"},
    {.name = "s-compression-bogus", .stream = SUBJECTS ", compression: zstd", .lost = "compression 2.10"},
    {.name = "s-compression-upper", .stream = SUBJECTS ", compression: S2", .lost = "compression 2.10"},
    {.name = "s-persist-bogus", .stream = SUBJECTS ", persist_mode: sync", .lost = "persist_mode 2.12"},
    {.name = "s-firstseq-neg", .stream = SUBJECTS ", first_seq: -1", .lost = "first_seq 2.10"},
    {.name = "s-unknown-field",
     .stream = SUBJECTS ", max_message: 5",
     .lost = "max_message 2.15",
     .instead = "unknown key 'max_message'"},
    {.name = "s-unknown-nested",
     .stream = SUBJECTS ", placement: {clusters: x}",
     .lost = "placement.clusters 2.15",
     .instead = "unknown key 'clusters'"},
    {.name = "s-sdm-500ms",
     .stream =
         SUBJECTS ", subject_delete_marker_ttl: 500000000, allow_msg_ttl: true, allow_rollup_hdrs: true",
     .lost = "subject_delete_marker_ttl 2.11"},
    {.name = "s-sdm-neg",
     .stream = SUBJECTS ", subject_delete_marker_ttl: -1",
     .lost = "subject_delete_marker_ttl 2.11"},
    {.name = "s-sdm-implied-pedantic",
     .stream = SUBJECTS ", subject_delete_marker_ttl: 5000000000",
     .lost = "subject_delete_marker_ttl 2.11"},
    {.name = "s-sdm-rollup-pedantic",
     .stream = SUBJECTS ", subject_delete_marker_ttl: 5000000000, allow_msg_ttl: true",
     .lost = "subject_delete_marker_ttl 2.11, allow_msg_ttl 2.11"},
    {.name = "s-sdm-mirror",
     .stream =
         "mirror: {name: O}, subject_delete_marker_ttl: 5000000000, allow_msg_ttl: true, allow_rollup_hdrs: true",
     .lost = "subject_delete_marker_ttl 2.11, allow_msg_ttl 2.11"},
    {.name = "s-counter-discardnew",
     .stream = SUBJECTS ", allow_msg_counter: true, discard: new",
     .lost = "allow_msg_counter 2.12"},
    {.name = "s-counter-ttl",
     .stream = SUBJECTS ", allow_msg_counter: true, allow_msg_ttl: true",
     .lost = "allow_msg_counter 2.12, allow_msg_ttl 2.11"},
    {.name = "s-counter-sched",
     .stream = SUBJECTS ", allow_msg_counter: true, allow_msg_schedules: true",
     .lost = "allow_msg_counter 2.12, allow_msg_schedules 2.12"},
    {.name = "s-counter-wq",
     .stream = SUBJECTS ", allow_msg_counter: true, retention: workqueue",
     .lost = "allow_msg_counter 2.12"},
    {.name = "s-counter-interest",
     .stream = SUBJECTS ", allow_msg_counter: true, retention: interest",
     .lost = "allow_msg_counter 2.12"},
    {.name = "s-sched-discardnew",
     .stream = SUBJECTS ", allow_msg_schedules: true, discard: new",
     .lost = "allow_msg_schedules 2.12"},
    {.name = "s-sched-rollup-pedantic",
     .stream = SUBJECTS ", allow_msg_schedules: true",
     .lost = "allow_msg_schedules 2.12"},
    {.name = "s-sched-mirror",
     .stream = "mirror: {name: O}, allow_msg_schedules: true",
     .lost = "allow_msg_schedules 2.12"},
    {.name = "s-sched-source",
     .stream = "sources: [{name: O}], allow_msg_schedules: true",
     .lost = "allow_msg_schedules 2.12"},
    {.name = "s-async-memory",
     .stream = SUBJECTS ", persist_mode: async, storage: memory",
     .lost = "persist_mode 2.12"},
    {.name = "s-async-atomic",
     .stream = SUBJECTS ", persist_mode: async, allow_atomic: true",
     .lost = "persist_mode 2.12, allow_atomic 2.12"},
    {.name = "s-mirror-firstseq", .stream = "mirror: {name: O}, first_seq: 5", .lost = "first_seq 2.10"},
    {.name = "s-mirror-counter",
     .stream = "mirror: {name: O}, allow_msg_counter: true",
     .lost = "allow_msg_counter 2.12"},
    {.name = "s-mirror-atomic",
     .stream = "mirror: {name: O}, allow_atomic: true",
     .lost = "allow_atomic 2.12"},
    {.name = "s-mirror-batched",
     .stream = "mirror: {name: O}, allow_batched: true",
     .lost = "allow_batched 2.14"},
    {.name = "s-mirror-consumer-noname",
     .stream = "mirror: {name: O, consumer: {deliver_subject: x}}",
     .lost = "mirror.consumer 2.14"},
    {.name = "s-mirror-consumer-nodeliver",
     .stream = "mirror: {name: O, consumer: {name: x}}",
     .lost = "mirror.consumer 2.14"},
    {.name = "s-mirror-consumer-wild",
     .stream = "mirror: {name: O, consumer: {name: x, deliver_subject: 'x.*'}}",
     .lost = "mirror.consumer 2.14"},
    {.name = "s-mirror-consumer-optstart",
     .stream = "mirror: {name: O, opt_start_seq: 5, consumer: {name: x, deliver_subject: x}}",
     .lost = "mirror.consumer 2.14"},
    {.name = "s-mirror-consumer-filter",
     .stream = "mirror: {name: O, filter_subject: o.1, consumer: {name: x, deliver_subject: x}}",
     .lost = "mirror.consumer 2.14"},
    {.name = "s-mirror-filter-and-tr",
     .stream =
         "mirror: {name: O, filter_subject: o.1, subject_transforms: [{src: 'o.*', dest: 'q.{{wildcard(1)}}'}]}",
     .lost = "mirror.subject_transforms 2.10"},
    {.name = "s-mirror-tr-overlap",
     .stream = "mirror: {name: O, subject_transforms: [{src: 'o.>', dest: 'q.>'}, {src: o.1, dest: r.1}]}",
     .lost = "mirror.subject_transforms 2.10"},
    {.name = "s-mirror-tr-badsrc",
     .stream = "mirror: {name: O, subject_transforms: [{src: o..1, dest: q}]}",
     .lost = "mirror.subject_transforms 2.10"},
    {.name = "s-mirror-tr-baddest",
     .stream = "mirror: {name: O, subject_transforms: [{src: 'o.*', dest: 'q.{{wildcard(2)}}'}]}",
     .lost = "mirror.subject_transforms 2.10"},
    {.name = "s-src-filter-and-tr",
     .stream = "sources: [{name: O, filter_subject: o.1, subject_transforms: [{src: 'o.*', dest: q}]}]",
     .lost = "sources.subject_transforms 2.10"},
    {.name = "s-src-tr-overlap",
     .stream = "sources: [{name: O, subject_transforms: [{src: 'o.>', dest: 'q.>'}, {src: o.1, dest: r.1}]}]",
     .lost = "sources.subject_transforms 2.10"},
    {.name = "s-src-tr-collide-not-subset",
     .stream =
         "sources: [{name: O, subject_transforms: [{src: 'o.*.x', dest: 'q.*'}, {src: 'o.y.*', dest: 'r.*'}]}]",
     .lost = "sources.subject_transforms 2.10"},
    {.name = "s-src-tr-badsrc",
     .stream = "sources: [{name: O, subject_transforms: [{src: o..1, dest: q}]}]",
     .lost = "sources.subject_transforms 2.10"},
    {.name = "s-src-tr-baddest",
     .stream = "sources: [{name: O, subject_transforms: [{src: 'o.*', dest: 'q.{{wildcard(2)}}'}]}]",
     .lost = "sources.subject_transforms 2.10"},
    {.name = "s-src-tr-unknownfn",
     .stream = "sources: [{name: O, subject_transforms: [{src: 'o.*', dest: 'q.{{foo(1)}}'}]}]",
     .lost = "sources.subject_transforms 2.10"},
    {.name = "s-src-consumer-noname",
     .stream = "sources: [{name: O, consumer: {deliver_subject: x}}]",
     .lost = "sources.consumer 2.14"},
    {.name = "s-src-consumer",
     .stream = "sources: [{name: O, consumer: {name: x, deliver_subject: x}}]",
     .lost = "sources.consumer 2.14"},
    {.name = "s-tr-badsrc",
     .stream = SUBJECTS ", subject_transform: {src: s.., dest: 't.>'}",
     .lost = "subject_transform 2.10"},
    {.name = "s-tr-baddest",
     .stream = SUBJECTS ", subject_transform: {src: 's.*', dest: 't.*.*'}",
     .lost = "subject_transform 2.10"},
    {.name = "s-tr-dest-wild-nosrc",
     .stream = SUBJECTS ", subject_transform: {src: s.1, dest: 't.>'}",
     .lost = "subject_transform 2.10"},
    {.name = "s-tr-dest-space",
     .stream = SUBJECTS ", subject_transform: {src: 's.*', dest: 't 1'}",
     .lost = "subject_transform 2.10"},
    {.name = "s-tr-fn-arg",
     .stream = SUBJECTS ", subject_transform: {src: 's.*', dest: 't.{{partition(10,2)}}'}",
     .lost = "subject_transform 2.10"},
    {.name = "s-tr-fn-unknown",
     .stream = SUBJECTS ", subject_transform: {src: 's.*', dest: 't.{{nope(1)}}'}",
     .lost = "subject_transform 2.10"},
    {.name = "s-tr-src-notsubset",
     .stream = SUBJECTS ", subject_transform: {src: 'zzz.*', dest: 't.*'}",
     .lost = "subject_transform 2.10"},
    {.name = "s-tr-mirror",
     .stream = "mirror: {name: O}, subject_transform: {src: 'o.*', dest: 't.*'}",
     .lost = "subject_transform 2.10"},
    {.name = "s-placement-preferred",
     .stream = SUBJECTS ", placement: {preferred: srv1}",
     .lost = "placement.preferred 2.11",
     .instead = "'preferred'"},
    {.name = "s-update-counter-on",
     .stream = SUBJECTS ", allow_msg_counter: true",
     .had = "" SUBJECTS,
     .lost = "allow_msg_counter 2.12"},
    {.name = "s-update-persist",
     .stream = SUBJECTS ", persist_mode: async",
     .had = "" SUBJECTS,
     .lost = "persist_mode 2.12"},
    {.name = "s-update-limits-violates",
     .stream = SUBJECTS ", consumer_limits: {max_ack_pending: 100}",
     .had = "" SUBJECTS,
     .had_consumer = "ack_policy: explicit, max_ack_pending: 500",
     .lost = "consumer_limits 2.10"},
    {.name = "s-update-limits-violates-inactive",
     .stream = SUBJECTS ", consumer_limits: {inactive_threshold: 60000000000}",
     .had = "" SUBJECTS,
     .had_consumer = "ack_policy: explicit, inactive_threshold: 3600000000000",
     .lost = "consumer_limits 2.10"},
    {.name = "s-update-limits-default-viol",
     .stream = SUBJECTS ", consumer_limits: {max_ack_pending: 100}",
     .had = "" SUBJECTS,
     .had_consumer = "ack_policy: explicit",
     .lost = "consumer_limits 2.10"},
    {.name = "c-metadata-131073",
     .consumer = "ack_policy: explicit, metadata: {k: '" LONG "'}",
     .lost = "metadata 2.10"},
    {.name = "c-unknown-field",
     .consumer = "ack_policy: explicit, max_acks: 5",
     .lost = "max_acks 2.15",
     .instead = "unknown key 'max_acks'"},
    {.name = "c-filter-both",
     .consumer = "ack_policy: explicit, filter_subject: s.1, filter_subjects: [s.2]",
     .lost = "filter_subjects 2.10"},
    {.name = "c-filters-empty-str",
     .consumer = "ack_policy: explicit, filter_subjects: [s.1, '']",
     .lost = "filter_subjects 2.10"},
    {.name = "c-filters-overlap",
     .consumer = "ack_policy: explicit, filter_subjects: ['s.*', s.1]",
     .lost = "filter_subjects 2.10"},
    {.name = "c-filters-dup",
     .consumer = "ack_policy: explicit, filter_subjects: [s.1, s.1]",
     .lost = "filter_subjects 2.10"},
    {.name = "c-filters-invalid",
     .consumer = "ack_policy: explicit, filter_subjects: [s..1]",
     .lost = "filter_subjects 2.10"},
    {.name = "c-prio-nogroup",
     .consumer = "ack_policy: explicit, priority_policy: overflow",
     .lost = "priority_policy 2.11"},
    {.name = "c-prio-nopolicy",
     .consumer = "ack_policy: explicit, priority_groups: [A]",
     .lost = "priority_groups 2.11"},
    {.name = "c-prio-bogus",
     .consumer = "ack_policy: explicit, priority_policy: pinned, priority_groups: [A]",
     .lost = "priority_policy 2.11"},
    {.name = "c-prio-emptygroup",
     .consumer = "ack_policy: explicit, priority_policy: overflow, priority_groups: ['']",
     .lost = "priority_groups 2.11"},
    {.name = "c-prio-badgroup",
     .consumer = "ack_policy: explicit, priority_policy: overflow, priority_groups: ['a b']",
     .lost = "priority_groups 2.11"},
    {.name = "c-prio-longgroup",
     .consumer = "ack_policy: explicit, priority_policy: overflow, priority_groups: [xxxxxxxxxxxxxxxxx]",
     .lost = "priority_groups 2.11"},
    {.name = "c-prio-push",
     .consumer = "ack_policy: explicit, deliver_subject: d, priority_policy: overflow, priority_groups: [A]",
     .lost = "priority_policy 2.11, priority_groups 2.11"},
    {.name = "c-prio-ttl-nopolicy",
     .consumer = "ack_policy: explicit, priority_timeout: 5000000000",
     .lost = "priority_timeout 2.11"},
    {.name = "s-tr-dollar-oor",
     .stream = SUBJECTS ", subject_transform: {src: 's.*', dest: t.$2}",
     .lost = "subject_transform 2.10"},
    {.name = "s-tr-missing-gt",
     .stream = SUBJECTS ", subject_transform: {src: 's.>', dest: t.x}",
     .lost = "subject_transform 2.10"},
    {.name = "s-tr-extra-gt",
     .stream = SUBJECTS ", subject_transform: {src: 's.*', dest: 't.{{wildcard(1)}}.>'}",
     .lost = "subject_transform 2.10"},
    {.name = "s-tr-nosrc-literal",
     .stream = SUBJECTS ", subject_transform: {src: '', dest: t.x}",
     .lost = "subject_transform 2.10"},
    {.name = "s-tr-wildcard-args",
     .stream = SUBJECTS ", subject_transform: {src: 's.*', dest: 't.{{wildcard(a)}}'}",
     .lost = "subject_transform 2.10"},
    {.name = "s-tr-wildcard-2args",
     .stream = SUBJECTS ", subject_transform: {src: 's.*', dest: 't.{{wildcard(1,2)}}'}",
     .lost = "subject_transform 2.10"},
    {.name = "s-tr-split-1arg",
     .stream = SUBJECTS ", subject_transform: {src: 's.*', dest: 't.{{split(1)}}'}",
     .lost = "subject_transform 2.10"},
    {.name = "s-counter-sdm-update",
     .stream = SUBJECTS
     ", allow_msg_counter: true, subject_delete_marker_ttl: 5000000000, allow_msg_ttl: true, allow_rollup_hdrs: true",
     .had = SUBJECTS ", allow_msg_counter: true, subject_delete_marker_ttl: 5000000000",
     .lost = "allow_msg_counter 2.12, subject_delete_marker_ttl 2.11, allow_msg_ttl 2.11"},
    {.name = "s-sdm-implied",
     .stream = SUBJECTS ", subject_delete_marker_ttl: 5000000000",
     .lost = "subject_delete_marker_ttl 2.11"},
    {.name = "s-sdm-denypurge",
     .stream = SUBJECTS ", subject_delete_marker_ttl: 5000000000, allow_msg_ttl: true, deny_purge: true",
     .lost = "subject_delete_marker_ttl 2.11, allow_msg_ttl 2.11"},
    {.name = "s-counter-sdm",
     .stream = SUBJECTS ", allow_msg_counter: true, subject_delete_marker_ttl: 5000000000",
     .lost = "allow_msg_counter 2.12, subject_delete_marker_ttl 2.11"},
    {.name = "s-async-batched",
     .stream = SUBJECTS ", persist_mode: async, allow_batched: true",
     .lost = "persist_mode 2.12, allow_batched 2.14"},
    {.name = "s-tr-src-unused",
     .stream = SUBJECTS ", subject_transform: {src: 's.*.*', dest: 't.{{wildcard(1)}}'}",
     .lost = "subject_transform 2.10"},
    {.name = "s-tr-dest-empty",
     .stream = SUBJECTS ", subject_transform: {src: 's.*', dest: ''}",
     .lost = "subject_transform 2.10"},
    {.name = "c-filters-partial-overlap",
     .consumer = "ack_policy: explicit, filter_subjects: ['s.*.x', 's.y.*']",
     .lost = "filter_subjects 2.10"},
    {.name = "s-climits-neg",
     .stream = SUBJECTS ", consumer_limits: {max_ack_pending: -5, inactive_threshold: -5}",
     .lost = "consumer_limits 2.10"},
    {.name = "c-prio-ttl-overflow",
     .consumer =
         "ack_policy: explicit, priority_policy: overflow, priority_groups: [A], priority_timeout: 5000000000",
     .lost = "priority_policy 2.11, priority_groups 2.11, priority_timeout 2.11"},
    {.name = "c-prio-dup-groups",
     .consumer = "ack_policy: explicit, priority_policy: overflow, priority_groups: [A, A]",
     .lost = "priority_policy 2.11, priority_groups 2.11"},
    {.name = "c-prio-acknone",
     .consumer = "ack_policy: none, priority_policy: pinned_client, priority_groups: [A]",
     .lost = "priority_policy 2.11, priority_groups 2.11"},
    {.name = "s-tr-left-fn",
     .stream = SUBJECTS ", subject_transform: {src: 's.*', dest: 't.{{left(1,2)}}'}",
     .lost = "subject_transform 2.10"},
    {.name = "s-tr-right-fn",
     .stream = SUBJECTS ", subject_transform: {src: 's.*', dest: 't.{{right(1,2)}}'}",
     .lost = "subject_transform 2.10"},
    {.name = "s-tr-random-fn",
     .stream = SUBJECTS ", subject_transform: {src: 's.*', dest: 't.{{random(5)}}'}",
     .lost = "subject_transform 2.10"},
    {.name = "s-tr-dollar",
     .stream = SUBJECTS ", subject_transform: {src: 's.*.*', dest: t.$2.$1}",
     .lost = "subject_transform 2.10"},
    {.name = "s-tr-index0",
     .stream = SUBJECTS ", subject_transform: {src: 's.*', dest: 't.{{wildcard(0)}}'}",
     .lost = "subject_transform 2.10"},
    {.name = "s-tr-notsubset-ok",
     .stream = SUBJECTS ", subject_transform: {src: 'zzz.*', dest: 't.{{wildcard(1)}}'}",
     .lost = "subject_transform 2.10"},
    {.name = "s-tr-mirror-ok",
     .stream = "mirror: {name: O}, subject_transform: {src: 'o.*', dest: 't.{{wildcard(1)}}'}",
     .lost = "subject_transform 2.10"},
    {.name = "s-tr-nosrc-gt",
     .stream = SUBJECTS ", subject_transform: {src: '', dest: 't.>'}",
     .lost = "subject_transform 2.10"},
    {.name = "s-tr-into-own-overlap",
     .stream = SUBJECTS ", subject_transform: {src: 's.*', dest: 's.x.{{wildcard(1)}}'}",
     .lost = "subject_transform 2.10"},
    {.name = "s-tr-dest-into-other",
     .stream = SUBJECTS ", subject_transform: {src: 's.*', dest: 'o.{{wildcard(1)}}'}",
     .lost = "subject_transform 2.10"},
    {.name = "s-update-firstseq",
     .stream = SUBJECTS ", first_seq: 200",
     .had = SUBJECTS ", first_seq: 100",
     .lost = "first_seq 2.10"},
    {.name = "c-pinned-maxgroups",
     .consumer = "ack_policy: explicit, priority_policy: pinned_client, priority_groups: [A, B]",
     .lost = "priority_policy 2.11, priority_groups 2.11"},
    {.name = "c-prioritized",
     .consumer = "ack_policy: explicit, priority_policy: prioritized, priority_groups: [A]",
     .lost = "priority_policy 2.12, priority_groups 2.11"},
    {.name = "a field of each kind",
     .stream = SUBJECTS ", metadata: {team: a}, compression: s2, first_seq: 100, "
                        "consumer_limits: {max_ack_pending: 5}, allow_msg_ttl: true, allow_atomic: true, "
                        "allow_batched: true",
     .lost = "metadata 2.10, compression 2.10, first_seq 2.10, consumer_limits 2.10, allow_msg_ttl 2.11, "
             "allow_atomic 2.12, allow_batched 2.14"},
    {.name = "a paused consumer",
     .consumer = "ack_policy: explicit, pause_until: '2099-01-01T00:00:00Z'",
     .lost = "pause_until 2.11"},
};

enum { SILENCES = sizeof(silences) / sizeof(silences[0]) };

/* ---- rows ---- */

static struct node *read_config(const char *text)
{
    const char *found = strstr(text, LONG);
    if (!found)
        return config_read(text);
    char *filler = arena_alloc(test_arena(), LONG_BYTES + 1);
    memset(filler, 'x', LONG_BYTES);
    filler[LONG_BYTES] = '\0';
    return config_read(
        arena_printf(test_arena(), "%.*s%s%s", (int)(found - text), text, filler, found + strlen(LONG)));
}

static uint32_t version_number(const char *text)
{
    uint32_t version = VERSION_UNKNOWN;
    ck_assert_msg(version_parse(text, &version), "'%s' is no version", text);
    return version;
}

struct loss {
    const char *path;
    const char *since;
};

/* The next of "path version, path version"; false at the end. */
static bool next_loss(const char **cursor, struct loss *ret_loss)
{
    const char *at = *cursor + strspn(*cursor, ", ");
    size_t path = strcspn(at, " ");
    if (!*at)
        return false;
    const char *since = at + path + strspn(at + path, " ");
    size_t length = strcspn(since, ",");
    ret_loss->path = arena_strndup(test_arena(), at, path);
    ret_loss->since = arena_strndup(test_arena(), since, length);
    *cursor = since + length;
    return true;
}

/* What stands at "mirror.consumer"; of a list, its first item counts. NULL when there is nothing. */
static const struct node *node_at(const struct node *node, const char *path)
{
    while (node && *path) {
        size_t length = strcspn(path, ".");
        if (node->type == NODE_LIST)
            node = node->count ? node->items[0] : NULL;
        node =
            node && node->type == NODE_MAP ? node_get(node, arena_strndup(test_arena(), path, length)) : NULL;
        path += length + (path[length] == '.');
    }
    return node;
}

/* ---- one row against one server ---- */

static void must(struct raw_reply reply, const struct silence *row, const char *what)
{
    ck_assert_msg(!reply.err_code, "%s: %s: error %d, %s", row->name, what, reply.err_code,
                  reply.description);
}

/*
 * A name that no stream had before: 2.10 may still be removing the files of one that was deleted just now.
 */
static const char *new_name(void)
{
    static int count;
    return arena_printf(test_arena(), "S%d", ++count);
}

/* What has to be there before. */
static void prepare(const struct server_fixture *server, const struct silence *row, const char *name)
{
    must(raw_create(server, "O", NULL, config_read("subjects: ['o.>']")), row, "its origin");
    if (row->had || row->consumer)
        must(raw_create(server, name, NULL, read_config(row->had ? row->had : SUBJECTS)), row, "its stream");
    if (row->had_consumer)
        must(raw_create(server, name, CONSUMER, read_config(row->had_consumer)), row, "its consumer");
}

static void server_drops(const struct server_fixture *server, const struct silence *row,
                         struct strbuf *problems)
{
    const char *name = new_name();
    prepare(server, row, name);
    struct raw_reply reply = row->consumer ? raw_create(server, name, CONSUMER, read_config(row->consumer))
                             : row->had    ? raw_update(server, name, NULL, read_config(row->stream))
                                           : raw_create(server, name, NULL, read_config(row->stream));
    const char *cursor = row->lost;
    if (reply.err_code)
        strbuf_addf(problems, "%s: %s answers error %d, %s\n", row->name, server->version, reply.err_code,
                    reply.description);
    for (struct loss loss; !reply.err_code && next_loss(&cursor, &loss);)
        if (version_number(server->version) < version_number(loss.since) && node_at(reply.config, loss.path))
            strbuf_addf(problems, "%s: %s keeps '%s'\n", row->name, server->version, loss.path);
    raw_call(server, arena_printf(test_arena(), "STREAM.DELETE.%s", name), "");
}

static const char *manifest_of(const struct silence *row, const char *name)
{
    struct node *stream = row->stream ? config_spell(&stream_table, read_config(row->stream))
                                      : config_read(row->had ? row->had : SUBJECTS);
    if (row->consumer || row->had_consumer) {
        const char *text = row->consumer ? row->consumer : row->had_consumer;
        struct node *consumers = node_map(test_arena());
        node_put(test_arena(), consumers, CONSUMER, config_spell(&consumer_table, read_config(text)));
        node_put(test_arena(), stream, "consumers", consumers);
    }
    struct node *streams = node_map(test_arena());
    struct node *manifest = node_map(test_arena());
    node_put(test_arena(), streams, name, stream);
    node_put(test_arena(), streams, "O", config_read("subjects: ['o.>']"));
    node_put(test_arena(), manifest, "streams", streams);
    return config_json(manifest);
}

/* An error names the path and the version; that of a value that no version takes has a note with the field and the version. */
static bool is_said(const char *said, const struct loss *loss)
{
    const char *needs = arena_printf(test_arena(), " needs nats-server %s", loss->since);
    const char *name = strrchr(loss->path, '.') ? strrchr(loss->path, '.') + 1 : loss->path;
    const char *note = arena_printf(test_arena(), "note: '%s'%s\n", name, needs);
    for (const char *line = said; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        const char *text = arena_strndup(test_arena(), line, strcspn(line, "\n"));
        const char *path = strstr(text, arena_printf(test_arena(), " error: '%s", loss->path));
        if (path && strchr("':", path[strlen(" error: '") + strlen(loss->path)]) && strstr(text, needs))
            return true;
    }
    return strstr(said, note) != NULL;
}

static void plan_names(const struct server_fixture *server, const struct silence *row,
                       struct strbuf *problems)
{
    const char *name = new_name();
    prepare(server, row, name);
    const char *path = write_file(test_directory(), "natsform.yaml", manifest_of(row, name));
    struct run run = RUN("plan", "-s", server->url, "-f", path);
    const char *cursor = row->lost;
    bool told = true;
    for (struct loss loss; next_loss(&cursor, &loss);)
        if (row->instead
                ? !strstr(run.err, row->instead)
                : version_number(server->version) < version_number(loss.since) && !is_said(run.err, &loss))
            told = false;
    if (run.exit_code != EXIT_MANIFEST || !told)
        strbuf_addf(problems, "%s: plan against %s ends with %d and says\n%.600s\n", row->name,
                    server->version, run.exit_code, run.err);
    raw_call(server, arena_printf(test_arena(), "STREAM.DELETE.%s", name), "");
}

static bool drops_something(const char *version, const struct silence *row)
{
    const char *cursor = row->lost;
    for (struct loss loss; next_loss(&cursor, &loss);)
        if (version_number(version) < version_number(loss.since))
            return true;
    return false;
}

START_TEST(dropped_fields_are_named)
{
    size_t count = 0;
    struct strbuf problems = {0};
    const char *version = server_versions(&count)[_i];
    struct server_fixture *server = fixture_start(version, NULL);
    for (size_t i = 0; i < SILENCES; i++) {
        if (!drops_something(version, &silences[i]))
            continue;
        server_drops(server, &silences[i], &problems);
        plan_names(server, &silences[i], &problems);
    }
    const char *text = arena_strdup(test_arena(), strbuf_text(&problems));
    strbuf_release(&problems);
    fixture_stop(server);
    fputs(text, stdout); /* it may be more than Check takes */
    fflush(stdout);
    ck_assert_msg(!*text, "not every field that %s drops is named; see above", version);
}
END_TEST

/* ---- is any field missing? ---- */

static bool has_row(const char *path, const char *since, bool of_consumer)
{
    for (size_t i = 0; i < SILENCES; i++) {
        const char *cursor = silences[i].lost;
        for (struct loss loss;
             !silences[i].instead && !silences[i].consumer == !of_consumer && next_loss(&cursor, &loss);)
            if (strcmp(loss.path, path) == 0 && strcmp(loss.since, since) == 0)
                return true;
    }
    return false;
}

static void find_missing(const struct table *table, const char *above, bool of_consumer, uint32_t oldest,
                         struct strbuf *problems)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        const char *path = arena_printf(test_arena(), "%s%s%s", above, *above ? "." : "", field->name);
        if (field->flags & (FIELD_OURS | FIELD_INTERNAL))
            continue;
        const char *since = since_text(test_arena(), field->since, true);
        if (field->since[0] > oldest && !has_row(path, since, of_consumer))
            strbuf_addf(problems, "%s %s of a %s\n", path, since, of_consumer ? "consumer" : "stream");
        else if (field->since[0] <= oldest && field->object)
            find_missing(field->object, path, of_consumer, oldest, problems);
    }
}

START_TEST(every_newer_field_is_among_them)
{
    size_t count = 0;
    struct strbuf problems = {0};
    uint32_t oldest = version_number(server_versions(&count)[0]);
    find_missing(&stream_table, "", false, oldest, &problems);
    find_missing(&consumer_table, "", true, oldest, &problems);
    const char *text = arena_strdup(test_arena(), strbuf_text(&problems));
    strbuf_release(&problems);
    ck_assert_msg(!*text, "no row loses\n%s", text);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = dropped_fields_are_named, .each_version = true},
        {.test = every_newer_field_is_among_them},
    };
    return suite_run("silent", tests, sizeof(tests) / sizeof(tests[0]));
}
