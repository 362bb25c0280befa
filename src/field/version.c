/*
 * Versions of nats-server; see version.h. Ten bits for each part make one number that can be compared. Suffixes
 * such as -RC.1 are ignored, because a release candidate has the fields of its release.
 */
#include "field/version.h"

#include "base/number.h"

enum { PART_MOST = 1023, MINOR_BITS = 10 }; /* what is above the patch tells branches apart */

static bool scan_part(const char **cursor, uint32_t *ret_part)
{
    uint64_t part;
    if (!number_scan_u64(cursor, &part) || part > PART_MOST)
        return false;
    *ret_part = (uint32_t)part;
    return true;
}

bool version_parse(const char *text, uint32_t *ret_version)
{
    uint32_t parts[3] = {0};
    text += *text == 'v';
    for (int i = 0; i < 3; i++) {
        if (i > 0 && *text != '.')
            break;
        text += i > 0;
        if (!scan_part(&text, &parts[i]))
            return false;
    }
    /* "2.15.0-RC.1", "2.12.0+build". */
    if (*text && *text != '-' && *text != '+')
        return false;
    *ret_version = VERSION(parts[0], parts[1], parts[2]);
    return true;
}

const char *version_format(struct arena *arena, uint32_t version, bool brief)
{
    uint32_t patch = version & PART_MOST;
    char *text = arena_printf(arena, "%u.%u", version >> 20, (version >> 10) & PART_MOST);
    return brief && patch == 0 ? text : arena_printf(arena, "%s.%u", text, patch);
}

/* A version that is not known counts as the newest: then nothing is called too old. */
bool version_has(uint32_t version, uint32_t since)
{
    return version == VERSION_UNKNOWN || version >= since;
}

/*
 * What was ported back has several first versions, one for each branch. On a branch in between that has none of its
 * own, the last counts.
 */
bool since_holds(const uint32_t since[SINCE_MOST], uint32_t version)
{
    uint32_t last = 0;
    for (size_t i = 0; i < SINCE_MOST && since[i]; i++) {
        last = since[i];
        if (version >> MINOR_BITS == last >> MINOR_BITS && version >= last)
            return true;
    }
    return !last || version_has(version, last);
}

const char *since_text(struct arena *arena, const uint32_t since[SINCE_MOST], bool brief)
{
    const char *text = NULL;
    for (size_t i = 0; i < SINCE_MOST && since[i]; i++) {
        bool last = i + 1 == SINCE_MOST || !since[i + 1];
        const char *version = version_format(arena, since[i], brief);
        text = text ? arena_printf(arena, "%s%s%s", text, last ? " or " : ", ", version) : version;
    }
    return text;
}
