/* Unit tests of manifest/manifest.h, with files that are only in memory. */
#include "manifest/manifest.h"

#include "base/strbuf.h"
#include "kind/kinds.h"
#include "kind/manifest_rows.h"
#include "unit/suites.h"
#include "unit/world.h"

enum { FILES_MOST = 6 };

static const char *const variables[] = {"REGION", "eu", "N", "3", "AGE", "7d", "EMPTY", "", NULL};

struct load_case {
    struct world_file files[FILES_MOST]; /* the last has no path */
    size_t named;                        /* by -f: so many of the first */
    const char *result;
};

/* ---- what is read ---- */

static const struct load_case loads[] = {
    {{{"m.yaml", ""}}, 1, ""},
    {{{"m.yaml", "# nothing\n---\n"}}, 1, ""},
    {{{"m.yaml", "streams:\n"}}, 1, ""},
    {{{"m.yaml", "project: shop"}}, 1, "project shop\n"},
    {{{"m.yaml", "project: ''"}}, 1, ""},
    {{{"m.yaml", "streams: {B: {max_age: 1d}, A: }"}}, 1, "stream A {}\nstream B {\"max_age\":\"1d\"}\n"},
    {{{"m.yaml", "streams: {B: {consumers: {z: , a: {ack_policy: all}}}, A: {consumers: {m: {}}}}"}},
     1,
     "stream A {}\nstream B {}\n"
     "consumer A > m {}\nconsumer B > a {\"ack_policy\":\"all\"}\nconsumer B > z {}\n"},
    {{{"m.yaml", "streams: {A: {external: true, consumers: {c: {max_deliver: 5}}}}"}},
     1,
     "external stream A {}\nconsumer A > c {\"max_deliver\":5}\n"},
    {{{"m.yaml", "streams: {A: {lifecycle: {prevent_destroy: true, ignore: [num_replicas, subjects]},\n"
                 "  consumers: {c: {lifecycle: {ignore: [max_deliver]}}}}}"}},
     1,
     "stream A {} protected ignores subjects num_replicas\nconsumer A > c {} ignores max_deliver\n"},

    /* what is let go */
    {{{"m.yaml",
       "project: p\nremoved: {streams: [B, A, B], consumers: [{stream: S, name: c}], key_values: [k],\n"
       "  object_stores: [o]}"}},
     1,
     "project p\nremoved B\nremoved A\nremoved KV_k\nremoved OBJ_o\nremoved S > c\n"},
    {{{"m.yaml", "project: p\nremoved:\n"}}, 1, "project p\n"},
    {{{"m.yaml", "project: p\nstreams: {A: {external: true}}\nremoved: {streams: [A]}"}},
     1,
     "project p\nexternal stream A {}\nremoved A\n"},
    {{{"m.yaml", "project: p\ninclude: [a.yaml, b.yaml]\nremoved: {streams: [A]}"},
      {"a.yaml", "removed: {streams: [B], key_values: [k]}"},
      {"b.yaml", "removed: {streams: [A, C], consumers: [{stream: S, name: c}]}"}},
     1,
     "project p\nremoved A\nremoved B\nremoved C\nremoved KV_k\nremoved S > c\n"},
    {{{"m.yaml", "project: p\nremoved: {streams: [A]}"}, {"o.yaml", "removed: {streams: [B]}"}},
     2,
     "project p\nremoved A\nremoved B\n"},

    /* several documents and files */
    {{{"m.yaml", "project: shop\n---\nstreams: {A: {}}\n---\nstreams: {B: {}}\n"}},
     1,
     "project shop\nstream A {}\nstream B {}\n"},
    {{{"m.yaml", "include: [streams/*.yaml]\nstreams: {M: {}}\n"},
      {"streams/a.yaml", "streams: {A: {}}"},
      {"streams/b.yaml", "project: shop\nstreams: {B: {}}"},
      {"streams/deep/c.yaml", "streams: {C: {}}"}},
     1,
     "project shop\nstream A {}\nstream B {}\nstream M {}\n"},
    {{{"m.yaml", "include: '*.yaml'"}, {"a.yaml", "streams: {A: {}}"}}, 1, "stream A {}\n"}, /* not itself */
    {{{"x/m.yaml", "include: [y/a.yaml]"},
      {"x/y/a.yaml", "include: [z/b.yaml]\nstreams: {A: {}}"},
      {"x/y/z/b.yaml", "streams: {B: {}}"},
      {"y/a.yaml", "streams: {WRONG: {}}"}},
     1,
     "stream A {}\nstream B {}\n"}, /* relative to the file that includes */
    {{{"m.yaml", "include: [a.yaml]"}, {"a.yaml", ""}}, 1, ""},
    {{{"m.yaml", "include: []"}}, 1, ""},
    {{{"m.yaml", "include: ['${REGION}.yaml']"}, {"eu.yaml", "streams: {EU: {}}"}}, 1, "stream EU {}\n"},
    {{{"m.yaml", "include: [..a.yaml, b..]"}, {"..a.yaml", "streams: {A: }"}, {"b..", "streams: {B: }"}},
     1,
     "stream A {}\nstream B {}\n"}, /* dots, but no way out */

    /* layers: maps merge, sets gain, null resets */
    {{{"m.yaml", "project: shop\nstreams: {A: {max_age: 1d, subjects: [a]}}"},
      {"n.yaml", "streams: {A: {max_age: 7d, subjects: [b]}, B: {}}"},
      {"o.yaml", "streams: {A: {max_age: null}}"}},
     3,
     "project shop\nstream A {\"subjects\":[\"a\",\"b\"]}\nstream B {}\n"},
    {{{"m.yaml", "streams: {A: {metadata: {a: x, b: y}}}"},
      {"n.yaml", "streams: {A: {metadata: {a: null}}}"}},
     2,
     "stream A {\"metadata\":{\"b\":\"y\"}}\n"},
    {{{"m.yaml", "streams: {A: {consumers: {c: {max_deliver: 5}, d: {}}}}"},
      {"n.yaml", "streams: {A: {consumers: {c: {max_deliver: 7}}}}"}},
     2,
     "stream A {}\nconsumer A > c {\"max_deliver\":7}\nconsumer A > d {}\n"},
    {{{"m.yaml", "streams: {A: {max_age: 1d}}"}, {"n.yaml", "streams:"}}, 2, ""},
    {{{"[ab].yaml", NULL}, {"a.yaml", "streams: {A: {}}"}, {"b.yaml", "streams: {B: {}}"}},
     1,
     "stream A {}\nstream B {}\n"}, /* a directory is one layer */

    /* defaults */
    {{{"m.yaml",
       "defaults: {stream: {max_age: 1d, num_replicas: 3}, consumer: {ack_policy: explicit}}\n"
       "streams: {A: {consumers: {a: , b: {ack_policy: none, max_deliver: 5}}}, B: {max_age: 7d}, C: ,\n"
       "  D: {max_age: null}}\n"}},
     1,
     "stream A {\"max_age\":\"1d\",\"num_replicas\":3}\nstream B {\"max_age\":\"7d\",\"num_replicas\":3}\n"
     "stream C {\"max_age\":\"1d\",\"num_replicas\":3}\nstream D {\"num_replicas\":3}\n"
     "consumer A > a {\"ack_policy\":\"explicit\"}\nconsumer A > b {\"ack_policy\":\"none\",\"max_deliver\":5}\n"},
    {{{"m.yaml", "defaults: {stream: {max_age: 1d}, consumer: {ack_policy: explicit}}\n"
                 "streams: {A: {external: true, consumers: {a: {}}}}"}},
     1,
     "external stream A {}\nconsumer A > a {\"ack_policy\":\"explicit\"}\n"}, /* not under what is somebody else's */
    {{{"m.yaml",
       "defaults: {stream: {consumers: {audit: {max_deliver: 5}}}, consumer: {ack_policy: explicit}}\n"
       "streams: {A: , B: {}}"}},
     1,
     "stream A {}\nstream B {}\nconsumer A > audit {\"ack_policy\":\"explicit\",\"max_deliver\":5}\n"
     "consumer B > audit {\"ack_policy\":\"explicit\",\"max_deliver\":5}\n"},
    {{{"m.yaml", "defaults: {stream: {metadata: {team: a}}}\nstreams: {A: {metadata: {tier: b}}}"}},
     1,
     "stream A {\"metadata\":{\"team\":\"a\",\"tier\":\"b\"}}\n"},
    {{{"m.yaml", "streams: {A: }"}, {"n.yaml", "defaults: {stream: {max_age: 1d}}"}},
     2,
     "stream A {\"max_age\":\"1d\"}\n"},
    {{{"m.yaml", "defaults:\nstreams: {A: }"}}, 1, "stream A {}\n"},

    /* keys of the user's own */
    {{{"m.yaml", "x-work: &work {max_age: 1d}\nx-: [1]\nproject: shop\nx-note: ${UNSET_AND_UNUSED}\n"
                 "streams: {A: {<<: *work}, x-B: *work}"},
      {"n.yaml", "x-work: {max_age: 2d}\n"}},
     2,
     "project shop\nstream A {\"max_age\":\"1d\"}\nstream x-B {\"max_age\":\"1d\"}\n"},

    /* anchors: what is shared is the same for all */
    {{{"m.yaml", "defaults: {consumer: {ack_policy: explicit}}\n"
                 "streams: {A: &a {consumers: {c: {max_deliver: 5}}}, B: {<<: *a, max_age: 1d}, C: *a}"}},
     1,
     "stream A {}\nstream B {\"max_age\":\"1d\"}\nstream C {}\n"
     "consumer A > c {\"ack_policy\":\"explicit\",\"max_deliver\":5}\n"
     "consumer B > c {\"ack_policy\":\"explicit\",\"max_deliver\":5}\n"
     "consumer C > c {\"ack_policy\":\"explicit\",\"max_deliver\":5}\n"},

    /* variables, before anything is typed */
    {{{"m.yaml", "streams:\n  A:\n    num_replicas: ${N}\n    max_age: ${AGE}\n"
                 "    subjects: ['orders.${REGION}.>', '$${x}', '$JS.y']\n"
                 "    description: ${NOBODY:-nobody ${REGION}}\n    max_msgs: ${EMPTY:-5}\n"}},
     1,
     "stream A {\"description\":\"nobody eu\",\"subjects\":[\"orders.eu.>\",\"${x}\",\"$JS.y\"],\"max_msgs\":5,"
     "\"max_age\":\"7d\",\"num_replicas\":3}\n"},

    /* servers: trees, in the order written; null takes away what a layer below says */
    {{{"m.yaml",
       "servers:\n  b:\n    port: ${N}\n    jetstream: {max_file: 1GiB, max_mem: 5, domain: }\n  a:\n"},
      {"n.yaml",
       "servers: {b: {jetstream: {max_mem: null}, accounts: {A: {users: [{user: '${REGION}'}]}}}}"}},
     2,
     "servers {\"b\":{\"port\":3,\"jetstream\":{\"max_file\":1073741824},"
     "\"accounts\":{\"A\":{\"users\":[{\"user\":\"eu\"}]}}},\"a\":{}}\n"},
    {{{"m.yaml", "include: [a.yaml]\nservers: {b: {port: 1}}"}, {"a.yaml", "servers: {c: {port: 2}}"}},
     1,
     "servers {\"b\":{\"port\":1},\"c\":{\"port\":2}}\n"},
};

