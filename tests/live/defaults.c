/*
 * What a manifest leaves out, or spells otherwise than the server: nothing but names, values that are equal in meaning,
 * defaults that follow other fields, what servers fill in or force, and what others made in their own way.
 */
#include <check.h>
#include <string.h>

#include "base/strbuf.h"
#include "field/field.h"
#include "support/rows.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/suite.h"
#include "support/trip.h"

static bool is_old(const struct server_fixture *server)
{
    return version_number(server->version) < VERSION(2, 10, 0);
}

/* ---- nothing but names ---- */

START_TEST(nothing_but_names)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    must_round_trip(server, manifest("streams: {A: {consumers: {c: }}, B: }\n"));
    must_round_trip(server, manifest("project: names\nstreams: {A: {consumers: {c: }}, B: , C: }\n"));
    must_round_trip(server, manifest("project: names\nstreams: {D: {consumers: {c: {durable_name: ''}}}}\n"));
    fixture_stop(server);
}
END_TEST

/* ---- side by side ---- */

/* What natsform says of a row that it does nothing about; of most it says nothing. */
enum kind { KIND_SILENT, KIND_COPY, KIND_PAUSED, KINDS };

static enum kind kind_of(const char *text)
{
    if (strstr(text, "pause_until"))
        return KIND_PAUSED;
    return strstr(text, "name: P") ? KIND_COPY : KIND_SILENT;
}

/* The row as a stream of its own among others. */
static void add_row(struct strbuf *manifest, size_t number, const char *text)
{
    const struct spot spot = {.number = (unsigned)number + 1};
    strbuf_addf(manifest, "  %s\n",
                spot_own_text(&spot, arena_printf(test_arena(), "%s: %s", ROW_STREAM, text)));
}

static void delete_rows(const struct server_fixture *server, const char *path)
{
    struct run run = RUN("destroy", "--yes", "-s", server->url, "-f", path);
    ck_assert_exit(run, 0);
}

/* ---- equal in meaning ---- */

/*
 * Two spellings of a stream ROW, with its consumers; applied one after the other, the second has nothing to do. All of them stand side
 * by side: where natsform may say something of one when nothing is done, that one stands with those of its kind.
 */
