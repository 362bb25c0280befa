/* Unit tests of server/connection.h. */
#include "server/connection.h"

#include "support/said.h"
#include "support/scratch.h"
#include "unit/suites.h"

struct url_case {
    const char *text;
    const char *result; /* each as "text host port user password", or what is said */
};

static const struct url_case cases[] = {
    {"localhost", "nats://localhost:4222 localhost 4222 - -\n"},
    {"nats://h", "nats://h:4222 h 4222 - -\n"},
    {"NATS://h:1", "nats://h:1 h 1 - -\n"},
    {"nats://h:5000/", "nats://h:5000 h 5000 - -\n"},
    {"tls://h:4443", "tls://h:4443 h 4443 - -\n"},
    {"h:65535", "nats://h:65535 h 65535 - -\n"},
    {"[::1]", "nats://[::1]:4222 ::1 4222 - -\n"},
    {"nats://[fe80::1]:7", "nats://[fe80::1]:7 fe80::1 7 - -\n"},
    {"nats://bob:secret@h", "nats://h:4222 h 4222 bob secret\n"},
    {"nats://t0ken@h", "nats://h:4222 h 4222 t0ken -\n"},
    {"nats://a%40b:p%3Aw%25@h", "nats://h:4222 h 4222 a@b p:w%\n"},
    {"nats://bob:100%@h", "nats://h:4222 h 4222 bob 100%\n"},
    {"nats://bob:a@b:c@h", "nats://h:4222 h 4222 bob a@b:c\n"}, /* the last '@' counts, the first ':' does */
    {"nats://bob:@h", "nats://h:4222 h 4222 bob \n"},
    {" a , nats://b:1 ,", "nats://a:4222 a 4222 - -\nnats://b:1 b 1 - -\n"},
    {"", "usage: server URL '' (NATS_URL) names no server\n"
         "  hint: URLs look like nats://host:4222 or tls://host:4222\n"},
    {" , ", "usage: server URL ' , ' (NATS_URL) names no server\n"
            "  hint: URLs look like nats://host:4222 or tls://host:4222\n"},
    {"nats://", "usage: server URL 'nats://' (NATS_URL) names no host\n"
                "  hint: URLs look like nats://host:4222 or tls://host:4222\n"},
    {"nats://bob:secret@:4222", "usage: server URL 'nats://:4222' (NATS_URL) names no host\n"
                                "  hint: URLs look like nats://host:4222 or tls://host:4222\n"},
    {"bob:secret@h:0", "usage: server URL 'h:0' (NATS_URL) has no valid port\n"
                       "  hint: URLs look like nats://host:4222 or tls://host:4222\n"},
    {"h:65536", "usage: server URL 'h:65536' (NATS_URL) has no valid port\n"
                "  hint: URLs look like nats://host:4222 or tls://host:4222\n"},
    {"h:42x", "usage: server URL 'h:…' (NATS_URL) has no valid port\n"
              "  hint: URLs look like nats://host:4222 or tls://host:4222\n"},
    {"h:", "usage: server URL 'h:' (NATS_URL) has no valid port\n"
           "  hint: URLs look like nats://host:4222 or tls://host:4222\n"},
    {"h:1/x", "usage: server URL 'h:…' (NATS_URL) has something after the port\n"
              "  hint: URLs look like nats://host:4222 or tls://host:4222\n"},
    {"[::1", "usage: server URL '[::1' (NATS_URL) has an address without its closing bracket\n"
             "  hint: URLs look like nats://host:4222 or tls://host:4222\n"},
    {"nats://bob:secret", "usage: server URL 'nats://bob:…' (NATS_URL) has no valid port\n"
                          "  hint: URLs look like nats://host:4222 or tls://host:4222\n"},
    {"nats://bob:1,2@h",
     "usage: the server URL (NATS_URL) has a ',' in front of its '@'\n"
     "  hint: in a user name or password, write '%2C'; where another URL begins, write its nats://\n"},
    {"bob:se,c,ret@h", "usage: server URL 'bob:…' (NATS_URL) has no valid port\n"
                       "  hint: URLs look like nats://host:4222 or tls://host:4222\n"},
    {"nats://bob:a%2Cb@h,nats://t@i", "nats://h:4222 h 4222 bob a,b\nnats://i:4222 i 4222 t -\n"},
    {"http://bob:secret@h", "usage: server URL 'http://h' (NATS_URL) has an unknown scheme\n"
                            "  hint: URLs look like nats://host:4222 or tls://host:4222\n"},
    {"ws://h", "usage: server URL 'ws://h' (NATS_URL) is a WebSocket URL, which natsform cannot use\n"
               "  hint: URLs look like nats://host:4222 or tls://host:4222\n"},
    {"wss://h", "usage: server URL 'wss://h' (NATS_URL) is a WebSocket URL, which natsform cannot use\n"
                "  hint: URLs look like nats://host:4222 or tls://host:4222\n"},
};

START_TEST(parsed)
{
    struct diags diags = {0};
    struct server_url *urls = NULL;
    size_t count = 0;
    const char *result = "";
    if (server_urls_parse(test_arena(), cases[_i].text, "NATS_URL", &urls, &count, &diags))
        result = said(&diags);
    for (size_t i = 0; i < count; i++)
        result =
            arena_printf(test_arena(), "%s%s %s %d %s %s\n", result, urls[i].text, urls[i].host, urls[i].port,
                         urls[i].user ? urls[i].user : "-", urls[i].password ? urls[i].password : "-");
    ck_assert_str_eq(result, cases[_i].result);
    diags_release(&diags);
}
END_TEST

START_TEST(only_tls_is_tls)
{
    struct diags diags = {0};
    struct server_url *urls = NULL;
    size_t count = 0;
    ck_assert_int_eq(server_urls_parse(test_arena(), "TLS://a,nats://b,c", "x", &urls, &count, &diags), 0);
    ck_assert_uint_eq(count, 3);
    ck_assert(urls[0].tls && !urls[1].tls && !urls[2].tls);
}
END_TEST

Suite *server_url_suite(void)
{
    Suite *suite = suite_create("server/url");
    TCase *tests = tcase_create("url");
    tcase_add_loop_test(tests, parsed, 0, (int)(sizeof(cases) / sizeof(cases[0])));
    tcase_add_test(tests, only_tls_is_tls);
    suite_add_tcase(suite, tests);
    return suite;
}
