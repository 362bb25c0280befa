/*
 * Docker: a real engine for a test program, which ends with it (tools/dockerd), and images of nats-server made from the binaries that the
 * other tests use, as no registry may be reachable.
 *
 *     int main(int argc, char **argv)
 *     {
 *         docker_enter(argv);      first of all; returns in a process that has an engine
 *         docker_images();
 *         …
 *
 * The program then lives in a network of its own, so any port is free, and sees no process but its own and the engine's.
 * Every helper fails the test when it cannot do its job; before Check runs, it ends the program with a reason.
 */
#ifndef SUPPORT_DOCKER_H
#define SUPPORT_DOCKER_H

#include <stddef.h>

/* Runs the program anew beside an engine, unless it is. */
void docker_enter(char **argv);

/* nats:VERSION of each of server_versions(), made as the official image is: the server alone, and nothing to check its health with. */
void docker_images(void);

/* What a command prints: docker_says("ps", "--all", "--quiet"). It must not fail. */
#define docker_says(...) docker_output((const char *const[]){__VA_ARGS__, NULL})
const char *docker_output(const char *const *arguments);

/*
 * Everything that can be left behind, a line each: containers, networks of Compose, volumes, processes that are neither the test's nor the
 * engine's, network interfaces. "" when there is nothing.
 */
const char *docker_leavings(void);

/* Folder to set as DOCKER_CONFIG, so that `docker compose` is the plugin that tools/compose fetched. */
const char *docker_config_with_compose(void);
/* One that has no plugin: docker-compose is left. */
const char *docker_config_without_compose(void);

#endif
