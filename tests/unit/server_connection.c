/* Unit tests of server/connection.h: the layers, the environment, and nats CLI contexts. */
#include "server/connection.h"

#include <string.h>

#include "base/strbuf.h"
#include "kind/manifest_rows.h"
#include "support/said.h"
#include "support/scratch.h"
#include "unit/suites.h"

/* An environment as a table; ends with a NULL name. */
struct variable {
    const char *name;
    const char *value;
};

static const char *look_up(void *context, const char *name)
{
    const struct variable *variable = context;
    for (; variable->name; variable++)
        if (strcmp(variable->name, name) == 0)
            return variable->value;
    return NULL;
}

/* What is set, strings first: "user=bob password=x". */
static const char *render(const struct connection_settings *settings)
{
    static const struct {
        enum setting_id id;
        const char *name;
    } texts[] = {
        {SETTING_CONTEXT, "context"},   {SETTING_URL, "url"},           {SETTING_USER, "user"},
        {SETTING_PASSWORD, "password"}, {SETTING_TOKEN, "token"},       {SETTING_CREDS, "creds"},
        {SETTING_NKEY, "nkey"},         {SETTING_USER_JWT, "jwt"},      {SETTING_USER_SEED, "seed"},
        {SETTING_CERT, "cert"},         {SETTING_KEY, "key"},           {SETTING_CA, "ca"},
        {SETTING_DOMAIN, "domain"},     {SETTING_API_PREFIX, "prefix"}, {SETTING_INBOX_PREFIX, "inbox"},
    };
    enum { TEXTS = sizeof(texts) / sizeof(texts[0]) };
    struct strbuf out = {0};
    ck_assert_uint_eq(SETTINGS, TEXTS + 2); /* and the two below */
    for (size_t i = 0; i < TEXTS; i++) {
        const char *value = setting_text(settings, &connection_rows[texts[i].id]);
        if (value)
            strbuf_addf(&out, "%s%s=%s", out.length ? " " : "", texts[i].name, value);
    }
    if (settings->tls_first)
        strbuf_adds(&out, " tls_first");
    if (settings->timeout_ms)
        strbuf_addf(&out, " timeout=%lld", (long long)settings->timeout_ms);
    if (settings->url_from)
        strbuf_addf(&out, " from=%s", settings->url_from);
    if (settings->lender)
        strbuf_addf(&out, " lender=%s%s", settings->lender, settings->lends_for_tls ? " for tls" : "");
    const char *text = arena_strdup(test_arena(), strbuf_text(&out));
    strbuf_release(&out);
    return text;
}

/* ---- the table ---- */

static bool is_setting(unsigned field, unsigned tls)
{
    for (size_t i = 0; i < SETTINGS; i++)
        if (connection_rows[i].field == field && connection_rows[i].tls == tls)
            return true;
    return false;
}

START_TEST(every_field_is_a_setting)
{
    const struct table *connection = table_field_by_id(&manifest_table, MANIFEST_CONNECTION)->object;
    const struct table *tls = table_field_by_id(connection, CONNECTION_TLS)->object;
    for (size_t i = 0; i < connection->count; i++) {
        const struct field *field = &connection->fields[i];
        bool is_other = field->id == CONNECTION_TLS || field->id == CONNECTION_EXPECT;
        ck_assert_msg(is_other || is_setting(field->id, 0), "%s", field->name);
    }
    for (size_t i = 0; i < tls->count; i++)
        ck_assert_msg(is_setting(0, tls->fields[i].id), "%s", tls->fields[i].name);
}
END_TEST

/* ---- layers ---- */

struct overlay_case {
    struct connection_settings above;
    struct connection_settings below;
    const char *result;
};

