/*
 * Word: what natsform says to objects under test, many in one manifest, and of each what it would say to that one alone.
 *
 *     struct wanted wanted = {.spot = spot, .config = config};
 *     struct wanted *list[] = {&wanted, …};
 *     if (word_ask(server, directory, WORD_OF_PLAN, list, count))
 *         … wanted.exit_code … wanted.err … wanted.change …
 */
#ifndef SUPPORT_WORD_H
#define SUPPORT_WORD_H

#include "support/rows.h"
#include "support/server_fixture.h"

struct wanted {
    const struct spot *spot;   /* whose number tells it apart from the others */
    const struct node *config; /* as if it were the only one, in the wire's units */
    /* natsform's word */
    int exit_code;
    const char *err;           /* what was said of it */
    const struct node *change; /* its entry in the plan; NULL: there is none */
};

enum word_command {
    WORD_OF_PLAN,
    WORD_OF_APPLY,
};

/* The path of a manifest with the objects, each in a line of its own; all are streams, or all are consumers. */
const char *word_manifest(const char *directory, struct wanted *const *list, size_t count);

/*
 * An object with which a manifest is refused is left out and the others are asked about
 * again, until one run has a word on all that are left. False: it ends in another way, which may be anyone's fault, and each
 * has to be asked about alone, which is never false.
 */
bool word_ask(const struct server_fixture *server, const char *directory, enum word_command command,
              struct wanted *const *list, size_t count);

#endif
