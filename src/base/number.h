/*
 * Numbers: decimal text to integers and back, exactly, with no locale and no doubles.
 */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The whole text must be digits, after a '-' for signed ones. False for anything else, and on overflow. */
bool number_parse_i64(const char *text, int64_t *ret_value);
bool number_parse_u64(const char *text, uint64_t *ret_value);

/* Digits at the start of `*cursor`, which is moved past them. False when there are none or on overflow. */
bool number_scan_u64(const char **cursor, uint64_t *ret_value);

/* a * b + c without overflow; false when it would not fit. */
bool number_mul_add(uint64_t a, uint64_t b, uint64_t c, uint64_t *ret_value);

/* Is the text a decimal number of JSON or of YAML 1.2's core schema? 0x1F, 0o17 and .inf are not decimal. */
bool number_is_numeric(const char *text);

#endif
