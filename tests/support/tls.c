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

static void make_certificate(const char *directory, const char *name, const char *authority,
                             const char *extensions)
{
    write_file(directory, "extensions", extensions);
    run(directory,
        arena_printf(test_arena(),
                     "openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=%s "
                     "-keyout %s.key -out %s.csr && openssl x509 -req -in %s.csr -CA %s.pem -CAkey %s.key "
                     "-CAcreateserial -days 30 -extfile extensions -out %s.pem",
                     name, name, name, name, authority, authority, name));
}

struct tls_files tls_make(const char *directory)
{
    struct tls_files files = {0};
    files.ca = make_authority(directory, "ca");
    files.stranger_ca = make_authority(directory, "stranger");
    make_certificate(directory, "server", "ca", "subjectAltName=IP:127.0.0.1,DNS:localhost\n");
    make_certificate(directory, "other", "ca", "subjectAltName=DNS:elsewhere.example\n");
    make_certificate(directory, "between", "ca", "basicConstraints=critical,CA:TRUE\n");
    make_certificate(directory, "client", "between", "subjectAltName=DNS:client.example\n");
    run(directory, "cat client.pem between.pem ca.pem >chain.pem");
    files.cert = arena_printf(test_arena(), "%s/server.pem", directory);
    files.key = arena_printf(test_arena(), "%s/server.key", directory);
    files.chain = arena_printf(test_arena(), "%s/chain.pem", directory);
    files.chain_key = arena_printf(test_arena(), "%s/client.key", directory);
    files.other_cert = arena_printf(test_arena(), "%s/other.pem", directory);
    files.other_key = arena_printf(test_arena(), "%s/other.key", directory);
    return files;
}
