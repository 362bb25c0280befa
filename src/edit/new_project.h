/*
 * New project: the manifest that a project begins with, made of a few wishes, and the servers for what it names.
 *
 *     struct new_project wishes = {.name = "shop"};
 *     VEC_PUSH(arena, &wishes.subjects, "orders.>");
 *     … new_project_text(arena, &wishes) …
 *
 * What was wished may be wrong. The text is to be loaded and checked like any other manifest.
 */
#ifndef EDIT_NEW_PROJECT_H
#define EDIT_NEW_PROJECT_H

#include "base/strbuf.h"
#include "edit/local_servers.h"

struct new_project {
    const char *name;
    VEC(const char *) subjects; /* of the first stream: at least one */
    bool cluster;
    bool websocket;
};

/* The subject of the first stream, when nobody names any. */
const char *new_project_subject(struct arena *arena, const char *name);
/* The whole manifest. */
const char *new_project_text(struct arena *arena, const struct new_project *wishes);

/* What every new manifest begins with: comments, the project and the servers, and an empty line. */
void new_project_begin(struct arena *arena, struct strbuf *out, const char *name,
                       const struct local_servers *servers);

#endif
