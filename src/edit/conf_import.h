/*
 * Conf import: a configuration of nats-server as a server of a manifest. Pure.
 *
 * What comes out means to natsform what the configuration means to nats-server. Options have their own names whatever alias or case
 * was written. What natsform would fill in otherwise than nats-server is said: `jetstream: false`, `host: 0.0.0.0`. Variables of the
 * environment stay variables, passwords and other secrets become some.
 */
#ifndef EDIT_CONF_IMPORT_H
#define EDIT_CONF_IMPORT_H

#include "base/diag.h"
#include "base/vec.h"
#include "syntax/conf.h"

struct conf_secret {
    const char *variable; /* that stands for it in the manifest */
    const char *text;     /* never to be printed */
    struct srcpos pos;    /* of the configuration */
};

struct conf_imported {
    const char *name;    /* of the server in the manifest */
    struct node *server; /* its options, for yaml_write(); the nodes of `conf` are in it */
    VEC(struct conf_secret) secrets;
    VEC(const char *) variables; /* of the environment, each once */
    VEC(const char *) remarks;   /* lines for people */
    const char *
        part; /* the block that the configuration is a part of, as a file that is included there; NULL: it is whole */
};

/*
 * Takes over a configuration that conf_read() read without a look at the environment and with its units kept. `file` is its path;
 * the server's name is `name`, or if that is NULL its server_name or the name of the file. Returns 0, or -1 with diagnostics for what
 * nats-server would refuse.
 */
int conf_import(struct arena *arena, const struct conf *conf, const char *file, const char *name,
                struct diags *diags, struct conf_imported *ret_imported);

#endif
