/* Unit tests of field/check.h and of implications: every constraint row has a case here, which a test counts. */
#include "field/check.h"

#include <string.h>

#include "base/strbuf.h"
#include "kind/kinds.h"
#include "unit/suites.h"
#include "unit/world.h"

struct check_case {
    const struct table *table;
    uint32_t version;
    const char *yaml;
    const char *told;
};

#define ANSWERS(code) "  note: the server answers with error " #code "\n"

static const struct check_case constraints[] = {
    /* mirrors */
    {&stream_table, 0, "{mirror: {name: A}, subjects: [b]}",
     "1:10 conflict: 'mirror' cannot stand together with 'subjects'\n  note 1:31: 'subjects' is here\n" ANSWERS(
         10034)},
    {&stream_table, 0, "{mirror: {name: A}, sources: [{name: B}]}",
     "1:10 conflict: 'mirror' cannot stand together with 'sources'\n  note 1:30: 'sources' is here\n" ANSWERS(
         10031)},
    {&stream_table, 0, "{mirror: {name: A}, first_seq: 1}",
     "1:10 conflict: 'mirror' cannot stand together with 'first_seq'\n  note 1:32: 'first_seq' is here\n" ANSWERS(
         10143)},
    {&stream_table, 0, "{mirror: {name: A}, allow_msg_counter: true}",
     "1:10 conflict: 'mirror' cannot stand together with 'allow_msg_counter'\n"
     "  note 1:40: 'allow_msg_counter' is here\n" ANSWERS(10173)},
    {&stream_table, 0, "{mirror: {name: A}, allow_atomic: true}",
     "1:10 conflict: 'mirror' cannot stand together with 'allow_atomic'\n  note 1:35: 'allow_atomic' is here\n" ANSWERS(
         10198)},
    {&stream_table, 0, "{mirror: {name: A}, allow_batched: true}",
     "1:10 conflict: 'mirror' cannot stand together with 'allow_batched'\n  note 1:36: 'allow_batched' is here\n" ANSWERS(
         10209)},
    {&stream_table, 0, "{mirror: {name: A}, allow_msg_schedules: true}",
     "1:10 conflict: 'mirror' cannot stand together with 'allow_msg_schedules'\n"
     "  note 1:42: 'allow_msg_schedules' is here\n" ANSWERS(10186)},
    {&stream_table, 0, "{mirror: {name: A}, subject_delete_marker_ttl: 1m}",
     "1:10 conflict: 'mirror' cannot stand together with 'subject_delete_marker_ttl'\n"
     "  note 1:48: 'subject_delete_marker_ttl' is here\n" ANSWERS(10052)},
    {&stream_table, 0, "mirror_direct: true",
     "1:16+4 conflict: 'mirror_direct' needs 'mirror'\n" ANSWERS(10052)},
    {&stream_table, 0, "{mirror: {name: A}, subjects: [], sources: [], first_seq: 0, allow_atomic: false}",
     ""}, /* all off */
    {&stream_table, 0, "{mirror: {name: A}, mirror_direct: true}", ""},

    /* streams */
    {&stream_table, 0, "{deny_purge: true, allow_rollup_hdrs: true}",
     "1:14+4 conflict: 'deny_purge' cannot stand together with 'allow_rollup_hdrs'\n"
     "  note 1:39: 'allow_rollup_hdrs' is here\n" ANSWERS(10052)},
    {&stream_table, 0, "{discard_new_per_subject: true, max_msgs_per_subject: 5}",
     "1:27+4 conflict: 'discard_new_per_subject' needs 'discard: new'\n" ANSWERS(10052)},
    {&stream_table, 0, "{discard_new_per_subject: true, max_msgs_per_subject: unlimited, discard: new}",
     "1:27+4 conflict: 'discard_new_per_subject' needs 'max_msgs_per_subject'\n"
     "  note 1:55: 'max_msgs_per_subject' is here\n" ANSWERS(10052)},
    {&stream_table, 0, "{discard_new_per_subject: true, max_msgs_per_subject: 5, discard: NEW}", ""},
    {&stream_table, 0, "{allow_msg_counter: true, discard: new}",
     "1:21+4 conflict: 'allow_msg_counter' cannot stand together with 'discard: new'\n  note 1:36: 'discard' is here\n" ANSWERS(
         10052)},
    {&stream_table, 0, "{allow_msg_counter: true, allow_msg_ttl: true}",
     "1:21+4 conflict: 'allow_msg_counter' cannot stand together with 'allow_msg_ttl'\n"
     "  note 1:42: 'allow_msg_ttl' is here\n" ANSWERS(10052)},
    {&stream_table, 0,
     "{allow_msg_counter: true, subject_delete_marker_ttl: 1m}", /* a server takes it once, and then no update */
     "1:21+4 conflict: 'allow_msg_counter' cannot stand together with 'allow_msg_ttl'\n"
     "  note 1:54: the server sets 'allow_msg_ttl' because of 'subject_delete_marker_ttl'\n" ANSWERS(10052)},
    {&stream_table, 0, "{allow_msg_counter: true, allow_msg_schedules: true}",
     "1:21+4 conflict: 'allow_msg_counter' cannot stand together with 'allow_msg_schedules'\n"
     "  note 1:48: 'allow_msg_schedules' is here\n" ANSWERS(10052)},
    {&stream_table, 0, "{allow_msg_counter: true, retention: interest}",
     "1:21+4 conflict: 'allow_msg_counter' needs 'retention: limits'\n  note 1:38: 'retention' is here\n" ANSWERS(
         10052)},
    {&stream_table, 0, "{allow_msg_counter: true, retention: limits, discard: old}", ""},
    {&stream_table, 0, "{allow_msg_schedules: true, sources: [{name: A}]}",
     "1:23+4 conflict: 'allow_msg_schedules' cannot stand together with 'sources'\n  note 1:38: 'sources' is here\n" ANSWERS(
         10187)},
    {&stream_table, 0, "{persist_mode: async, storage: memory}",
     "1:16+5 conflict: 'persist_mode: async' cannot stand together with 'storage: memory'\n"
     "  note 1:32: 'storage' is here\n" ANSWERS(10052)},
    {&stream_table, 0, "{persist_mode: async, allow_atomic: true}",
     "1:16+5 conflict: 'persist_mode: async' cannot stand together with 'allow_atomic'\n"
     "  note 1:37: 'allow_atomic' is here\n" ANSWERS(10052)},
    {&stream_table, 0, "{persist_mode: default, storage: memory, allow_atomic: true, num_replicas: 3}", ""},

    /* what only code can say */
    {&stream_table, 0, "{persist_mode: async, num_replicas: 3}",
     "1:16+5 conflict: 'persist_mode: async' cannot stand together with more than one replica\n"},
    {&stream_table, 0, "{max_age: 1h, duplicate_window: 2h}",
     "1:33+2 conflict: 'duplicate_window' of 2h is longer than 'max_age' of 1h\n"},
    {&stream_table, 0, "{max_age: 1h, duplicate_window: 1h}", ""},
    {&stream_table, 0, "{max_age: 0, duplicate_window: 2h}", ""},
    {&stream_table, 0, "{allow_msg_schedules: true, discard: new}",
     "1:38+3 conflict: 'discard: new' cannot stand together with 'allow_msg_schedules'\n"},

    /* origins, as a mirror and as a source */
    {&stream_table, 0, "mirror: {name: A, filter_subject: a, subject_transforms: [{src: a}]}",
     "1:35+1 conflict: 'filter_subject' cannot stand together with 'subject_transforms'\n"
     "  note 1:58: 'subject_transforms' is here\n" ANSWERS(10144)},
    {&stream_table, 0,
     "sources: [{name: B}, {name: A, filter_subject: a, consumer: {name: c, deliver_subject: d}}]",
     "1:61 conflict: 'consumer' cannot stand together with 'filter_subject'\n  note 1:48: 'filter_subject' is here\n" ANSWERS(
         10215)},
    {&stream_table, 0, "mirror: {name: A, opt_start_seq: 5, consumer: {name: c, deliver_subject: d}}",
     "1:47 conflict: 'consumer' cannot stand together with 'opt_start_seq'\n  note 1:34: 'opt_start_seq' is here\n" ANSWERS(
         10215)},
    {&stream_table, 0,
     "mirror: {name: A, opt_start_time: 2026-01-31T12:00:00Z, consumer: {name: c, deliver_subject: d}}",
     "1:67 conflict: 'consumer' cannot stand together with 'opt_start_time'\n  note 1:35: 'opt_start_time' is here\n" ANSWERS(
         10215)},

    /* consumers: what they read */
    {&consumer_table, 0, "{filter_subject: a, filter_subjects: [b]}",
     "1:18+1 conflict: 'filter_subject' cannot stand together with 'filter_subjects'\n"
     "  note 1:38: 'filter_subjects' is here\n" ANSWERS(10136)},
    {&consumer_table, 0, "{filter_subject: a, filter_subjects: []}", ""},
    {&consumer_table, 0, "{filter_subject: '', filter_subjects: [b]}", ""},
    {&consumer_table, 0, "{opt_start_seq: 5}",
     "1:17+1 conflict: 'opt_start_seq' needs 'deliver_policy: by_start_sequence'\n" ANSWERS(10094)},
    {&consumer_table, 0, "{opt_start_time: 2026-01-31T12:00:00Z, deliver_policy: all}",
     "1:18+20 conflict: 'opt_start_time' needs 'deliver_policy: by_start_time'\n  note 1:56: 'deliver_policy' is here\n" ANSWERS(
         10094)},
    {&consumer_table, 0, "{deliver_policy: by_start_sequence}",
     "1:18+17 conflict: 'deliver_policy: by_start_sequence' needs 'opt_start_seq'\n" ANSWERS(10094)},
    {&consumer_table, 0, "{deliver_policy: by_start_time}",
     "1:18+13 conflict: 'deliver_policy: by_start_time' needs 'opt_start_time'\n" ANSWERS(10094)},
    {&consumer_table, 0, "{deliver_policy: by_start_sequence, opt_start_seq: 1}", ""},
    {&consumer_table, 0, "{deliver_policy: last_per_subject}",
     "1:18+16 conflict: 'deliver_policy: last_per_subject' needs 'filter_subject' or 'filter_subjects'\n"},
    {&consumer_table, 0, "{deliver_policy: last_per_subject, filter_subjects: [a, b]}", ""},
    {&consumer_table, 0, "{deliver_policy: last_per_subject, filter_subject: a..b}",
     "1:52+4 subject: 'filter_subject': 'a..b' is not a valid subject\n"
     "  hint: tokens are separated by single dots and have no white space; '>' may only be the last token\n"},

    /* consumers: push and pull */
    {&consumer_table, 0, "{rate_limit_bps: 1000}",
     "1:18+4 conflict: 'rate_limit_bps' needs 'deliver_subject'\n" ANSWERS(10086)},
    {&consumer_table, 0, "{idle_heartbeat: 1s}",
     "1:18+2 conflict: 'idle_heartbeat' needs 'deliver_subject'\n" ANSWERS(10088)},
    {&consumer_table, 0, "{flow_control: true, idle_heartbeat: 0}",
     "1:16+4 conflict: 'flow_control' needs 'deliver_subject'\n" ANSWERS(
         10089) "1:16+4 conflict: 'flow_control' needs 'idle_heartbeat'\n  note 1:38: 'idle_heartbeat' is here\n" ANSWERS(10108)},
    {&consumer_table, 0, "{max_waiting: 5, deliver_subject: d}",
     "1:15+1 conflict: 'max_waiting' cannot stand together with 'deliver_subject'\n"
     "  note 1:35: 'deliver_subject' is here\n" ANSWERS(10080)},
    {&consumer_table, 0, "{deliver_subject: d, flow_control: true, idle_heartbeat: 5s, rate_limit_bps: 5}",
     ""},
    {&consumer_table, 0, "{deliver_subject: '', max_waiting: 5}", ""},

    /* consumers: priorities; servers check two of them from 2.12 on */
    {&consumer_table, 0, "{priority_groups: [a]}",
     "1:19 conflict: 'priority_groups' needs 'priority_policy'\n" ANSWERS(10196)},
    {&consumer_table, 0, "{priority_groups: [a], priority_policy: none}",
     "1:19 conflict: 'priority_groups' needs 'priority_policy'\n  note 1:41: 'priority_policy' is here\n" ANSWERS(
         10196)},
    {&consumer_table, VERSION(2, 11, 9), "{priority_groups: [a], priority_timeout: 1m}", ""},
    {&consumer_table, VERSION(2, 12, 0), "{priority_timeout: 1m}",
     "1:20+2 conflict: 'priority_timeout' needs 'priority_policy'\n" ANSWERS(10197)},
    {&consumer_table, VERSION(2, 11, 0), "{priority_policy: overflow}",
     "1:19+8 conflict: 'priority_policy' needs 'priority_groups'\n" ANSWERS(10159)},
    {&consumer_table, 0, "{priority_policy: overflow, priority_groups: [a], deliver_subject: d}",
     "1:19+8 conflict: 'priority_policy' cannot stand together with 'deliver_subject'\n"
     "  note 1:68: 'deliver_subject' is here\n" ANSWERS(10178)},
    {&consumer_table, 0, "{priority_policy: none}", ""},

    /* consumers: acknowledgements by flow control; what it implies is not blamed on its own */
    {&consumer_table, 0, "{ack_policy: flow_control}",
     "1:14+12 conflict: 'ack_policy: flow_control' needs 'deliver_subject'\n" ANSWERS(10218)},
    {&consumer_table, 0, "{ack_policy: flow_control, deliver_subject: d, ack_wait: 30s}",
     "1:14+12 conflict: 'ack_policy: flow_control' cannot stand together with 'ack_wait'\n"
     "  note 1:58: 'ack_wait' is here\n" ANSWERS(10221)},
    {&consumer_table, 0, "{ack_policy: flow_control, deliver_subject: d, backoff: [1s]}",
     "1:14+12 conflict: 'ack_policy: flow_control' cannot stand together with 'backoff'\n"
     "  note 1:57: 'backoff' is here\n" ANSWERS(10221)},
    {&consumer_table, 0, "{ack_policy: flow_control, deliver_subject: d, max_deliver: 5}",
     "1:14+12 conflict: 'ack_policy: flow_control' cannot stand together with 'max_deliver'\n"
     "  note 1:61: 'max_deliver' is here\n" ANSWERS(10222)},
    {&consumer_table, 0, "{ack_policy: flow_control, deliver_subject: d, max_deliver: unlimited}", ""},

    /* consumers: backoff */
    {&consumer_table, 0, "{backoff: [1s, 5s, 10s], max_deliver: 2}",
     "1:11 conflict: 'backoff' has 3 waits, which needs 'max_deliver' to be at least 3\n"},
    {&consumer_table, 0, "{backoff: [1s, 5s, 10s], max_deliver: 3}", ""},
    {&consumer_table, 0, "{backoff: [1s, 5s, 10s]}", ""},
    {&consumer_table, VERSION(2, 9, 10), "{backoff: [1s, 5s, 10s], max_deliver: 3}",
     "1:11 conflict: 'backoff' has 3 waits, which needs 'max_deliver' to be at least 4\n"},
    {&consumer_table, VERSION(2, 9, 10), "{backoff: [1s, 5s, 10s]}",
     "1:11 conflict: 'backoff' has 3 waits, which needs 'max_deliver' to be at least 4\n"},
    {&consumer_table, VERSION(2, 9, 10), "{backoff: [1s, 5s, 10s], max_deliver: 4}", ""},
    {&consumer_table, 0, "{backoff: [5s, 10s], ack_wait: 30s}",
     "1:32+3 implied: the server will set 'ack_wait' to the first 'backoff'\n"},
    {&consumer_table, 0, "{backoff: [5s, 10s], ack_wait: 5s}", ""},

    /* consumers: names */
    {&consumer_table, 0, "{durable_name: other}",
     "1:16+5 conflict: 'durable_name' must be the consumer's name, which is 'N'\n"
     "  hint: leave it out: it is the name; or write \"\" for a consumer that is not durable\n"},
    {&consumer_table, 0, "{durable_name: N}", ""},
    {&consumer_table, 0, "{durable_name: ''}", ""},

    /* what a server sets whatever was written */
    {&stream_table, 0,
     "{subject_delete_marker_ttl: 1m, allow_msg_ttl: false, allow_rollup_hdrs: true, deny_purge: true}",
     "1:48+5 implied: the server will set 'allow_msg_ttl' to true because of 'subject_delete_marker_ttl'\n"
     "  hint: write 'allow_msg_ttl: true', or leave it out\n"
     "1:92+4 implied: the server will set 'deny_purge' to false because of 'subject_delete_marker_ttl'\n"
     "  hint: write 'deny_purge: false', or leave it out\n"},
    {&stream_table, 0, "{allow_msg_schedules: true, deny_purge: true}",
     "1:41+4 implied: the server will set 'deny_purge' to false because of 'allow_msg_schedules'\n"
     "  hint: write 'deny_purge: false', or leave it out\n"},
    {&stream_table, 0, "{sealed: true, max_age: 1d, discard: old, allow_rollup_hdrs: true}",
     "1:25+2 implied: the server will set 'max_age' to 0 because of 'sealed'\n"
     "  hint: write 'max_age: 0', or leave it out\n"
     "1:38+3 implied: the server will set 'discard' to new because of 'sealed'\n"
     "  hint: write 'discard: new', or leave it out\n"
     "1:62+4 implied: the server will set 'allow_rollup_hdrs' to false because of 'sealed'\n"
     "  hint: write 'allow_rollup_hdrs: false', or leave it out\n"},
    {&consumer_table, 0, "{ack_policy: flow_control, deliver_subject: d, idle_heartbeat: 5s}",
     "1:64+2 implied: the server will set 'idle_heartbeat' to 1s because of 'ack_policy'\n"
     "  hint: write 'idle_heartbeat: 1s', or leave it out\n"},
};

