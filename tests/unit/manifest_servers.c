/* Unit tests of manifest/servers.h and field/field.h. */
#include "manifest/servers.h"

#include <ctype.h>
#include <string.h>

#include "field/field.h"
#include "kind/server_options.h"
#include "manifest/manifest.h"
#include "unit/suites.h"
#include "unit/world.h"

struct read_case {
    const char *yaml; /* options of server 'dev' */
    const char *result;
    const char *told;
};

static const struct read_case reads[] = {
    /* names: any alias in any case is the option's own */
    {"{PORT: 4222, Net: a, ws: {compress: true}}",
     "{\"port\":4222,\"host\":\"a\",\"websocket\":{\"compression\":true}}", ""},
    {"{authorization: {auth_hook: {issuer: A, key: X, acc: B, users: [u]}}}",
     "{\"authorization\":{\"auth_callout\":{\"issuer\":\"A\",\"xkey\":\"X\",\"account\":\"B\",\"auth_users\":[\"u\"]}}}",
     ""},
    {"{accounts: {App: {USERS: [{username: u, pass: p}]}}}",
     "{\"accounts\":{\"App\":{\"users\":[{\"user\":\"u\",\"password\":\"p\"}]}}}", ""},

    /* types: the row decides */
    {"{server_name: 1234, debug: true, authorization: {user: true, password: 1e9, token: '0'}}",
     "{\"server_name\":\"1234\",\"debug\":true,"
     "\"authorization\":{\"user\":\"true\",\"password\":\"1e9\",\"token\":\"0\"}}",
     ""},
    {"{max_payload: 8MiB, max_pending: 64000000, jetstream: {max_mem: -1, max_file: unlimited}}",
     "{\"max_payload\":8388608,\"max_pending\":64000000,\"jetstream\":{\"max_mem\":-1,\"max_file\":-1}}", ""},
    {"{ping_interval: 7d, write_deadline: 1h30m, lame_duck_duration: 90s, lame_duck_grace_period: 0}",
     "{\"ping_interval\":\"168h\",\"write_deadline\":\"1h30m\",\"lame_duck_duration\":\"1m30s\","
     "\"lame_duck_grace_period\":\"0s\"}",
     ""},
    {"{tls: {timeout: 2, handshake_first: 300ms}, authorization: {timeout: 1.5}, websocket: {tls: {timeout: 1500ms}}}",
     "{\"tls\":{\"timeout\":2,\"handshake_first\":\"300ms\"},\"authorization\":{\"timeout\":1.5},"
     "\"websocket\":{\"tls\":{\"timeout\":\"1s500ms\"}}}",
     ""},
    {"{listen: 4222, http: '127.0.0.1:8222', https: ':-1', cluster: {listen: '[::1]:6222'}}",
     "{\"listen\":4222,\"http\":\"127.0.0.1:8222\",\"https\":\":-1\",\"cluster\":{\"listen\":\"[::1]:6222\"}}",
     ""},
    {"{server_tags: az, feature_flags: {a: true}, server_metadata: {a: 1, b: null}}",
     "{\"server_tags\":\"az\",\"feature_flags\":{\"a\":true},\"server_metadata\":{\"a\":\"1\"}}", ""},
    {"{mappings: {a: b, c: [{dest: d, weight: 60%}, {destination: e, weight: 40, cluster: X}]}}",
     "{\"mappings\":{\"a\":\"b\",\"c\":[{\"destination\":\"d\",\"weight\":\"60%\"},"
     "{\"destination\":\"e\",\"weight\":40,\"cluster\":\"X\"}]}}",
     ""},

    /* one option, many shapes */
    {"{jetstream: true}", "{\"jetstream\":true}", ""},
    {"{tls: {verify: Optional}, cluster: {tls: {verify: true}}}",
     "{\"tls\":{\"verify\":\"optional\"},\"cluster\":{\"tls\":{\"verify\":true}}}", ""},
    {"{tls: {first: AUTO_fallback}, cluster: {compression: Fast}, leafnodes: {compression: {mode: best}}}",
     "{\"tls\":{\"handshake_first\":\"auto_fallback\"},\"cluster\":{\"compression\":\"fast\"},"
     "\"leafnodes\":{\"compression\":{\"mode\":\"best\"}}}",
     ""},
    {"{jetstream: enabled}", "{\"jetstream\":\"enabled\"}", ""},
    {"{jetstream: }", "{}", ""},
    {"{jetstream: {sync_interval: always}, cluster: {compression: {mode: s2_auto, rtts: [10ms, 50ms]}}}",
     "{\"jetstream\":{\"sync_interval\":\"always\"},"
     "\"cluster\":{\"compression\":{\"mode\":\"s2_auto\",\"rtt_thresholds\":[\"10ms\",\"50ms\"]}}}",
     ""},
    {"{accounts: [A, B], resolver: MEMORY}", "{\"accounts\":[\"A\",\"B\"],\"resolver\":\"MEMORY\"}", ""},
    {"{accounts: {A: , B: {users: null}}}", "{\"accounts\":{\"A\":{},\"B\":{}}}", ""},
    {"{authorization: {users: [{user: u, permissions: {pub: a.>, sub: [b, c], allow_responses: {max: 1, ttl: 5s}}},\n"
     "  {nkey: U, permissions: {publish: {allow: a, deny: [b]}, allow_responses: true}, clients: [websocket]}]}}",
     "{\"authorization\":{\"users\":[{\"user\":\"u\",\"permissions\":{\"publish\":\"a.>\",\"subscribe\":[\"b\",\"c\"],"
     "\"allow_responses\":{\"max\":1,\"expires\":\"5s\"}}},{\"nkey\":\"U\",\"permissions\":{\"publish\":{\"allow\":\"a\","
     "\"deny\":[\"b\"]},\"allow_responses\":true},\"allowed_connection_types\":[\"WEBSOCKET\"]}]}}",
     ""},

    /* natsform's own */
    {"{nodes: 3, ports: auto, image: nats:2, version: 2.10, gateways: [x], leaf_of: hub, tls: dev}",
     "{\"nodes\":3,\"ports\":\"auto\",\"image\":\"nats:2\",\"version\":\"2.10\",\"gateways\":[\"x\"],"
     "\"leaf_of\":\"hub\",\"tls\":\"dev\"}",
     ""},
    {"{ports: {client: 5222, mqtt: 5883}, leaf_of: {server: hub, user: u, password: 1}}",
     "{\"ports\":{\"client\":5222,\"mqtt\":5883},\"leaf_of\":{\"server\":\"hub\",\"user\":\"u\",\"password\":\"1\"}}",
     ""},

    /* keys */
    {"{prot: 4222}", "{}",
     "1:2+4 unknown-key: unknown key 'prot' in server 'dev'\n  hint: did you mean 'port'?\n"},
    {"{max_file: 1GiB}", "{}",
     "1:2+8 unknown-key: unknown key 'max_file' in server 'dev'\n  hint: did you mean 'jetstream.max_file'?\n"},
    {"{jetstream: {streams: {A: {}}}}", "{\"jetstream\":{}}",
     "1:14+7 unknown-key: unknown key 'streams' in jetstream of server 'dev'\n"
     "  hint: 'streams' is a key of the manifest, not of a server\n"},
    {"{include: x.conf}", "{}",
     "1:2+7 unknown-key: unknown key 'include' in server 'dev'\n"
     "  hint: files of a manifest are included by its own key 'include'\n"},
    {"{host: a, NET: b}", "{\"host\":\"a\"}",
     "1:11+3 conflict: 'NET' and 'host' are the same option\n  note 1:2: the other is here\n"
     "  hint: keep one of them: a server would take either\n"},
    {"{leafnodes: {remotes: [{urls: [a], url: b}]}}", "{\"leafnodes\":{\"remotes\":[{\"urls\":[\"a\"]}]}}",
     "1:36+3 conflict: 'url' and 'urls' are the same option\n  note 1:25: the other is here\n"
     "  hint: keep one of them: a server would take either\n"},
    {"{host: null, net: b}", "{\"host\":\"b\"}", ""},
    {"{accounts: {'${X}': {}}}", "{\"accounts\":{\"${X}\":{}}}",
     "1:13+6 name: the key '${X}' has a variable in it\n  hint: variables are replaced in values, not in names\n"},
    {"{leaf_of: {user: u}}", "{\"leaf_of\":{\"user\":\"u\"}}",
     "1:11 required: leaf_of of server 'dev' has no 'server'\n"},

    /* values */
    {"{debug: yes, trace: 'true'}", "{}",
     "1:9+3 wrong-type: 'debug' must be true or false, not 'yes'\n"
     "  hint: write 'true': in YAML 1.2, 'yes' is a string\n"
     "1:21+6 wrong-type: 'trace' must be true or false, not the string 'true'\n"
     "  hint: write it without quotes\n"},
    {"{port: '4222', max_connections: 1k, nodes: 0, jetstream: {max_concurrent_io: 2}}", "{\"jetstream\":{}}",
     "1:8+6 wrong-type: 'port' must be an integer, not the string '4222'\n  hint: write it without quotes\n"
     "1:33+2 wrong-type: 'max_connections' must be an integer, not '1k'\n"
     "1:44+1 range: 'nodes' must be 1 to 100, not '0'\n"
     "1:78+1 range: 'max_concurrent_io' must be 4 to 8192, not '2'\n"},
    {"{port: 65536, http_port: -2, cluster: {port: 70000}}", "{\"cluster\":{}}",
     "1:8+5 range: 'port' must be -1 to 65535, not '65536'\n"
     "1:26+2 range: 'http_port' must be -1 to 65535, not '-2'\n"
     "1:46+5 range: 'port' must be -1 to 65535, not '70000'\n"},
    {"{ping_interval: 120, jetstream: {sync_interval: 5}}", "{\"jetstream\":{}}",
     "1:17+3 missing-unit: 'ping_interval' needs a unit, '120' has none\n"
     "  hint: write '120s' for seconds, '120m' for minutes or '120h' for hours\n"
     "1:49+1 missing-unit: 'sync_interval' needs a unit, '5' has none\n"
     "  hint: write '5s' for seconds, '5m' for minutes or '5h' for hours\n"},
    {"{max_payload: 1 MB, lame_duck_duration: 10s, jetstream: {max_mem: 1.5x}}", "{\"jetstream\":{}}",
     "1:15+4 wrong-type: 'max_payload' must be a size such as 512MiB or 1GiB, not '1 MB'\n"
     "  hint: units are k m g t p for powers of 1000 and KiB MiB GiB TiB PiB for those of 1024, without white space\n"
     "1:41+3 range: 'lame_duck_duration' must be 0 or at least 30s, not '10s'\n"
     "1:67+4 wrong-type: 'max_mem' must be a size such as 512MiB or 1GiB, not '1.5x'\n"
     "  hint: units are k m g t p for powers of 1000 and KiB MiB GiB TiB PiB for those of 1024, without white space\n"},
    {"{jetstream: on, listen: localhost, http: '4222'}", "{}",
     "1:13+2 wrong-type: 'jetstream' must be true or false, 'enabled', 'enable', 'disabled', 'disable' or a map, not 'on'\n"
     "  hint: write 'true': in YAML 1.2, 'on' is a string\n"
     "1:25+9 wrong-type: 'listen' must be an integer or an address and port such as '127.0.0.1:4222', not 'localhost'\n"
     "1:42+6 wrong-type: 'http' must be an integer or an address and port such as '127.0.0.1:4222', not the string '4222'\n"},
    {"{cluster: {routes: nats://a:6222, compression: s2_fats}, mqtt: [1], tls: true}", "{\"cluster\":{}}",
     "1:20+13 wrong-type: 'routes' must be a list, not a string\n"
     "1:48+7 wrong-type: 'compression' must be true or false, 'off', 'disabled', 'accept', 'on', 'enabled', 's2_fast', 'fast', "
     "'s2_better', 'better', 's2_best', 'best', 's2_auto', 'auto' or a map, not 's2_fats'\n"
     "  hint: did you mean 's2_fast'?\n"
     "1:64 wrong-type: 'mqtt' must be a map, not a list\n"
     "1:74+4 wrong-type: 'tls' must be 'dev' or a map, not 'true'\n"},
    {"{write_timeout: clos, server_name: a b, cluster: {name: ''}}", "{\"cluster\":{}}",
     "1:17+4 choice: 'write_timeout' must be one of default, close, retry, not 'clos'\n  hint: did you mean 'close'?\n"
     "1:36+3 name: 'server_name' has white space in it\n"
     "  hint: servers refuse such a name, or cannot be told apart by it\n"
     "1:57+2 name: 'name' is empty\n  hint: servers refuse such a name, or cannot be told apart by it\n"},
    {"{server_tags: [a, null, {b: c}]}", "{\"server_tags\":[\"a\"]}",
     "1:19+4 wrong-type: an item of 'server_tags' must be a string, not 'null'\n"
     "1:25 wrong-type: an item of 'server_tags' must be a string, not a map\n"},

    /* secrets are not repeated */
    {"{authorization: {password: [s3cret]}, jetstream: {key: {s3cret: 1}}, gateway: {gateways: [{name: a, url: {s3cret: 1}}]}}",
     "{\"authorization\":{},\"jetstream\":{},\"gateway\":{\"gateways\":[{\"name\":\"a\"}]}}",
     "1:28 wrong-type: 'password' must be a string, not a list\n"
     "1:56 wrong-type: 'key' must be a string, not a map\n"
     "1:106 wrong-type: 'url' must be a string, not a map\n"},
};

