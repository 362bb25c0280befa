/* Unit tests of base/conceal.h, and that every text of a diagnostic goes through it. */
#include "base/conceal.h"

#include <string.h>

#include "base/diag.h"
#include "support/said.h"
#include "support/scratch.h"
#include "unit/suites.h"

#define SEED "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY"
#define PEM "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2Vw\n-----END PRIVATE KEY-----\n"
#define CREDS                                                                                                \
    "-----BEGIN NATS USER JWT-----\neyJ0.b.c\n------END NATS USER JWT------\n\n*** IMPORTANT ***\n\n"        \
    "-----BEGIN USER NKEY SEED-----\n" SEED "\n------END USER NKEY SEED------\n"
#define HASH "$2a$11$W2zko751KUvVy59mUTWmpOdWjpEm5qhcCZRd05GjI/sSOT.xtiHyG"

struct message_case {
    const char *message;
    const char *shown; /* NULL: as it is */
};

static const struct message_case messages[] = {
    {"cannot read the nkey file '" SEED "': no such file",
     "cannot read the nkey file '(secret)': no such file"},
    {"cannot read '" PEM "': no such file", "cannot read '(secret)': no such file"},
    {"cannot read '" CREDS "': no such file", "cannot read '(secret)': no such file"},
    {"cannot read '-----BEGIN PRIVATE KEY-----'", "cannot read '(secret)"},
    {"cannot read '/keys/" SEED ".nk'", "cannot read '/keys/(secret).nk'"},
    {"not 'SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6B…'", "not '(secret)…'"},
    {"'nkey' is SAACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY", "'nkey' is (secret)"},
    {"not 'eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5In0.e30.c2ln', but", "not '(secret)', but"},
    {"unknown option '" HASH "'", "unknown option '(secret)'"},
    {"'data:text/plain;base64,aHVudGVyMg==' is", "'(secret)' is"},
    {"unexpected argument 'nats://me:hunter2@host:4222'", "unexpected argument 'nats://(secret)@host:4222'"},
    {"'connection' must be a map, not 'password=hunter2'",
     "'connection' must be a map, not 'password=(secret)'"},
    {"unknown key 'token:hunter2' in connection", "unknown key 'token:(secret)' in connection"},
    {"'api_prefix' is 'it's\nhunter2', which", "'api_prefix' is '(secret)', which"},
    {"'a' and 'b\nhunter2", "'a' and '(secret)"},
    /* what is none */
    {"'nkey' is UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4", NULL},
    {"stream 'SUBSCRIPTIONS' and stream 'SUB_ORDERS_OF_LAST_YEAR_AND_THIS'", NULL},
    {"server 'nats://token:4222' refuses user 'bob@example.org'", NULL},
    {"secret.yaml:3:4: 'password' must be a string; write 'password: x'", NULL},
    {"a '$2b$' hash", NULL},
    {"'it's' isn't\n'fine'", NULL},
    {"", NULL},
};

START_TEST(message)
{
    const struct message_case *row = &messages[_i];
    struct diags diags = {0};
    const char *expected = row->shown ? row->shown : row->message;
    ck_assert_str_eq(conceal_message(test_arena(), row->message), expected);
    struct diag *diag = diag_add(&diags, &code_usage, (struct srcpos){0}, "%s", row->message);
    diag_hint(&diags, diag, "%s", row->message);
    diag_note(&diags, diag, (struct srcpos){0}, "%s", row->message);
    ck_assert_str_eq(diag->message, expected);
    ck_assert_str_eq(diag->hint, expected);
    ck_assert_str_eq(diag->related.items[0].message, expected);
    diags_release(&diags);
}
END_TEST

START_TEST(contents)
{
    static const char *const all[] = {SEED, PEM, CREDS, "  " SEED "\n", "-----BEGIN", "one\ntwo"};
    static const char *const none[] = {"", "user.creds", "./-----.nk", "SU", "/run/secrets/nkey"};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        ck_assert_msg(conceal_is_content(all[i]) && conceal_is_needed(all[i]), "%s", all[i]);
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        ck_assert_msg(!conceal_is_content(none[i]) && !conceal_is_needed(none[i]), "%s", none[i]);
}
END_TEST

Suite *base_conceal_suite(void)
{
    Suite *suite = suite_create("base/conceal");
    TCase *tests = tcase_create("conceal");
    tcase_add_loop_test(tests, message, 0, (int)(sizeof(messages) / sizeof(messages[0])));
    tcase_add_test(tests, contents);
    suite_add_tcase(suite, tests);
    return suite;
}
