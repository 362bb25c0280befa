/*
 * Compose: makes a file for Docker Compose v2 and docker-compose 1.29 from the servers of a manifest, and each node's
 * configuration for its container.
 *
 *     struct compose_options options = {.confs = "./docker", .certificates = "../.natsform/tls", .base = ".."};
 *     struct strbuf out = {0};
 *     compose_write(arena, environment, &options, &out, diags);
 *     for each node: conf_write(&text, compose_config(arena, node, &options), diags) to docker/NODE.conf
 *
 * The file only has what both generations of Compose accept. It does not have the project's name, which 1.29 refuses;
 * that is given by `-p` or COMPOSE_PROJECT_NAME. Paths are relative to the file, as Compose reads them.
 */
#ifndef GENERATE_COMPOSE_H
#define GENERATE_COMPOSE_H

#include "base/diag.h"
#include "base/strbuf.h"
#include "generate/environment.h"

struct compose_options {
    const char *confs;        /* the folder of the nodes' configurations, <node>.conf */
    const char *certificates; /* the folder of the certificates of `tls: dev` */
    const char *base;         /* the folder that relative paths in the manifest start from */
    const char *image;        /* for all containers; NULL: what the manifest says, or the usual one */
    /*
     * A program for containers whose image has no wget. It checks their health as `PROBE URL`. NULL: such containers
     * have no check.
     */
    const char *probe;
};

/* Appends the file. Returns 0, or -1 with diagnostics if Compose does not accept a node's name. */
int compose_write(struct arena *arena, const struct environment *environment,
                  const struct compose_options *options, struct strbuf *out, struct diags *diags);

/* The service of one node in that file. */
struct node *compose_service(struct arena *arena, const struct envnode *node,
                             const struct compose_options *options);

/* The node's configuration for its container, with its published address, and with files at the paths where they are mounted. */
struct node *compose_config(struct arena *arena, const struct envnode *node,
                            const struct compose_options *options);

/* Does the container keep anything in /data: streams, or files that the manifest has the server write? */
bool compose_keeps(struct arena *arena, const struct envnode *node, const struct compose_options *options);

/* The image of the server's containers: the one that it names, or that of its version of nats-server. */
const char *compose_image(struct arena *arena, const struct envserver *server);

/*
 * The words of a command that succeeds if the container's server is healthy: `PROBE URL` or, without a probe, the
 * image's wget. NULL if there is no program to ask with, or no monitoring port to ask.
 */
struct node *compose_health(struct arena *arena, const struct envnode *node, const struct node *config,
                            const char *image, const char *probe);
#define COMPOSE_HEALTH_INTERVAL "2s"
#define COMPOSE_HEALTH_TIMEOUT "2s"
#define COMPOSE_HEALTH_START "10s"
#define COMPOSE_HEALTH_RETRIES "30"

/* The name in the characters that Compose allows for a project: lower case letters, digits, '-' and '_'. */
const char *compose_project(struct arena *arena, const char *name);

#endif
