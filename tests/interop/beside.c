/*
 * A team that uses the nats CLI and natsform on the same servers: what the CLI copies, edits and pauses, and what natsform makes of that. On
 * every server version that keeps metadata, and so marks.
 */
#include <check.h>
#include <string.h>

#include "field/field.h"
#include "support/peer.h"
#include "support/scratch.h"
#include "support/server_fixture.h"
#include "support/shell.h"
#include "support/suite.h"
#include "support/trip.h"

#define format(...) arena_printf(test_arena(), __VA_ARGS__)

/* A team's server, its manifest, and both programs. */
struct team {
    struct server_fixture *server;
    const struct peer *peer;
    const char *manifest; /* path */
};

static void team_manifest(const struct team *team, const char *text)
{
    write_file(team->peer->home, "natsform.yaml", text);
}

/* False: the server is too old to keep marks. */
static bool team_begin(struct team *team, const char *version, const char *manifest)
{
    uint32_t number = 0;
    version_parse(version, &number);
    if (!version_has(number, VERSION(2, 10, 0)))
        return false;
    team->server = fixture_start(version, NULL);
    team->peer = peer_new();
    team->manifest = format("%s/natsform.yaml", team->peer->home);
    team_manifest(team, manifest);
    return true;
}

static struct run team_natsform(const struct team *team, const char *command, const char *option)
{
    const char *const arguments[] = {command, "-s", team->server->url, "-f", team->manifest, option, NULL};
    return peer_run_natsform(team->peer, arguments);
}

#define TEAM_NATS(team, ...) must_nats((team)->peer, "-s", (team)->server->url, __VA_ARGS__)

/* Writes what the CLI tells of an object into a file, as people do to make another one of it. */
static const char *saved(const struct team *team, const char *name, const char *text)
{
    return write_file(team->peer->home, format("%s.json", name), text);
}

/* ---- copies ---- */

#define PROTECTED "lifecycle: {prevent_destroy: true}"

static const char originals[] = "project: chat\n"
                                "streams:\n"
                                "  ORDERS:\n"
                                "    subjects: [orders]\n"
                                "    " PROTECTED "\n"
                                "    consumers: {billing: {ack_policy: explicit, " PROTECTED "}}\n"
                                "  OLD: {subjects: [old], consumers: {c: {ack_policy: explicit}}}\n"
                                "key_values: {sessions: {" PROTECTED "}}\n"
                                "object_stores: {uploads: {" PROTECTED "}}\n";

static const char without_old[] = "project: chat\n"
                                  "streams:\n"
                                  "  ORDERS:\n"
                                  "    subjects: [orders]\n"
                                  "    " PROTECTED "\n"
                                  "    consumers: {billing: {ack_policy: explicit, " PROTECTED "}}\n"
                                  "key_values: {sessions: {" PROTECTED "}}\n"
                                  "object_stores: {uploads: {" PROTECTED "}}\n";

/* All ways in which the CLI makes one object of another. Each takes the marks along, and the protection. */
static void copy_everything(const struct team *team)
{
    const char *stream = saved(team, "stream", TEAM_NATS(team, "stream", "info", "ORDERS", "--json"));
    const char *consumer =
        saved(team, "consumer", TEAM_NATS(team, "consumer", "info", "ORDERS", "billing", "--json"));
    TEAM_NATS(team, "stream", "copy", "ORDERS", "COPIED", "--subjects", "copied");
    TEAM_NATS(team, "stream", "add", "CONFIGURED", "--config", stream, "--subjects", "configured");
    TEAM_NATS(team, "stream", "copy", "KV_sessions", "KV_other", "--subjects", "$KV.other.>");
    TEAM_NATS(team, "stream", "copy", "OBJ_uploads", "OBJ_other", "--subjects", "$O.other.C.>", "--subjects",
              "$O.other.M.>");
    TEAM_NATS(team, "consumer", "copy", "ORDERS", "billing", "copied");
    TEAM_NATS(team, "consumer", "add", "ORDERS", "configured", "--config", consumer);
    TEAM_NATS(team, "consumer", "add", "COPIED", "billing", "--config", consumer);
    TEAM_NATS(team, "consumer", "add", "OLD", "billing", "--config", consumer);
}

static const char *const copies[] = {"stream COPIED",
                                     "stream CONFIGURED",
                                     "key-value bucket other",
                                     "object store other",
                                     "consumer COPIED > billing",
                                     "consumer ORDERS > copied",
                                     "consumer ORDERS > configured"};

