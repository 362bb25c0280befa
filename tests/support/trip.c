/* Round trips; see trip.h. */
#include "support/trip.h"

#include <stdlib.h>

#include "field/field.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/suite.h"

const char *version_at(int index)
{
    size_t count = 0;
    return server_versions(&count)[index];
}

bool version_is_in(uint32_t version, uint32_t since, uint32_t until)
{
    return version_has(version, since) && !(until && version_has(version, until));
}

bool version_takes_of(int index, int point, uint32_t since, uint32_t until)
{
    size_t all = 0, count = 0, before = 0;
    const char *const *versions = server_versions(&all);
    for (size_t i = 0; i < all; i++)
        if (version_is_in(version_number(versions[i]), since, until)) {
            before += i < (size_t)index;
            count++;
        }
    return suite_takes((size_t)point, before, count);
}

bool version_takes(int index, int point)
{
    return version_takes_of(index, point, 0, 0);
}

uint32_t version_number(const char *version)
{
    uint32_t number = 0;
    ck_assert(version_parse(version, &number));
    return number;
}

/* ---- natsform, as a user runs it ---- */

const char *manifest(const char *text)
{
    return write_file(test_directory(), "natsform.yaml", text);
}

static struct run apply(const struct server_fixture *server, const char *path)
{
    return RUN("apply", "--yes", "-s", server->url, "-f", path);
}

void must_apply(const struct server_fixture *server, const char *path)
{
    struct run run = apply(server, path);
    ck_assert_exit(run, 0);
}

void must_be_in_sync(const struct server_fixture *server, const char *path)
{
    struct run run = RUN("plan", "--detailed-exitcode", "-s", server->url, "-f", path);
    ck_assert_msg(run.exit_code == 0, "on %s, exit code %d:\n%s\n%s%s", server->version, run.exit_code,
                  read_file(path), run.out, run.err);
}

/* Is a pause that goes on all there is to be said? */
static bool is_paused_alone(const char *text)
{
    const char *mark = strstr(text, " [paused]\n");
    return strncmp(text, "note: consumer ", strlen("note: consumer ")) == 0 && mark &&
           strchr(text, '\n') == mark + strlen(" [paused]") && !strstr(mark, "error: ") &&
           !strstr(mark, "warning: ") && !strstr(mark, "note: ");
}

void must_round_trip(const struct server_fixture *server, const char *path)
{
    must_apply(server, path);
    must_be_in_sync(server, path);
    struct run again = apply(server, path);
    ck_assert_exit(again, 0);
    /*
     * Nothing was done. The origins of some copies here are nowhere, or lack the consumer that they are to be read through; and a pause
     * stays that the manifest does not say any more.
     */
    ck_assert_lacks(again.err, "done: ");
    ck_assert_msg(!*again.err || strstr(again.err, " [origin-fails]\n") ||
                      strstr(again.err, " [copies-nothing]\n") || is_paused_alone(again.err),
                  "%s", again.err);
}

void must_create(const struct server_fixture *server, const char *stream, const char *consumer,
                 const char *config)
{
    struct raw_reply reply = raw_create(server, stream, consumer, config_read(config));
    ck_assert_msg(!reply.err_code, "%s: %s", config, reply.description);
}

const char *info_text(const struct server_fixture *server, const char *stream, const char *consumer)
{
    const char *subject = consumer
                              ? arena_printf(test_arena(), "$JS.API.CONSUMER.INFO.%s.%s", stream, consumer)
                              : arena_printf(test_arena(), "$JS.API.STREAM.INFO.%s", stream);
    const char *text = raw_request(server, subject, "");
    ck_assert_msg(text && *text, "%s: no answer", subject);
    return text;
}

void apply_at(const char *path, const char *url)
{
    struct run run = RUN("apply", "--yes", "-f", path, "-s", url);
    ck_assert_exit(run, 0);
}

void assert_in_sync_at(const char *path, const char *url, size_t count)
{
    struct run run = RUN("plan", "--detailed-exitcode", "-f", path, "-s", url);
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, arena_printf(test_arena(), "Plan: %zu in sync, ", count));
    ck_assert_str_eq(run.err, "");
}
