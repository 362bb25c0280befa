/* Unit tests of plan/planner.h: a manifest, what a server holds, and what has to be done. */
#include "plan/planner.h"

#include <string.h>

#include "field/encode.h"
#include "kind/kinds.h"
#include "unit/planning.h"
#include "unit/suites.h"

#define V2_9 VERSION(2, 9, 10)
#define V2_10 VERSION(2, 10, 27)

/* How a live object is told in a table: what is not plain about it. */
struct live_text {
    const char *stream;
    const char *consumer; /* NULL: a stream */
    const char *config;
    const char *state; /* of a stream; of a consumer "bound" */
};

enum { LIVE_MOST = 6 };

struct plan_case {
    const char *manifest;
    struct live_text live[LIVE_MOST]; /* the last has no name */
    uint32_t version;                 /* 0: 2.15.1 */
    bool clustered;
    bool destroy;
    const char *allowed; /* a stream whose messages may go */
    const char *plan;
    const char *told;
};

#define NEWER(names)                                                                                         \
    "newer-server: natsform does not know what nats-server 2.15.1 has here: " names "\n"                     \
    "  hint: updates keep these settings as they are; a newer natsform may know them\n"

static const struct plan_case cases[] = {
    /* nothing to do */
    {"{}", .plan = "", .told = ""},
    {"{}", {{"A", NULL, "", ""}, {"A", "c", "", ""}}, .plan = "", .told = ""}, /* not ours, so not seen */
    {"streams: {A: {consumers: {c: {ack_policy: explicit}}}}",
     {{"A", NULL, "", ""}, {"A", "c", "", ""}},
     .plan = "in sync: 2\n",
     .told = ""},
    {"streams: {A: {subjects: [b, a], placement: {}, max_msgs: 0, consumers: {c: {ack_policy: explicit, filter_subjects: [x]}}}}",
     {{"A", NULL, "\"subjects\":[\"a\",\"b\"]", ""}, {"A", "c", "\"filter_subject\":\"x\"", ""}},
     .plan = "in sync: 2\n",
     .told = ""},
    {"streams: {A: {consumers: {c: {ack_policy: explicit}}}}", /* an old server says less */
     {{"A", NULL, "\"compression\":null,\"consumer_limits\":null,\"allow_msg_ttl\":null,\"metadata\":null",
       ""},
      {"A", "c", "\"metadata\":null,\"name\":null", ""}},
     .version = V2_9,
     .plan = "in sync: 2\n",
     .told = ""},

    /* create */
    {"streams: {B: {}, A: {consumers: {c: {}}}}",
     .plan = "0 create stream A\n0 create stream B\n1 create consumer A > c\n", .told = ""},
    {"streams: {A: {consumers: {c: {ack_policy: explicit}}}}",
     {{"A", NULL, "", ""}},
     .plan = "0 create consumer A > c\nin sync: 1\n",
     .told = ""},
    {"streams: {A: {num_replicas: 3, consumers: {c: {num_replicas: 3}}}}",
     .plan = "0 refused stream A\n1 refused consumer A > c\n",
     .told =
         "1:29+1 replicas: stream A wants 3 replicas, and the server is not clustered\n"
         "  note: the server answers with error 10074: replicas > 1 not supported in non-clustered mode\n"
         "1:62+1 replicas: consumer A > c wants 3 replicas, and the server is not clustered\n"
         "  note: the server answers with error 10074: replicas > 1 not supported in non-clustered mode\n"},
    {"streams: {A: {num_replicas: 3}}", .clustered = true, .plan = "0 create stream A\n", .told = ""},

    /* update */
    {"streams: {A: {max_age: 7d, description: new, subjects: [A, b]}}",
     {{"A", NULL, "\"max_age\":86400000000000,\"no_ack\":true", ""}},
     .plan =
         "0 update stream A\n    description: (none) -> new\n    subjects: [A] -> [A, b]\n    max_age: 1d -> 7d\n"
         "    no_ack: true -> false\n",
     .told = ""},
    {"streams: {A: {consumers: {c: {ack_policy: explicit, max_deliver: 5, backoff: [1s, 5s]}}}}",
     {{"A", NULL, "", ""}, {"A", "c", "", ""}},
     .plan = "0 update consumer A > c\n    ack_wait: 30s -> 1s\n    max_deliver: unlimited -> 5\n"
             "    backoff: (none) -> [1s, 5s]\nin sync: 1\n",
     .told = ""},
    {"streams: {A: {max_bytes: 9007199254740993}}",
     {{"A", NULL, "\"max_bytes\":9007199254740992", ""}},
     .plan = "0 update stream A\n    max_bytes: 8PiB -> 9007199254740993\n",
     .told = ""},
    {"streams: {A: {sealed: true}}",
     {{"A", NULL, "", ""}},
     .plan = "0 update stream A irreversibly\n    discard: old -> new\n    sealed: false -> true\n"
             "    deny_delete: false -> true\n    deny_purge: false -> true\n",
     .told =
         "1:23+4 sealed-empty: stream A is sealed while it is empty: it never takes a message\n"
         "  hint: leave 'sealed' out until its messages are there; 'natsform restore' brings back a sealed one with its own\n"},
    {"streams: {A: {description: x}}", /* what we do not know is named, and stays */
     {{"A", NULL, "\"shiny\":1,\"newer\":{\"a\":2}", ""}},
     .plan = "0 update stream A\n    description: (none) -> x\n    unmanaged: shiny, newer\n",
     .told = NEWER("shiny, newer")},
    {"streams: {A: {}}", {{"A", NULL, "\"shiny\":1", ""}}, .plan = "in sync: 1\n", .told = NEWER("shiny")},
    {"streams: {A: {consumers: {c: {ack_policy: explicit, pause_until: 2026-12-31T00:00:00Z}}}}",
     {{"A", NULL, "", ""}, {"A", "c", "", ""}},
     .plan =
         "0 update consumer A > c\n    pause_until: (none) -> 2026-12-31T00:00:00Z separately\nin sync: 1\n",
     .told = ""},
    /* by the clock of the target, which says noon of 2026-01-31, a pause is over or not */
    {"streams: {A: {consumers: {c: {ack_policy: explicit}, d: {ack_policy: explicit}, e: {ack_policy: explicit}}}}",
     {{"A", NULL, "", ""},
      {"A", "c", "\"pause_until\":\"0001-01-01T00:00:00Z\"", ""},
      {"A", "d", "\"pause_until\":\"2026-01-31T12:00:00Z\"", ""},
      {"A", "e", "\"pause_until\":\"2026-01-31T12:00:01Z\"", ""}},
     .plan = "in sync: 4\n",
     .told =
         "paused: consumer A > e is paused until 2026-01-31T12:00:01Z: it stays so, as the manifest does not say it\n"
         "  hint: 'nats consumer resume' ends a pause; 'pause_until' in the manifest makes it the manifest's\n"},
    {"streams: {A: {consumers: {c: {ack_policy: explicit, pause_until: 2026-01-31T13:00:00+01:00}}}}",
     {{"A", NULL, "", ""}, {"A", "c", "\"pause_until\":\"2025-12-31T00:00:00Z\"", ""}},
     .plan = "in sync: 2\n",
     .told = ""},
    {"streams: {A: {consumers: {c: {ack_policy: explicit, pause_until: 2025-12-31T00:00:00Z}}}}",
     {{"A", NULL, "", ""}, {"A", "c", "\"pause_until\":\"2027-12-31T00:00:00Z\"", ""}},
     .plan =
         "0 update consumer A > c\n    pause_until: 2027-12-31T00:00:00Z -> (none) separately\nin sync: 1\n",
     .told = "1:66+20 without-effect: 'pause_until' of consumer A > c has no effect: that time is past\n"},

    /* what the server may choose, when nobody else did */
    {"streams: {A: {max_msgs: 5}}",
     {{"A", NULL, "\"max_msgs\":5,\"duplicate_window\":60000000000", ""}},
     .plan = "in sync: 1\n",
     .told =
         "1:11+1 perhaps-limited: 'duplicate_window' of stream A is 1m: the server's limit, or what somebody has set\n"
         "  hint: to settle it, write 'duplicate_window' in the manifest: 1m keeps it, another value changes it\n"},
    {"streams: {A: {lint: {ignore: [perhaps-limited]}}}",
     {{"A", NULL, "\"duplicate_window\":60000000000", ""}},
     .plan = "in sync: 1\n",
     .told = ""},
    {"streams: {A: {}, B: {}}", /* two of a kind are one note */
     {{"A", NULL, "\"duplicate_window\":60000000000", ""},
      {"B", NULL, "\"duplicate_window\":60000000000", ""}},
     .plan = "in sync: 2\n",
     .told =
         "1:11+1 perhaps-limited: 'duplicate_window' of stream A and of 1 more is 1m: the server's limit, or what somebody has set\n"
         "  hint: to settle it, write 'duplicate_window' in the manifest: 1m keeps it, another value changes it\n"},
    {"streams: {A: {}, B: {}}", /* no limit: another stream has more */
     {{"A", NULL, "\"duplicate_window\":60000000000", ""}, {"B", NULL, "", ""}},
     .plan = "0 update stream A\n    duplicate_window: 1m -> 2m\nin sync: 1\n",
     .told = ""},
    {"streams: {A: {}, B: {}}", /* or will have, if there is none */
     {{"A", NULL, "\"duplicate_window\":60000000000", ""}},
     .plan = "0 update stream A\n    duplicate_window: 1m -> 2m\n0 create stream B\n",
     .told = ""},
    {"streams: {A: {max_msgs: 5, lifecycle: {ignore: [max_msgs]}}, B: {}}", /* another field is ignored */
     {{"A", NULL, "\"max_msgs\":7,\"duplicate_window\":60000000000", ""}, {"B", NULL, "", ""}},
     .plan = "0 update stream A\n    duplicate_window: 1m -> 2m\nin sync: 1\n",
     .told = ""},
    {"streams: {A: {lifecycle: {ignore: [duplicate_window]}}, B: {}}", /* this one is */
     {{"A", NULL, "\"duplicate_window\":60000000000", ""}, {"B", NULL, "", ""}},
     .plan = "in sync: 2\n",
     .told = ""},
    {"streams: {A: {max_age: 1d}}", /* its own max_age was the reason */
     {{"A", NULL, "\"max_age\":60000000000,\"duplicate_window\":60000000000", ""}},
     .plan = "0 update stream A\n    max_age: 1m -> 1d\n    duplicate_window: 1m -> 2m\n",
     .told = ""},
    {"streams: {A: {duplicate_window: 2m}}",
     {{"A", NULL, "\"duplicate_window\":60000000000", ""}},
     .plan = "0 update stream A\n    duplicate_window: 1m -> 2m\n",
     .told = ""},
    {"streams: {A: {}}", /* longer than the default is not a limit */
     {{"A", NULL, "\"duplicate_window\":180000000000", ""}},
     .plan = "0 update stream A\n    duplicate_window: 3m -> 2m\n",
     .told = ""},
    {"streams: {A: {mirror: {name: B}}}", /* its origin is not ours, so nobody here knows better */
     {{"A", NULL,
       "\"mirror\":{\"name\":\"B\"},\"subjects\":null,\"duplicate_window\":null,\"mirror_direct\":true", ""}},
     .plan = "in sync: 1\n",
     .told = ""},
    {"streams: {A: {mirror: {name: B}}, B: {allow_direct: true}}",
     {{"A", NULL, "\"mirror\":{\"name\":\"B\"},\"subjects\":null,\"duplicate_window\":null", ""},
      {"B", NULL, "\"allow_direct\":true", ""}},
     .plan = "0 update stream A\n    mirror_direct: false -> true\nin sync: 1\n",
     .told = ""},
    {"streams: {A: {consumers: {c: {ack_policy: explicit}}}}",
     {{"A", NULL, "", ""}, {"A", "c", "\"max_ack_pending\":500,\"max_batch\":100", ""}},
     .plan = "in sync: 2\n",
     .told =
         "1:27+1 perhaps-limited: 'max_ack_pending' of consumer A > c is 500: the server's limit, or what somebody has set\n"
         "  hint: to settle it, write 'max_ack_pending' in the manifest: 500 keeps it, another value changes it\n"},
    {"streams: {A: {consumers: {c: {ack_policy: explicit}, d: {ack_policy: explicit, max_ack_pending: 600}}}}",
     {{"A", NULL, "", ""},
      {"A", "c", "\"max_ack_pending\":500", ""},
      {"A", "d", "\"max_ack_pending\":600", ""}},
     .plan = "0 update consumer A > c\n    max_ack_pending: 500 -> 1000\nin sync: 2\n",
     .told = ""},

    /* lifecycle.ignore */
    {"streams: {A: {num_replicas: 1, max_age: 1d, lifecycle: {ignore: [num_replicas, subjects]}}}",
     {{"A", NULL, "\"num_replicas\":3,\"subjects\":[\"x\"],\"max_age\":5000000000", ""}},
     .plan = "0 update stream A\n    max_age: 5s -> 1d\n",
     .told = ""},
    {"streams: {A: {storage: memory, lifecycle: {ignore: [storage]}}}",
     {{"A", NULL, "", ""}},
     .plan = "in sync: 1\n",
     .told = ""},

    /* what no server changes in place */
    {"streams:\n  A:\n    storage: memory\n",
     {{"A", NULL, "", "\"messages\":1"}},
     .plan = "0 refused stream A\n    storage: file -> memory refused\n",
     .told =
         "3:14+6 immutable: 'storage' of stream A cannot change in place\n"
         "  note: on the server it is file\n"
         "  note: nats-server 2.15.1 answers error 10052: stream configuration update can not change storage type\n"
         "  note: 'lifecycle: {on_immutable: migrate}' in the manifest, or '--replace stream.A' for one run, makes it anew and keeps what is in it: publishers are turned away for less than a second; message ids are forgotten: what is sent again is there twice; if the server stops, what is in its memory is gone; the backup stays\n"
         "  note: 'lifecycle: {on_immutable: recreate}' makes it anew without its 1 message, backed up first; it takes '--allow-data-loss A'\n"
         "  hint: write what the server has, or 'lifecycle: {ignore: [storage]}', or a stream of another name\n"},
    {"streams: {A: {max_age: 1d}}", /* said where the stream stands, as nobody wrote the field */
     {{"A", NULL, "\"deny_delete\":true", "\"messages\":1"}},
     .plan =
         "0 refused stream A\n    max_age: (none) -> 1d\n    deny_delete: true -> false refused\n    loses up to 1 messages: 'max_age' goes from (none) to 1d\n",
     .told =
         "1:11+1 immutable: 'deny_delete' of stream A cannot change in place\n"
         "  note: on the server it is true\n"
         "  note: nats-server 2.15.1 answers error 10052: "
         "stream configuration update can not cancel deny message deletes\n"
         "  note: 'lifecycle: {on_immutable: migrate}' in the manifest, or '--replace stream.A' for one run, makes it anew and keeps what is in it: publishers are turned away for less than a second; message ids are forgotten: what is sent again is there twice\n"
         "  note: 'lifecycle: {on_immutable: recreate}' makes it anew without its 1 message, backed up first; it takes '--allow-data-loss A'\n"
         "  hint: write what the server has, or 'lifecycle: {ignore: [deny_delete]}', or a stream of another name\n"
         "1:24+2 data-loss: stream A would lose up to 1 message: 'max_age' goes from (none) to 1d\n"
         "  hint: '--allow-data-loss A' allows it\n"},
    {"streams: {A: {retention: interest}}",
     {{"A", NULL, "", "\"messages\":1"}},
     .version = V2_9,
     .plan =
         "0 refused stream A\n    retention: limits -> interest refused\n    loses up to 1 messages: 'retention' goes from limits to interest\n",
     .told =
         "1:26+8 immutable: 'retention' of stream A cannot change in place\n"
         "  note: on the server it is limits\n"
         "  note: nats-server 2.9.10 answers error 10052: stream configuration update can not change retention policy\n"
         "  note: 'lifecycle: {on_immutable: migrate}' in the manifest, or '--replace stream.A' for one run, makes it anew and keeps what is in it: publishers are turned away for less than a second\n"
         "  note: 'lifecycle: {on_immutable: recreate}' makes it anew without its 1 message, backed up first; it takes '--allow-data-loss A'\n"
         "  hint: write what the server has, or 'lifecycle: {ignore: [retention]}', or a stream of another name\n"
         "1:26+8 data-loss: stream A would lose up to 1 message: 'retention' goes from limits to interest\n"
         "  hint: '--allow-data-loss A' allows it\n"},
    {"streams: {A: {retention: interest}}",
     {{"A", NULL, "", ""}},
     .version = V2_10,
     .plan = "0 update stream A\n    retention: limits -> interest\n",
     .told = ""},
    {"streams: {A: {retention: workqueue}}",
     {{"A", NULL, "", "\"messages\":1"}},
     .plan = "0 refused stream A\n    retention: limits -> workqueue refused\n",
     .told =
         "1:26+9 immutable: 'retention' of stream A cannot change in place\n"
         "  note: on the server it is limits\n"
         "  note: nats-server 2.15.1 answers error 10052: "
         "stream configuration update can not change retention policy to/from workqueue\n"
         "  note: 'lifecycle: {on_immutable: migrate}' in the manifest, or '--replace stream.A' for one run, makes it anew and keeps what is in it: publishers are turned away for less than a second; message ids are forgotten: what is sent again is there twice\n"
         "  note: 'lifecycle: {on_immutable: recreate}' makes it anew without its 1 message, backed up first; it takes '--allow-data-loss A'\n"
         "  hint: write what the server has, or 'lifecycle: {ignore: [retention]}', or a stream of another name\n"},
    {"streams: {A: {mirror: {name: B}}}",
     {{"A", NULL, "", ""}},
     .plan = "0 refused stream A\n    subjects: [A] -> (none)\n    duplicate_window: 2m -> (none)\n"
             "    mirror: (none) -> {name: B} refused\n",
     .told =
         "1:23 immutable: 'mirror' of stream A cannot change in place\n"
         "  note: nats-server 2.15.1 answers error 10055: stream mirror configuration can not be updated\n"
         "  note: it cannot be made anew with what is in it: a mirror has what its origin has, and what is in the stream could not stay\n"
         "  note: 'lifecycle: {on_immutable: recreate}' makes it anew without a loss: nothing is in it\n"
         "  hint: write what the server has, or 'lifecycle: {ignore: [mirror]}', or a stream of another name\n"},
    {"streams: {A: {subjects: [A]}}", /* a mirror becomes a stream of its own */
     {{"A", NULL, "\"mirror\":{\"name\":\"B\"},\"subjects\":null,\"duplicate_window\":null", ""}},
     .plan =
         "0 update stream A irreversibly\n    subjects: (none) -> [A]\n    duplicate_window: (none) -> 2m\n    mirror: {name: B} -> (none)\n",
     .told = ""},
    {"streams: {A: {num_replicas: 3}}",
     {{"A", NULL, "", ""}},
     .plan = "0 refused stream A\n    num_replicas: 1 -> 3 refused\n",
     .told =
         "1:29+1 immutable: 'num_replicas' of stream A cannot change in place\n"
         "  note: on the server it is 1\n"
         "  note: nats-server 2.15.1 answers error 10074: replicas > 1 not supported in non-clustered mode\n"
         "  hint: write what the server has, or 'lifecycle: {ignore: [num_replicas]}', or a stream of another name\n"},
    {"streams: {A: {num_replicas: 3}}",
     {{"A", NULL, "", ""}},
     .clustered = true,
     .plan = "0 update stream A\n    num_replicas: 1 -> 3\n",
     .told = ""},
    {"streams: {A: {consumers: {c: {ack_policy: all, max_waiting: 100}}}}", /* everything that is wrong at once */
     {{"A", NULL, "", ""}, {"A", "c", "", ""}},
     .plan =
         "0 refused consumer A > c\n    ack_policy: explicit -> all refused\n    max_waiting: 512 -> 100 refused\nin sync: 1\n",
     .told =
         "1:43+3 immutable: 'ack_policy' of consumer A > c cannot change in place\n"
         "  note: on the server it is explicit\n"
         "  note: nats-server 2.15.1 answers error 10012: ack policy can not be updated\n"
         "  note: 'lifecycle: {on_immutable: migrate}' in the manifest, or '--replace consumer.A.c' for one run, makes it anew and keeps what is in it: it goes on behind its last acknowledgement, if that is without a gap by then; else all stays as it is\n"
         "  note: 'lifecycle: {on_immutable: recreate}' makes it anew without its place: it begins where its deliver_policy says\n"
         "  hint: write what the server has, or 'lifecycle: {ignore: [ack_policy]}', or a consumer of another name\n"
         "1:61+3 immutable: 'max_waiting' of consumer A > c cannot change in place\n"
         "  note: on the server it is 512\n"
         "  note: nats-server 2.15.1 answers error 10012: max waiting can not be updated\n"
         "  hint: write what the server has, or 'lifecycle: {ignore: [max_waiting]}', or a consumer of another name\n"},
    {"streams: {A: {consumers: {c: {ack_policy: explicit, deliver_subject: d2}}}}",
     {{"A", NULL, "", ""}, {"A", "c", "\"deliver_subject\":\"d1\",\"max_waiting\":null", ""}},
     .plan = "0 update consumer A > c redelivering\n    deliver_subject: d1 -> d2\nin sync: 1\n",
     .told = ""},
    {"streams: {A: {consumers: {c: {ack_policy: explicit, deliver_subject: d2}}}}", /* while somebody listens, it may not */
     {{"A", NULL, "", ""}, {"A", "c", "\"deliver_subject\":\"d1\",\"max_waiting\":null", "bound"}},
     .plan = "0 refused consumer A > c redelivering\n    deliver_subject: d1 -> d2 refused\nin sync: 1\n",
     .told =
         "1:70+2 immutable: 'deliver_subject' of consumer A > c cannot change in place\n"
         "  note: on the server it is d1\n"
         "  note: somebody listens on the consumer's deliver subject\n"
         "  note: nats-server 2.15.1 answers error 10013: consumer name already in use\n"
         "  hint: write what the server has, or 'lifecycle: {ignore: [deliver_subject]}', or a consumer of another name\n"},

    {"streams: {A: {consumers: {c: {ack_policy: explicit, deliver_policy: by_start_time,\n"
     "  opt_start_time: 2026-01-31T13:00:00+01:00, max_deliver: 5, description: x}}}}", /* an old server then changes nothing */
     {{"A", NULL, "", ""},
      {"A", "c", "\"deliver_policy\":\"by_start_time\",\"opt_start_time\":\"2026-01-31T12:00:00Z\"", ""}},
     .version = V2_9,
     .plan =
         "0 refused consumer A > c\n    description: (none) -> x refused\n    max_deliver: unlimited -> 5 refused\nin sync: 1\n",
     .told =
         "2:59+1 immutable: 'max_deliver' of consumer A > c cannot change in place\n"
         "  note: on the server it is unlimited\n"
         "  note: nats-server 2.9.10 answers error 10012: start time can not be updated\n"
         "  hint: write what the server has, or 'lifecycle: {ignore: [max_deliver]}', or a consumer of another name\n"
         "2:75+1 immutable: 'description' of consumer A > c cannot change in place\n"
         "  note: on the server it is (none)\n"
         "  note: nats-server 2.9.10 answers error 10012: start time can not be updated\n"
         "  note: it cannot be made anew with what is in it: nats-server 2.9.10 can make no consumer that goes on where it was\n"
         "  note: 'lifecycle: {on_immutable: recreate}' makes it anew without its place: it begins where its deliver_policy says\n"
         "  hint: write what the server has, or 'lifecycle: {ignore: [description]}', or a consumer of another name\n"},

    /* what is made anew */
    {"streams: {A: {storage: memory}}", /* nothing is in it, so that nobody has to allow it */
     {{"A", NULL, "", ""}},
     .plan = "1 migrate stream A\n    storage: file -> memory\n",
     .told = ""},
    {"streams: {A: {storage: memory, max_msgs: 5, lifecycle: {on_immutable: migrate}}}",
     {{"A", NULL, "", "\"messages\":1"}},
     .plan = "1 migrate stream A\n    max_msgs: unlimited -> 5\n    storage: file -> memory\n",
     .told = ""},
    {"streams: {A: {storage: memory, lifecycle: {on_immutable: recreate}, consumers: {c: {ack_policy: explicit}}}}",
     {{"A", NULL, "", "\"messages\":1"}, {"A", "c", "", ""}},
     .allowed = "A",
     .plan =
         "1 recreate stream A\n    storage: file -> memory\n    loses 1 messages: the stream is made anew\n2 create consumer A > c\n",
     .told = ""},
    {"streams: {A: {consumers: {c: {ack_policy: all, lifecycle: {on_immutable: migrate}}}}}",
     {{"A", NULL, "", "\"messages\":1"}, {"A", "c", "", ""}},
     .plan = "1 migrate consumer A > c\n    ack_policy: explicit -> all\nin sync: 1\n",
     .told = ""},
    {"streams: {A: {renamed_from: B}}",
     {{"B", NULL, "\"subjects\":[\"A\"]", "\"messages\":1"}},
     .plan = "1 migrate stream A\n",
     .told = ""},

    /* whose it is */
    {"project: shop\nstreams: {A: {consumers: {c: {ack_policy: explicit}}}}",
     .plan = "0 create stream A\n1 create consumer A > c\n", .told = ""},
    {"project: shop\nstreams: {A: {consumers: {c: {ack_policy: explicit}}}}",
     {{"A", NULL, "\"metadata\":{\"natsform.object\":\"@\",\"natsform.project\":\"shop\"}", ""},
      {"A", "c",
       "\"metadata\":{\"natsform.object\":\"@\",\"natsform.project\":\"shop\",\"_nats.ver\":\"2.15.1\"}",
       ""}},
     .plan = "in sync: 2\n",
     .told = ""},
    {"project: shop\nstreams: {A: {max_age: 1d, metadata: {team: a}, consumers: {c: {ack_policy: explicit}}}}",
     {{"A", NULL, "", ""}, {"A", "c", "", ""}},
     .plan =
         "0 adopt stream A\n    max_age: (none) -> 1d\n"
         "    metadata: {} -> {natsform.object: A, natsform.project: shop, team: a}\n1 adopt consumer A > c\n",
     .told =
         "lost-mark: stream A, consumer A > c have no mark of natsform's: new to project 'shop', or lost on the server\n"
         "  hint: who sets metadata replaces all of it, as 'nats stream edit --metadata' does; apply puts the mark back\n"},
    {"project: shop\nstreams: {A: {consumers: {c: {ack_policy: explicit}}}}", /* no metadata, no marks */
     {{"A", NULL, "\"metadata\":null", ""}, {"A", "c", "\"metadata\":null", ""}},
     .version = V2_9,
     .plan = "in sync: 2\n",
     .told = ""},
    {"project: shop\nstreams:\n  A:\n    max_age: 1d\n",
     {{"A", NULL, "\"metadata\":{\"natsform.object\":\"@\",\"natsform.project\":\"other\"}", ""}},
     .plan = "0 refused stream A\n",
     .told =
         "3:3+1 foreign: stream A belongs to project 'other'\n"
         "  hint: take it out of this manifest; or take it over: 'natsform import A --from-project other'; or have project 'other' let it go: list it below 'removed' in its manifest, and apply that first\n"},
    {"streams: {A: {}}", /* without a project, what is marked is somebody's all the same */
     {{"A", NULL, "\"metadata\":{\"natsform.object\":\"@\",\"natsform.project\":\"other\"}", ""}},
     .plan = "0 refused stream A\n",
     .told =
         "1:11+1 foreign: stream A belongs to project 'other'\n"
         "  hint: take it out of this manifest; or take it over: 'natsform import A --from-project other'; or have project 'other' let it go: list it below 'removed' in its manifest, and apply that first\n"},
    {"project: shop\nstreams: {A: {consumers: {c: {ack_policy: explicit}}}}", /* somebody else's consumer on our stream */
     {{"A", NULL, "\"metadata\":{\"natsform.object\":\"@\",\"natsform.project\":\"shop\"}", ""},
      {"A", "c", "\"metadata\":{\"natsform.object\":\"@\",\"natsform.project\":\"other\"}", ""}},
     .plan = "0 refused consumer A > c\nin sync: 1\n",
     .told =
         "2:27+1 foreign: consumer A > c belongs to project 'other'\n"
         "  hint: take it out of this manifest; or take it over: 'natsform import A/c --from-project other'; or have project 'other' let it go: list it below 'removed' in its manifest, and apply that first\n"},
    /* an earlier natsform's mark is renewed, if the server allows it; a copy's counts for nothing */
    {"project: shop\nstreams: {A: {consumers: {c: {ack_policy: explicit}, d: {ack_policy: explicit}}}}",
     {{"A", NULL, "\"metadata\":{\"natsform.project\":\"shop\"}", ""},
      {"A", "c", "\"metadata\":{\"natsform.object\":\"A > d\",\"natsform.project\":\"other\"}", ""},
      {"A", "d", "\"metadata\":{\"natsform.object\":\"A > c > d\",\"natsform.project\":\"other\"}", ""}},
     .plan =
         "0 update stream A\n    metadata: {natsform.project: shop} -> {natsform.object: A, natsform.project: shop}\n"
         "1 adopt consumer A > c\n1 adopt consumer A > d\n",
     .told =
         "2:27+1 copied-mark: consumer A > c carries the mark of another object, A > d, and so counts as nobody's\n"
         "  hint: its configuration was copied; this project adopts it\n"
         "2:54+1 copied-mark: consumer A > d carries the mark of another object, A > c > d, and so counts as nobody's\n"
         "  hint: its configuration was copied; this project adopts it\n"},
    {"project: shop\nstreams: {A: {consumers: {c: {ack_policy: explicit, deliver_policy: by_start_time, "
     "opt_start_time: 2026-01-01T00:00:00Z}}}}",
     {{"A", NULL, "\"metadata\":{\"natsform.object\":\"@\",\"natsform.project\":\"shop\"}", ""},
      {"A", "c",
       "\"metadata\":{\"natsform.project\":\"shop\"},\"deliver_policy\":\"by_start_time\","
       "\"opt_start_time\":\"2026-01-01T00:00:00Z\"",
       ""}},
     .version = VERSION(2, 10, 11),
     .plan = "in sync: 2\n",
     .told = ""},

    /* streams of others */
    {"project: shop\nstreams: {A: {external: true, consumers: {c: {ack_policy: explicit}}}}",
     {{"A", NULL,
       "\"max_age\":5000000000,\"metadata\":{\"natsform.object\":\"@\",\"natsform.project\":\"other\"}", ""}},
     .plan = "0 create consumer A > c\n",
     .told = ""},
    {"streams:\n  A: {external: true, consumers: {c: {}, d: {}}}\n", .plan = "",
     .told =
         "2:3+1 missing-stream: stream 'A' is external and does not exist\n  hint: its owner has to create it first\n"},
    {"streams: {A: {external: true, consumers: {c: {ack_policy: explicit}}}}", /* whose limits its consumers inherit */
     {{"A", NULL, "\"consumer_limits\":{\"max_ack_pending\":50,\"inactive_threshold\":3600000000000}", ""},
      {"A", "c", "\"max_ack_pending\":50,\"inactive_threshold\":3600000000000", ""}},
     .plan = "in sync: 1\n",
     .told = ""},
    {"streams: {A: {external: true, consumers: {c: {ack_policy: explicit, max_ack_pending: 10}}}}",
     {{"A", NULL, "\"consumer_limits\":{\"max_ack_pending\":50}", ""},
      {"A", "c", "\"max_ack_pending\":50", ""}},
     .plan = "0 update consumer A > c\n    max_ack_pending: 50 -> 10\n",
     .told = ""},

    /* messages at stake */
    {"streams: {A: {max_msgs: 10}}",
     {{"A", NULL, "", "\"messages\":48,\"bytes\":4800"}},
     .plan =
         "0 refused stream A\n    max_msgs: unlimited -> 10\n    loses 38 messages: 'max_msgs' goes from unlimited to 10\n",
     .told = "1:25+2 data-loss: stream A would lose 38 messages: 'max_msgs' goes from unlimited to 10\n"
             "  hint: '--allow-data-loss A' allows it\n"},
    {"streams: {A: {max_msgs: 10}}",
     {{"A", NULL, "", "\"messages\":48"}},
     .allowed = "A",
     .plan =
         "0 update stream A\n    max_msgs: unlimited -> 10\n    loses 38 messages: 'max_msgs' goes from unlimited to 10\n",
     .told = ""},
    {"streams: {A: {max_msgs: 10}}",
     {{"A", NULL, "", "\"messages\":48"}},
     .allowed = "a", /* by its name, exactly */
     .plan =
         "0 refused stream A\n    max_msgs: unlimited -> 10\n    loses 38 messages: 'max_msgs' goes from unlimited to 10\n",
     .told = "1:25+2 data-loss: stream A would lose 38 messages: 'max_msgs' goes from unlimited to 10\n"
             "  hint: '--allow-data-loss A' allows it\n"},
    {"streams: {A: {max_msgs: 47}}",
     {{"A", NULL, "", "\"messages\":48"}},
     .plan =
         "0 refused stream A\n    max_msgs: unlimited -> 47\n    loses 1 messages: 'max_msgs' goes from unlimited to 47\n",
     .told = "1:25+2 data-loss: stream A would lose 1 message: 'max_msgs' goes from unlimited to 47\n"
             "  hint: '--allow-data-loss A' allows it\n"},

    /* destroy */
    {"streams: {B: {consumers: {c: {}}}, A: {}}",
     {{"A", NULL, "", ""}, {"B", NULL, "", ""}, {"B", "c", "", ""}},
     .destroy = true,
     .plan = "0 delete stream A\n0 delete stream B\n", /* the consumer goes along */
     .told = ""},
    {"streams: {A: {}, GONE: {}}",
     {{"A", NULL, "", ""}},
     .destroy = true,
     .plan = "0 delete stream A\n",
     .told = ""},
    {"streams: {A: {external: true, consumers: {c: {}}}}",
     {{"A", NULL, "", "\"messages\":5"}, {"A", "c", "", ""}},
     .destroy = true,
     .plan = "0 delete consumer A > c\n",
     .told = ""},
    {"streams: {A: {external: true}}", .destroy = true, .plan = "", .told = ""}, /* gone is gone */
    {"streams: {A: {}}",
     {{"A", NULL, "", "\"messages\":5,\"bytes\":500"}},
     .destroy = true,
     .plan = "0 refused stream A\n    loses 5 messages and 500 bytes: the stream is deleted\n",
     .told = "1:11+1 data-loss: stream A would lose 5 messages: the stream is deleted\n"
             "  hint: '--allow-data-loss A' allows it\n"},
    {"streams: {A: {}}",
     {{"A", NULL, "", "\"messages\":5,\"bytes\":500"}},
     .destroy = true,
     .allowed = "A",
     .plan = "0 delete stream A\n    loses 5 messages and 500 bytes: the stream is deleted\n",
     .told = ""},
    {"streams: {A: {lifecycle: {prevent_destroy: true}}}",
     {{"A", NULL, "", ""}},
     .destroy = true,
     .allowed = "A",
     .plan = "0 refused stream A\n",
     .told = "1:11+1 protected: stream A is protected by 'prevent_destroy'\n"},
    {"streams: {A: {consumers: {c: {lifecycle: {prevent_destroy: true}}}}}", /* it would go along */
     {{"A", NULL, "", ""}, {"A", "c", "", ""}},
     .destroy = true,
     .plan = "0 delete stream A\n0 refused consumer A > c\n",
     .told = "1:27+1 protected: consumer A > c is protected by 'prevent_destroy'\n"},
    {"project: shop\nstreams: {A: {}, B: {}, C: {}}", /* only what bears our mark */
     {{"A", NULL, "\"metadata\":{\"natsform.object\":\"@\",\"natsform.project\":\"shop\"}", ""},
      {"B", NULL, "\"metadata\":{\"natsform.object\":\"@\",\"natsform.project\":\"other\"}", ""},
      {"C", NULL, "", ""}},
     .destroy = true,
     .plan = "0 delete stream A\n",
     .told =
         "left-alone: stream B is not deleted: it belongs to project 'other'\n"
         "left-alone: stream C is not deleted: it has no mark of natsform's: nobody has applied it, or the mark was lost\n"
         "  hint: 'natsform apply' makes it this project's, and then it is deleted\n"},
    {"streams: {A: {mirror: {name: B}}, B: {}}", /* copies before what they are copies of */
     {{"A", NULL, "\"mirror\":{\"name\":\"B\"}", ""}, {"B", NULL, "", ""}},
     .destroy = true,
     .plan = "0 delete stream A\n1 delete stream B\n",
     .told = ""},
};

