/* Random numbers; see random.h. This is splitmix64. */
#include "support/random.h"

uint64_t random_next(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

unsigned random_below(uint64_t *state, unsigned below)
{
    return (unsigned)(random_next(state) % below);
}

bool random_once_in(uint64_t *state, unsigned times)
{
    return random_below(state, times) == 0;
}
