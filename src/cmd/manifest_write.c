/*
 * Writing the manifest's files; see manifest_write.h. The texts were made in memory (edit/pull.h). Before one is
 * written, the file is compared with what was read, because somebody may have edited it during the question.
 */
#include "cmd/manifest_write.h"

#include <string.h>
#include <sys/stat.h>

#include "base/conceal.h"
#include "base/read.h"
#include "base/write.h"
#include "formats/formats.h"
#include "syntax/yaml.h"
#include "view/text_diff.h"

int manifest_check_paths(struct session *session)
{
    for (size_t i = 0; i < session->files.count; i++)
        if (strcmp(session->files.items[i], "-") == 0)
            return diag_error(&session->diags, &code_usage, (struct srcpos){0},
                              "standard input cannot be pulled into; name a file with -f");
    return 0;
}

/* Files of a Git revision cannot be written. */
static int check_writable(struct session *session, const struct pulled_file *file)
{
    struct stat info;
    if (file->is_new)
        return 0;
    if (stat(file->path, &info) == 0 && S_ISREG(info.st_mode))
        return 0;
    struct diag *diag = diag_add(&session->diags, &code_file, (struct srcpos){0},
                                 "cannot pull into '%s': it is no file", file->path);
    diag_hint(&session->diags, diag, "nothing was written; '--dry-run' shows what would change");
    return -1;
}

/* Somebody may have edited the file while the question was on the screen. */
static int check_unchanged(struct session *session, const struct pulled_file *file)
{
    struct source now;
    if (file->is_new)
        return 0;
    if (file_read_told(&session->arena, file->path, YAML_MOST_BYTES, &now, &session->diags))
        return -1;
    if (now.length == file->before.length && memcmp(now.text, file->before.text, now.length) == 0)
        return 0;
    return diag_error(&session->diags, &code_file, (struct srcpos){0},
                      "'%s' was changed by somebody else in the meantime; nothing was written to it",
                      file->path);
}

int manifest_check_writable(struct session *session, const struct pulled *pulled)
{
    for (size_t i = 0; i < pulled->files.count; i++)
        if (check_writable(session, &pulled->files.items[i]))
            return -1;
    return 0;
}

void manifest_show(struct session *session, const struct pulled *pulled)
{
    for (size_t i = 0; i < pulled->files.count; i++)
        view_text_diff(&session->out, &pulled->files.items[i].before, &pulled->files.items[i].after);
    fflush(session->out.file);
}

static int write_file(struct session *session, const struct pulled_file *file)
{
    const struct new_file written = {
        .path = file->path, .text = file->after.text, .length = file->after.length};
    if (check_unchanged(session, file) ||
        file_write_told(&session->arena, &written, file->is_new ? FILE_FOLDERS : FILE_REPLACES, &code_file,
                        &session->diags))
        return -1;
    fprintf(session->told.file, "wrote %s\n", conceal_name(file->path));
    return 0;
}

int manifest_write(struct session *session, const struct pulled *pulled)
{
    int failed = 0;
    for (size_t i = 0; i < pulled->files.count; i++)
        failed |= write_file(session, &pulled->files.items[i]);
    return failed;
}

/* Other tools have their own names and units, which nothing here can write. */
int manifest_check_native(struct session *session)
{
    struct srcpos foreign = session->manifest->foreign;
    if (!foreign.source)
        return 0;
    struct diag *diag =
        diag_add(&session->diags, &code_format, foreign, "a file of another tool cannot be written to");
    diag_hint(&session->diags, diag,
              "make a manifest of it with 'natsform convert', or name the others with -f");
    return -1;
}