static struct planning planning_of(const struct plan_case *at)
{
    const char **live = ARENA_ARRAY(&world.arena, const char *, LIVE_MOST);
    for (size_t i = 0; at->live[i].stream; i++) {
        const struct live_text *text = &at->live[i];
        bool bound = strcmp(text->state, "bound") == 0;
        live[i] = !text->consumer ? planning_stream(text->stream, text->config, text->state)
                  : bound         ? planning_bound_consumer(text->stream, text->consumer, text->config)
                                  : planning_consumer(text->stream, text->consumer, text->config);
    }
    const char **allowed = ARENA_ARRAY(&world.arena, const char *, 2);
    allowed[0] = at->allowed;
    return (struct planning){
        .manifest = at->manifest,
        .live = live,
        .version = at->version,
        .clustered = at->clustered,
        .destroy = at->destroy,
        .allow_loss = allowed,
    };
}

START_TEST(plans)
{
    const struct planning planning = planning_of(&cases[_i]);
    const struct plan *plan = planning_plan(&planning);
    ck_assert_str_eq(world_told(), cases[_i].told);
    ck_assert_str_eq(planning_text(plan), cases[_i].plan);
    size_t counted = 0;
    for (int action = 0; action <= ACTION_REFUSED; action++)
        counted += plan->counts[action];
    ck_assert_uint_eq(counted, plan->steps.count);
    ck_assert(plan_is_empty(plan) == (plan->steps.count == 0));
    for (size_t i = 0; i < plan->steps.count; i++)
        ck_assert_uint_eq(plan->steps.items[i]->index, i);
}
END_TEST