static void add_resource(struct strbuf *out, const struct resource *resource)
{
    const char *stream = resource->stream ? resource->stream->name : NULL;
    strbuf_addf(out, "%s%s %s", resource->external ? "external " : "",
                resource_label(&world.arena, resource->table, stream, resource->name),
                world_given(resource->config));
    strbuf_adds(out, resource->prevent_destroy ? " protected" : "");
    strbuf_adds(out, resource->ignored ? " ignores" : "");
    for (size_t i = 0; resource->ignored && i < resource->table->count; i++)
        if (resource->ignored[i])
            strbuf_addf(out, " %s", resource->table->fields[i].name);
    strbuf_addc(out, '\n');
}

static const char *summary(const struct manifest *manifest)
{
    struct strbuf out = {0};
    if (manifest->project)
        strbuf_addf(&out, "project %s\n", manifest->project);
    if (manifest->servers)
        strbuf_addf(&out, "servers %s\n", world_text(manifest->servers));
    for (size_t i = 0; i < manifest->streams.count; i++)
        add_resource(&out, manifest->streams.items[i]);
    for (size_t i = 0; i < manifest->consumers.count; i++)
        add_resource(&out, manifest->consumers.items[i]);
    for (size_t i = 0; i < manifest->removed.count; i++) {
        const struct removed *removed = manifest->removed.items[i];
        strbuf_addf(&out, "removed %s%s%s\n", removed->stream, removed->consumer ? " > " : "",
                    removed->consumer ? removed->consumer : "");
    }
    const char *text = arena_strdup(&world.arena, strbuf_text(&out));
    strbuf_release(&out);
    return text;
}

