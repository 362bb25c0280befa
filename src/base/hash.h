/*
 * Hash: a number that stands for a text and is the same on every machine. It tells texts apart; it does not hide a secret.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdint.h>

/* FNV-1a, 64 bits. */
uint64_t hash_text(const char *text);

#endif
