/*
 * Compose import: turns the nats services of somebody's Docker Compose file into servers of a manifest. What it has to know of files and
 * of the environment it asks its caller.
 *
 * Services are read as Compose and nats-server read them: flags win over the configuration file, which is looked up where the container
 * finds it. Then the servers stand on one machine: listeners have the ports that were published, and URLs that name a service
 * lead to this machine. Services that are one cluster, and alike, become one server with `nodes`.
 */
#ifndef EDIT_COMPOSE_IMPORT_H
#define EDIT_COMPOSE_IMPORT_H

#include "edit/conf_import.h"
#include "syntax/vars.h"

extern const struct diag_code code_unknown_flag;

struct compose_world {
    /* Reads a file of the host. Returns 0, or -1 with a reason. */
    int (*read)(void *context, struct arena *arena, const char *path, struct source *ret_source,
                const char **ret_error);
    /* What to do about an included file that cannot be read. */
    const char *unread_hint;
    /* A variable of the environment, or of the files with variables; NULL: it is not set. */
    vars_lookup *lookup;
    /* A variable of an env file of a service; NULL: the file does not set it, or cannot be read. */
    const char *(*lookup_in)(void *context, const char *path, const char *name);
    void *context;
    const char *name; /* of the server; NULL: by the services */
    /* The Compose file's folder, as the manifest sees it, for paths in it; "" when it is the manifest's own. */
    const char *base;
};

struct compose_imported {
    VEC(struct conf_imported) servers; /* never empty */
    VEC(const char *) remarks;         /* lines for people, about all of it */
    VEC(const char *) variables;       /* those that the manifest needs from the environment */
};

/* Imports the Compose file of which `document` was read. Returns 0, or -1 with diagnostics. */
int compose_import(struct arena *arena, const struct node *document, const struct compose_world *world,
                   struct diags *diags, struct compose_imported *ret_imported);

#endif
