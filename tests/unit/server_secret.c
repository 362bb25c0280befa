/* Unit tests of server/login.h. */
#include "server/login.h"

#include <string.h>

#include "support/said.h"
#include "support/scratch.h"
#include "unit/suites.h"

/* The key pair of the NATS documentation. */
#define SEED "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY"
#define PUBLIC "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4"

static const char *look_up(void *context, const char *name)
{
    if (strcmp(name, "HOME") == 0)
        return context;
    if (strcmp(name, "WHERE") == 0)
        return "sub";
    if (strcmp(name, "SEED") == 0)
        return SEED;
    return strcmp(name, "SECRET") == 0 ? "from the environment" : NULL;
}

/* ---- nkeys ---- */

struct seed_case {
    const char *seed;
    bool fine;
};

static const struct seed_case seeds[] = {
    {SEED, true},
    {"SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VA", false},  /* checksum */
    {"SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3V", false},   /* short */
    {"SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VYY", false}, /* long */
    {"SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3V1", false},  /* no base32 */
    {"SAACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY",
     false}, /* an account's, and its checksum */
    {PUBLIC, false},
    {"", false},
};

START_TEST(nkeys)
{
    char key[NKEY_PUBLIC_LENGTH + 1] = "untouched";
    ck_assert(nkey_public(seeds[_i].seed, key) == seeds[_i].fine);
    ck_assert_str_eq(key, seeds[_i].fine ? PUBLIC : "untouched");
}
END_TEST

/* ---- references ---- */

struct reference_case {
    const char *reference;
    const char *result; /* %s is the home */
};

static const struct reference_case references[] = {
    {"~/sub/file", "in the file"},
    {"~/$WHERE/file", "in the file"},
    {"file://~/${WHERE}/file", "in the file"},
    {"FILE://~/sub/file", "in the file"},
    {"env://SECRET", "from the environment"},
    {"data:;base64,SGVsbG8sIHdvcmxk", "Hello, world"},
    {"data:text/plain;base64,SGVsbG8=", "Hello"},
    {"~/none", "credentials: cannot read the creds file '%s/none': No such file or directory\n"},
    {"~/sub", "credentials: cannot read the creds file '%s/sub': Is a directory\n"},
    {"env://NONE",
     "credentials: the creds file is to come from the environment variable 'NONE', which is not set\n"},
    {"data:,Hello", "credentials: the creds file is given as 'data:' that is not base64\n"},
    {"data:;base64,S*", "credentials: the creds file is given as 'data:' that is not base64\n"},
    {SEED, SEED},
    {"$SEED", SEED},
    {"-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----"},
    {"$HOME\n", "$HOME\n"},
    {"op://vault/item", "credentials: the creds file is to come from 'op', which natsform cannot ask\n"
                        "  hint: give a path, or env://NAME with the secret in that variable\n"},
    {"nsc://o/a/u", "credentials: the creds file is to come from 'nsc', which natsform cannot ask\n"
                    "  hint: give a path, or env://NAME with the secret in that variable\n"},
};

START_TEST(reference)
{
    char *home = arena_strdup(test_arena(), test_directory());
    struct connection_settings settings = {.lookup = look_up, .lookup_context = home};
    struct diags diags = {0};
    const char *expected = references[_i].result, *mark = strstr(expected, "%s");
    struct secret secret;
    write_file(make_directory(home, "sub"), "file", "in the file");
    int result_code =
        secret_read(test_arena(), &settings, "creds file", references[_i].reference, &secret, &diags);
    const char *result = result_code ? said(&diags) : secret.text;
    if (mark)
        expected = arena_printf(test_arena(), "%.*s%s%s", (int)(mark - expected), expected, home, mark + 2);
    ck_assert_str_eq(result, expected);
    diags_release(&diags);
}
END_TEST

START_TEST(literals)
{
    struct connection_settings settings = {.lookup = look_up};
    struct diags diags = {0};
    const char *text = NULL;
    ck_assert_int_eq(secret_literal(test_arena(), &settings, "password", "~$HOME", &text, &diags), 0);
    ck_assert_str_eq(text, "~$HOME");
    ck_assert_int_eq(secret_literal(test_arena(), &settings, "password", "env://SECRET", &text, &diags), 0);
    ck_assert_str_eq(text, "from the environment");
    ck_assert_int_eq(secret_literal(test_arena(), &settings, "password", "data:;base64,cA0K", &text, &diags),
                     0);
    ck_assert_str_eq(text, "p");
    diags_release(&diags);
}
END_TEST

/* ---- identities ---- */

struct identity_case {
    struct connection_settings settings;
    const char *result; /* "user password token jwt seed key (who)", or what is said; %s is the home */
};

