/*
 * What people may want to know of a diagnostic code beyond its line: why it is there, what brings it about, and what to do.
 */
#ifndef BASE_CODE_TEXTS_H
#define BASE_CODE_TEXTS_H

#include "base/codes.h"

struct code_text {
    const char *why;
    const char *example; /* lines of a manifest, a command or a circumstance */
    const char *remedy;
};

extern const struct code_text code_texts[DIAG_COUNT];

#endif
