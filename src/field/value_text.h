/*
 * Values in one line of words, for plans and messages.
 */
#ifndef FIELD_VALUE_TEXT_H
#define FIELD_VALUE_TEXT_H

#include "field/value.h"

/* As a manifest spells it, in flow style; "(none)" or false when absent, "(secret)" for a secret. */
const char *value_text(struct arena *arena, const struct field *field, const struct value *value);
/* The same of a part of a value. */
const char *node_text_of(struct arena *arena, const struct node *node);

#endif
