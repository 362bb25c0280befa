/*
 * Compose: the servers of a manifest as a file for Docker Compose v2 and docker-compose 1.29, and each node's configuration inside its
 * container.
 *
 *     struct compose_options options = {.confs = "./docker", .certificates = "../.natsform/tls", .base = ".."};
 *     struct strbuf out = {0};
 *     compose_write(arena, environment, &options, &out, diags);
 *     for each node: conf_write(&text, compose_config(arena, node, &options), diags) to docker/NODE.conf
 *
 * Only what both generations of Compose take is written. The project's name is not in the file, for 1.29 refuses it: give it by
 * `-p` or COMPOSE_PROJECT_NAME. Paths are as Compose reads them: relative to the file.
 */
#ifndef GENERATE_COMPOSE_H
#define GENERATE_COMPOSE_H

#include "base/diag.h"
#include "base/strbuf.h"
#include "generate/environment.h"

struct compose_options {
    const char *confs;        /* the folder of the nodes' configurations, <node>.conf */
    const char *certificates; /* the folder of the certificates of `tls: dev` */
    const char *base;         /* what relative paths in the manifest start from */
    const char *image;        /* of every container; NULL: what the manifest says, or the usual one */
    /* A program that is put into containers whose image has no wget, and checks their health as `PROBE URL`; NULL: they have no check. */
    const char *probe;
};

/* Appends the file. Returns 0, or -1 with diagnostics: a node's name is none that Compose takes. */
int compose_write(struct arena *arena, const struct environment *environment,
                  const struct compose_options *options, struct strbuf *out, struct diags *diags);

/* The node's configuration in its container: with the address that it is published at, and files at the paths that they are mounted at. */
struct node *compose_config(struct arena *arena, const struct envnode *node,
                            const struct compose_options *options);

/* The image that the server's containers are made from: its own, or that of nats-server's version. */
const char *compose_image(struct arena *arena, const struct envserver *server);

/*
 * The words of a command that succeeds when the container's server is healthy: `PROBE URL` or, without a probe, the image's wget.
 * NULL when there is nothing to ask with, or no monitoring port to ask.
 */
struct node *compose_health(struct arena *arena, const struct envnode *node, const struct node *config,
                            const char *image, const char *probe);
#define COMPOSE_HEALTH_INTERVAL "2s"
#define COMPOSE_HEALTH_TIMEOUT "2s"
#define COMPOSE_HEALTH_START "10s"
#define COMPOSE_HEALTH_RETRIES "30"

/* A name in the letters that Compose takes for a project: lower case, digits, '-' and '_'. */
const char *compose_project(struct arena *arena, const char *name);

#endif
