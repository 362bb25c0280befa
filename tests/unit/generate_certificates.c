/* Unit tests of generate/certificates.h, with the openssl command as the judge of what is made. */
#include "generate/certificates.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/client.h"
#include "support/run.h"
#include "support/said.h"
#include "support/scratch.h"
#include "support/shell.h"
#include "unit/suites.h"

enum { DAY_S = 24 * 60 * 60 };

static const char *const nodes[] = {"east-1", "east_2", "host.example", "10.1.2.3", "fd00::1"};

struct made {
    const char *folder;
    struct certificates certificates;
    const char *files[4]; /* contents */
};

static const char *const names[] = {"ca.pem", "ca-key.pem", "server.pem", "server-key.pem"};

static struct made make_for(const char *folder, const char *const *hosts, size_t count, int days)
{
    struct diags diags;
    diags_init(&diags);
    struct made made = {.folder = folder};
    struct certificate_request request = {
        .folder = folder, .names = hosts, .name_count = count, .now = time(NULL) + (time_t)days * DAY_S};
    int failed = certificates_make(test_arena(), &request, &made.certificates, &diags);
    ck_assert_msg(!failed, "%s", said(&diags));
    for (size_t i = 0; i < 4; i++)
        made.files[i] = read_file(arena_printf(test_arena(), "%s/%s", folder, names[i]));
    diags_release(&diags);
    return made;
}

static struct made make(const char *folder)
{
    return make_for(folder, nodes, sizeof(nodes) / sizeof(nodes[0]), 0);
}

static const char *new_folder(void)
{
    return arena_printf(test_arena(), "%s/.natsform/tls", test_directory());
}

static void openssl_must_verify(const char *folder)
{
    run_shell(
        folder,
        "for purpose in sslserver sslclient; do for host in localhost east-1 east_2 host.example; do\n"
        "  openssl verify -x509_strict -purpose $purpose -verify_hostname $host -CAfile ca.pem server.pem\n"
        "done; done\n"
        "for ip in 127.0.0.1 ::1 10.1.2.3 fd00::1; do\n"
        "  openssl verify -x509_strict -verify_ip $ip -CAfile ca.pem server.pem; done\n"
        "! openssl verify -verify_hostname other.example -CAfile ca.pem server.pem\n"
        "! openssl verify -verify_ip 10.1.2.4 -CAfile ca.pem server.pem");
}

static const char *shown(const char *folder, const char *file)
{
    struct run run = run_natsform(&(struct run_options){
        .program = "/usr/bin/env",
        .arguments = (const char *const[]){"openssl", "x509", "-noout", "-text", "-nameopt", "RFC2253", "-in",
                                           file, NULL},
        .directory = folder,
    });
    ck_assert_exit(run, 0);
    return run.out;
}

/* ---- what is made ---- */

START_TEST(verified)
{
    const char *folder = new_folder();
    struct made made = make(folder);
    ck_assert(made.certificates.new_authority && made.certificates.new_certificate);
    ck_assert_str_eq(made.certificates.ca, arena_printf(test_arena(), "%s/ca.pem", folder));
    ck_assert_str_eq(made.certificates.cert, arena_printf(test_arena(), "%s/server.pem", folder));
    ck_assert_str_eq(made.certificates.key, arena_printf(test_arena(), "%s/server-key.pem", folder));
    openssl_must_verify(folder);
    run_shell(
        folder,
        "test \"$(echo *)\" = 'ca-key.pem ca.pem server-key.pem server.pem'\n"
        "for file in ca-key.pem server-key.pem; do head -n 1 $file | grep -q 'BEGIN PRIVATE KEY'; done");
    struct stat info;
    for (size_t i = 1; i < 4; i += 2) {
        ck_assert_int_eq(stat(arena_printf(test_arena(), "%s/%s", folder, names[i]), &info), 0);
        ck_assert_uint_eq(info.st_mode & 07777, 0600);
    }
}
END_TEST