START_TEST(copies_stand_in_nobodys_way)
{
    struct team team;
    if (!team_begin(&team, version_at(_i), originals))
        return;
    ck_assert_exit(team_natsform(&team, "apply", "--yes"), 0);
    copy_everything(&team);
    ck_assert_contains(TEAM_NATS(&team, "stream", "info", "COPIED", "--json"), "natsform.prevent_destroy");
    team_manifest(&team, without_old);
    struct run plan = team_natsform(&team, "plan", NULL);
    ck_assert_exit(plan, 0);
    ck_assert_contains(plan.out, "1 more object of this project is not in the manifest: stream OLD;");
    struct run prune = team_natsform(&team, "plan", "--prune");
    ck_assert_exit(prune, 0);
    ck_assert_contains(prune.out, "  - stream OLD  and its 2 consumers: billing, c\n");
    ck_assert_contains(prune.out, "Plan: 1 to delete, 4 in sync");
    for (size_t i = 0; i < sizeof(copies) / sizeof(copies[0]); i++)
        ck_assert_contains(prune.err, format("note: %s is not deleted: its mark is of ", copies[i]));
    const char *const arguments[] = {"apply",          "--prune", "--yes",       "-s",
                                     team.server->url, "-f",      team.manifest, NULL};
    ck_assert_exit(peer_run_natsform(team.peer, arguments), 0);
    const char *left = TEAM_NATS(&team, "stream", "ls", "--names", "--all");
    ck_assert_str_eq(left, "CONFIGURED\nCOPIED\nKV_other\nKV_sessions\nOBJ_other\nOBJ_uploads\nORDERS\n");
    fixture_stop(team.server);
}
END_TEST

/* ---- whole metadata, rewritten ---- */

static const char marked[] =
    "project: chat\n"
    "streams:\n"
    "  ORDERS:\n"
    "    subjects: [orders]\n"
    "    " PROTECTED "\n"
    "    consumers: {billing: {ack_policy: explicit}}\n"
    "  PLAIN: {subjects: [plain], consumers: {c: {ack_policy: explicit, " PROTECTED "}}}\n"
    "  KEPT: {subjects: [kept]}\n"
    "key_values: {sessions: {" PROTECTED "}}\n"
    "object_stores: {uploads: {}}\n";

static const char lost[] =
    "note: stream ORDERS has lost natsform's mark [lost-mark]\n"
    "hint: who sets metadata replaces all of it, as 'nats stream edit --metadata' does; "
    "apply puts the mark back\n"
    "note: key-value bucket sessions, object store uploads, consumer PLAIN > c have no mark "
    "of natsform's: new to project 'chat', or lost on the server [lost-mark]\n";

static const char unprotected[] = "protected from deletion; on the server it was not yet, or no longer\n";

static const char *const left_alone[] = {"stream ORDERS", "key-value bucket sessions", "object store uploads",
                                         "consumer PLAIN > c"};

/* As people write a label on an object: the CLI replaces all of its metadata by it. */
static void label_everything(const struct team *team)
{
    const char *file =
        saved(team, "bucket",
              "{\"name\":\"OBJ_uploads\",\"subjects\":[\"$O.uploads.C.>\",\"$O.uploads.M.>\"],"
              "\"retention\":\"limits\",\"storage\":\"file\",\"discard\":\"new\",\"max_consumers\":-1,"
              "\"max_msgs\":-1,\"max_bytes\":-1,\"max_msgs_per_subject\":-1,\"max_msg_size\":-1,"
              "\"num_replicas\":1,\"allow_rollup_hdrs\":true,\"allow_direct\":true,"
              "\"duplicate_window\":120000000000}");
    TEAM_NATS(team, "stream", "edit", "ORDERS", "--metadata", "team=billing", "--force");
    TEAM_NATS(team, "kv", "edit", "sessions", "--metadata", "team=billing");
    TEAM_NATS(team, "stream", "edit", "OBJ_uploads", "--config", file, "--force");
    TEAM_NATS(team, "consumer", "edit", "PLAIN", "c", "--metadata", "team=billing", "--force");
}