static const struct overlay_case overlays[] = {
    {{0}, {.url = "a", .url_from = "b"}, "url=a from=b"},
    {{.url = "a", .url_from = "x"}, {.url = "b", .url_from = "y"}, "url=a from=x"},
    {{.user = "u", .password = "p"}, {.creds = "c", .token = "t"}, "user=u password=p"},
    {{.creds = "c"}, {.user = "u", .password = "p", .nkey = "n"}, "creds=c"},
    {{.token = "t"}, {.password = "p"}, "token=t"},
    {{.user = "u"}, {.password = "p"}, "user=u password=p"}, /* --user with NATS_PASSWORD */
    {{.user = "u"}, {.user = "v", .password = "p"}, "user=u"},
    {{.user = "u"}, {.user = "u", .password = "p"}, "user=u password=p"},
    {{.password = "p"}, {.user = "u", .password = "q"}, "user=u password=p"}, /* as for the nats CLI */
    {{.password = "p"}, {.creds = "c"}, "password=p creds=c"},
    {{.user_seed = "s"}, {.user_jwt = "j", .user_seed = "t"}, "jwt=j seed=s"},
    {{.user_jwt = "j"}, {.user_jwt = "i", .user_seed = "t"}, "jwt=j"},
    {{.cert = "c"}, {.cert = "d", .key = "e", .ca = "f"}, "cert=c ca=f"},
    {{.domain = "d"}, {.domain = "e", .api_prefix = "p"}, "domain=d"},
    {{.api_prefix = "p"}, {.domain = "e"}, "prefix=p"},
    {{.timeout_ms = 5}, {.timeout_ms = 6, .tls_first = true}, " tls_first timeout=5"},
    {{.tls_first = true}, {.timeout_ms = 6, .inbox_prefix = "i"}, "inbox=i tls_first timeout=6"},
    {{.context = "a"}, {.context = "b"}, "context=a"},
};

START_TEST(overlaid)
{
    struct connection_settings settings = overlays[_i].above;
    connection_overlay(&settings, &overlays[_i].below);
    ck_assert_str_eq(render(&settings), overlays[_i].result);
}
END_TEST

START_TEST(environment)
{
    struct variable variables[] = {
        {"NATS_URL", "nats://h"}, {"NATS_USER", "u"},   {"NATS_PASSWORD", "p"}, {"NATS_TOKEN", "t"},
        {"NATS_CREDS", "c"},      {"NATS_NKEY", "n"},   {"NATS_JWT", "j"},      {"NATS_SEED", "s"},
        {"NATS_CERT", "ce"},      {"NATS_KEY", "k"},    {"NATS_CA", "ca"},      {"NATS_CONTEXT", "x"},
        {"NATS_TIMEOUT", "1m2s"}, {"NATS_DOMAIN", "d"}, {NULL, NULL},
    };
    struct connection_settings settings;
    struct diags diags = {0};
    ck_assert_int_eq(connection_from_environment(test_arena(), look_up, variables, &settings, &diags), 0);
    ck_assert_str_eq(render(&settings),
                     "context=x url=nats://h user=u password=p token=t creds=c nkey=n jwt=j seed=s "
                     "cert=ce key=k ca=ca timeout=62000 from=NATS_URL");
}
END_TEST

START_TEST(empty_variables_are_not_set)
{
    struct variable variables[] = {{"NATS_URL", ""}, {"NATS_TIMEOUT", ""}, {"NATS_CREDS", ""}, {NULL, NULL}};
    struct connection_settings settings;
    struct diags diags = {0};
    ck_assert_int_eq(connection_from_environment(test_arena(), look_up, variables, &settings, &diags), 0);
    ck_assert_str_eq(render(&settings), "");
}
END_TEST

static const char *const bad_timeouts[] = {"5", "x", "-1s", "0", "1us"};

START_TEST(bad_timeout)
{
    struct variable variables[] = {{"NATS_TIMEOUT", bad_timeouts[_i]}, {NULL, NULL}};
    struct connection_settings settings;
    struct diags diags = {0};
    ck_assert_int_eq(connection_from_environment(test_arena(), look_up, variables, &settings, &diags), -1);
    ck_assert_str_eq(said(&diags), arena_printf(test_arena(),
                                                "usage: NATS_TIMEOUT '%s' is not a duration of at least 1ms\n"
                                                "  hint: durations have a unit, such as 5s or 250ms\n",
                                                bad_timeouts[_i]));
    diags_release(&diags);
}
END_TEST

/* ---- contexts ---- */