START_TEST(reads_options)
{
    const struct read_case *at = &reads[_i];
    struct node *result = server_read(&world.arena, "dev", world_yaml(at->yaml), &world.diags);
    ck_assert_str_eq(world_text(result), at->result);
    ck_assert_str_eq(world_told(), at->told);
    for (size_t i = 0; i < world.diags.list.count; i++)
        ck_assert_msg(!strstr(at->yaml, "s3cret") || world.diags.list.items[i]->secret, "the line is shown");
}
END_TEST

/* ---- rows ---- */

struct visit {
    size_t rows;
    size_t keys;
};

static bool is_sentence(const char *text)
{
    size_t length = text ? strlen(text) : 0;
    return length > 1 && text[length - 1] == '.' && text[length - 2] != '.' &&
           !islower((unsigned char)text[0]);
}

static void check_since(const uint32_t since[SINCE_MOST], const char *where)
{
    for (size_t i = 1; i < SINCE_MOST; i++)
        ck_assert_msg(!since[i] || since[i] > since[i - 1], "%s: versions", where);
    ck_assert_msg(!since[0] || since[0] > VERSION(2, 9, 0), "%s: all servers have it", where);
}

static void check_row(const struct table *block, const struct field *option)
{
    const char *where = arena_printf(&world.arena, "%s.%s", block->definition, option->name);
    unsigned types = field_types(option) | field_values(option) | field_items(option);
    ck_assert_msg(is_sentence(option->doc), "%s: doc", where);
    ck_assert_msg(((types & FIELD_OBJECT) != 0) == (option->object != NULL), "%s: block", where);
    ck_assert_msg(((types & FIELD_CHOICE) != 0) == (option->choices != NULL), "%s: choices", where);
    ck_assert_msg(((types & FIELD_LIST) != 0) == (field_items(option) != 0), "%s: items", where);
    ck_assert_msg(((types & FIELD_MAP) != 0) == (field_values(option) != 0), "%s: values", where);
    ck_assert_msg((option->type & (FIELD_MAP | FIELD_OBJECT)) != (FIELD_MAP | FIELD_OBJECT), "%s: two maps",
                  where);
    ck_assert_msg(option->least <= option->most, "%s: bounds", where);
    ck_assert_ptr_eq(table_field(block, option->name), option);
    for (size_t i = 0; i < FIELD_ALIASES_MOST && option->aliases[i]; i++)
        ck_assert_msg(table_field(block, option->aliases[i]) == option, "%s: '%s' is another's", where,
                      option->aliases[i]);
    for (const struct choice *choice = option->choices; choice && choice->name; choice++)
        ck_assert_msg(memcmp(choice->since, option->choices->since, sizeof(choice->since)) == 0,
                      "%s: '%s' did not come with the others", where, choice->name);
    for (unsigned id = OPTION_NONE + 1; id < SERVER_OPTIONS;
         id++) /* Check's time grows with the square of assertions */
        if ((option->id == id) != (strcmp(option_name(id), option->name) == 0))
            ck_abort_msg("%s: its id", where);
    check_since(option->since, where);
    check_since(option->reload_since, where);
    if (option->example) {
        const char *yaml = arena_printf(&world.arena, "{%s: %s}", option->name, option->example);
        struct manifest *manifest = NULL;
        if (block == &server_table)
            manifest = world_load(
                arena_printf(&world.arena, "servers:\n  a: %s\n", strstr(yaml, "${") ? "{}" : yaml));
        ck_assert_msg(block != &server_table || manifest, "%s: example: %s", where, world_told());
    }
}