START_TEST(loads_files)
{
    const struct manifest *manifest = world_load_files(loads[_i].files, loads[_i].named, variables);
    ck_assert_str_eq(world_told(), "");
    ck_assert_ptr_nonnull(manifest);
    ck_assert_str_eq(summary(manifest), loads[_i].result);
}
END_TEST

START_TEST(finds_by_name)
{
    const struct manifest *manifest =
        world_load("streams: {A: {consumers: {c: {}}}, B: {consumers: {c: {}}}}");
    const struct resource *stream = map_get(&manifest->streams_by_name, "B");
    const struct resource *consumer =
        map_get(&manifest->consumers_by_key, resource_key(&world.arena, "B", "c"));
    ck_assert_str_eq(stream->name, "B");
    ck_assert_ptr_eq(consumer->stream, stream);
    ck_assert_str_eq(consumer->name, "c");
    ck_assert_ptr_null(map_get(&manifest->streams_by_name, "C"));
    ck_assert_ptr_null(map_get(&manifest->consumers_by_key, resource_key(&world.arena, "B", "d")));
    ck_assert_uint_eq(stream->pos.column, 36); /* of the name */
}
END_TEST

/* ---- what is refused ---- */

static const struct load_case refusals[] = {
    /* files */
    {{{"m.yaml", NULL}}, 1, "file: cannot read 'm.yaml': permission denied\n"},
    {{{"m.yaml", "include: [n*.yaml, x/y.yaml]"}},
     1,
     "1:11+7 file: cannot include 'n*.yaml': no such file\n1:20+8 file: cannot include 'x/y.yaml': no such file\n"},
    {{{"m.yaml", "include: [a.yaml]"}, {"a.yaml", NULL}},
     1,
     "1:11+6 file: cannot read 'a.yaml': permission denied\n"},
    {{{"m.yaml", "include: [/a.yaml, ../a.yaml, x/../../a.yaml, x/..]"}},
     1,
     "1:11+7 file: '/a.yaml' leaves the manifest's folder\n"
     "  hint: include files of this folder or below, or pass the other file with -f\n"
     "1:20+9 file: '../a.yaml' leaves the manifest's folder\n"
     "  hint: include files of this folder or below, or pass the other file with -f\n"
     "1:31+14 file: 'x/../../a.yaml' leaves the manifest's folder\n"
     "  hint: include files of this folder or below, or pass the other file with -f\n"
     "1:47+4 file: 'x/..' leaves the manifest's folder\n"
     "  hint: include files of this folder or below, or pass the other file with -f\n"},
    {{{"m.yaml", "include: ['${UP:-..}/a.yaml']"}}, /* nor by a variable */
     1,
     "1:11+18 file: '../a.yaml' leaves the manifest's folder\n"
     "  hint: include files of this folder or below, or pass the other file with -f\n"},
    {{{"m.yaml", "include: [5.yaml, {a: b}, null, '']"}, {"5.yaml", ""}},
     1,
     "1:19 wrong-type: 'include' must list paths, not a map\n1:27+4 wrong-type: 'include' must list paths, not null\n"
     "1:33+2 wrong-type: 'include' must list paths, not an empty string\n"},
    {{{"m.yaml", "include: [a.yaml]"}, {"a.yaml", "include: [b.yaml]"}, {"b.yaml", "include: [a.yaml]"}},
     1,
     "b.yaml:1:11+6 file: 'a.yaml' includes itself\n"},

    /* definitions */
    {{{"m.yaml", "include: [a.yaml, b.yaml]\nproject: shop"},
      {"a.yaml", "streams: {A: {}, B: {}}"},
      {"b.yaml", "project: other\nstreams: {B: {max_age: 1d}}"}},
     1,
     "b.yaml:1:1+7 defined-twice: 'project' is defined twice\n  note 2:1: first defined here\n"
     "b.yaml:2:11+1 defined-twice: 'B' is defined twice\n  note a.yaml:1:18: first defined here\n"},
    {{{"m.yaml", "include: [a.yaml, '*.yaml']"}, {"a.yaml", "streams: {A: {}}"}},
     1,
     "a.yaml:1:11+1 defined-twice: 'A' is defined twice\n  note a.yaml:1:11: first defined here\n"
     "  hint: the file is included twice\n"},
    {{{"m.yaml", "project: a\n---\nproject: b"}},
     1,
     "3:1+7 defined-twice: 'project' is defined twice\n  note 1:1: first defined here\n"},
    {{{"m.yaml", "- a"}}, 1, "1:1 wrong-type: a manifest must be a map, not a list\n"},
    {{{"m.yaml", "streams: {}\n---\ntext"}}, 1, "3:1+4 wrong-type: a manifest must be a map, not a string\n"},
    {{{"m.yaml", "streams: [A]"}},
     1,
     "1:10 wrong-type: 'streams' must be a map, not a list\n  hint: the names are its keys: 'streams: {NAME: …}'\n"},

    /* objects */
    {{{"m.yaml", "streams: {A: {external: true, max_age: 1d, lifecycle: {prevent_destroy: true}}}"}},
     1,
     "1:40+2 conflict: 'max_age' cannot be set: stream 'A' is external\n"
     "  hint: an external stream's own fields are its owner's; only its consumers are managed here\n"},
    {{{"m.yaml",
       "streams: {A: {lifecycle: {ignore: [num_replica, name, consumers, placement.tags, colour]}}}"}},
     1,
     "1:36+11 unknown-key: 'num_replica' is not a field of a stream\n  hint: did you mean 'num_replicas'?\n"
     "1:49+4 unknown-key: 'name' is not a field of a stream\n"
     "  hint: only what the server keeps can be ignored, and not the name\n"
     "1:55+9 unknown-key: 'consumers' is not a field of a stream\n"
     "  hint: only what the server keeps can be ignored, and not the name\n"
     "1:66+14 unknown-key: 'placement.tags' is not a field of a stream\n"
     "  hint: only a whole field can be ignored: 'placement'\n"
     "1:82+6 unknown-key: 'colour' is not a field of a stream\n"},
    {{{"m.yaml", "streams: {A: {metadata: {_nats.ver: x, natsform.project: y, _natsx: z}}}"}},
     1,
     "1:26+9 server-owned: the metadata key '_nats.ver' belongs to the server\n"
     "1:40+16 server-owned: the metadata key 'natsform.project' belongs to natsform\n"},
    {{{"m.yaml", "streams: {a.b: {}, '': {}, A: {consumers: {'x y': {}}}}"}},
     1,
     "1:11+3 name: the name 'a.b' of a stream has one of . * > / \\ in it\n"
     "  hint: names are 1 to 255 bytes without white space and . * > / \\\n"
     "1:20+2 name: the name '' of a stream is empty\n"
     "  hint: names are 1 to 255 bytes without white space and . * > / \\\n"
     "1:44+5 name: the name 'x y' of a consumer has white space in it\n"
     "  hint: names are 1 to 255 bytes without white space and . * > / \\\n"},
    {{{"m.yaml", "streams: {'${REGION}': {}}"}},
     1,
     "1:11+11 name: the name '${REGION}' of a stream has a variable in it\n"
     "  hint: variables are replaced in values, not in names\n"},

    /* wrong defaults are said once, where they stand */
    {{{"m.yaml",
       "defaults: {stream: {max_age: 5}, consumer: {colour: x}}\nstreams: {A: {}, B: {consumers: {c: {}}}}"}},
     1,
     "1:30+1 missing-unit: 'max_age' needs a unit, '5' has none\n"
     "  hint: write '5s' for seconds, '5m' for minutes or '5h' for hours\n"
     "1:45+6 unknown-key: unknown key 'colour' in consumer\n"},

    /* everything at once: what is not set, what cannot be read, and what does not go together */
    {{{"m.yaml",
       "streams:\n  A:\n    max_age: ${NOBODY}\n    description: ${WHY:?say why}\n    max_msgs: lots\n"
       "    deny_purge: true\n    allow_rollup_hdrs: true\n    sources: [{name: '${NOBODY}'}]\n"}},
     1,
     "3:14+9 variable: variable 'NOBODY' is not set\n"
     "  hint: set it in the environment, or give a default: ${NOBODY:-default}\n"
     "4:18+15 variable: variable 'WHY' is required: say why\n"
     "5:15+4 wrong-type: 'max_msgs' must be an integer or 'unlimited', not 'lots'\n"
     "6:17+4 conflict: 'deny_purge' cannot stand together with 'allow_rollup_hdrs'\n"
     "  note 7:24: 'allow_rollup_hdrs' is here\n  note: the server answers with error 10052\n"
     "8:23+9 variable: variable 'NOBODY' is not set\n"
     "  hint: set it in the environment, or give a default: ${NOBODY:-default}\n"},
    /* but nothing is concluded from what could not be read */
    {{{"m.yaml", "include: [n.yaml]\nstreams: {A: {discard_new_per_subject: true}}"}},
     1,
     "1:11+6 file: cannot include 'n.yaml': no such file\n"},
    {{{"m.yaml", "streams: {A: {discard_new_per_subject: true, discard: neu, max_msgs_per_subject: x}}"}},
     1,
     "1:55+3 choice: 'discard' must be one of old, new, not 'neu'\n  hint: did you mean 'new'?\n"
     "1:82+1 wrong-type: 'max_msgs_per_subject' must be an integer or 'unlimited', not 'x'\n"},
    {{{"m.yaml", "streams: {A: {num_replicas: '${N}'}}"}}, /* in quotes it is a string */
     1,
     "1:29+6 wrong-type: 'num_replicas' must be an integer, not what the variable holds\n  hint: write it without quotes\n"},
};