static const struct {
    uint32_t since;
    const char *one;
    const char *other;
} synonyms[] = {
    {0, "{}",
     "{subjects: [ROW], retention: limits, max_consumers: unlimited, max_msgs: 0, max_bytes: unlimited, "
     "max_age: 0, max_msgs_per_subject: -1, max_msg_size: unlimited, discard: old, storage: file, "
     "num_replicas: 1, no_ack: false, duplicate_window: 2m, allow_direct: false, sealed: false, "
     "deny_delete: false, deny_purge: false, allow_rollup_hdrs: false, description: '', placement: {}, "
     "sources: []}"},
    {0, "{}",
     "{subjects: null, num_replicas: 0, duplicate_window: 120s, mirror: null, mirror_direct: false}"},
    {VERSION(2, 10, 0), "{}", "{consumer_limits: {}, compression: none, first_seq: 0, metadata: {}}"},
    {VERSION(2, 11, 0), "{}", "{allow_msg_ttl: false, subject_delete_marker_ttl: 0}"},
    {VERSION(2, 12, 0), "{}", "{persist_mode: default, allow_msg_counter: false, allow_atomic: false}"},
    {0, "{discard: new}", "{discard: NEW}"},
    {0, "{max_age: 1d}", "{max_age: 24h, duplicate_window: 2m}"},
    {0, "{max_age: 1m}", "{max_age: 60s, duplicate_window: 1m}"},
    {0, "{max_age: 1.5s}", "{max_age: 1500ms}"},
    {0, "{max_bytes: 1MiB, max_msg_size: 1k}", "{max_bytes: 1048576, max_msg_size: 1000}"},
    {0, "{subjects: [row.x, row.y, row.z]}", "{subjects: [row.z, row.x, row.y]}"},
    {0, "{placement: {tags: [ssd, big]}}", "{placement: {tags: [Big, SSD]}}"},
    {0, "{sources: [{name: P}, {name: Q, filter_subject: q}]}",
     "{sources: [{name: Q, filter_subject: q}, {name: P}]}"},
    {0, "{sources: [{name: P}]}",
     "{sources: [{name: P, opt_start_seq: 0, filter_subject: ''}], subjects: []}"},
    {0, "{mirror: {name: P, opt_start_time: 2024-01-01T00:00:00Z}}",
     "{mirror: {name: P, opt_start_time: 2024-01-01T01:00:00.000+01:00}}"},
    {0, "{subjects: [row.*], republish: {dest: copy.row.>}}",
     "{subjects: [row.*], republish: {src: '>', dest: copy.row.>}}"},
    {VERSION(2, 10, 0), "{metadata: {a: x, b: y}}", "{metadata: {b: y, a: x}}"},
    {VERSION(2, 10, 0), "{consumer_limits: {max_ack_pending: 10}}",
     "{consumer_limits: {max_ack_pending: 10, inactive_threshold: 0}}"},
    {VERSION(2, 11, 0), "{subject_delete_marker_ttl: 60s}",
     "{subject_delete_marker_ttl: 1m, allow_msg_ttl: true, allow_rollup_hdrs: true, deny_purge: false}"},
    {0, "{sealed: true}", "{sealed: true, discard: new, deny_delete: true, deny_purge: true, max_age: 0}"},
    {0, "{consumers: {c: }}",
     "{consumers: {c: {durable_name: c, deliver_policy: all, ack_policy: none, max_deliver: unlimited, "
     "replay_policy: instant, max_waiting: 512, num_replicas: 0, inactive_threshold: 0, backoff: [], headers_only: false, "
     "rate_limit_bps: 0, sample_freq: '', mem_storage: false, description: '', filter_subject: ''}}}"},
    {0, "{consumers: {c: {ack_policy: explicit}}}",
     "{consumers: {c: {ack_policy: explicit, ack_wait: 30s, max_ack_pending: 1000, max_batch: 0, max_expires: 0}}}"},
    {0, "{consumers: {c: {ack_policy: explicit, max_ack_pending: -1}}}",
     "{consumers: {c: {ack_policy: explicit, max_ack_pending: unlimited}}}"},
    {0, "{consumers: {c: {ack_policy: all, backoff: [1s, 2s], max_deliver: 3}}}",
     "{consumers: {c: {ack_policy: all, backoff: [1000ms, 2s], max_deliver: 3, ack_wait: 1s}}}"},
    {0, "{consumers: {c: {deliver_policy: by_start_time, opt_start_time: 2024-01-01T00:00:00Z}}}",
     "{consumers: {c: {deliver_policy: by_start_time, opt_start_time: 2023-12-31T19:00:00-05:00}}}"},
    {0, "{subjects: [row.>], consumers: {c: {filter_subject: row.x}}}",
     "{subjects: [row.>], consumers: {c: {filter_subjects: [row.x]}}}"},
    {VERSION(2, 10, 0), "{subjects: [row.>], consumers: {c: {filter_subjects: [row.x, row.y]}}}",
     "{subjects: [row.>], consumers: {c: {filter_subjects: [row.y, row.x]}}}"},
    {VERSION(2, 11, 0), "{consumers: {c: {pause_until: 2099-01-01T00:00:00Z}}}",
     "{consumers: {c: {pause_until: 2099-01-01T01:00:00+01:00}}}"},
    {VERSION(2, 11, 0), "{consumers: {c: {priority_groups: [a], priority_policy: pinned_client}}}",
     "{consumers: {c: {priority_groups: [a], priority_policy: pinned_client, priority_timeout: 2m}}}"},
    {VERSION(2, 11, 0), "{consumers: {c: }}",
     "{consumers: {c: {priority_groups: [], priority_policy: none, filter_subjects: [], metadata: {}}}}"},
    {VERSION(2, 14, 0), "{consumers: {c: {ack_policy: flow_control, deliver_subject: d}}}",
     "{consumers: {c: {ack_policy: flow_control, deliver_subject: d, flow_control: true, idle_heartbeat: 1s}}}"},
};

/* Those of a kind, each by one of its spellings; NULL: there are none. */
static const char *synonyms_manifest(const struct server_fixture *server, enum kind kind, bool other)
{
    struct strbuf text = {0};
    strbuf_adds(&text, "streams:\n");
    size_t head = text.length;
    for (size_t i = 0; i < sizeof(synonyms) / sizeof(synonyms[0]); i++)
        if (version_has(version_number(server->version), synonyms[i].since) &&
            kind_of(synonyms[i].one) == kind)
            add_row(&text, i, other ? synonyms[i].other : synonyms[i].one);
    const char *path = text.length > head ? manifest(strbuf_text(&text)) : NULL;
    strbuf_release(&text);
    return path;
}