static void check_block(const struct table *block, struct visit *visit, int depth)
{
    ck_assert_int_lt(depth, 8);
    ck_assert_msg(is_sentence(block->doc), "%s: doc", block->definition);
    for (size_t i = 0; i < block->count; i++) {
        const struct field *option = &block->fields[i];
        check_row(block, option);
        visit->rows++;
        visit->keys++;
        for (size_t j = 0; j < FIELD_ALIASES_MOST && option->aliases[j]; j++)
            visit->keys++;
        if (option->object)
            check_block(option->object, visit, depth + 1);
    }
}

START_TEST(rows)
{
    struct visit visit = {0};
    check_block(&server_table, &visit, 0);
    ck_assert_uint_gt(visit.rows, 380);
    ck_assert_uint_gt(visit.keys, 490);
}
END_TEST

START_TEST(paths)
{
    ck_assert_str_eq(table_field_by_path(&server_table, "jetstream.max_mem")->name, "max_mem");
    ck_assert_str_eq(table_field_by_path(&server_table, "accounts.users.PASS")->name, "password");
    ck_assert_ptr_null(table_field_by_path(&server_table, "jetstream.x"));
    ck_assert_ptr_null(table_field_by_path(&server_table, "port.x"));
    ck_assert_ptr_null(table_field_by_path(&server_table, ""));
}
END_TEST

