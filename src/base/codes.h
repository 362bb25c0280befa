/*
 * Diagnostic codes. A code is a struct beside the rule or the function that reports it:
 *
 *     static DIAG_CODE(code_cycle, .name = "cycle", CODE_ERROR(EXIT_MANIFEST), .doc = "…", .why = "…", …);
 *
 * It is `static` when one file reports it; otherwise the header of that file declares it, and those that several rooms
 * report are here. There is no list of them to keep: the linker collects the codes of the program, and `explain`,
 * docs/codes.md and the names that `lint: {ignore: […]}` takes come from what it collected.
 */
#ifndef BASE_CODES_H
#define BASE_CODES_H

#include <stdbool.h>

#include "base/exit.h"

enum severity {
    SEVERITY_ERROR,
    SEVERITY_WARNING,
    SEVERITY_NOTE,
};

struct diag_code {
    const char *name; /* shown in brackets, and taken by `explain` */
    enum severity severity;
    int exit_code;       /* of a run whose first error this is; EXIT_DONE for warnings and notes */
    bool lint;           /* `lint: {ignore: [CODE]}` of an object switches it off */
    const char *doc;     /* one sentence: what it means */
    const char *why;     /* why that is worth a word */
    const char *example; /* what brings it about; lines are divided by \n */
    const char *remedy;  /* what to do */
};

#define CODE_ERROR(exit) .severity = SEVERITY_ERROR, .exit_code = (exit)
#define CODE_WARNING .severity = SEVERITY_WARNING, .exit_code = EXIT_DONE
#define CODE_NOTE .severity = SEVERITY_NOTE, .exit_code = EXIT_DONE

#ifdef __APPLE__
#    define CODES_SECTION "__DATA,diag_codes"
#else
#    define CODES_SECTION "diag_codes"
#endif

/* Defines a code, and has the linker put a pointer to it beside those to the others. */
#define DIAG_CODE(id, ...)                                                                                   \
    const struct diag_code id = {__VA_ARGS__};                                                               \
    static const struct diag_code *const id##_listed __attribute__((used, section(CODES_SECTION))) = &(id)

/* The code whose name is next after that one's, or the first for NULL; NULL after the last. */
const struct diag_code *diag_code_next(const struct diag_code *code);
/* The code of that name, or NULL. */
const struct diag_code *diag_code_by_name(const char *name);

/* ---- codes that several rooms report ---- */
extern const struct diag_code code_file;
extern const struct diag_code code_encoding;
extern const struct diag_code code_syntax;
extern const struct diag_code code_limit;
extern const struct diag_code code_duplicate_key;
extern const struct diag_code code_variable;
extern const struct diag_code code_unknown_key;
extern const struct diag_code code_wrong_type;
extern const struct diag_code code_range;
extern const struct diag_code code_choice;
extern const struct diag_code code_required;
extern const struct diag_code code_name;
extern const struct diag_code code_conflict;
extern const struct diag_code code_defined_twice;
extern const struct diag_code code_exists;
extern const struct diag_code code_interrupted;
extern const struct diag_code code_usage;

#endif
