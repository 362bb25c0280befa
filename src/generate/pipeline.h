/*
 * Pipeline: the files by which a CI service checks, plans and applies a project, from a text for each service with a few words to be
 * filled in. The files belong at the root of the repository.
 */
#ifndef GENERATE_PIPELINE_H
#define GENERATE_PIPELINE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/vec.h"

/* An environment that the project is applied to, such as staging. */
struct pipeline_environment {
    const char *name;
    VEC(const char *)
    files; /* of the manifest, from the project's folder; each is laid over the one before */
};

struct pipeline {
    const char *name;   /* of the pipeline, and the first word of all that it makes */
    const char *folder; /* the project's, from the repository's root */
    const char *branch; /* the default one; NULL: it is not known */
    VEC(struct pipeline_environment) environments;
    bool prune;
};

/*
 * Takes "NAME" or "NAME=PATH,PATH…"; a name alone means natsform.yaml. Returns NULL, or why it cannot be an environment: as it is
 * written into files for a shell, only plain characters are taken.
 */
const char *pipeline_add(struct arena *arena, struct pipeline *pipeline, const char *text);
/* Can the name of a folder or a branch be in there? */
bool pipeline_is_plain(const char *path);

const char *pipeline_github(struct arena *arena, const struct pipeline *pipeline);
const char *pipeline_gitlab(struct arena *arena, const struct pipeline *pipeline);

#endif