/* A home with the contexts dev, prod and broken ones; `selected` may be NULL. */
static const char *make_home(const char *selected)
{
    const char *home = test_directory();
    const char *contexts = make_directory(home, "nats/context");
    write_file(
        contexts, "dev.json",
        "{\"description\": \"\", \"url\": \"nats://dev:1\", \"user\": \"u\", \"password\": \"p\","
        " \"token\": \"\", \"jetstream_domain\": \"hub\", \"tls_first\": true, \"color_scheme\": \"x\"}");
    write_file(
        contexts, "prod.json",
        "{\"url\":\"tls://a,tls://b\",\"creds\":\"~/x.creds\",\"nkey\":\"\",\"cert\":\"c\",\"key\":\"k\","
        "\"ca\":\"d\",\"jetstream_api_prefix\":\"JS.in\",\"inbox_prefix\":\"_I\",\"user_jwt\":\"j\","
        "\"user_seed\":\"s\",\"tls_first\":false,\"nsc\":\"\",\"socks_proxy\":null}");
    write_file(contexts, "torn.json", "{\"url\": \"nats://h\"");
    write_file(contexts, "list.json", "[1]");
    write_file(contexts, "number.json", "{\"url\": 4222}");
    write_file(contexts, "first.json", "{\"tls_first\": \"yes\"}");
    write_file(contexts, "nsc.json", "{\"nsc\": \"nsc://a/b/c\"}");
    write_file(contexts, "socks.json", "{\"url\": \"nats://h\", \"socks_proxy\": \"socks5://p\"}");
    write_file(contexts, ".hidden.json", "{}");
    write_file(contexts, "note.txt", "");
    if (selected)
        write_file(make_directory(home, "nats"), "context.txt", selected);
    return home;
}

struct context_case {
    const char *name;
    const char *selected;
    const char *result; /* the settings, or what is said; %s is the home */
};

static const struct context_case contexts[] = {
    {"dev", NULL, "url=nats://dev:1 user=u password=p domain=hub tls_first from=nats context 'dev'"},
    {"prod", NULL,
     "url=tls://a,tls://b creds=~/x.creds jwt=j seed=s cert=c key=k ca=d prefix=JS.in inbox=_I "
     "from=nats context 'prod'"},
    {NULL, NULL, ""},
    {NULL, "", ""},
    {NULL, "dev\n", "url=nats://dev:1 user=u password=p domain=hub tls_first from=nats context 'dev'"},
    {"prod", "dev",
     "url=tls://a,tls://b creds=~/x.creds jwt=j seed=s cert=c key=k ca=d prefix=JS.in inbox=_I "
     "from=nats context 'prod'"},
    {"prd", NULL,
     "context: there is no nats context 'prd' in %s/nats\n"
     "  hint: did you mean 'prod'? there are 'dev', 'first', 'list', 'nsc', 'number', 'prod', 'socks', 'torn'\n"},
    {"staging", NULL,
     "context: there is no nats context 'staging' in %s/nats\n"
     "  hint: there are 'dev', 'first', 'list', 'nsc', 'number', 'prod', 'socks', 'torn'\n"},
    {NULL, "gone", /* a stale selection must not end at the default URL */
     "context: there is no nats context 'gone' in %s/nats\n"
     "  hint: there are 'dev', 'first', 'list', 'nsc', 'number', 'prod', 'socks', 'torn'\n"},
    {"torn", NULL, "context: nats context 'torn': not valid JSON at byte 19: unexpected end\n"},
    {"list", NULL, "context: nats context 'list' must be a JSON object, not a list\n"},
    {"number", NULL, "context: 'url' of nats context 'number' must be a string, not a number\n"},
    {"first", NULL, "context: 'tls_first' of nats context 'first' must be true or false, not a string\n"},
    {"nsc", NULL,
     "context: nats context 'nsc' looks credentials up with nsc, which natsform cannot do\n"
     "  hint: give the context 'creds', or use --creds\n"},
    {"socks", NULL,
     "context: nats context 'socks' goes through a SOCKS proxy, which natsform cannot do\n"
     "  hint: use a tunnel that listens on a local port\n"},
    {"./no/such.json", NULL,
     "context: cannot read context file './no/such.json': No such file or directory\n"},
    {"/", NULL, "context: cannot read context file '/': Is a directory\n"},
};

/* The settings, or what is said when there are none; a "%s" in `expected` stands for the home directory. */
static void expect_result(const char *expected, const char *home, const struct connection_settings *settings,
                          struct diags *diags)
{
    const char *mark = strstr(expected, "%s");
    if (mark)
        expected = arena_printf(test_arena(), "%.*s%s%s", (int)(mark - expected), expected, home, mark + 2);
    ck_assert_str_eq(settings ? render(settings) : said(diags), expected);
    diags_release(diags);
}