START_TEST(equal_in_meaning)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    for (int i = 0; i < 2 * KINDS; i++) {
        const char *first = synonyms_manifest(server, (enum kind)(i / 2), i % 2);
        const char *second = synonyms_manifest(server, (enum kind)(i / 2), !(i % 2));
        if (!first)
            continue;
        must_round_trip(server, first);
        must_be_in_sync(server, second);
        delete_rows(server, first);
    }
    fixture_stop(server);
}
END_TEST

/* ---- one manifest after another ---- */

/*
 * Configurations of a stream ROW: each is applied over the one before, side by side with those of the others. What depends on other
 * fields follows them.
 */
enum { STEPS_MOST = 6 };
static const struct {
    uint32_t since;
    const char *steps[STEPS_MOST];
} journeys[] = {
    {0, {"{max_age: 1h}", "{max_age: 1m}", "{max_age: 1h}", "{}"}},
    {0, {"{sources: [{name: P}]}", "{}", "{sources: [{name: P}], subjects: [x.row]}", "{subjects: [x.row]}"}},
    {0, {"{discard: new, discard_new_per_subject: true, max_msgs_per_subject: 3}", "{}"}},
    {VERSION(2, 12, 0), {"{mirror: {name: P}, max_msgs: 5}", "{subjects: [z.row]}"}},
    {VERSION(2, 10, 0), {"{sealed: true}", "{sealed: true, max_msgs: 5, metadata: {a: b}}"}},
    {VERSION(2, 11, 0),
     {"{subject_delete_marker_ttl: 1m}", "{allow_msg_ttl: true, allow_rollup_hdrs: true}",
      "{allow_msg_ttl: true}"}},
    {0,
     {"{consumers: {c: {ack_policy: explicit, backoff: [1s], max_deliver: 3}}}",
      "{consumers: {c: {ack_policy: explicit}}}", "{consumers: {c: {ack_policy: explicit, ack_wait: 5s}}}",
      "{consumers: {c: {ack_policy: explicit, backoff: [2s, 3s], max_deliver: 3}}}"}},
    {0,
     {"{consumers: {c: {durable_name: ''}}}", "{consumers: {c: }}",
      "{consumers: {c: {durable_name: '', inactive_threshold: 10s}}}", "{consumers: {c: {durable_name: ''}}}",
      "{consumers: {c: {inactive_threshold: 10s}}}", "{consumers: {c: }}"}},
    {0,
     {"{consumers: {c: {deliver_subject: to.x.row, deliver_group: g, rate_limit_bps: 5, idle_heartbeat: 1s}}}",
      "{consumers: {c: {deliver_subject: to.y.row, idle_heartbeat: 1s}}}"}},
    {VERSION(2, 10, 0),
     {"{consumers: {c: {filter_subject: ROW}}}", "{consumers: {c: {filter_subjects: [ROW, b]}}}",
      "{consumers: {c: }}"}},
    {VERSION(2, 10, 0),
     {"{consumer_limits: {max_ack_pending: 50}, consumers: {c: {ack_policy: explicit, max_ack_pending: 50}}}",
      "{consumer_limits: {max_ack_pending: 20}, consumers: {c: {ack_policy: explicit, max_ack_pending: 20}}}",
      "{consumer_limits: {max_ack_pending: 20}, consumers: {c: {ack_policy: explicit}}}",
      "{consumer_limits: {max_ack_pending: 80}, consumers: {c: {ack_policy: explicit}}}"}},
    {VERSION(2, 12, 12),
     {"{consumers: {c: {ack_policy: explicit}}}",
      "{consumer_limits: {max_ack_pending: 5, inactive_threshold: 1h}, consumers: {c: {ack_policy: explicit}}}",
      "{consumers: {c: {ack_policy: explicit}}}"}},
    {VERSION(2, 11, 0),
     {"{consumers: {c: {pause_until: 2099-01-01T00:00:00Z}}}",
      "{consumers: {c: {pause_until: 2020-01-01T00:00:00Z}}}", "{consumers: {c: }}",
      "{consumers: {c: {pause_until: 2098-01-01T00:00:00Z, description: x}}}",
      "{consumers: {c: {description: y}}}"}},
    {VERSION(2, 12, 0),
     {"{consumers: {c: {priority_groups: [a], priority_policy: pinned_client}}}",
      "{consumers: {c: {priority_groups: [a], priority_policy: overflow}}}", "{consumers: {c: }}",
      "{consumers: {c: {priority_groups: [a], priority_policy: prioritized}}}"}},
};

