/*
 * What `init` writes for a CI service: looked at before anything is written, and written in the end.
 */
#ifndef CMD_INIT_CI_H
#define CMD_INIT_CI_H

#include <stdbool.h>

#include "base/write.h"
#include "cmd/session.h"

/* Indices of --ci. */
enum ci_service {
    CI_AUTO,
    CI_GITHUB,
    CI_GITLAB,
    CI_NONE,
};

struct ci_files {
    struct new_file file; /* at the root of the repository that the folder is in; no path: there is none */
    const char
        *included; /* the main file of the service, which has to include that; NULL: it needs no other */
    bool same;     /* it is there already, and just so */
    bool alone;    /* the project is there: nothing else is to be written */
};

/*
 * Makes the pipeline of the project in that folder, as the options want it, and looks whether it can be written. Returns 0, or -1 with
 * diagnostics: with code_exists if there is another file at its place.
 */
int ci_prepare(struct session *session, const char *folder, struct ci_files *ret_files);
/* Writes it, and says so. Returns 0, or -1 with diagnostics. */
int ci_write(struct session *session, const struct ci_files *files);

#endif
