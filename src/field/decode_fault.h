/*
 * What is wrong with a value of a manifest, in words: the messages of decode.c.
 *
 * Each function returns false, for the reader to return. Messages never hold a secret nor what a variable stood for.
 */
#ifndef FIELD_DECODE_FAULT_H
#define FIELD_DECODE_FAULT_H

#include "base/diag.h"
#include "field/value.h"

struct decoder {
    struct arena *arena;
    enum form form;
    struct diags *diags;
    bool is_item;    /* the value is an item of the field's list */
    const char *key; /* the value stands under this key of the field's map; NULL when it does not */
};

/* "'max_age'", "an item of 'backoff'", "stream 'ORDERS'", "'owner' in 'metadata'". */
const char *fault_subject(const struct decoder *decoder, const struct field *field);
/* What was written, in quotes, or what it is. */
const char *fault_shown(const struct decoder *decoder, const struct field *field, const struct node *node);

/* "<subject> <problem>" */
bool fault(const struct decoder *decoder, const struct field *field, const struct node *node,
           const struct diag_code *code, const char *problem);
bool fault_type(const struct decoder *decoder, const struct field *field, const struct node *node,
                const char *wanted);
bool fault_not_list(const struct decoder *decoder, const struct field *field, const struct node *node);
bool fault_not_map(const struct decoder *decoder, const struct field *field, const struct node *node);
bool fault_name(const struct decoder *decoder, const struct field *field, const struct node *node);
bool fault_subject_text(const struct decoder *decoder, const struct field *field, const struct node *node);
bool fault_bool(const struct decoder *decoder, const struct field *field, const struct node *node);
bool fault_integer(const struct decoder *decoder, const struct field *field, const struct node *node);
bool fault_range(const struct decoder *decoder, const struct field *field, const struct node *node);
bool fault_units(const struct decoder *decoder, const struct field *field, const struct node *node,
                 enum units_fault why);
bool fault_choice(const struct decoder *decoder, const struct field *field, const struct node *node);

void fault_key_name(const struct decoder *decoder, const struct table *table, const struct member *member,
                    const char *why);
void fault_unknown_key(const struct decoder *decoder, const struct table *table, const struct member *member);

#endif
