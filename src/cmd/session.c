/* What the commands share; see session.h. The only place that knows the process's environment and clock. */
#include "cmd/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "apply/refresh.h"
#include "repo/envfile.h"
#include "repo/files.h"
#include "server/settings.h"

#define DEFAULT_MANIFEST "natsform.yaml"

void session_init(struct session *session)
{
    *session = (struct session){0};
    arena_init(&session->arena);
    diags_init(&session->diags);
    session->out = style_of(stdout, COLOUR_AUTO, getenv("NO_COLOR"), getenv("TERM"), getenv("CI") != NULL);
    session->err = style_of(stderr, COLOUR_AUTO, getenv("NO_COLOR"), getenv("TERM"), getenv("CI") != NULL);
}

void session_release(struct session *session)
{
    server_close(session->server);
    server_library_release();
    diags_release(&session->diags);
    arena_release(&session->arena);
}

const char *session_lookup(void *context, const char *name)
{
    struct session *session = context;
    const char *value = getenv(name);
    for (size_t i = session->options.env_files.count; !value && i > 0; i--)
        value = envfile_lookup(&session->arena, session->options.env_files.items[i - 1], name);
    return value;
}

static int check_env_files(struct session *session)
{
    int failed = 0;
    for (size_t i = 0; i < session->options.env_files.count; i++)
        failed |= envfile_check(&session->arena, session->options.env_files.items[i], &session->diags);
    return failed;
}

int session_load(struct session *session)
{
    static const char *const usual[] = {DEFAULT_MANIFEST};
    const struct option_list *files = &session->options.files;
    struct manifest_reader reader = {.lookup = session_lookup, .lookup_context = session};
    files_reader(&reader);
    if (check_env_files(session))
        return -1;
    session->manifest = manifest_load(&session->arena, &reader, files->count ? files->items : usual,
                                      files->count ? files->count : 1, &session->diags);
    return session->manifest ? 0 : -1;
}

int session_connect(struct session *session)
{
    if (!session->manifest && session_load(session))
        return -1;
    if (connection_find(&session->arena, &session->options.connection, session->manifest, session_lookup, session,
                        &session->settings, &session->diags))
        return -1;
    return server_connect(&session->settings, &session->server, &session->diags);
}

static struct instant now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return (struct instant){.seconds = time.tv_sec, .nanos = (int32_t)time.tv_nsec};
}

struct plan *session_plan(struct session *session, bool destroy)
{
    struct plan_options options = {
        .destroy = destroy,
        .allow_loss = session->options.allow_loss.items,
        .allow_loss_count = session->options.allow_loss.count,
    };
    if (session_connect(session))
        return NULL;
    return refresh_plan(&session->arena, session->server, session->manifest, &options, now(), &session->diags);
}

int session_check_arguments(struct session *session, size_t least, size_t most)
{
    const struct option_list *arguments = &session->arguments;
    if (arguments->count > most) {
        struct diag *diag = diag_add(&session->diags, DIAG_USAGE, (struct srcpos){0}, "unexpected argument '%s'",
                                     arguments->items[most]);
        if (session->command->options & OPTIONS_MANIFEST)
            diag_hint(&session->diags, diag, "a manifest is named with -f");
        return -1;
    }
    if (arguments->count < least)
        return diag_error(&session->diags, DIAG_USAGE, (struct srcpos){0}, "an argument is missing: natsform %s %s",
                          session->command->name, session->command->arguments);
    return 0;
}

int session_confirm(struct session *session, const char *question)
{
    char answer[16];
    if (session->options.yes)
        return 0;
    if (!isatty(STDIN_FILENO)) {
        struct diag *diag = diag_add(&session->diags, DIAG_USAGE, (struct srcpos){0},
                                     "not confirmed: there is no terminal to ask on");
        diag_hint(&session->diags, diag, "'--yes' goes on without asking");
        return -1;
    }
    fprintf(session->err.file, "%s Type 'yes' to go on: ", question);
    fflush(session->err.file);
    if (!fgets(answer, sizeof(answer), stdin))
        fputc('\n', session->err.file);
    else if (strcmp(answer, "yes\n") == 0)
        return 0;
    fputs("Nothing was changed.\n", session->err.file);
    return -1;
}
