/* Finding diagnostic codes, and those that several rooms report; see codes.h. */
#include "base/codes.h"

#include <stddef.h>
#include <string.h>

/* ---- the codes that there are ---- */

/* What the linker calls the two ends of the section. In which order the codes are in it is for compiler and linker to say. */
#ifdef __APPLE__
#    define SECTION_START "section$start$__DATA$diag_codes"
#    define SECTION_END "section$end$__DATA$diag_codes"
#else
#    define SECTION_START "__start_diag_codes"
#    define SECTION_END "__stop_diag_codes"
#endif
extern const struct diag_code *const codes_start[] __asm__(SECTION_START);
extern const struct diag_code *const codes_end[] __asm__(SECTION_END);

/* Of two with one name, which a test refuses, both come. */
static bool is_before(const struct diag_code *a, const struct diag_code *b)
{
    int order = strcmp(a->name, b->name);
    return order ? order < 0 : a < b;
}

/*
 * Looks at all codes for each step. There are a hundred or two, and only commands that list them all walk through them.
 */
const struct diag_code *diag_code_next(const struct diag_code *code)
{
    const struct diag_code *next = NULL;
    for (const struct diag_code *const *at = codes_start; at < codes_end; at++)
        if ((!code || is_before(code, *at)) && (!next || is_before(*at, next)))
            next = *at;
    return next;
}

const struct diag_code *diag_code_by_name(const char *name)
{
    for (const struct diag_code *const *at = codes_start; at < codes_end; at++)
        if (strcmp((*at)->name, name) == 0)
            return *at;
    return NULL;
}

/* ---- codes that several rooms report ---- */

DIAG_CODE(code_file, .name = "file", CODE_ERROR(EXIT_MANIFEST), .doc = "A file cannot be read.",
          .why = "Nothing can be said of a manifest that is not all there.",
          .example = "natsform validate -f missing.yaml",
          .remedy = "Name a file that exists and that you may read; '-' is standard input.");

DIAG_CODE(code_encoding, .name = "encoding", CODE_ERROR(EXIT_MANIFEST),
          .doc = "The text is not UTF-8, or holds a NUL or another control byte.",
          .why = "Servers and YAML know UTF-8 only; control bytes in names end up on terminals and in logs.",
          .example = "description: \\xff", .remedy = "Save the file as UTF-8 without control characters.");

DIAG_CODE(
    code_syntax, .name = "syntax", CODE_ERROR(EXIT_MANIFEST),
    .doc = "The text is not well-formed YAML or JSON.",
    .why = "A reader that guesses at broken text guesses at production.", .example = "subjects: [orders.>",
    .remedy = "Mend the text where the caret points: most often a bracket, a quote or the indentation.");

DIAG_CODE(
    code_limit, .name = "limit", CODE_ERROR(EXIT_MANIFEST),
    .doc =
        "The text is larger, deeper or more often aliased than a manifest may be, or has too many faults to tell.",
    .why = "A small text of aliases of aliases can fill any memory.", .example = "a: &a [*b, *b]",
    .remedy = "Split the file, or write out what is aliased so often.");

DIAG_CODE(code_duplicate_key, .name = "duplicate-key", CODE_ERROR(EXIT_MANIFEST),
          .doc = "A key stands twice in one map; YAML readers would silently keep one of them.",
          .why = "Of two values of one key, YAML readers keep one, and not all the same one.",
          .example = "max_age: 1d\nmax_age: 7d", .remedy = "Keep one of them.");

DIAG_CODE(code_variable, .name = "variable", CODE_ERROR(EXIT_MANIFEST),
          .doc = "A ${variable} is not set, was declared required, or is not well-formed.",
          .why = "An empty value in the place of a variable could be any setting.",
          .example = "max_age: ${RETENTION}",
          .remedy = "Set it in the environment or an --env-file, or give a default: ${RETENTION:-7d}.");

DIAG_CODE(
    code_unknown_key, .name = "unknown-key", CODE_ERROR(EXIT_MANIFEST), .doc = "No field has this name.",
    .why =
        "A server before 2.11 drops a field that it does not know without a word, and a typing error is such a field.",
    .example = "max_message: 5",
    .remedy =
        "Write the field's name; 'natsform explain stream' lists them. Keys of your own begin with x- in the outermost map.");

DIAG_CODE(code_wrong_type, .name = "wrong-type", CODE_ERROR(EXIT_MANIFEST),
          .doc = "The value has another type than the field takes.",
          .why = "A list where one value is wanted, or a text where a number is, is hardly what was meant.",
          .example = "subjects: {a: b}",
          .remedy = "Write the type that 'natsform explain' gives for the field.");

DIAG_CODE(code_range, .name = "range", CODE_ERROR(EXIT_MANIFEST),
          .doc = "The value is outside what the field may hold.",
          .why = "A server refuses the value, or turns it into another one.", .example = "num_replicas: 7",
          .remedy = "Write a value within the bounds of the message.");

DIAG_CODE(code_choice, .name = "choice", CODE_ERROR(EXIT_MANIFEST),
          .doc = "The value is not one of those that the field knows.",
          .why = "Before 2.11 a server may take an unknown word for the default.",
          .example = "retention: work-queue", .remedy = "Write one of the words of the message.");

DIAG_CODE(code_required, .name = "required", CODE_ERROR(EXIT_MANIFEST),
          .doc = "A field that must be given is missing.", .why = "Without it the object cannot be made.",
          .example = "mirror: {filter_subject: a}", .remedy = "Add the field.");

DIAG_CODE(code_name, .name = "name", CODE_ERROR(EXIT_MANIFEST),
          .doc = "A name is empty, too long, or has a byte that servers do not allow in it.",
          .why = "Names become tokens of subjects and directories of the server.",
          .example = "streams: {my.orders: {}}",
          .remedy = "Use letters, digits, '-' and '_', at most 255 bytes.");

DIAG_CODE(code_conflict, .name = "conflict", CODE_ERROR(EXIT_MANIFEST),
          .doc = "Two fields that exclude each other, or one without another that it needs.",
          .why = "The server refuses both together, or the one without the other.",
          .example = "filter_subject: a\nfilter_subjects: [b, c]",
          .remedy = "Take one of them away, or add what is missing.");

DIAG_CODE(
    code_defined_twice, .name = "defined-twice", CODE_ERROR(EXIT_MANIFEST),
    .doc = "Two included files define the same object.",
    .why = "Of files that stand side by side none is above the other.",
    .example = "include: [a.yaml, b.yaml]",
    .remedy = "Keep one definition; to change another file's, lay yours over it: -f base.yaml -f prod.yaml.");

DIAG_CODE(code_exists, .name = "exists", CODE_ERROR(EXIT_REFUSED),
          .doc = "A file is there already, and nothing said that it may be replaced.",
          .why = "Nothing is overwritten without being told to.", .example = "natsform export -o orders.yaml",
          .remedy = "Choose another place, or say that it may be replaced.");

DIAG_CODE(code_interrupted, .name = "interrupted", CODE_ERROR(EXIT_FAILED),
          .doc = "A signal stopped the run; what was under way was waited for.",
          .why = "What was under way is known; what came after was not tried.", .example = "Ctrl-C",
          .remedy = "Run the command again: it goes on from there.");

DIAG_CODE(code_usage, .name = "usage", CODE_ERROR(EXIT_USAGE), .doc = "Wrong options or arguments.",
          .why = "A command line that is not understood does nothing.",
          .example = "natsform plan --detailed-exitcodes", .remedy = "See 'natsform COMMAND --help'.");
