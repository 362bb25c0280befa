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
 * A name is near enough if
 *  - its edit distance is at most a third of the longer name. Two letters in the wrong order count as one edit; other case, and '-'
 *    for '_', count as none;
 *  - or the wanted name is the beginning of it, with three letters or more;
 *  - or it is the first words of the wanted name: 'retention' of 'retention_policy'.
 */
void suggestion_consider(struct suggestion *near, const char *name);

#endif