/* The same input gives the same plan, and leaves nothing behind that would change the next one. */
START_TEST(twice_is_equal)
{
    const struct planning planning = planning_of(&cases[_i]);
    const char *first = planning_text(planning_plan(&planning));
    const char *told = world_told();
    diags_release(&world.diags);
    diags_init(&world.diags);
    ck_assert_str_eq(planning_text(planning_plan(&planning)), first);
    ck_assert_str_eq(world_told(), told);
}
END_TEST

/* A server that does what it is told leaves nothing to do: the next plan is empty. */
START_TEST(after_the_plan)
{
    struct planning planning = planning_of(&cases[_i]);
    const struct plan *plan = planning_plan(&planning);
    const char **after = ARENA_ARRAY(&world.arena, const char *, plan->steps.count + LIVE_MOST + 1);
    size_t count = 0;
    bool carried_out = plan->counts[ACTION_REFUSED] == 0 && world.diags.errors == 0 && !planning.destroy;
    for (size_t i = 0; carried_out && i < plan->steps.count; i++) {
        const struct step *step = plan->steps.items[i];
        struct node *body = step->live
                                ? object_encode_update(&world.arena, step->wanted, step->live, step->keep)
                                : object_encode_create(&world.arena, step->wanted);
        for (size_t j = 0; j < step->changes.count; j++) /* by a request of its own */
            if (step->changes.items[j].separate)
                node_put(&world.arena, body, step->changes.items[j].field->name,
                         value_encode(&world.arena, step->changes.items[j].field,
                                      step->changes.items[j].after, FORM_WIRE));
        const char *config = world_text(body);
        after[count++] = step->stream ? arena_printf(&world.arena,
                                                     "{\"stream_name\":\"%s\",\"name\":\"%s\",\"config\":%s}",
                                                     step->stream, step->name, config)
                                      : arena_printf(&world.arena, "{\"config\":%s}", config);
    }
    for (size_t i = 0; carried_out && planning.live[i]; i++) { /* what was in sync is as it was */
        bool changed = false;
        for (size_t j = 0; j < plan->steps.count; j++) {
            const struct step *step = plan->steps.items[j];
            const struct live_text *text = &cases[_i].live[i];
            changed |=
                strcmp(text->stream, step->stream ? step->stream : step->name) == 0 &&
                (text->consumer ? step->stream && strcmp(text->consumer, step->name) == 0 : !step->stream);
        }
        if (!changed)
            after[count++] = planning.live[i];
    }
    if (!carried_out)
        return;
    planning.live = after;
    struct plan *next = planning_plan(&planning);
    /* A create says only what was given: the server fills in the rest, which is not the planner's to do here. */
    for (size_t i = 0; i < next->steps.count; i++)
        for (size_t j = 0; j < next->steps.items[i]->changes.count; j++) {
            const struct change *change = &next->steps.items[i]->changes.items[j];
            ck_assert_msg(!change->after->given, "%s: '%s' is still to change", next->steps.items[i]->label,
                          change->field->name);
        }
}
END_TEST

