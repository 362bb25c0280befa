/* A repository with a history; see history.h. */
#include "support/history.h"

#include "base/strbuf.h"
#include "support/scratch.h"
#include "support/shell.h"

/* What each commit does. */
static const char *const commits[HISTORY_COMMITS] = {
    "mkdir streams\n"
    "echo 'project: shop\ninclude: [\"streams/*.yaml\"]\ndefaults: {consumer: {ack_policy: explicit}}' >natsform.yaml\n"
    "echo 'streams: {ORDERS: {subjects: [orders.>], consumers: {billing: {}}}}' >streams/orders.yaml\n",
    /* more objects, in more files */
    "echo 'streams: {AUDIT: {subjects: [audit.>], max_age: 7d}, OLD: {subjects: [old]}}' >streams/audit.yaml\n"
    "echo 'key_values: {sessions: {history: 5, ttl: 1h}}' >streams/buckets.yml\n"
    "sed -i.bak 's/yaml\"/y*ml\"/' natsform.yaml && rm natsform.yaml.bak\n",
    /* nothing that counts */
    "echo '# a comment' >>natsform.yaml\n",
    "git mv streams/orders.yaml streams/shop.yaml\n",
    /* fields of streams, consumers and buckets */
    "echo 'streams: {ORDERS: {subjects: [orders.>, returns.>], description: \"Grüße\", consumers: "
    "{billing: {max_deliver: 5, backoff: [1s, 10s]}, mail: {filter_subject: orders.paid}}}}' >streams/shop.yaml\n"
    "echo 'key_values: {sessions: {history: 7, ttl: 2h, description: Who is here}}' >streams/buckets.yml\n",
    /* a default for all */
    "sed -i.bak 's/^defaults: .*/defaults: {consumer: {ack_policy: explicit, max_ack_pending: 500}, stream: "
    "{max_msgs: 100000}}/' natsform.yaml && rm natsform.yaml.bak\n",
    /* less: a stream with all it has, a consumer of one that stays, a bucket */
    "rm streams/audit.yaml streams/buckets.yml\n"
    "echo 'streams: {ORDERS: {subjects: [orders.>], consumers: {mail: {filter_subject: orders.paid}}}}' "
    ">streams/shop.yaml\n",
    /* back again, and a link to it */
    "echo 'streams: {OLD: {subjects: [old], max_bytes: 1GiB}}' >old\nln -s ../old streams/linked.yaml\n",
    /* another file altogether */
    "rm -r streams old\n"
    "echo 'project: shop\nstreams:\n  ORDERS:\n    subjects: [orders.>]\n    max_msgs: 100000\n"
    "    consumers: {mail: {ack_policy: explicit, max_ack_pending: 500, filter_subject: orders.paid}}' >natsform.yaml\n",
    "echo 'project: shop' >natsform.yaml\n",
    /* in other files again, with copies of it */
    "mkdir parts\n"
    "echo 'project: shop\ninclude: [\"parts/*.yaml\"]\ndefaults: {consumer: {ack_policy: explicit}}' >natsform.yaml\n"
    "echo 'streams: {ORDERS: {subjects: [orders.>], max_msgs: 100000, consumers: {mail: {filter_subject: orders.paid}}}}' "
    ">parts/orders.yaml\n",
    "echo 'streams: {COPY: {mirror: {name: ORDERS}}}' >parts/copies.yaml\n",
    "echo 'object_stores: {uploads: {description: Files, max_bytes: 1GiB}}\nkey_values: {flags: {history: 3}}' "
    ">parts/buckets.yaml\n",
    "echo 'streams: {ALL: {sources: [{name: ORDERS}]}}' >parts/copies.yaml\n",
    /* words that are no words of YAML */
    "echo 'streams: {ORDERS: {subjects: [orders.>], description: \"no: \\\"yes\\\", # and 123\", discard: new, "
    "max_msgs: 100000, consumers: {mail: {filter_subject: orders.paid}, on: {description: \"~\"}}}}' "
    ">parts/orders.yaml\n",
    "echo 'streams: {ORDERS: {subjects: [orders.>], max_age: 90d, max_msg_size: 64KiB, max_msgs_per_subject: 10, "
    "consumers: {late: {deliver_policy: new, inactive_threshold: 1h}, on: {max_ack_pending: 7}}}}' >parts/orders.yaml\n",
    "sed -i.bak 's/max_bytes: 1GiB/max_bytes: 2GiB/; s/history: 3/history: 9, ttl: 3d/' parts/buckets.yaml && "
    "rm parts/buckets.yaml.bak\n",
    "git mv parts streams && sed -i.bak 's/parts/streams/' natsform.yaml && rm natsform.yaml.bak\n",
    "git rm -qr streams && echo 'project: shop\nstreams: {TINY: {subjects: [tiny], storage: memory}}' >natsform.yaml\n",
    "git rm -q natsform.yaml && git checkout -q c12 -- .\n",
};

void history_make(const char *directory)
{
    struct strbuf script = {0};
    strbuf_adds(&script, "git init -q made && cd made\n");
    for (int i = 0; i < HISTORY_COMMITS; i++)
        strbuf_addf(
            &script,
            "%sgit add -A && git commit -qm 'commit %d' && git tag c%d\ngit clone -q . ../checkout%d\n",
            commits[i], i, i, i);
    strbuf_adds(&script, "cd .. && git clone -q --bare made shop.git && rm -rf made\n"
                         "git -C shop.git gc -q\n");
    run_shell(directory, strbuf_text(&script));
    strbuf_release(&script);
}