START_TEST(versions_of_branches)
{
    const uint32_t since[SINCE_MOST] = {VERSION(2, 10, 26), VERSION(2, 11, 3)};
    const uint32_t none[SINCE_MOST] = {0};
    ck_assert(!since_holds(since, VERSION(2, 9, 30)));
    ck_assert(!since_holds(since, VERSION(2, 10, 25)));
    ck_assert(since_holds(since, VERSION(2, 10, 26)));
    ck_assert(!since_holds(since, VERSION(2, 11, 2)));
    ck_assert(since_holds(since, VERSION(2, 11, 3)));
    ck_assert(since_holds(since, VERSION(2, 12, 0)));
    ck_assert(since_holds(since, VERSION_UNKNOWN));
    ck_assert(since_holds(none, VERSION(2, 9, 0)));
    ck_assert_str_eq(since_text(&world.arena, since, true), "2.10.26 or 2.11.3");
    ck_assert_ptr_null(since_text(&world.arena, none, true));
    const struct field *memory = table_field_by_path(&server_table, "jetstream.max_mem");
    ck_assert_int_eq(option_reload(memory, VERSION(2, 10, 27)), RELOAD_NEVER);
    ck_assert_int_eq(option_reload(memory, VERSION(2, 15, 1)), RELOAD_GROWS);
    ck_assert_int_eq(option_reload(table_field_by_path(&server_table, "port"), VERSION(2, 15, 1)),
                     RELOAD_NEVER);
    ck_assert_int_eq(option_reload(table_field_by_path(&server_table, "debug"), VERSION(2, 9, 10)),
                     RELOAD_FREE);
}
END_TEST

