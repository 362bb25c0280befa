/*
 * Import out: what the two forms of import that ask no server share, `import conf` and `import compose`.
 *
 *     if (import_check_out(session) || import_read_first(session, path, source)) return -1;
 *     … make servers of it; world.read is import_read() with a struct import_skipped …
 *     import_hide_secrets(session);
 *     if (import_write(session, &out)) return -1;
 *     import_tell(session, &out);
 */
#ifndef CMD_IMPORT_OUT_H
#define CMD_IMPORT_OUT_H

#include "cmd/session.h"
#include "edit/conf_import.h"

struct import_skipped {
    bool skips; /* files that are not there */
    VEC(const char *) paths;
};

struct import_out {
    const struct conf_imported *servers; /* at least one */
    size_t count;
    const char *const *remarks; /* about all of it */
    size_t remark_count;
    const char *const *variables; /* of the environment */
    size_t variable_count;
    const struct import_skipped *skipped;
};

/* Are the arguments and options right? Reports what is wrong, and returns -1. */
int import_check_out(struct session *session);
/* Reads the file that the command names; "-" is standard input. Returns 0, or -1 with diagnostics. */
int import_read_first(struct session *session, const char *path, struct source *source);
/* Reads another file, for conf_world and compose_world. The context is a struct import_skipped. */
int import_read(void *context, struct arena *arena, const char *path, struct source *ret_source,
                const char **ret_error);
/* Diagnostics do not show lines that may have a secret in them. */
void import_hide_secrets(struct session *session);
/* Writes the manifest and the secrets. Returns 0, or -1 with diagnostics. */
int import_write(struct session *session, const struct import_out *out);
/* Says what was done, and what is to be done. */
void import_tell(struct session *session, const struct import_out *out);

/* What to do about an included file that cannot be read. */
#define IMPORT_UNREAD_HINT                                                                                   \
    "paths are looked up from the folder of the file that includes, absolute ones too; '--skip-missing' "    \
    "leaves out what is not there"

#endif
