/*
 * Versions of nats-server as one comparable number; 0 is "unknown", taken as the newest.
 */
#ifndef FIELD_VERSION_H
#define FIELD_VERSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

#define VERSION(major, minor, patch)                                                                         \
    (((uint32_t)(major) << 20) | ((uint32_t)(minor) << 10) | (uint32_t)(patch))

#define V_2_10 VERSION(2, 10, 0)
#define V_2_11 VERSION(2, 11, 0)
#define V_2_12 VERSION(2, 12, 0)
#define V_2_14 VERSION(2, 14, 0)
#define V_2_15 VERSION(2, 15, 0)

enum { VERSION_UNKNOWN = 0 };

/* "2.10.27", "2.10", "v2.15.0-RC.1" (the suffix is ignored). False on anything else. */
bool version_parse(const char *text, uint32_t *ret_version);
/* "2.10.27"; a patch of 0 is left out when `brief`. */
const char *version_format(struct arena *arena, uint32_t version, bool brief);
/* Is a server of `version` at least `since`? An unknown version is taken as new enough. */
bool version_has(uint32_t version, uint32_t since);

/*
 * Since: the first version of each branch that has something, in order: {2.10.26, 2.11.0}; what follows the last has it too, and so
 * has what follows another within its minor version. All 0: every supported version has it.
 */
enum { SINCE_MOST = 3 };

bool since_holds(const uint32_t since[SINCE_MOST], uint32_t version);
/* "2.10.26 or 2.11.0": for messages, a patch of 0 left out when `brief`; NULL when all supported versions have it. */
const char *since_text(struct arena *arena, const uint32_t since[SINCE_MOST], bool brief);

#endif
