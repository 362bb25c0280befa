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

enum { VERSION_UNKNOWN = 0 };

/* "2.10.27", "2.10", "v2.15.0-RC.1" (the suffix is ignored). False on anything else. */
bool version_parse(const char *text, uint32_t *ret_version);
/* "2.10.27"; a patch of 0 is left out when `brief`. */
const char *version_format(struct arena *arena, uint32_t version, bool brief);
/* Is a server of `version` at least `since`? An unknown version is taken as new enough. */
bool version_has(uint32_t version, uint32_t since);

#endif