START_TEST(from_context)
{
    const struct context_case *row = &contexts[_i];
    const char *home = make_home(row->selected);
    struct variable variables[] = {{"XDG_CONFIG_HOME", home}, {NULL, NULL}};
    struct connection_settings settings;
    struct diags diags = {0};
    int failed = connection_from_context(test_arena(), row->name, look_up, variables, &settings, &diags);
    expect_result(row->result, home, failed ? NULL : &settings, &diags);
}
END_TEST

START_TEST(context_by_path_and_xdg)
{
    const char *home = test_directory();
    const char *path = write_file(make_directory(home, "nats/context"), "x.json", "{\"url\": \"nats://x\"}");
    struct variable variables[] = {{"HOME", "/nowhere"}, {"XDG_CONFIG_HOME", home}, {NULL, NULL}};
    struct variable nothing[] = {{NULL, NULL}};
    struct connection_settings settings;
    struct diags diags = {0};
    ck_assert_int_eq(connection_from_context(test_arena(), "x", look_up, variables, &settings, &diags), 0);
    ck_assert_str_eq(render(&settings), "url=nats://x from=nats context 'x'");
    ck_assert_int_eq(connection_from_context(test_arena(), path, look_up, nothing, &settings, &diags), 0);
    ck_assert_str_eq(render(&settings),
                     arena_printf(test_arena(), "url=nats://x from=context file '%s'", path));
    diags_release(&diags);
}
END_TEST

/* As the nats CLI has it: the home of the password database, whatever HOME says, and HOME for who is not in that. */
static const struct place_case {
    const char *xdg, *recorded, *home;
    const char *folder, *other;
} places[] = {
    {"/x", "/root", "/h", "/x/nats", NULL},
    {NULL, "/root", "/root", "/root/.config/nats", NULL},
    {"", "/root", "/h", "/root/.config/nats", "/h/.config/nats"},
    {NULL, "/root", "", "/root/.config/nats", NULL},
    {NULL, NULL, "/h", "/h/.config/nats", NULL},
    {NULL, "", NULL, NULL, NULL},
};

START_TEST(contexts_place)
{
    const struct place_case *row = &places[_i];
    const struct contexts_place place = contexts_place_of(test_arena(), row->xdg, row->recorded, row->home);
    struct diags diags = {0};
    ck_assert_pstr_eq(place.folder, row->folder);
    ck_assert_pstr_eq(place.other, row->other);
    contexts_note(&place, &diags);
    contexts_note(&place, &diags);
    ck_assert_uint_eq(diags.list.count, row->other ? 1 : 0);
    diags_release(&diags);
}
END_TEST

START_TEST(no_contexts_at_all)
{
    const char *home = test_directory();
    struct variable variables[] = {{"XDG_CONFIG_HOME", home}, {NULL, NULL}};
    struct connection_settings settings;
    struct diags diags = {0};
    ck_assert_int_eq(connection_from_context(test_arena(), "dev", look_up, variables, &settings, &diags), -1);
    ck_assert_str_eq(said(&diags),
                     arena_printf(test_arena(),
                                  "context: there is no nats context 'dev' in %s/nats\n"
                                  "  hint: 'nats context add dev' makes one; --server works without\n",
                                  home));
    diags_release(&diags);
}
END_TEST

/* ---- all together ---- */

struct resolve_case {
    struct connection_settings flags;
    struct connection_settings manifest;
    struct variable variable;
    const char *result;
};

