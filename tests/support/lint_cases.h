/*
 * Lint cases: manifests that servers take and natsform warns of, each with one like it that is as it should be.
 */
#ifndef SUPPORT_LINT_CASES_H
#define SUPPORT_LINT_CASES_H

#include <stddef.h>
#include <stdint.h>

struct lint_case {
    const char *code; /* its name */
    uint32_t version; /* to check for; 0: the newest */
    const char *fires;
    const char *said; /* as world_told() has it */
    const char *quiet;
};

extern const struct lint_case lint_cases[];
extern const size_t lint_case_count;

#endif
