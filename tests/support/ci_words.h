/*
 * Conditions and expressions of CI services, as far as natsform's pipelines use them, and their variables by name.
 *
 *     ci_set(&words, "github.ref_name", "main");
 *     ci_holds(&words, "github.ref_name == 'main' && !cancelled()");
 *     ci_expand(&words, "natsform-${{ github.ref_name }}");
 *
 * GitLab's are the same language here: "$NAME" is the variable of that name, and strings have double quotes.
 */
#ifndef SUPPORT_CI_WORDS_H
#define SUPPORT_CI_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/vec.h"

struct ci_word {
    const char *name, *value;
};

struct ci_words {
    VEC(struct ci_word) list; /* of those of one name, the last one counts */
};

void ci_set(struct ci_words *words, const char *name, const char *value);
const char *ci_word(const struct ci_words *words, const char *name); /* "" if there is none */

/* All in test_arena(). What is not of the language fails the test. */
const char *ci_value(const struct ci_words *words, const char *expression);
bool ci_holds(const struct ci_words *words, const char *expression);
const char *ci_expand(const struct ci_words *words, const char *text);

#endif
