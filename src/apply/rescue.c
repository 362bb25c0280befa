/* Backups before messages are destroyed; see rescue.h. */
#include "apply/rescue.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/folder.h"
#include "base/read.h"
#include "base/write.h"
#include "plan/step.h"

static DIAG_CODE(code_not_backed_up, .name = "not-backed-up", CODE_ERROR(EXIT_REFUSED),
                 .doc = "A step was to destroy messages that are in no backup, and was not done.",
                 .why = "What is destroyed has to be in a backup, or it could not come back.",
                 .example = "natsform apply --prune --allow-data-loss OLD, while somebody publishes to OLD",
                 .remedy =
                     "Stop those who publish there, and run the command again. Or '--no-backup', if the "
                     "messages are worth nothing.");

enum { FOLDERS_A_SECOND = 1000 };

static struct backup_stream *find(const struct rescue *rescue, const char *name)
{
    for (size_t i = 0; i < rescue->streams.count; i++)
        if (strcmp(rescue->streams.items[i]->name, name) == 0)
            return rescue->streams.items[i];
    return NULL;
}

static void collect(struct rescue *rescue, const struct plan *plan)
{
    struct arena *arena = rescue->run.arena;
    for (size_t i = 0; i < plan->steps.count; i++) {
        const struct step *step = plan->steps.items[i];
        const char *name = NULL;
        for (size_t j = 0; (name = step_rescued(step, j)); j++) {
            struct backup_stream *stream = find(rescue, name) ? NULL : ARENA_NEW(arena, struct backup_stream);
            if (!stream)
                continue;
            *stream = (struct backup_stream){.name = name, .bytes = step->at_stake.bytes};
            VEC_PUSH(arena, &rescue->streams, stream);
        }
    }
}

/* A folder that nobody else has: two runs may begin in one second. */
int rescue_place(struct arena *arena, const char *folder, struct instant now, const char **ret_place,
                 struct diags *diags)
{
    const char *name = instant_name(arena, now);
    const char *why = NULL;
    bool is_new = !file_exists(folder);
    if (folder_make(arena, folder, &why))
        return diag_error(diags, &code_not_backed_up, (struct srcpos){0}, "cannot make '%s' for backups: %s",
                          folder, why);
    if (is_new)
        chmod(folder, S_IRWXU);
    for (int i = 1; i < FOLDERS_A_SECOND; i++) {
        *ret_place = i == 1 ? arena_printf(arena, "%s/%s", folder, name)
                            : arena_printf(arena, "%s/%s-%d", folder, name, i);
        if (mkdir(*ret_place, S_IRWXU) == 0)
            return 0;
        if (errno != EEXIST)
            break;
    }
    return diag_error(diags, &code_not_backed_up, (struct srcpos){0},
                      "cannot make a folder for backups in '%s': %s", folder,
                      errno_text(&diags->arena, errno));
}

int rescue_make(struct rescue *rescue, const struct plan *plan, struct diags *diags)
{
    collect(rescue, plan);
    if (rescue_place(rescue->run.arena, rescue->folder, rescue->run.now, &rescue->place, diags))
        return -1;
    rescue->run.folder = rescue->place;
    if (backup_streams(&rescue->run, rescue->streams.items, rescue->streams.count, diags)) {
        rmdir(rescue->place); /* if there is nothing in it */
        return -1;
    }
    return 0;
}

/* ---- before a step ---- */

static int refuse(const struct step *step, const char *why, struct diags *diags)
{
    struct diag *diag = diag_add(diags, &code_not_backed_up, step->pos, "%s was not %s: %s", step->label,
                                 step->action == ACTION_DELETE ? "deleted" : "changed", why);
    diag_hint(diags, diag,
              "run the same command again, when nobody publishes there; '--no-backup' goes without a backup");
    return -1;
}

int rescue_check(const struct rescue *rescue, const struct step *shown, const struct step *now,
                 struct diags *diags)
{
    const struct backup_stream *stream = find(rescue, step_stream_name(now));
    /* What a new stream got before it was finished, and nobody wants, was never to be kept; what is made anew has its own backup. */
    if (!now->loss.any || shown->loss.messages == UINT64_MAX || shown->replacement)
        return 0;
    if (!stream)
        return refuse(now, "it would lose messages by now, which are not backed up", diags);
    uint64_t last = node_get_number(stream->state, "last_seq");
    bool whole = now->action == ACTION_DELETE && !now->stream;
    if (!whole || now->state.last <= last)
        return 0;
    return refuse(now,
                  arena_printf(&diags->arena, "%llu message%s came since it was backed up",
                               (unsigned long long)(now->state.last - last),
                               now->state.last - last == 1 ? "" : "s"),
                  diags);
}