static const struct resolve_case resolutions[] = {
    /* dev is the selected context */
    {{0}, {0}, {0}, "url=nats://dev:1 user=u password=p domain=hub tls_first from=nats context 'dev'"},
    {{.creds = "c"}, {0}, {0}, "url=nats://dev:1 creds=c domain=hub tls_first from=nats context 'dev'"},
    {{.url = "f"},
     {.url = "m"},
     {"NATS_URL", "e"},
     "url=f user=u password=p domain=hub tls_first from=--server lender=nats context 'dev'"},
    {{0},
     {.url = "m"},
     {"NATS_URL", "e"},
     "url=e user=u password=p domain=hub tls_first from=NATS_URL lender=nats context 'dev'"},
    {{.url = "f", .no_context = true}, {.url = "m"}, {0}, "url=f from=--server"},
    {{.url = "f"},
     {.user = "x", .password = "y"},
     {0},
     "url=f user=x password=y domain=hub tls_first from=--server lender=nats context 'dev'"},
    {{.no_context = true}, {.domain = "d"}, {0}, "domain=d"},
    {{.url = "f"},
     {.domain = "d"},
     {"NATS_CREDS", "c"},
     "url=f creds=c domain=d tls_first from=--server lender=nats context 'dev'"},
    {{0}, {.url = "m"}, {0}, "url=m from=the manifest"}, /* without dev's password */
    {{0}, {.url = "m"}, {"NATS_USER", "e"}, "url=m user=e from=the manifest"},
    {{0}, {.url = "m", .user = "x", .password = "y"}, {0}, "url=m user=x password=y from=the manifest"},
    {{.url = "f", .context = "dev"},
     {0},
     {0},
     "context=dev url=f user=u password=p domain=hub tls_first from=--server"},
    {{0},
     {.context = "prod"},
     {"NATS_CONTEXT", "dev"},
     "context=dev url=nats://dev:1 user=u password=p domain=hub tls_first from=nats context 'dev'"},
    {{.url = "f"},
     {.context = "gone"},
     {0},
     "context: there is no nats context 'gone' in %s/nats\n"
     "  hint: there are 'dev', 'first', 'list', 'nsc', 'number', 'prod', 'socks', 'torn'\n"},
    {{0},
     {0},
     {"NATS_TIMEOUT", "1"},
     "usage: NATS_TIMEOUT '1' is not a duration of at least 1ms\n"
     "  hint: durations have a unit, such as 5s or 250ms\n"},
};

START_TEST(resolved)
{
    const struct resolve_case *row = &resolutions[_i];
    const char *home = make_home("dev");
    struct variable variables[] = {{"XDG_CONFIG_HOME", home}, row->variable, {NULL, NULL}};
    struct connection_settings settings;
    struct diags diags = {0};
    struct connection_settings flags = row->flags;
    flags.lookup = look_up;
    flags.lookup_context = variables;
    int failed = connection_resolve(test_arena(), &flags, &row->manifest, NULL, &settings, &diags);
    expect_result(row->result, home, failed ? NULL : &settings, &diags);
}
END_TEST

START_TEST(resolved_from_nothing)
{
    struct variable nothing[] = {{"XDG_CONFIG_HOME", "/nowhere"}, {NULL, NULL}};
    const struct connection_settings flags = {.lookup = look_up, .lookup_context = nothing};
    struct connection_settings settings;
    struct diags diags = {0};
    ck_assert_int_eq(connection_resolve(test_arena(), &flags, NULL, NULL, &settings, &diags), 0);
    ck_assert_str_eq(render(&settings), "");
    ck_assert_ptr_eq(settings.lookup_context, nothing);
}
END_TEST

Suite *server_connection_suite(void)
{
    Suite *suite = suite_create("server/connection");
    TCase *tests = tcase_create("connection");
    tcase_add_test(tests, every_field_is_a_setting);
    tcase_add_loop_test(tests, overlaid, 0, (int)(sizeof(overlays) / sizeof(overlays[0])));
    tcase_add_test(tests, environment);
    tcase_add_test(tests, empty_variables_are_not_set);
    tcase_add_loop_test(tests, bad_timeout, 0, (int)(sizeof(bad_timeouts) / sizeof(bad_timeouts[0])));
    tcase_add_loop_test(tests, from_context, 0, (int)(sizeof(contexts) / sizeof(contexts[0])));
    tcase_add_test(tests, context_by_path_and_xdg);
    tcase_add_loop_test(tests, contexts_place, 0, (int)(sizeof(places) / sizeof(places[0])));
    tcase_add_test(tests, no_contexts_at_all);
    tcase_add_loop_test(tests, resolved, 0, (int)(sizeof(resolutions) / sizeof(resolutions[0])));
    tcase_add_test(tests, resolved_from_nothing);
    suite_add_tcase(suite, tests);
    return suite;
}