static struct object *checked(const struct check_case *at)
{
    const struct surroundings around = {.version = at->version};
    struct object *object = world_object(at->table, "N", at->yaml);
    object_imply(&world.arena, object, &world.diags);
    object_check(object, &around, &world.diags);
    return object;
}

START_TEST(fields_together)
{
    checked(&constraints[_i]);
    ck_assert_str_eq(world_told(), constraints[_i].told);
}
END_TEST

/* ---- every row has a case ---- */

static const char *condition(const struct table *table, unsigned id, const char *choice)
{
    const char *name = table_field_by_id(table, id)->name;
    return choice ? arena_printf(&world.arena, "'%s: %s'", name, choice)
                  : arena_printf(&world.arena, "'%s'", name);
}

static bool is_told(const char *text)
{
    for (int i = 0; i < COUNT_OF(constraints); i++)
        if (strstr(constraints[i].told, text))
            return true;
    return false;
}

static void expect_constraints(const struct table *table)
{
    for (size_t i = 0; i < table->constraint_count; i++) {
        const struct constraint *row = &table->constraints[i];
        const char *text =
            arena_printf(&world.arena, "%s %s %s\n", condition(table, row->field, row->choice),
                         row->verb == CONSTRAINT_NEEDS ? "needs" : "cannot stand together with",
                         condition(table, row->other, row->other_choice));
        ck_assert_msg(is_told(text), "no case for: %s", text);
    }
    for (size_t i = 0; i < table->count; i++)
        if (table->fields[i].object && !(table->fields[i].flags & FIELD_OURS))
            expect_constraints(table->fields[i].object);
}