static enum kind kind_of_journey(const char *const *steps)
{
    enum kind kind = KIND_SILENT;
    for (size_t i = 0; i < STEPS_MOST && steps[i]; i++)
        if (kind_of(steps[i]) != KIND_SILENT)
            kind = kind_of(steps[i]);
    return kind;
}

/* Everybody's step; who has arrived stays. NULL: everybody has, or there is nobody of that kind. */
static const char *journeys_manifest(const struct server_fixture *server, enum kind kind, const char *project,
                                     size_t step)
{
    struct strbuf text = {0};
    bool goes_on = false;
    strbuf_addf(&text, "%sstreams:\n", project);
    for (size_t i = 0; i < sizeof(journeys) / sizeof(journeys[0]); i++) {
        size_t last = 0;
        if (!version_has(version_number(server->version), journeys[i].since) ||
            kind_of_journey(journeys[i].steps) != kind)
            continue;
        while (last < step && last + 1 < STEPS_MOST && journeys[i].steps[last + 1])
            last++;
        goes_on |= last == step;
        add_row(&text, i, journeys[i].steps[last]);
    }
    const char *path = goes_on ? manifest(strbuf_text(&text)) : NULL;
    strbuf_release(&text);
    return path;
}

static void travel(const struct server_fixture *server, enum kind kind, const char *project)
{
    const char *path = NULL, *last = NULL;
    for (size_t i = 0; (path = journeys_manifest(server, kind, project, i)); i++) {
        must_round_trip(server, path);
        last = path;
    }
    if (last)
        delete_rows(server, last);
}

START_TEST(one_after_another)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    for (int i = 0; i < KINDS; i++) {
        travel(server, (enum kind)i, "");
        travel(server, (enum kind)i, "project: travels\n");
    }
    fixture_stop(server);
}
END_TEST

/* ---- what servers fill in ---- */

/* A note says that nothing tells whose limits they are. */
#define QUIET                                                                                                \
    "defaults: {stream: {lint: {ignore: [perhaps-limited]}}, consumer: {lint: {ignore: [perhaps-limited]}}}\n"

START_TEST(server_limits_lower_defaults)
{
    struct server_fixture *server = fixture_start(
        version_at(_i),
        "jetstream: {limits: {max_ack_pending: 500, max_request_batch: 10, duplicate_window: 60s}}");
    must_round_trip(server, manifest(QUIET "streams: {A: {consumers: {c: {ack_policy: explicit}}}}\n"));
    ck_assert_contains(info_text(server, "A", NULL), "\"duplicate_window\":60000000000,");
    ck_assert_contains(info_text(server, "A", "c"), "\"max_ack_pending\":500,");
    ck_assert_contains(info_text(server, "A", "c"), "\"max_batch\":10,");
    /* Another field is updated, and the server's choices stay. */
    must_round_trip(
        server,
        manifest(QUIET
                 "streams: {A: {max_msgs: 5, consumers: {c: {ack_policy: explicit, description: x}}}}\n"));
    ck_assert_contains(info_text(server, "A", NULL), "\"duplicate_window\":60000000000,");
    ck_assert_contains(info_text(server, "A", "c"), "\"max_batch\":10,");
    fixture_stop(server);
}
END_TEST

START_TEST(stream_limits_are_inherited)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    const char *limits = "{inactive_threshold: 3600000000000, max_ack_pending: 50}";
    if (!is_old(server)) {
        must_round_trip(
            server, manifest("streams: {A: {consumer_limits: {inactive_threshold: 1h, max_ack_pending: 50}, "
                             "consumers: {c: {ack_policy: explicit}, p: {durable_name: ''}}}}\n"));
        ck_assert_contains(info_text(server, "A", "c"), "\"inactive_threshold\":3600000000000,");
        ck_assert_contains(info_text(server, "A", "c"), "\"max_ack_pending\":50,");
        must_round_trip(
            server, manifest("streams: {A: {consumer_limits: {inactive_threshold: 2h, max_ack_pending: 60}, "
                             "consumers: {c: {ack_policy: explicit}, p: {durable_name: ''}}}}\n"));
        ck_assert_contains(info_text(server, "A", "c"), "\"inactive_threshold\":7200000000000,");
        must_create(server, "B", NULL, arena_printf(test_arena(), "consumer_limits: %s", limits));
        must_round_trip(server,
                        manifest("streams: {B: {external: true, consumers: {c: {ack_policy: explicit}, "
                                 "d: {ack_policy: explicit, max_ack_pending: 7}}}}\n"));
        ck_assert_contains(info_text(server, "B", "c"), "\"max_ack_pending\":50,");
        ck_assert_contains(info_text(server, "B", "d"), "\"inactive_threshold\":3600000000000,");
    }
    fixture_stop(server);
}
END_TEST