static const struct identity_case identities[] = {
    {{0}, "- - - - - - (-)"},
    {{.user = "u", .password = "p"}, "u p - - - - (user 'u')"},
    {{.user = "u", .password = "env://SECRET"}, "u from the environment - - - - (user 'u')"},
    {{.user = "u"}, "- - u - - - (the token)"},
    {{.token = "t"}, "- - t - - - (the token)"},
    {{.user = "u", .password = "p", .creds = "~/good", .nkey = "~/nkey"}, "u p - - - - (user 'u')"},
    {{.creds = "~/good", .nkey = "~/nkey"}, "- - - eyJ0.b.c " SEED " - (the creds file '%s/good')"},
    {{.nkey = "~/nkey", .token = "t"}, "- - t - " SEED " " PUBLIC " (nkey '" PUBLIC "')"},
    {{.nkey =
          "data:;base64,IwogU1VBQ1NTTDNVQUhVRFhLRlNOVlVaUkY1VUhQTVdaNkJGRFRKN002VVNEWElFRE5QUFFZWVlDVTNWWQo="},
     "- - - - " SEED " " PUBLIC " (nkey '" PUBLIC "')"},
    {{.nkey = SEED}, "- - - - " SEED " " PUBLIC " (nkey '" PUBLIC "')"},
    {{.creds = "eyJ0.b.c\n" SEED "\n"}, "- - - eyJ0.b.c " SEED " - (the text of the creds file)"},
    {{.creds = SEED}, "credentials: the text of the creds file holds no user JWT\n"},
    {{.nkey = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VA"},
     "credentials: the text of the nkey seed file holds no valid user seed\n"},
    {{.nkey = "-----BEGIN PRIVATE KEY-----"},
     "credentials: the text of the nkey seed file holds no valid user seed\n"},
    {{.user_jwt = "eyJ0", .user_seed = SEED}, "- - - eyJ0 " SEED " - (the user JWT)"},
    {{.user_jwt = "eyJ0"}, "- - - eyJ0 - - (the user JWT)"},
    {{.user_jwt = "file://~/jwt", .user_seed = "file://~/seed"}, "- - - eyJ0 " SEED " - (the user JWT)"},
    {{.user = "u", .password = "file://~/jwt"}, "u eyJ0 - - - - (user 'u')"},
    {{.token = "file://~/none"}, "credentials: cannot read the token '%s/none': No such file or directory\n"},
    {{.user_jwt = "eyJ0", .user_seed = "SUX"}, "credentials: the user seed is not valid\n"},
    {{.creds = "~/none"}, "credentials: cannot read the creds file '%s/none': No such file or directory\n"},
    {{.creds = "~/nkey"}, "credentials: the creds file '%s/nkey' holds no user JWT\n"},
    {{.creds = "~/bad"}, "credentials: the creds file '%s/bad' holds no valid user seed\n"},
    {{.nkey = "~/bad"}, "credentials: the nkey seed file '%s/bad' holds no valid user seed\n"},
};

static const char *dash(const char *text)
{
    return text && text[0] ? text : "-";
}

START_TEST(identity)
{
    char *home = arena_strdup(test_arena(), test_directory());
    struct connection_settings settings = identities[_i].settings;
    struct identity who = {0};
    struct diags diags = {0};
    const char *expected = identities[_i].result, *mark = strstr(expected, "%s");
    write_file(home, "good",
               "-----BEGIN NATS USER JWT-----\neyJ0.b.c\n------END NATS USER JWT------\n\n"
               "************************* IMPORTANT *************************\n"
               "NKEY Seed printed below can be used to sign and prove identity.\n\n"
               "-----BEGIN USER NKEY SEED-----\r\n" SEED "\r\n------END USER NKEY SEED------\n");
    write_file(home, "bad", "eyJ0.b.c\nSUACSSL3\n");
    write_file(home, "jwt", "eyJ0\n");
    write_file(home, "seed", SEED "\r\n");
    write_file(home, "nkey", "  " SEED "\n");
    settings.lookup = look_up;
    settings.lookup_context = home;
    const char *result = NULL;
    if (identity_read(test_arena(), &settings, &who, &diags))
        result = said(&diags);
    else
        result =
            arena_printf(test_arena(), "%s %s %s %s %s %s (%s)", dash(who.user), dash(who.password),
                         dash(who.token), dash(who.jwt), dash(who.seed), dash(who.public_key), dash(who.who));
    if (mark)
        expected = arena_printf(test_arena(), "%.*s%s%s", (int)(mark - expected), expected, home, mark + 2);
    ck_assert_str_eq(result, expected);
    diags_release(&diags);
}
END_TEST

START_TEST(url_comes_first)
{
    struct identity settings = {.user = "u", .password = "p", .jwt = "j", .who = "user 'u'"};
    struct server_url plain = {0}, user = {.user = "v", .password = "q"}, token = {.user = "t"};
    ck_assert_str_eq(identity_for_url(test_arena(), &settings, &plain).user, "u");
    struct identity with_user = identity_for_url(test_arena(), &settings, &user);
    ck_assert_str_eq(with_user.user, "v");
    ck_assert_str_eq(with_user.password, "q");
    ck_assert_str_eq(with_user.who, "user 'v'");
    ck_assert_str_eq(with_user.jwt, "j");
    struct identity with_token = identity_for_url(test_arena(), &settings, &token);
    ck_assert_ptr_null(with_token.user);
    ck_assert_str_eq(with_token.token, "t");
    ck_assert(with_token.secret_user && !with_user.secret_user);
}
END_TEST

Suite *server_secret_suite(void)
{
    Suite *suite = suite_create("server/secret");
    TCase *tests = tcase_create("secret");
    tcase_add_loop_test(tests, nkeys, 0, (int)(sizeof(seeds) / sizeof(seeds[0])));
    tcase_add_loop_test(tests, reference, 0, (int)(sizeof(references) / sizeof(references[0])));
    tcase_add_test(tests, literals);
    tcase_add_loop_test(tests, identity, 0, (int)(sizeof(identities) / sizeof(identities[0])));
    tcase_add_test(tests, url_comes_first);
    suite_add_tcase(suite, tests);
    return suite;
}