START_TEST(no_constraint_is_missed)
{
    expect_constraints(&stream_table);
    expect_constraints(&consumer_table);
}
END_TEST

/* ---- implications ---- */

struct imply_case {
    const struct table *table;
    const char *yaml;
    const char *wire;
};

static const struct imply_case implied[] = {
    {&stream_table, "{subject_delete_marker_ttl: 1m}",
     "{\"name\":\"N\",\"allow_rollup_hdrs\":true,\"allow_msg_ttl\":true,\"subject_delete_marker_ttl\":60000000000}"},
    {&stream_table, "{subject_delete_marker_ttl: 0}", "{\"name\":\"N\",\"subject_delete_marker_ttl\":0}"},
    {&stream_table, "{allow_msg_schedules: true}",
     "{\"name\":\"N\",\"allow_rollup_hdrs\":true,\"allow_msg_schedules\":true}"},
    {&stream_table, "{allow_msg_schedules: false}", "{\"name\":\"N\",\"allow_msg_schedules\":false}"},
    {&stream_table, "{sealed: true}",
     "{\"name\":\"N\",\"discard\":\"new\",\"sealed\":true,\"deny_delete\":true,\"deny_purge\":true}"},
    {&consumer_table, "{ack_policy: flow_control}",
     "{\"name\":\"N\",\"ack_policy\":\"flow_control\",\"flow_control\":true,\"idle_heartbeat\":1000000000}"},
    {&consumer_table, "{ack_policy: explicit}", "{\"name\":\"N\",\"ack_policy\":\"explicit\"}"},
};

