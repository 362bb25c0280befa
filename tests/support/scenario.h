/*
 * Scenario: a whole story in one file, read into its sections.
 *
 *     # What the story shows.
 *     == file natsform.yaml
 *     streams: {A: {subjects: [a]}}
 *
 *     == run plan
 *     == stdout (2.10+)
 *     …
 *
 * A section is a line "== WORD REST" and the lines below it. Versions in parentheses at the end of that line say
 * where the section counts: "2.9" is any 2.9.x, "2.10+" that and everything newer. Blank lines at a section's end
 * do not count, and what stands before the first section is the file's comment.
 */
#ifndef SUPPORT_SCENARIO_H
#define SUPPORT_SCENARIO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/vec.h"

struct section {
    const char *word;     /* "run", "stdout", … */
    const char *rest;     /* of the line, without the versions; "" when there is nothing */
    const char *versions; /* what the parentheses hold; NULL is all */
    const char *text;     /* "" or lines, each with its newline */
    int line;             /* in the file, from 1 */
};

struct scenario {
    const char *name; /* of the file, without directory */
    VEC(struct section) sections;
};

/* Ends the program when the file cannot be read, or does not begin with a comment and a section. */
struct scenario *scenario_read(const char *path);

/* Is `version`, such as "2.10.27", among "2.9 2.10+"? A NULL list holds all. */
bool scenario_counts(const char *versions, const char *version);

#endif