/* Limits that a consumer exceeds are refused by the server, and older ones take no limit for one of 0. */
START_TEST(stream_limits_that_consumers_exceed)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    if (!is_old(server)) {
        bool strict = version_number(server->version) < VERSION(2, 12, 12);
        must_create(server, "A", NULL, "consumer_limits: {max_ack_pending: 2000}");
        must_create(server, "A", "c", "durable_name: c, ack_policy: explicit, max_ack_pending: 1000");
        const char *consumers = "consumers: {c: {ack_policy: explicit, max_ack_pending: 1000}}";
        struct run none = RUN("plan", "-s", server->url, "-f",
                              manifest(arena_printf(test_arena(), "streams: {A: {%s}}", consumers)));
        struct run lower =
            RUN("plan", "-s", server->url, "-f",
                manifest(arena_printf(
                    test_arena(), "streams: {A: {consumer_limits: {max_ack_pending: 999}, %s}}", consumers)));
        ck_assert_exit(none, strict ? 3 : 0);
        ck_assert_exit(lower, 3);
        ck_assert_contains(lower.err, "error 10069: change to limits violates consumers");
        ck_assert_contains(lower.err, "consumer A > c exceeds them with its 'max_ack_pending'");
        struct node *limits = config_read("consumer_limits: {max_ack_pending: 999}");
        ck_assert_int_eq(raw_update(server, "A", NULL, limits).err_code, 10069);
        ck_assert_int_eq(raw_update(server, "A", NULL, config_read("")).err_code, strict ? 10069 : 0);
    }
    fixture_stop(server);
}
END_TEST

/* A mirror takes its origin's allow_direct over, whenever it is created or updated. */
START_TEST(mirrors_follow_their_origin)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    must_round_trip(server, manifest("streams: {O: {allow_direct: true}, M: {mirror: {name: O}}}\n"));
    ck_assert_contains(info_text(server, "M", NULL), "\"mirror_direct\":true,");
    must_round_trip(server, manifest("streams: {O: {allow_direct: false}, M: {mirror: {name: O}}}\n"));
    ck_assert_contains(info_text(server, "M", NULL), "\"mirror_direct\":false,");
    must_round_trip(server,
                    manifest("streams: {O: {allow_direct: true}, M: {mirror: {name: O}, max_msgs: 5}}\n"));
    ck_assert_contains(info_text(server, "M", NULL), "\"mirror_direct\":true,");

    struct run otherwise = RUN("plan", "-s", server->url, "-f",
                               manifest("streams: {O: {allow_direct: true}, M: {mirror: {name: O}, "
                                        "mirror_direct: false}}\n"));
    ck_assert_exit(otherwise, 65);
    ck_assert_contains(otherwise.err, "[conflict]");

    /* An origin that the manifest does not have, or has as somebody else's. */
    must_create(server, "THEIRS", NULL, "allow_direct: true");
    must_round_trip(server, manifest("streams: {N: {mirror: {name: THEIRS}}}\n"));
    ck_assert_contains(info_text(server, "N", NULL), "\"mirror_direct\":true,");
    must_round_trip(
        server, manifest("streams: {THEIRS: {external: true}, N: {mirror: {name: THEIRS}, max_msgs: 5}}\n"));
    fixture_stop(server);
}
END_TEST

/* ---- objects that others made ---- */

