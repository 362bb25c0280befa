/*
 * Generate: makes files for other tools from the servers of a manifest: configurations, a Compose file, Dockerfiles,
 * systemd units, launchd agents, an env file. Pure: it makes texts and writes nothing. The same input gives the same
 * bytes.
 *
 *     struct generate_request request = {.environment = …, .project = "chat", .base = "..", .prefix = "/opt/homebrew"};
 *     struct generated generated;
 *     if (generate(arena, &request, generate_find("compose"), diags, &generated) == 0)
 *         … write generated.files …
 */
#ifndef GENERATE_GENERATE_H
#define GENERATE_GENERATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "base/vec.h"
#include "base/write.h"
#include "generate/environment.h"

/* The folder of `tls: dev`'s certificates in the manifest's folder. `up` uses the same. */
#define GENERATE_CERTIFICATES STATE_FOLDER "/tls"

struct generate_request {
    const struct environment *environment;
    const char *project;    /* names the Compose project and the agents; never NULL */
    const char *base;       /* the manifest's folder, relative to the folder that is written to */
    const char *folder;     /* the folder that is written to, to be named in instructions */
    const char *root;       /* the manifest's folder; "." */
    const char *plain_root; /* the same, to be named in instructions */
    const char *prefix;     /* Homebrew's folder, absolute */
    const char
        *probe; /* of health, for images without wget, seen from the folder that is written to; NULL: none */
};

struct generated {
    VEC(struct new_file)
    files; /* paths within the folder that is written to; texts are sealed (file_mark.h) */
};

/*
 * Calls it with each folder that a server with these options needs for what it writes, and does not make; "." is none. Its
 * store, and a resolver's folder, a server makes with all that is above them (2.9.10, 2.10.27, 2.15.1).
 */
void config_written_folders(struct arena *arena, const struct node *options,
                            void (*each)(void *context, const char *folder), void *context);

struct generator {
    const char *name; /* "conf", "compose", … */
    const char *summary;
    /* Adds files. Returns 0, or -1 with diagnostics. */
    int (*run)(struct arena *arena, const struct generate_request *request, struct diags *diags,
               struct generated *generated);
};

/* In the order in which `all` runs them; ends with one without a name. */
extern const struct generator generators[];

/* NULL: no generator has that name. */
const struct generator *generate_find(const char *name);

/* Runs a generator, or all of them if `generator` is NULL. Returns 0, or -1 with diagnostics. */
int generate(struct arena *arena, const struct generate_request *request, const struct generator *generator,
             struct diags *diags, struct generated *ret_generated);

#endif
