/*
 * Questions to a Docker engine that take no process: by its API, at the socket that DOCKER_HOST names.
 */
#ifndef SUPPORT_ENGINE_H
#define SUPPORT_ENGINE_H

#include "syntax/node.h"

/* What the engine answers to a GET: engine_get("/containers/json?all=1"). Fails the test if there is none, or no JSON. */
const struct node *engine_get(const char *path);

#endif
