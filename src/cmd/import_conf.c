/*
 * natsform import conf: a configuration of nats-server as a manifest; see import_conf.h. syntax/conf_read.c reads
 * it, edit/conf_import.c translates it, and import_out.c writes the manifest and the file with its secrets.
 */
#include "cmd/import_conf.h"

#include <string.h>

#include "base/exit.h"
#include "cmd/import_out.h"

bool import_conf_is_meant(const struct session *session)
{
    return session->arguments.count > 1 && strcmp(session->arguments.items[0], "conf") == 0;
}

int import_conf_check_unused(struct session *session)
{
    const struct options *options = &session->options;
    if (!options->out && !options->name && !options->secrets && !options->force && !options->skip_missing)
        return 0;
    struct diag *diag = diag_add(
        &session->diags, &code_usage, (struct srcpos){0},
        "--out, --name, --secrets, --skip-missing and --force are for 'import conf FILE' and 'import compose FILE'");
    diag_hint(&session->diags, diag, "live objects go into the manifest that -f names");
    return -1;
}

int import_conf_run(struct session *session)
{
    struct import_skipped skipped = {.skips = session->options.skip_missing};
    const struct conf_world world = {
        .read = import_read, .unread_hint = IMPORT_UNREAD_HINT, .context = &skipped, .keep_units = true};
    struct source *source = ARENA_NEW(&session->arena, struct source);
    struct conf conf;
    struct conf_imported imported;
    if (import_check_out(session))
        return -1;
    const char *path = session->arguments.items[1];
    if (import_read_first(session, path, source))
        return -1;
    int failed = conf_read(&session->arena, source, &world, &session->diags, &conf) ||
                 conf_import(&session->arena, &conf, path, session->options.name, &session->diags, &imported);
    import_hide_secrets(session);
    if (failed)
        return -1;
    const struct import_out out = {.servers = &imported,
                                   .count = 1,
                                   .remarks = NULL,
                                   .variables = imported.variables.items,
                                   .variable_count = imported.variables.count,
                                   .skipped = &skipped};
    if (import_write(session, &out))
        return -1;
    import_tell(session, &out);
    return EXIT_DONE;
}