START_TEST(shown_by_openssl)
{
    const char *folder = new_folder();
    make(folder);
    const char *ca = shown(folder, "ca.pem"), *server = shown(folder, "server.pem");
    ck_assert_contains(ca, "Subject: CN=natsform development CA\n");
    ck_assert_contains(ca, "X509v3 Basic Constraints: critical\n                CA:TRUE, pathlen:0\n");
    ck_assert_contains(ca, "X509v3 Key Usage: critical\n                Certificate Sign, CRL Sign\n");
    ck_assert_contains(ca, "NIST CURVE: P-256\n");
    ck_assert_contains(server, "Issuer: CN=natsform development CA\n");
    ck_assert_contains(server, "NIST CURVE: P-256\n");
    ck_assert_contains(server, "CA:FALSE\n");
    ck_assert_contains(server, "TLS Web Server Authentication, TLS Web Client Authentication\n");
    ck_assert_contains(server,
                       "                DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, "
                       "DNS:east-1, DNS:east_2, DNS:host.example, IP Address:10.1.2.3, IP "
                       "Address:FD00:0:0:0:0:0:0:1\n");
    /* Good for 824 days from now, and not for 826: Apple takes 825 at most. */
    run_shell(folder, "openssl x509 -checkend $((824 * 86400)) -in server.pem\n"
                      "! openssl x509 -checkend $((826 * 86400)) -in server.pem\n"
                      "openssl x509 -checkend $((3649 * 86400)) -in ca.pem");
}
END_TEST

/* Nothing that a name holds gets further than into one entry. */
START_TEST(odd_names)
{
    static const char *const odd[] = {
        "",   "a,DNS:evil.example", "two words",   "*",         "*.example", "-x",  "a..b", ".a",
        "a.", "DNS:evil",           "line\nbreak", "1.2.3.4.5", "h\xc3\xa9", "fine"};
    struct made made = make_for(new_folder(), odd, sizeof(odd) / sizeof(odd[0]), 0);
    ck_assert_contains(shown(made.folder, "server.pem"),
                       "                DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, "
                       "DNS:1.2.3.4.5, DNS:fine\n");
    made = make_for(made.folder, odd, sizeof(odd) / sizeof(odd[0]), 0);
    ck_assert(!made.certificates.new_certificate);
}
END_TEST

/* ---- what stays, and what is made anew ---- */

struct again_case {
    const char *title;
    const char *before; /* lines of sh in the folder */
    int days;           /* from the first time to the second */
    const char *name;   /* one more */
    bool authority, certificate;
};

static const struct again_case agains[] = {
    {.title = "nothing changed"},
    {.title = "a name more", .name = "east-3", .certificate = true},
    {.title = "an address more", .name = "10.1.2.9", .certificate = true},
    {.title = "a name in other case", .name = "EAST-1"},
    {.title = "a part of a name", .name = "east", .certificate = true},
    {.title = "not near the end", .days = CERTIFICATE_DAYS - CERTIFICATE_RENEW_DAYS - 1},
    {.title = "near the end", .days = CERTIFICATE_DAYS - CERTIFICATE_RENEW_DAYS, .certificate = true},
    {.title = "past the end", .days = CERTIFICATE_DAYS + 1, .certificate = true},
    {.title = "the authority's end", .days = AUTHORITY_DAYS, .authority = true, .certificate = true},
    {.title = "not yet good", .days = -2, .authority = true, .certificate = true},
    {.title = "no certificate", .before = "rm server.pem", .certificate = true},
    {.title = "no key", .before = "rm server-key.pem", .certificate = true},
    {.title = "another key", .before = "cp ca-key.pem server-key.pem", .certificate = true},
    {.title = "garbage", .before = "echo garbage >server.pem", .certificate = true},
    {.title = "cut off", .before = "head -c 300 server.pem >x; mv x server.pem", .certificate = true},
    {.title = "no key of the authority", .before = "rm ca-key.pem"},
    {.title = "no key of the authority when one is needed",
     .before = "rm ca-key.pem",
     .name = "east-3",
     .authority = true,
     .certificate = true},
    {.title = "no authority", .before = "rm ca.pem", .authority = true, .certificate = true},
    {.title = "an authority that is none",
     .before = "cp server.pem ca.pem",
     .authority = true,
     .certificate = true},
    {.title = "a key with a password",
     .before = "openssl pkcs8 -topk8 -in server-key.pem -out x -passout pass:x && mv x server-key.pem",
     .certificate = true},
    {.title = "the user's own authority",
     .before =
         "openssl req -x509 -newkey rsa:2048 -nodes -days 365 -subj /CN=own -addext keyUsage=keyCertSign "
         "-keyout ca-key.pem -out ca.pem",
     .certificate = true},
};

