/*
 * The algebra of subjects, as nats-server has it: tokens between dots, '*' for one token, '>' at the end
 * for one and more. "a*" and "b>" are literal tokens.
 */
#ifndef FIELD_SUBJECT_H
#define FIELD_SUBJECT_H

#include <stdbool.h>

bool subject_is_valid(const char *subject);
/* Valid and without a wildcard token. */
bool subject_is_literal(const char *subject);
/* Is there a subject that both match? */
bool subjects_collide(const char *a, const char *b);
/* Is every subject that `a` matches also matched by `b`? */
bool subject_is_subset(const char *a, const char *b);

#endif
