/*
 * Docker model: what docker.c and docker_engine.c share: the runner's own data, and questions to the engine by the `docker` program.
 */
#ifndef DEVENV_DOCKER_MODEL_H
#define DEVENV_DOCKER_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/vec.h"
#include "devenv/state.h"
#include "generate/environment.h"

#define LABEL "com.docker.compose."

struct words {
    VEC(const char *) list;
};

struct docker {
    struct arena *arena;
    const struct environment *environment; /* NULL until a node was prepared */
    const char *folder;                    /* ROOT/.natsform/docker */
    const char *file;                      /* the Compose file */
    const char *project;
    const char *project_label; /* label=…: networks and volumes of the project */
    /* label=…: containers of this folder, even if the project had another name then. */
    const char *folder_label;
    const char
        *former; /* what the folder was called before it was moved, with its containers up; NULL: as it is */
    const char *former_label;
    /* "docker" "compose", or "docker-compose" and NULL; [0] NULL: not looked for yet. */
    const char *compose[2];
    VEC(const char *) images; /* those that are on this machine */
    struct words running;     /* names of nodes whose containers run */
    struct words paused;      /* names of nodes whose containers are paused */
    const char *unseen;       /* why the engine did not answer the last survey; NULL: it did */
    struct words volumes;     /* of the project, before the first start of this run */
    bool started;
    int64_t surveyed; /* when; 0: never */
};

/* ---- words ---- */

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* `more` ends with NULL. */
void words_add(struct docker *docker, struct words *words, const char *const *more);
bool words_have(const struct words *words, const char *word);

/* ---- the engine ---- */

/* Runs a program. Returns 0, or -1 with *ret_error if it could not be run, or failed. `ret_output` may be NULL. */
int docker_run(struct docker *docker, struct words *words, int most_ms, const char **ret_output,
               const char **ret_error);
/* Runs `docker` with these words (the last is NULL), and then the names, which may be NULL. */
int docker_ask(struct docker *docker, const char *const *words, const struct words *names,
               const char **ret_output, const char **ret_error);
/* The lines of a text, without empty ones. */
struct words docker_lines(struct docker *docker, const char *text);
/* Returns -1 with a diagnostic. */
int docker_complain(struct diags *diags, const char *what, const char *error);
/*
 * Asks with these words, of which `ps` is the first, for the containers of this folder, and for those that it had before it was moved. All lines of
 * both.
 */
int docker_ps(struct docker *docker, const char *const *words, struct words *ret_lines,
              const char **ret_error);
/* The ids of this folder's containers of a node (NULL: of all nodes), running or not. */
int docker_find(struct docker *docker, const char *node, struct words *ret_ids, const char **ret_error);
/* Names of networks or volumes of the project. */
int docker_things(struct docker *docker, const char *kind, struct words *ret_names, const char **ret_error);
/* A format that makes `docker ps` print a label that Compose has set. */
const char *docker_label(struct docker *docker, const char *label);

#endif