START_TEST(again)
{
    const struct again_case *c = &agains[_i];
    struct made first = make(new_folder());
    if (c->before) {
        run_shell(first.folder, c->before);
        if (access(arena_printf(test_arena(), "%s/ca.pem", first.folder), R_OK) == 0)
            first.files[0] = read_file(arena_printf(test_arena(), "%s/ca.pem", first.folder));
    }
    const char *hosts[sizeof(nodes) / sizeof(nodes[0]) + 1];
    memcpy(hosts, nodes, sizeof(nodes));
    hosts[sizeof(nodes) / sizeof(nodes[0])] = c->name;
    size_t count = sizeof(nodes) / sizeof(nodes[0]) + (c->name != NULL);
    struct diags diags;
    diags_init(&diags);
    struct certificates certificates;
    struct certificate_request request = {.folder = first.folder,
                                          .names = hosts,
                                          .name_count = count,
                                          .now = time(NULL) + (time_t)c->days * DAY_S};
    ck_assert_int_eq(certificates_make(test_arena(), &request, &certificates, &diags), 0);
    diags_release(&diags);
    ck_assert_msg(certificates.new_authority == c->authority &&
                      certificates.new_certificate == c->certificate,
                  "%s: new authority %d, new certificate %d", c->title, certificates.new_authority,
                  certificates.new_certificate);
    const char *ca = read_file(certificates.ca), *cert = read_file(certificates.cert);
    ck_assert_msg((strcmp(ca, first.files[0]) == 0) == !c->authority, "%s: ca.pem", c->title);
    ck_assert_msg((strcmp(cert, first.files[2]) == 0) == !c->certificate, "%s: server.pem", c->title);
    if (c->days == 0)
        openssl_must_verify(first.folder);
    /* And then it is good. */
    ck_assert_int_eq(certificates_make(test_arena(), &request, &certificates, &diags), 0);
    ck_assert_msg(!certificates.new_authority && !certificates.new_certificate, "%s: made once more",
                  c->title);
}
END_TEST

START_TEST(unwritable)
{
    const char *directory = test_directory();
    const char *file = write_file(directory, "tls", "a file");
    struct diags diags;
    diags_init(&diags);
    struct certificates certificates = {0};
    struct certificate_request request = {.folder = file, .now = time(NULL)};
    ck_assert_int_eq(certificates_make(test_arena(), &request, &certificates, &diags), -1);
    ck_assert_str_eq(masked(said(&diags), directory, "DIR"),
                     "file: cannot write 'DIR/tls': not a directory\n"
                     "  hint: 'tls: dev' keeps its certificates there\n");
    ck_assert_ptr_null(certificates.ca);
    diags_release(&diags);
}
END_TEST

/* ---- trusting it ---- */

START_TEST(trusted)
{
    size_t count;
    const struct trust_step *steps = certificates_trust(test_arena(), "/it's/ca.pem", &count);
    ck_assert_uint_ge(count, 9);
    for (size_t i = 0; i < count; i++) {
        ck_assert_msg(*steps[i].who, "step %zu", i);
        ck_assert_contains(steps[i].how, "'/it'\\''s/ca.pem'");
    }
}
END_TEST

/* The shell sees the path as it is. */
START_TEST(trust_command)
{
    static const char path[] = "/it's a \"$HOME\" `x`/ca.pem";
    const char *file = write_file(test_directory(), "path", path);
    size_t count, ran = 0;
    const struct trust_step *steps = certificates_trust(test_arena(), path, &count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(steps[i].who, "Node.js") == 0) {
            run_shell(test_directory(),
                      arena_printf(test_arena(), "%s\ntest \"$NODE_EXTRA_CA_CERTS\" = \"$(cat %s)\"",
                                   steps[i].how, file));
            ran++;
        }
    ck_assert_uint_eq(ran, 1);
}
END_TEST

Suite *generate_certificates_suite(void)
{
    Suite *suite = suite_create("generate/certificates");
    TCase *tests = tcase_create("certificates");
    tcase_add_test(tests, verified);
    tcase_add_test(tests, shown_by_openssl);
    tcase_add_test(tests, odd_names);
    tcase_add_loop_test(tests, again, 0, sizeof(agains) / sizeof(agains[0]));
    tcase_add_test(tests, unwritable);
    tcase_add_test(tests, trusted);
    tcase_add_test(tests, trust_command);
    suite_add_tcase(suite, tests);
    return suite;
}
