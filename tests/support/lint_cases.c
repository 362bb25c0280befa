/* Manifests with warnings; see lint_cases.h. */
#include "support/lint_cases.h"

#include "field/field.h"

#define V_2_10 VERSION(2, 10, 0)
#define PULL "ack_policy: explicit"

const struct lint_case lint_cases[] = {
    {"bent", 0, "streams: {A: {subjects: [a], duplicate_window: 0s}}",
     "1:48+2 bent: 'duplicate_window: 0s' of stream A turns nothing off: servers take it for 2m\n",
     "streams: {A: {subjects: [a], duplicate_window: 100ms}, M: {mirror: {name: A}, duplicate_window: 0}}"},
    {"copies-nothing", VERSION(2, 10, 0),
     "streams: {A: {subjects: [a], consumer_limits: {max_ack_pending: 5}}, C: {sources: [{name: A}]}}",
     "1:91+1 copies-nothing: stream C gets nothing from stream A once the server sets it up anew: a copy acknowledges nothing, and so can have no limit for it\n"
     "  note: its INFO then has error 10082\n"
     "  note 1:47: 'max_ack_pending' is of its consumer_limits\n",
     "streams: {A: {subjects: [a], consumer_limits: {inactive_threshold: 10s}}, C: {sources: [{name: A}]}}"},
    {"copies-nothing", VERSION(2, 10, 0),
     "streams: {A: {subjects: [a], consumer_limits: {inactive_threshold: 9s}}, C: {mirror: {name: A}}}",
     "1:93+1 copies-nothing: stream C gets nothing from stream A once the server sets it up anew: a copy's consumer is kept for 10s\n"
     "  note: its INFO then has error 10153\n"
     "  note 1:47: 'inactive_threshold' is of its consumer_limits\n",
     "streams: {A: {subjects: [a]}, C: {mirror: {name: A}}}"},
    {"copies-nothing", VERSION(2, 14, 0),
     "streams: {A: {subjects: [a], consumers: {c: {" PULL
     ", deliver_subject: d}}}, C: {sources: [{name: A, consumer: {name: c, deliver_subject: d}}]}}",
     "1:132+1 copies-nothing: stream C gets nothing through consumer 'c' of stream A, which has not 'ack_policy: flow_control'\n"
     "  note 1:42: it is here\n",
     "streams: {A: {subjects: [a], consumers: {c: {ack_policy: flow_control, deliver_subject: d}}}, C: {sources: [{name: A, consumer: {name: c, deliver_subject: d}}]}}"},
    {"copies-nothing", VERSION(2, 14, 0),
     "streams: {A: {subjects: [a], consumers: {c: {ack_policy: flow_control, deliver_subject: e}}}, C: {sources: [{name: A, consumer: {name: c, deliver_subject: d}}]}}",
     "1:136+1 copies-nothing: stream C gets nothing through consumer 'c' of stream A, which delivers to 'e' and not to 'd'\n"
     "  note 1:42: it is here\n",
     "streams: {A: {subjects: [a]}, C: {sources: [{name: A, consumer: {name: c, deliver_subject: d}}]}}"},
    {"bucket-as-stream", 0, "streams: {KV_a: {subjects: [$KV.a.>], discard: new}}",
     "1:11+4 bucket-as-stream: stream KV_a has the name of the key-value bucket 'a', and lacks what its clients need: 'allow_rollup_hdrs: true'\n"
     "  hint: as 'a' below 'key_values' it has all of that\n",
     "streams: {KV_a: {subjects: [$KV.a.>], discard: new, allow_rollup_hdrs: true}}"},
    {"bucket-as-stream", 0, "streams: {OBJ_a: {subjects: [o]}}",
     "1:11+5 bucket-as-stream: stream OBJ_a has the name of the object store 'a', and lacks what its clients need: 'discard: new', 'allow_rollup_hdrs: true', subject '$O.a.C.>', subject '$O.a.M.>'\n"
     "  hint: as 'a' below 'object_stores' it has all of that\n",
     "streams: {OBJ: {subjects: [o]}}"},
    {"without-effect", 0, "streams: {A: {consumers: {c: {" PULL ", deliver_subject: d, max_batch: 5}}}}",
     "1:84+1 without-effect: 'max_batch' of consumer A > c has no effect: it bounds pull requests, and this consumer pushes\n",
     "streams: {A: {consumers: {c: {" PULL ", max_batch: 5}}}}"},
    {"without-effect", 0,
     "streams: {A: {consumers: {c: {" PULL ", deliver_subject: d, max_expires: 1s, max_bytes: 100}}}}",
     "1:86+2 without-effect: 'max_expires' of consumer A > c has no effect: it bounds pull requests, and this consumer pushes\n"
     "1:101+3 without-effect: 'max_bytes' of consumer A > c has no effect: it bounds pull requests, and this consumer pushes\n",
     "streams: {A: {consumers: {c: {" PULL ", max_expires: 1s, max_bytes: 100}}}}"},
    {"without-effect", 0, "streams: {A: {consumers: {c: {" PULL ", deliver_group: g}}}}",
     "1:68+1 without-effect: 'deliver_group' of consumer A > c has no effect: only a push consumer delivers to a group\n",
     "streams: {A: {consumers: {c: {" PULL ", deliver_group: g, deliver_subject: d}}}}"},
    {"without-effect", 0,
     "streams: {A: {consumers: {c: {ack_wait: 5s, max_deliver: 5, sample_freq: 50%, max_ack_pending: 5}}}}",
     "1:41+2 without-effect: 'ack_wait' of consumer A > c has no effect: nothing is acknowledged\n"
     "  hint: 'ack_policy' is none when it is left out: write 'ack_policy: explicit'\n"
     "1:58+1 without-effect: 'max_deliver' of consumer A > c has no effect: nothing is acknowledged\n"
     "  hint: 'ack_policy' is none when it is left out: write 'ack_policy: explicit'\n"
     "1:74+3 without-effect: 'sample_freq' of consumer A > c has no effect: nothing is acknowledged\n"
     "  hint: 'ack_policy' is none when it is left out: write 'ack_policy: explicit'\n"
     "1:96+1 without-effect: 'max_ack_pending' of consumer A > c has no effect: nothing is acknowledged\n"
     "  hint: 'ack_policy' is none when it is left out: write 'ack_policy: explicit'\n",
     "streams: {A: {consumers: {c: {" PULL
     ", ack_wait: 5s, max_deliver: 5, sample_freq: 50%, max_ack_pending: 5}}}}"},
    {"without-effect", 0,
     "streams: {A: {consumers: {c: {" PULL
     ", priority_policy: overflow, priority_groups: [g], priority_timeout: 5s}}}}",
     "1:120+2 without-effect: 'priority_timeout' of consumer A > c has no effect: it is for 'priority_policy: pinned_client'\n",
     "streams: {A: {consumers: {c: {" PULL
     ", priority_policy: pinned_client, priority_groups: [g], priority_timeout: 5s}}}}"},
    {"without-effect", VERSION(2, 11, 0),
     "streams: {A: {consumers: {c: {" PULL ", pause_until: '1969-01-01T00:00:00Z'}}}}",
     "1:66+22 without-effect: 'pause_until' of consumer A > c has no effect: that time is past\n",
     "streams: {A: {consumers: {c: {" PULL ", pause_until: '2099-01-01T00:00:00Z'}, d: {" PULL
     ", pause_until: null}}}}"},
    {"without-effect", 0, "streams: {A: {storage: memory, compression: s2}}",
     "1:45+2 without-effect: 'compression' of stream A has no effect: only files are compressed\n",
     "streams: {A: {compression: s2}, B: {storage: memory, compression: none}}"},
    {"without-effect", 0, "streams: {A: {subject_transform: {src: A}}}",
     "1:34 without-effect: 'subject_transform' of stream A has no effect without a 'dest'\n",
     "streams: {A: {subject_transform: {src: A, dest: B}}}"},
    {"without-effect", 0,
     "streams: {A: {mirror: {name: O, opt_start_seq: 5, opt_start_time: '2024-01-01T00:00:00Z'}}, O: }",
     "1:67+22 without-effect: only one of 'opt_start_seq' and 'opt_start_time' of a mirror has an effect\n",
     "streams: {A: {mirror: {name: O, opt_start_seq: 5}}, O: }"},
    {"matches-nothing", 0, "streams: {A: {subjects: [a.>], consumers: {c: {filter_subject: b.x}}}}",
     "1:64+3 matches-nothing: filter 'b.x' of consumer A > c matches no subject of stream A\n"
     "  note 1:25: its subjects are here\n",
     "streams: {A: {subjects: [a.>], consumers: {c: {filter_subject: a.x}, d: {filter_subject: '>'}}}}"},
    {"matches-nothing", V_2_10,
     "streams: {A: {subjects: [a.>], consumers: {c: {filter_subjects: [a.x, b.x, c.x]}}}}",
     "1:71+3 matches-nothing: filter 'b.x' of consumer A > c matches no subject of stream A\n"
     "  note 1:25: its subjects are here\n"
     "1:76+3 matches-nothing: filter 'c.x' of consumer A > c matches no subject of stream A\n"
     "  note 1:25: its subjects are here\n",
     "streams: {A: {subjects: [a.>], subject_transform: {src: a.*, dest: b.$1}, consumers: {c: {filter_subject: "
     "b.x}}}}"},
    {"matches-nothing", 0,
     "streams: {A: {subjects: [a.>]}, B: {mirror: {name: A, filter_subject: b}}, C: {sources: [{name: A, "
     "subject_transforms: [{src: c, dest: d}]}]}}",
     "1:71+1 matches-nothing: filter 'b' of stream B matches no subject of stream A\n"
     "  note 1:25: its subjects are here\n"
     "1:127+1 matches-nothing: source subject 'c' of stream C matches no subject of stream A\n"
     "  note 1:25: its subjects are here\n",
     "streams: {A: {subjects: [a.>]}, B: {mirror: {name: A, filter_subject: a.*}}, C: {sources: [{name: A, "
     "subject_transforms: [{src: a.c, dest: d}]}, {name: ELSEWHERE, filter_subject: z}]}}"},
    {"matches-nothing", 0,
     "streams: {A: {subjects: [a.>], republish: {src: b.>, dest: r.>}, subject_transform: {src: c.*, dest: d.$1}}, "
     "E: {subjects: [e], republish: {src: f, dest: g}}}",
     "1:91+3 matches-nothing: source subject 'c.*' of stream A matches none of its subjects\n"
     "1:146+1 matches-nothing: republished subject 'f' of stream E matches no subject of stream E\n"
     "  note 1:124: its subjects are here\n",
     "streams: {A: {subjects: [a.>], republish: {src: b.>, dest: r.>}, subject_transform: {src: a.*, dest: b.$1}}, "
     "E: {subjects: [e], republish: {dest: g.>}}}"},
    {"copied-twice", 0,
     "streams: {A: {subjects: [a.>]}, B: {sources: [{name: A}, {name: A, filter_subject: a.x}]}}",
     "1:58 copied-twice: stream B copies messages of stream A twice: the filters overlap\n"
     "  note 1:47: the other source is here\n",
     "streams: {A: {subjects: [a.>]}, B: {sources: [{name: A, filter_subject: a.x}, {name: A, filter_subject: a.y}]}}"},
    {"literal-wildcard", 0,
     "streams: {A: {subjects: [a*.b, 'c.d>'], consumers: {c: {filter_subject: a*.b}}}}",
     "1:26+4 literal-wildcard: 'a*.b' in 'subjects' of stream A is no wildcard: only '*' or a last '>' alone between dots is\n"
     "1:32+6 literal-wildcard: 'c.d>' in 'subjects' of stream A is no wildcard: only '*' or a last '>' alone between dots is\n"
     "1:73+4 literal-wildcard: 'a*.b' in 'filter_subject' of consumer A > c is no wildcard: only '*' or a last '>' alone between dots is\n",
     "streams: {A: {subjects: ['a.*.b', 'c.>'], consumers: {c: {filter_subject: a.*.b}}}}"},
    {"republish-circle", 0,
     "streams: {A: {subjects: [a.>], republish: {src: a.>, dest: b.>}}, B: {subjects: [b.>], republish: {src: b.*, "
     "dest: 'a.{{wildcard(1)}}'}}}",
     "1:43 republish-circle: what stream A republishes comes back to it by stream B, without end\n"
     "  note 1:67: stream B is here\n"
     "1:99 republish-circle: what stream B republishes comes back to it by stream A, without end\n"
     "  note 1:11: stream A is here\n",
     "streams: {A: {subjects: [a.>], republish: {src: a.>, dest: b.>}}}"},
    {"republish-circle", 0,
     "streams: {A: {subjects: [a.>], republish: {src: a.>, dest: b.>}}, B: {subjects: [b.>]}, C: {mirror: {name: B}, "
     "republish: {src: b.>, dest: a.>}}}",
     "1:43 republish-circle: what stream A republishes comes back to it by stream C, without end\n"
     "  note 1:89: stream C is here\n"
     "1:123 republish-circle: what stream C republishes comes back to it by stream B, without end\n"
     "  note 1:67: stream B is here\n",
     "streams: {A: {subjects: [a.>], republish: {src: a.>, dest: x.>}}, B: {subjects: [b.>]}, C: {mirror: {name: B}, "
     "republish: {src: b.>, dest: y.>}}}"},
    {"republish-stored", 0, "streams: {A: {subjects: [a], republish: {src: a, dest: b}}, B: {subjects: [b]}}",
     "1:41 republish-stored: stream B stores what stream A republishes\n"
     "  note 1:61: stream B is here\n",
     "streams: {A: {subjects: [a], republish: {src: a, dest: c}}, B: {subjects: [b]}}"},
    {"delivers-into-stream", 0,
     "streams: {A: {consumers: {c: {" PULL ", deliver_subject: b.in}}}, B: {subjects: [b.>]}}",
     "1:70+4 delivers-into-stream: stream B stores what consumer A > c delivers, once for each delivery\n"
     "  note 1:93: its subjects are here\n",
     "streams: {A: {consumers: {c: {" PULL
     ", deliver_subject: c.in}, d: {deliver_subject: b.in}}}, B: {subjects: "
     "[b.>]}}"},
    {"gone-when-delivered", 0, "streams: {A: {retention: interest, consumers: {c: {ack_policy: none}}}}",
     "1:64+4 gone-when-delivered: consumer A > c does not acknowledge: what it is sent is removed from the stream, whether it arrives or not\n"
     "  hint: 'ack_policy: explicit' keeps a message until it was handled\n",
     "streams: {A: {retention: interest, consumers: {c: {" PULL
     "}}}, B: {consumers: {c: {ack_policy: none}}}}"},
    {"limit-bypassed", 0,
     "streams: {A: {consumer_limits: {max_ack_pending: 10}, consumers: {c: {" PULL
     ", max_ack_pending: unlimited}}}}",
     "1:110+9 limit-bypassed: an unlimited 'max_ack_pending' of consumer A > c passes the stream's limit of 10\n",
     "streams: {A: {consumer_limits: {max_ack_pending: 10}, consumers: {c: {" PULL
     "}}}, B: {consumers: {c: {" PULL ", max_ack_pending: unlimited}}}}"},
    {"durable-expires", 0,
     "streams: {A: {consumer_limits: {inactive_threshold: 1h}, consumers: {c: {" PULL "}}}}",
     "1:70+1 durable-expires: consumer A > c is durable, and goes with its position when nobody uses it for 1h\n"
     "  note 1:32: the stream's limits say so\n"
     "  hint: an 'inactive_threshold' of its own shows that it is meant\n",
     "streams: {A: {consumer_limits: {inactive_threshold: 1h}, consumers: {c: {" PULL
     ", inactive_threshold: 1m}, d: {" PULL ", durable_name: ''}}}}"},
    {"removed-when-idle", 0,
     "streams: {A: {consumers: {c: {" PULL ", durable_name: ''}, d: {" PULL
     ", durable_name: '', inactive_threshold: 10m}}}}",
     "1:67+2 removed-when-idle: consumer A > c is not durable: it is removed when nobody uses it for 5s, and each plan after that makes it anew\n"
     "  hint: leave 'durable_name' out, and it stays; or give it a longer 'inactive_threshold'\n"
     "1:112+2 removed-when-idle: consumer A > d is not durable: it is removed when nobody uses it for 10m, and each plan after that makes it anew\n"
     "  hint: leave 'durable_name' out, and it stays; or give it a longer 'inactive_threshold'\n",
     "streams: {A: {consumers: {c: {" PULL "}, d: {" PULL ", durable_name: '', inactive_threshold: 1h}}}}"},
    {"ack-wait-short", 0,
     "streams: {A: {consumers: {c: {" PULL ", ack_wait: 1ms}, d: {" PULL
     ", max_deliver: 5, backoff: [1us, 1s]}}}}",
     "1:63+3 ack-wait-short: consumer A > c gets each message again after 1ms, before it can have acknowledged it\n"
     "1:120 ack-wait-short: consumer A > d gets each message again after 1us, before it can have acknowledged it\n",
     "streams: {A: {consumers: {c: {" PULL ", ack_wait: 1s}, d: {" PULL
     ", max_deliver: 5, backoff: [1s]}}}}"},
    {"never-removed", 0, "streams: {A: {retention: workqueue, consumers: {c: {" PULL ", max_deliver: 5}}}}",
     "1:88+1 never-removed: what consumer A > c has been sent 5 times stays in the work queue for good\n"
     "  hint: 'max_age' of the stream removes it after a while\n",
     "streams: {A: {retention: workqueue, max_age: 7d, consumers: {c: {" PULL
     ", max_deliver: 5}}}, B: {retention: workqueue, consumers: {c: {" PULL "}}}}"},
    {"replicas-even", 0, "streams: {A: {num_replicas: 2}, B: {num_replicas: 4}}",
     "1:29+1 replicas-even: 2 replicas of stream A survive no more failures than 1\n"
     "  hint: use an odd number: 3 survive the loss of one, 5 of two\n"
     "1:51+1 replicas-even: 4 replicas of stream B survive no more failures than 3\n"
     "  hint: use an odd number: 3 survive the loss of one, 5 of two\n",
     "streams: {A: {num_replicas: 1}, B: {num_replicas: 3}, C: {num_replicas: 5}, D: }"},
    {"mirror-incomplete", VERSION(2, 11, 4), "key_values: {A: , B: {mirror: {name: A}}}",
     "1:31 mirror-incomplete: key-value bucket B may stop at, or lose, what a client creates or updates in bucket A\n"
     "  hint: nats-server 2.11.5 and newer have it right, and from 2.10.14 on 'sources' instead of 'mirror' does\n",
     "key_values: {A: , C: {sources: [{name: A}]}}\n"
     "streams: {D: {subjects: [d]}, E: {mirror: {name: D}}}"},
    {"names-differ-in-case", 0, "streams: {ORDERS: {subjects: [a]}, orders: {subjects: [b]}}",
     "1:36+6 names-differ-in-case: stream orders and stream ORDERS differ in case only\n"
     "  note 1:11: the other one is here\n",
     "streams: {ORDERS: {subjects: [a]}, order: {subjects: [b]}}"},
};

const size_t lint_case_count = sizeof(lint_cases) / sizeof(lint_cases[0]);
