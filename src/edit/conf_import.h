/*
 * Conf import: turns a configuration of nats-server into a server of a manifest. Pure.
 *
 * The result means to natsform what the configuration means to nats-server. Options get their own names, whatever alias
 * or case was written. Where natsform has other defaults than nats-server, the server's are written out: `jetstream:
 * false`, `host: 0.0.0.0`. Environment variables stay variables; passwords and other secrets become variables.
 */
#ifndef EDIT_CONF_IMPORT_H
#define EDIT_CONF_IMPORT_H

#include "base/diag.h"
#include "base/vec.h"
#include "syntax/conf.h"

struct conf_secret {
    const char *variable; /* the variable that stands for it in the manifest */
    const char *text;     /* the secret itself, which is never printed */
    struct srcpos pos;    /* its place in the configuration */
};

struct conf_imported {
    const char *name;    /* the server's name in the manifest */
    struct node *server; /* its options, for yaml_write(); it uses nodes of `conf` */
    VEC(struct conf_secret) secrets;
    VEC(const char *) variables; /* the environment variables that it uses */
    VEC(const char *) remarks;   /* lines for people */
    const char *
        /* The block that the configuration is a part of, as a file that is included there; "": the server's own; NULL: it is whole. */
        part;
};

/*
 * Imports a configuration that conf_read() has read without an environment and with units kept. A scalar that is marked as broken is a
 * manifest's already, with variables, and stays as it is. `file` is its path; "": it is no file's, and its routes were looked at. The
 * server is called `name` or, if that is NULL, its server_name or the file's name. Returns 0, or -1 with diagnostics for
 * what nats-server would refuse.
 */
int conf_import(struct arena *arena, const struct conf *conf, const char *file, const char *name,
                struct diags *diags, struct conf_imported *ret_imported);

#endif
