/*
 * Random: a generator of our own, whose numbers are the same with every C library; what it made once is made again by its seed.
 */
#ifndef SUPPORT_RANDOM_H
#define SUPPORT_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

/* The state is the seed at first. */
uint64_t random_next(uint64_t *state);
/* From 0 to `below` - 1. */
unsigned random_below(uint64_t *state, unsigned below);
/* True once in so many times. */
bool random_once_in(uint64_t *state, unsigned times);

#endif
