/* Moments of a run; see moment.h. */
#include "support/moment.h"

#include <check.h>
#include <string.h>

#include "base/strbuf.h"
#include "support/patience.h"
#include "support/relay.h"
#include "support/scratch.h"

enum {
    MANY = 20,       /* of which some are there at the moment, and some are not */
    LOOK_US = 20000, /* from look to look, in a thread that may assert nothing */
};
#define LAST_STREAM "S019"

const char *project_manifest(const char *project)
{
    return write_file(test_directory(), "natsform.yaml",
                      arena_printf(test_arena(), "project: %s\nstreams: {%s: {subjects: [%s]}}\n", project,
                                   project, project));
}

/*
 * No run removes another one's lock here, so one that was left would stay. It is waited for because a cluster answers that a stream is
 * deleted a moment before its list knows (of 1,500 deletions 2 on 2.10.27, 5 on 2.15.1).
 */
void assert_no_lock(const struct server_fixture *server)
{
    AWAIT(!strstr(raw_request(server, "$JS.API.STREAM.NAMES", ""), "natsform_lock_"));
    ck_assert_contains(raw_request(server, "$JS.API.STREAM.NAMES", ""), "\"total\":");
}

static void on_text(void *context, pid_t pid, const char *text)
{
    struct moment *moment = context;
    if (moment->done || !strstr(text, moment->word))
        return;
    moment->done = true;
    moment->pid = pid;
    moment->then(moment, pid);
    atomic_store(&moment->over, true);
}

struct run moment_run(struct moment *moment, const char *path, const char *url, bool yes)
{
    struct run run = run_natsform(&(struct run_options){
        .arguments = (const char *const[]){"apply", "-f", path, "-s", url, "--color", "never",
                                           yes ? "--yes" : NULL, NULL},
        .env = (const char *const[]){"TERM=xterm", "CI", NULL},
        .terminal = true,
        .watch = on_text,
        .context = moment,
    });
    ck_assert_msg(moment->done, "it never came to '%s':\n%.3000s", moment->word, run.out);
    return run;
}

const char *many_streams(void)
{
    struct strbuf text = {0};
    strbuf_adds(&text, "project: many\nstreams:\n");
    for (size_t i = 0; i < MANY; i++)
        strbuf_addf(&text, "  S%03zu: {subjects: [s.%zu], storage: memory, consumers: {c: {}}}\n", i, i);
    const char *path = write_file(test_directory(), "natsform.yaml", strbuf_text(&text));
    strbuf_release(&text);
    return path;
}

/* The last of the first rank: it is answered once the moment is over, so that the run cannot be through before that. */
static const char *middle_hook(struct relay *relay, const struct relay_request *request)
{
    struct moment *moment = relay->context;
    if (strncmp(request->verb, "CONSUMER.MSG", 12) == 0)
        return NULL; /* 2.9.10 does not answer it either once the consumer is gone, and others wait behind it here */
    if (strcmp(request->verb, "STREAM.CREATE") == 0 && strcmp(request->name, LAST_STREAM) == 0)
        while (!atomic_load(&moment->over))
            let_pass(LOOK_US);
    return relay_pass(relay, request, request->body);
}

struct run moment_run_in_the_middle(struct moment *moment, struct server_fixture *server, const char *path)
{
    struct relay *relay = relay_start_same_version(server, middle_hook, moment);
    struct run run = moment_run(moment, path, relay->url, true);
    relay_stop(relay);
    return run;
}