START_TEST(implies)
{
    struct object *object = world_object(implied[_i].table, "N", implied[_i].yaml);
    object_imply(&world.arena, object, &world.diags);
    ck_assert_str_eq(world_wire(object), implied[_i].wire);
    ck_assert_str_eq(world_told(), "");
    object_imply(&world.arena, object, &world.diags); /* twice is once */
    ck_assert_str_eq(world_wire(object), implied[_i].wire);
}
END_TEST

/* ---- versions ---- */

struct age_case {
    const struct table *table;
    uint32_t version;
    const char *yaml;
    const char *told;
};

#define NEEDS(what, since, target)                                                                           \
    " unsupported: " what " of thing 'N' needs nats-server " since ", the target is " target "\n"            \
    "  hint: leave it out, or upgrade the server: an older one drops or rejects it\n"

static const struct age_case ages[] = {
    {&stream_table, VERSION(2, 9, 10), "compression: s2",
     "1:14+2" NEEDS("'compression'", "2.10.0", "2.9.10")},
    {&stream_table, VERSION(2, 9, 10), "compression: none", ""}, /* says what an older server does anyway */
    {&stream_table, VERSION(2, 9, 10), "metadata: {a: b}", "1:11" NEEDS("'metadata'", "2.10.0", "2.9.10")},
    {&stream_table, VERSION(2, 9, 10), "metadata: {}", ""},
    {&stream_table, VERSION(2, 9, 10), "consumer_limits: {}", ""},
    {&stream_table, VERSION(2, 9, 10), "consumer_limits: {max_ack_pending: 5}",
     "1:18" NEEDS("'consumer_limits'", "2.10.0", "2.9.10")},
    {&stream_table, VERSION(2, 9, 10),
     "{discard_new_per_subject: true, discard: new, max_msgs_per_subject: 5}", ""},
    {&stream_table, VERSION(2, 9, 0),
     "{discard_new_per_subject: true, discard: new, max_msgs_per_subject: 5}",
     "1:27+4" NEEDS("'discard_new_per_subject'", "2.9.1", "2.9.0")},
    {&stream_table, VERSION(2, 9, 10), "sources: [{name: A}, {name: B, subject_transforms: [{src: a}]}]",
     "1:52" NEEDS("'sources.subject_transforms'", "2.10.0", "2.9.10")},
    {&stream_table, VERSION(2, 13, 9), "mirror: {name: A, consumer: {name: c, deliver_subject: d}}",
     "1:29" NEEDS("'mirror.consumer'", "2.14.0", "2.13.9")},
    {&stream_table, VERSION(2, 10, 27), "{allow_msg_ttl: true, allow_batched: true, allow_atomic: false}",
     "1:17+4" NEEDS("'allow_msg_ttl'", "2.11.0", "2.10.27") "1:38+4" NEEDS("'allow_batched'", "2.14.0",
                                                                           "2.10.27")},
    {&stream_table, VERSION(2, 10, 27), "persist_mode: default", ""},
    {&stream_table, VERSION(2, 11, 0), "persist_mode: async",
     "1:15+5" NEEDS("'persist_mode'", "2.12.0", "2.11.0")},
    {&stream_table, VERSION_UNKNOWN, "{persist_mode: async, allow_batched: true}", ""},
    {&stream_table, VERSION(2, 15, 1), "{persist_mode: async, allow_batched: true, compression: s2}", ""},
    {&consumer_table, VERSION(2, 13, 0), "{ack_policy: flow_control, deliver_subject: d}",
     "1:14+12" NEEDS("'ack_policy: flow_control'", "2.14.0", "2.13.0")},
    {&consumer_table, VERSION(2, 14, 0), "{ack_policy: flow_control, deliver_subject: d}", ""},
    {&consumer_table, VERSION(2, 9, 10), "filter_subjects: [a, b]",
     "1:18" NEEDS("'filter_subjects'", "2.10.0", "2.9.10")},
    {&consumer_table, VERSION(2, 9, 10), "filter_subjects: [a]", ""}, /* sent as filter_subject */
    {&consumer_table, VERSION(2, 10, 27), "pause_until: 2026-01-31T12:00:00Z",
     "1:14+20" NEEDS("'pause_until'", "2.11.0", "2.10.27")},
    {&consumer_table, VERSION(2, 11, 0), "{priority_policy: prioritized, priority_groups: [a]}",
     "1:19+11" NEEDS("'priority_policy: prioritized'", "2.12.0", "2.11.0")},
    {&consumer_table, VERSION(2, 10, 0), "{priority_policy: none, priority_groups: []}", ""},
};

START_TEST(fields_by_version)
{
    const struct age_case *at = &ages[_i];
    const struct object *object = world_wanted(at->table, "N", at->yaml, at->version);
    object_check_version(object, &(struct surroundings){.version = at->version}, "thing 'N'", &world.diags);
    ck_assert_str_eq(world_told(), at->told);
    ck_assert(object_fits_version(object, at->version) == (at->told[0] == '\0'));
}
END_TEST

Suite *field_check_suite(void)
{
    Suite *suite = suite_create("field/check");
    TCase *tests = tcase_create("check");
    tcase_add_checked_fixture(tests, world_setup, world_teardown);
    tcase_add_loop_test(tests, fields_together, 0, COUNT_OF(constraints));
    tcase_add_test(tests, no_constraint_is_missed);
    tcase_add_loop_test(tests, implies, 0, COUNT_OF(implied));
    tcase_add_loop_test(tests, fields_by_version, 0, COUNT_OF(ages));
    suite_add_tcase(suite, tests);
    return suite;
}
