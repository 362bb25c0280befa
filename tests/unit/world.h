/*
 * World: what tests of kind/ and plan/ share: memory and diagnostics of one test, files that are only in memory,
 * live objects out of literal JSON, and everything that comes out as text.
 *
 *     tcase_add_checked_fixture(tests, world_setup, world_teardown);
 *
 *     struct manifest *manifest = world_load("streams: {A: {max_age: 1d}}");
 *     ck_assert_str_eq(world_told(), "");
 */
#ifndef UNIT_WORLD_H
#define UNIT_WORLD_H

#include <check.h>

#include "base/arena.h"
#include "base/diag.h"
#include "field/decode.h"
#include "manifest/manifest.h"
#include "server/live_object.h"
#include "syntax/node.h"

struct world {
    struct arena arena;
    struct diags diags;
};

extern struct world world;

void world_setup(void);
void world_teardown(void);

/* ---- texts in ---- */

/* One YAML document, which must be faultless. */
struct node *world_yaml(const char *text);
struct node *world_json(const char *text);
/* An object from YAML as a manifest has it, or from JSON as a server has it. `name` may be NULL. */
struct object *world_object(const struct table *table, const char *name, const char *yaml);
struct object *world_live_object(const struct table *table, const char *name, const char *json);
/* The same, checked and normalised for a server of that version. */
struct object *world_wanted(const struct table *table, const char *name, const char *yaml, uint32_t version);

/* ---- files ---- */

struct world_file {
    const char *path;
    const char *text; /* NULL: it cannot be read */
};

/*
 * A manifest from files in memory, the first `count` of which are named by -f. `variables` are pairs of name and
 * value with a NULL at the end, and may be NULL. NULL when anything was wrong.
 */
struct manifest *world_load_files(const struct world_file *files, size_t count, const char *const *variables);
/* From one file, "m.yaml". */
struct manifest *world_load(const char *text);

/* ---- texts out ---- */

/*
 * All diagnostics by position; "m.yaml:" is left out.
 *
 *     2:5+7 unknown-key: unknown key 'max_aeg' in stream
 *       note b.yaml:1:1: first defined here
 *       hint: did you mean 'max_age'?
 */
const char *world_told(void);

const char *world_text(const struct node *node);      /* JSON in one line */
const char *world_wire(const struct object *object);  /* what it holds, as on the wire */
const char *world_given(const struct object *object); /* what somebody wrote, as in a manifest */

#define COUNT_OF(array) ((int)(sizeof(array) / sizeof((array)[0])))

#endif