START_TEST(lost_marks_are_told)
{
    struct team team;
    if (!team_begin(&team, version_at(_i), marked))
        return;
    ck_assert_exit(team_natsform(&team, "apply", "--yes"), 0);
    label_everything(&team);
    ck_assert_lacks(TEAM_NATS(&team, "stream", "info", "ORDERS", "--json"), "natsform.");
    ck_assert_lacks(TEAM_NATS(&team, "stream", "info", "OBJ_uploads", "--json"), "natsform.");
    struct run plan = team_natsform(&team, "plan", NULL);
    ck_assert_exit(plan, 0);
    ck_assert_contains(plan.err, lost);
    ck_assert_contains(plan.out, format("  ~ stream ORDERS  adopt and change\n      %s", unprotected));
    ck_assert_contains(plan.out,
                       format("  ~ key-value bucket sessions  adopt and change\n      %s", unprotected));
    ck_assert_contains(plan.out, format("  ~ consumer PLAIN > c  adopt and change\n      %s", unprotected));
    struct run destroy = team_natsform(&team, "plan", "--destroy");
    for (size_t i = 0; i < sizeof(left_alone) / sizeof(left_alone[0]); i++)
        if (strcmp(left_alone[i], "consumer PLAIN > c") != 0) /* it goes with its stream */
            ck_assert_contains(destroy.err, format(strcmp(left_alone[i], "object store uploads") == 0
                                                       ? "note: %s is not deleted: it has no mark"
                                                       : "error: %s is protected by 'prevent_destroy'",
                                                   left_alone[i]));
    ck_assert_exit(team_natsform(&team, "apply", "--yes"), 0);
    struct run again = team_natsform(&team, "plan", "--detailed-exitcode");
    ck_assert_exit(again, 0);
    ck_assert_str_eq(again.err, "");
    fixture_stop(team.server);
}
END_TEST

/* What is not in the manifest any more, and has lost its mark, is nobody's: --prune names it. */
START_TEST(prune_names_what_it_leaves)
{
    struct team team;
    if (!team_begin(&team, version_at(_i), marked))
        return;
    ck_assert_exit(team_natsform(&team, "apply", "--yes"), 0);
    label_everything(&team);
    team_manifest(&team, "project: chat\nstreams: {KEPT: {subjects: [kept]}}\n");
    struct run prune = team_natsform(&team, "plan", "--prune");
    ck_assert_exit(prune, 0);
    ck_assert_contains(prune.out,
                       "3 streams here are nobody's: key-value bucket sessions, object store uploads, "
                       "stream ORDERS; 'natsform import' takes such over\n");
    fixture_stop(team.server);
}
END_TEST

/* ---- revisions ---- */

static const char recorded[] =
    "project: chat\n"
    "streams:\n"
    "  ORDERS:\n"
    "    subjects: [orders.b, orders.a]\n"
    "    max_age: 7d\n"
    "    metadata: {team: a, alpha: b}\n"
    "    consumers:\n"
    "      billing: {ack_policy: explicit, filter_subjects: [orders.b, orders.a], backoff: [1s, 10s], max_deliver: 5}\n"
    "      late: {ack_policy: explicit, deliver_policy: by_start_time, opt_start_time: '2024-01-01T00:00:00+01:00'}\n"
    "      push: {deliver_subject: d, flow_control: true, idle_heartbeat: 5s}\n"
    "  INT: {subjects: [int], retention: interest, consumers: {c: {ack_policy: explicit}}}\n"
    "  COPY: {mirror: {name: ORDERS}}\n"
    "  AGG: {sources: [{name: ORDERS, filter_subject: orders.a}, {name: INT}], republish: {src: '>', dest: re.>}}\n"
    "key_values: {sessions: {history: 5, ttl: 1h}, other: {}}\n"
    "object_stores: {uploads: {max_bytes: 1GiB}, photos: {}}\n";

static const char *const edited[] = {"stream ORDERS", "consumer ORDERS > billing", "consumer ORDERS > late",
                                     "key-value bucket sessions", "object store uploads"};

/* The manifest of the last commit with one more setting for each object, so that a plan has all of them. */
static const char changes_all[] =
    "sed -e 's/^project: chat/project: chat\\ndefaults: {stream: {description: z}, consumer: {description: z}}/' "
    "-e 's/history: 5/description: z, history: 5/; s/other: {/other: {description: z/; s/photos: {/photos: {description: z/; "
    "s/max_bytes: 1GiB/description: z, max_bytes: 1GiB/' natsform.yaml >next.yaml";

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, part)); at++)
        count++;
    return count;
}

