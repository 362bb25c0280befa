/*
 * Export: a live account as manifests that a plan finds nothing to do for.
 *
 *     struct export_request request = {.target = …, .patterns = …, .project = …};
 *     struct survey *survey = survey_read(arena, &source, export_wants, &request, diags);
 *     struct exported exported;
 *     if (survey && export_account(arena, survey, &request, diags, &exported) == 0)
 *         … write exported.files …
 *
 * What comes out is read back and planned against the survey before it is handed on. A field that a manifest cannot say goes into
 * `lifecycle.ignore` with a comment that says why.
 */
#ifndef EDIT_EXPORT_H
#define EDIT_EXPORT_H

#include "base/diag.h"
#include "base/vec.h"
#include "base/write.h"
#include "manifest/load.h"
#include "plan/plan.h"
#include "server/survey.h"

extern const struct diag_code code_not_found;

/* An object that was asked for by name. */
struct export_pick {
    const char *stream;
    const char *consumer; /* NULL: the stream with its consumers */
};

struct export_request {
    const struct target *target;
    const char *const *patterns; /* globs of streams' names; without any, everything */
    size_t pattern_count;
    const char
        *project; /* only what bears its mark; NULL: what nobody owns, or the one project that owns it all */
    /*
     * Instead of patterns: exactly these objects, whether somebody owns them or not. If a consumer was picked and its
     * stream was not, the stream is written as `external`. The manifest says `project` in any case.
     */
    const struct export_pick *picks;
    size_t pick_count;
    const char *from; /* what this project owns is taken as `project`'s; NULL: nothing of another's */
    bool one_file;    /* everything in one text, instead of a file for each object */
    bool defaults;    /* what most objects have in common goes into the manifest's defaults */
};

struct exported {
    /*
     * natsform.yaml first, then by kind and name; one only with one_file. Paths are relative, of letters that are safe
     * on every file system.
     */
    VEC(struct new_file) files;
    size_t rest;               /* where natsform.yaml goes on behind the project, in bytes */
    VEC(const char *) remarks; /* for people: what was left out and why; lines without a newline */
    const char *project;       /* the owner of these objects; NULL: nobody */
    size_t streams;
    size_t buckets;
    size_t consumers;
};

/* A live_wants: are the consumers of the stream wanted? The context is the request. */
bool export_wants(void *context, const struct live_object *stream);

/* Returns 0, or -1 with diagnostics if nothing matches. */
int export_account(struct arena *arena, const struct survey *survey, const struct export_request *request,
                   struct diags *diags, struct exported *ret_exported);

/*
 * Loads the files from memory. Without a lookup there are no variables, as in what export_account() wrote. NULL with diagnostics if
 * anything is wrong.
 */
struct manifest *exported_load(struct arena *arena, struct exported *exported, vars_lookup *lookup,
                               void *lookup_context, struct diags *diags);

/* A plan that adopts what was exported, for a request with a project; what it says has no place in a file. NULL with diagnostics if it cannot be made. */
struct plan *export_adopt(struct arena *arena, const struct survey *survey,
                          const struct export_request *request, struct exported *exported,
                          struct diags *diags);

#endif