/* The old way to make a durable leaves its name out of its configuration on servers before 2.12.5. */
START_TEST(consumers_without_a_name)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    const char *body =
        "{\"stream_name\":\"A\",\"config\":{\"durable_name\":\"c\",\"ack_policy\":\"explicit\"}}";
    must_create(server, "A", NULL, "");
    raw_must(server, "CONSUMER.DURABLE.CREATE.A.c", body);
    bool named = version_number(server->version) >= VERSION(2, 12, 5);
    ck_assert_int_eq(node_get(raw_info(server, "A", "c").config, "name") != NULL, named);
    must_be_in_sync(server, manifest("streams: {A: {consumers: {c: {ack_policy: explicit}}}}\n"));
    must_round_trip(server,
                    manifest("streams: {A: {consumers: {c: {ack_policy: explicit, max_deliver: 3}}}}\n"));
    fixture_stop(server);
}
END_TEST

/* Keys of the server's own in metadata: 2.10 stores them as if they were the user's, so they must not come back. */
START_TEST(metadata_of_the_server)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    if (!is_old(server)) {
        bool keeps = version_number(server->version) < VERSION(2, 11, 0);
        must_create(server, "A", NULL, "metadata: {_nats.req.level: '99', a: b}");
        must_create(server, "A", "c", "durable_name: c, metadata: {_nats.req.level: '99', a: b}");
        ck_assert_int_eq(strstr(info_text(server, "A", NULL), "\"99\"") != NULL, keeps);
        must_be_in_sync(server,
                        manifest("streams: {A: {metadata: {a: b}, consumers: {c: {metadata: {a: b}}}}}\n"));
        must_round_trip(server, manifest("streams: {A: {metadata: {a: b}, max_msgs: 5, "
                                         "consumers: {c: {metadata: {a: b}, max_deliver: 5}}}}\n"));
        ck_assert_lacks(info_text(server, "A", NULL), "\"99\"");
        ck_assert_lacks(info_text(server, "A", "c"), "\"99\"");
    }
    fixture_stop(server);
}
END_TEST

/* Before 2.12 a server keeps a negative limit as it was sent. */
START_TEST(negative_limits)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    bool keeps = version_number(server->version) < VERSION(2, 12, 0);
    must_create(server, "A", NULL,
                "max_msgs: -5, max_bytes: -5, max_consumers: -5, max_msg_size: -5, max_msgs_per_subject: -5");
    ck_assert_contains(info_text(server, "A", NULL), keeps ? "\"max_msgs\":-5," : "\"max_msgs\":-1,");
    must_be_in_sync(server, manifest("streams: {A: }\n"));
    must_be_in_sync(server,
                    manifest("streams: {A: {max_msgs: unlimited, max_bytes: unlimited, max_consumers: -1, "
                             "max_msg_size: 0, max_msgs_per_subject: unlimited}}\n"));
    must_round_trip(server, manifest("streams: {A: {max_age: 1h}}\n"));
    must_round_trip(server, manifest("streams: {A: {max_age: 1h, max_msgs: 7}}\n"));
    fixture_stop(server);
}
END_TEST

/* An ephemeral consumer that becomes durable keeps its threshold of 5 s until the update after that. */
START_TEST(ephemerals_become_durable)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    must_create(server, "A", NULL, "");
    must_create(server, "A", "c", "ack_policy: explicit");
    ck_assert_contains(info_text(server, "A", "c"), "\"inactive_threshold\":5000000000,");
    must_round_trip(server, manifest("streams: {A: {consumers: {c: {ack_policy: explicit}}}}\n"));
    ck_assert_contains(info_text(server, "A", "c"), "\"durable_name\":\"c\",");
    ck_assert_lacks(info_text(server, "A", "c"), "inactive_threshold");
    must_round_trip(server,
                    manifest("streams: {A: {consumers: {c: {ack_policy: explicit, durable_name: ''}}}}\n"));
    ck_assert_contains(info_text(server, "A", "c"), "\"inactive_threshold\":5000000000,");
    fixture_stop(server);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = nothing_but_names, .each_version = true},
        {.test = equal_in_meaning, .each_version = true},
        {.test = one_after_another, .each_version = true},
        {.test = server_limits_lower_defaults, .each_version = true},
        {.test = stream_limits_are_inherited, .each_version = true},
        {.test = stream_limits_that_consumers_exceed, .each_version = true},
        {.test = mirrors_follow_their_origin, .each_version = true},
        {.test = consumers_without_a_name, .each_version = true},
        {.test = metadata_of_the_server, .each_version = true},
        {.test = negative_limits, .each_version = true},
        {.test = ephemerals_become_durable, .each_version = true},
    };
    return suite_run("defaults", tests, sizeof(tests) / sizeof(tests[0]));
}
