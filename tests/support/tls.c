/* Certificates for tests; see tls.h. */
#include "support/tls.h"

#include <check.h>
#include <stdlib.h>

#include "support/scratch.h"

static void run(const char *directory, const char *command)
{
    const char *line = arena_printf(test_arena(), "cd '%s' && (%s) >>openssl.log 2>&1", directory, command);
    ck_assert_msg(system(line) == 0, "'%s' failed: %s", command,
                  read_file(arena_printf(test_arena(), "%s/openssl.log", directory)));
}

static const char *make_authority(const char *directory, const char *name)
{
    run(directory,
        arena_printf(test_arena(),
                     "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 "
                     "-subj /CN=%s -keyout %s.key -out %s.pem",
                     name, name, name));
    return arena_printf(test_arena(), "%s/%s.pem", directory, name);
}

static void make_certificate(const char *directory, const char *name, const char *subjects)
{
    write_file(directory, "extensions", arena_printf(test_arena(), "subjectAltName=%s\n", subjects));
    run(directory,
        arena_printf(test_arena(),
                     "openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=%s "
                     "-keyout %s.key -out %s.csr && openssl x509 -req -in %s.csr -CA ca.pem -CAkey ca.key "
                     "-CAcreateserial -days 30 -extfile extensions -out %s.pem",
                     name, name, name, name, name));
}

struct tls_files tls_make(const char *directory)
{
    struct tls_files files = {0};
    files.ca = make_authority(directory, "ca");
    files.stranger_ca = make_authority(directory, "stranger");
    make_certificate(directory, "server", "IP:127.0.0.1,DNS:localhost");
    make_certificate(directory, "other", "DNS:elsewhere.example");
    files.cert = arena_printf(test_arena(), "%s/server.pem", directory);
    files.key = arena_printf(test_arena(), "%s/server.key", directory);
    files.other_cert = arena_printf(test_arena(), "%s/other.pem", directory);
    files.other_key = arena_printf(test_arena(), "%s/other.key", directory);
    return files;
}