START_TEST(cancelled)
{
    struct manifest *manifest = world_load("streams: {A: {}}");
    const struct target target = {.version_text = ""};
    const struct plan_options options = {0};
    struct planner *planner = planner_new(&world.arena, manifest, &target, &options, &world.diags);
    planner_cancel(planner); /* nothing leaks, which sanitizers and valgrind see */
}
END_TEST

START_TEST(unreadable_descriptions)
{
    static const char *const texts[] = {
        "{}", "{\"config\":{}}", "{\"config\":5}", "{\"config\":{\"name\":{}}}", "[]", "5"};
    struct live_object live;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        ck_assert(!live_stream(world_json(texts[i]), &live));
    ck_assert(!live_consumer(world_json("{\"config\":{},\"name\":\"c\"}"), &live));
    ck_assert(!live_consumer(world_json("{\"config\":{},\"stream_name\":\"S\"}"), &live));
    ck_assert(live_consumer(world_json("{\"config\":{},\"stream_name\":\"S\",\"name\":\"c\"}"), &live));
    ck_assert(!live.bound);
    ck_assert(live_stream(
        world_json(
            "{\"config\":{\"name\":\"A\"},\"state\":{\"messages\":18446744073709551615,\"first_ts\":\"x\"}}"),
        &live));
    ck_assert_uint_eq(live.state.messages, UINT64_MAX); /* 2.10 wraps around, and it is still a number */
    ck_assert_uint_eq(live.state.bytes, 0);
}
END_TEST

Suite *plan_planner_suite(void)
{
    Suite *suite = suite_create("plan/planner");
    TCase *tests = tcase_create("planner");
    tcase_add_checked_fixture(tests, world_setup, world_teardown);
    tcase_add_loop_test(tests, plans, 0, COUNT_OF(cases));
    tcase_add_loop_test(tests, twice_is_equal, 0, COUNT_OF(cases));
    tcase_add_loop_test(tests, after_the_plan, 0, COUNT_OF(cases));
    tcase_add_test(tests, cancelled);
    tcase_add_test(tests, unreadable_descriptions);
    suite_add_tcase(suite, tests);
    return suite;
}