static const struct choice_case {
    const char *verify;
    const char *range;
    const char *told;
} choices[] = {
    {"true", "2.9.10", ""},
    {"optional", "2.14.9",
     "1:16+8 unsupported: 'verify: optional' of server 'dev' needs nats-server 2.14.10 or 2.15.3\n"
     "  hint: take it away, or run a newer one than 2.14.9\n"},
    {"optional", "2.14.10", ""},
    {"optional", "2.15.1",
     "1:16+8 unsupported: 'verify: optional' of server 'dev' needs nats-server 2.14.10 or 2.15.3\n"
     "  hint: take it away, or run a newer one than 2.15.1\n"},
    {"optional", "2.15.3", ""},
    {"optional", "2.14-2.15", ""}, /* whoever asks for 2.15 gets a new one */
};

/* A choice that came later than its option. */
START_TEST(versions_of_choices)
{
    const struct choice_case *at = &choices[_i];
    const char *yaml = arena_printf(&world.arena, "{tls: {verify: %s}}", at->verify);
    struct version_range range;
    ck_assert_ptr_null(version_range_parse(at->range, &range));
    struct node *options = server_read(&world.arena, "dev", world_yaml(yaml), &world.diags);
    server_check_versions("dev", options, &range, at->range, &world.diags);
    ck_assert_str_eq(world_told(), at->told);
}
END_TEST

Suite *manifest_servers_suite(void)
{
    Suite *suite = suite_create("manifest/servers");
    TCase *tests = tcase_create("servers");
    tcase_add_checked_fixture(tests, world_setup, world_teardown);
    tcase_add_loop_test(tests, reads_options, 0, COUNT_OF(reads));
    tcase_add_test(tests, rows);
    tcase_add_test(tests, paths);
    tcase_add_test(tests, versions_of_branches);
    tcase_add_loop_test(tests, versions_of_choices, 0, COUNT_OF(choices));
    suite_add_tcase(suite, tests);
    return suite;
}
