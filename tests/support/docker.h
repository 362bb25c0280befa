/*
 * Docker: a real engine for a test program, which ends with it (tools/dockerd), and what is asked of it.
 *
 *     int main(int argc, char **argv)
 *     {
 *         docker_enter(argv);      first of all; returns in a process that has an engine, and images nats:VERSION
 *         …
 *
 * The program then lives in a network of its own, so any port is free, and sees no process but its own and the engine's. Without the
 * rights to start an engine it ends here, with a reason, as a failure.
 *
 * Every other helper fails the test when it cannot do its job.
 */
#ifndef SUPPORT_DOCKER_H
#define SUPPORT_DOCKER_H

#include <stdbool.h>

/* Runs the program anew beside an engine, unless it is. */
void docker_enter(char **argv);

/* The versions of nats-server that there are images of, by spaces. Unlike server_versions() it keeps nothing. */
const char *docker_versions(void);

/* What a command prints: docker_says("ps", "--all", "--quiet"). */
#define docker_says(...) docker_output((const char *const[]){__VA_ARGS__, NULL})
const char *docker_output(const char *const *arguments);

/* From now on this process and what it starts has Compose v2, or only docker-compose 1.29, of tools/compose. */
void docker_choose_compose(bool v2);

/* What there is of a project of Compose, a line each: containers, networks and volumes. "" when there is nothing. */
const char *docker_project(const char *project);

/* Removes the containers of all projects whose names end so: a test that has failed leaves them, and they keep their ports. */
void docker_clear(const char *ending);

/* Waits until nothing of any project is left behind: these, processes of servers and published ports, network interfaces. */
void docker_await_nothing(void);

#endif
