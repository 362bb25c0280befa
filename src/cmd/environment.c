/*
 * Opening a booted environment for up, down, status and logs; see environment.h. The name of the runner is in the
 * state, so only `up` has to be told whether to use containers.
 */
#include "cmd/environment.h"

#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "cmd/session.h"
#include "devenv/docker.h"
#include "devenv/runners.h"
#include "server/connection.h"
#include "view/environment_text.h"

static DIAG_CODE(
    code_copied_folder, .name = "copied-folder", CODE_WARNING,
    .doc = "The folder is a copy of one in which 'natsform up' was run; what runs belongs to that one.",
    .why =
        "Each server belongs to one folder: to stop it from a copy would take it away from whoever works there.",
    .example = "cp -r project copy && cd copy && natsform down, while the project is up",
    .remedy =
        "Run the command in the folder that the message names; 'natsform up' here starts servers of the copy's own.");

const char *environment_root(struct session *session)
{
    const char *folder = session_folder(session);
    const char *root = path_real(&session->arena, folder);
    if (!root)
        diag_error(&session->diags, &code_file, (struct srcpos){0}, "cannot find '%s': %s", folder,
                   strerror(errno));
    return root;
}

/* ---- telling what is done, as it is done ---- */

static void show_deed(void *context, enum up_deed deed, const struct upnode *node, const char *why)
{
    const struct session *session = context;
    progress_clear(&session->told);
    /* Later turns of --watch tell what has changed. */
    if (deed != UP_KEEP || !session->again)
        view_deed(&session->out, deed, node, why);
}

static void show_waiting(void *context, const struct upnode *node, const char *what, int64_t waited_ms)
{
    const struct session *session = context;
    progress_show(&session->told, node->name, what, waited_ms);
}

static void show_doing(void *context, const char *what, const char *of)
{
    const struct session *session = context;
    fprintf(session->told.file, "%s ", what);
    style_safe(&session->told, of);
    fputc('\n', session->told.file);
    fflush(session->told.file);
}

bool environment_take_runner(struct session *session, struct up *up, const char *name)
{
    up->runner = runner_named(&session->arena, name, &up->state, session_lookup, session);
    if (!up->runner)
        return false;
    up->runner->doing = show_doing;
    up->runner->context = session;
    return true;
}

/* Says whose servers the folder's record names, if it is a copy. Returns -1 if the record itself is that of the original. */
static int tell_copy(struct session *session, const struct upstate *state, bool change)
{
    struct diags *diags = &session->diags;
    if (!state->original)
        return 0;
    if (state->shares && change) {
        struct diag *diag = diag_add(diags, &code_environment, (struct srcpos){0}, "'%s' is that of '%s'",
                                     state->folder, state->original);
        diag_hint(diags, diag, "run natsform in that folder, or remove the link: then this one gets its own");
        return -1;
    }
    struct diag *diag =
        diag_add(diags, &code_copied_folder, (struct srcpos){0},
                 "this folder is a copy of '%s', whose servers are left alone", state->original);
    diag_hint(diags, diag,
              "'natsform down' in that folder ends them; 'natsform up' in this one starts its own");
    return 0;
}

int environment_open(struct session *session, bool change, struct up *ret_up)
{
    *ret_up = (struct up){
        .arena = &session->arena,
        .root = environment_root(session),
        .contexts = contexts_find(&session->arena, session_lookup, session).folder,
        .interrupted = interrupt_came,
        .event = show_deed,
        .waiting = show_waiting,
        .context = session,
        .state.lock = -1,
    };
    if (!ret_up->root)
        return -1;
    if (change ? up_open(ret_up, &session->diags)
               : state_read(&session->arena, ret_up->root, &ret_up->state, &session->diags))
        return -1;
    if (tell_copy(session, &ret_up->state, change)) {
        up_close(ret_up);
        return -1;
    }
    const struct upstate *state = &ret_up->state;
    bool in_docker = !state->original && docker_left_data(&session->arena, state);
    const char *name = state->runner ? state->runner : in_docker ? RUNNER_DOCKER : RUNNER_PROCESSES;
    if (environment_take_runner(session, ret_up, name))
        return 0;
    up_close(ret_up);
    return diag_error(&session->diags, &code_environment, (struct srcpos){0},
                      "it was started as '%s', which this natsform does not know", name);
}
