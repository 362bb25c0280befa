/*
 * "Did you mean": the nearest of some names to one that is unknown.
 */
#ifndef BASE_SUGGEST_H
#define BASE_SUGGEST_H

#include <stddef.h>

struct suggestion {
    const char *wanted;
    const char *best; /* NULL until a name is near enough */
    size_t distance;
};

/*
 *     struct suggestion near = {.wanted = key};
 *     for (each name) suggestion_consider(&near, name);
 *     if (near.best) hint("did you mean '%s'?", near.best);
 *
 * Near enough is an edit distance (with transpositions, case and '-' against '_' for free) of at most a
 * third of the longer name, or the wanted name being a prefix of three letters and more, or the name being
 * the first words of the wanted one: 'retention' of 'retention_policy'.
 */
void suggestion_consider(struct suggestion *near, const char *name);

#endif
