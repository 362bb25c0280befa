/*
 * FNV-1a; see hash.h. It names things that have to be found again by another run, such as the lock of a project,
 * so it must never change.
 */
#include "base/hash.h"

uint64_t hash_text(const char *text)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
    return hash;
}