START_TEST(refuses_files)
{
    const struct manifest *manifest = world_load_files(refusals[_i].files, refusals[_i].named, variables);
    ck_assert_str_eq(world_told(), refusals[_i].result);
    ck_assert((manifest == NULL) == (refusals[_i].result[0] != '\0'));
}
END_TEST

/* A chain of includes ends somewhere. */
START_TEST(deep_includes)
{
    enum { DEEP = 40 };
    static struct world_file files[DEEP + 1];
    for (int i = 0; i < DEEP; i++)
        files[i] = (struct world_file){arena_printf(&world.arena, "%d.yaml", i),
                                       arena_printf(&world.arena, "include: [%d.yaml]", i + 1)};
    ck_assert_ptr_null(world_load_files(files, 1, NULL));
    ck_assert_str_eq(world_told(), "16.yaml:1:11+7 limit: includes are nested more than 16 levels deep\n");
}
END_TEST

START_TEST(no_files)
{
    const struct world_file files[] = {{"nowhere.yaml", NULL}, {NULL, NULL}};
    ck_assert_ptr_null(world_load_files(files, 1, NULL));
    ck_assert_str_eq(world_told(), "file: cannot read 'nowhere.yaml': permission denied\n");
}
END_TEST

Suite *manifest_manifest_suite(void)
{
    Suite *suite = suite_create("manifest/manifest");
    TCase *tests = tcase_create("manifest");
    tcase_add_checked_fixture(tests, world_setup, world_teardown);
    tcase_add_loop_test(tests, loads_files, 0, COUNT_OF(loads));
    tcase_add_test(tests, finds_by_name);
    tcase_add_loop_test(tests, refuses_files, 0, COUNT_OF(refusals));
    tcase_add_test(tests, deep_includes);
    tcase_add_test(tests, no_files);
    suite_add_tcase(suite, tests);
    return suite;
}