static struct run plan_next(const struct team *team)
{
    const char *const arguments[] = {
        "plan", "-s", team->server->url, "-f", format("%s/next.yaml", team->peer->home), NULL};
    return peer_run_natsform(team->peer, arguments);
}

/* What is as it was applied is never said to be otherwise; what the CLI has changed is, and a copy is not. */
START_TEST(revisions_go_stale)
{
    struct team team;
    if (!team_begin(&team, version_at(_i), recorded))
        return;
    run_shell(team.peer->home,
              "git init -q . && git add natsform.yaml && git -c user.name=a -c user.email=a@b.c "
              "commit -qm one");
    run_shell(team.peer->home, changes_all);
    const struct run_options apply = {
        .arguments =
            (const char *const[]){"apply", "--yes", "-s", team.server->url, "-f", "HEAD:natsform.yaml", NULL},
        .env = team.peer->env,
        .directory = team.peer->home,
    };
    ck_assert_exit(run_natsform(&apply), 0);
    struct run before = plan_next(&team);
    ck_assert_exit(before, 0);
    ck_assert_contains(before.out, "Plan: 12 to update, 0 in sync");
    ck_assert_lacks(before.err, "[stale-revision]");
    TEAM_NATS(&team, "stream", "edit", "ORDERS", "--max-age", "1h", "--force");
    TEAM_NATS(&team, "consumer", "edit", "ORDERS", "billing", "--max-pending", "500", "--force");
    TEAM_NATS(&team, "consumer", "edit", "ORDERS", "late", "--max-deliver", "7", "--force");
    TEAM_NATS(&team, "kv", "edit", "sessions", "--ttl", "2h");
    TEAM_NATS(&team, "stream", "edit", "OBJ_uploads", "--max-bytes", "5GB", "--force");
    struct run after = plan_next(&team);
    ck_assert_exit(after, 0);
    for (size_t i = 0; i < sizeof(edited) / sizeof(edited[0]); i++)
        ck_assert_contains(after.err, format("note: %s is not as it was when revision ", edited[i]));
    ck_assert_uint_eq(count_of(after.err, "[stale-revision]"), sizeof(edited) / sizeof(edited[0]));
    fixture_stop(team.server);
}
END_TEST

/* ---- pauses ---- */

static const char pausing[] =
    "project: chat\n"
    "streams: {ORDERS: {subjects: [orders], consumers: {billing: {ack_policy: explicit}}}}\n";

static const char changed[] =
    "project: chat\n"
    "streams: {ORDERS: {subjects: [orders], consumers: {billing: {ack_policy: explicit, max_deliver: 7}}}}\n";

static bool is_paused(const struct team *team)
{
    return strstr(raw_request(team->server, "$JS.API.CONSUMER.INFO.ORDERS.billing", ""), "\"paused\":true");
}

START_TEST(pauses_are_left_alone)
{
    struct team team;
    uint32_t version = 0;
    version_parse(version_at(_i), &version);
    if (!version_has(version, V_2_11) || !team_begin(&team, version_at(_i), pausing))
        return;
    ck_assert_exit(team_natsform(&team, "apply", "--yes"), 0);
    TEAM_NATS(&team, "consumer", "pause", "ORDERS", "billing", "1h", "--force");
    struct run plan = team_natsform(&team, "plan", "--detailed-exitcode");
    ck_assert_exit(plan, 0);
    ck_assert_contains(plan.err, "note: consumer ORDERS > billing is paused until ");
    team_manifest(&team, changed);
    ck_assert_exit(team_natsform(&team, "apply", "--yes"), 0);
    ck_assert(is_paused(&team));
    ck_assert_exit(team_natsform(&team, "plan", "--detailed-exitcode"), 0);
    TEAM_NATS(&team, "consumer", "resume", "ORDERS", "billing", "--force");
    struct run resumed = team_natsform(&team, "plan", "--detailed-exitcode");
    ck_assert_exit(resumed, 0);
    ck_assert_str_eq(resumed.err, "");
    ck_assert(!is_paused(&team));
    fixture_stop(team.server);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = copies_stand_in_nobodys_way, .each_version = true},
        {.test = lost_marks_are_told, .each_version = true},
        {.test = prune_names_what_it_leaves, .each_version = true},
        {.test = revisions_go_stale, .each_version = true},
        {.test = pauses_are_left_alone, .each_version = true},
    };
    return suite_run("beside", tests, sizeof(tests) / sizeof(tests[0]));
}
