/*
 * Hash: a text as a number that is the same on every machine, to tell texts apart by; no secret is safe behind it.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdint.h>

/* FNV-1a, 64 bits. */
uint64_t hash_text(const char *text);

#endif
