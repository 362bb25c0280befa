/* Manifests that are too big to be kept; see hostile.h. */
#include "support/hostile.h"

#include <unistd.h>

static void repeat(FILE *file, const char *text, int times)
{
    for (int i = 0; i < times; i++)
        fputs(text, file);
}

static void sparse_file(FILE *file, int tenths)
{
    fputs("streams: {}\n#", file);
    fflush(file);
    if (ftruncate(fileno(file), (off_t)tenths * 100 * 1000 * 1000) != 0)
        fputs("no file can be so long\n", stderr); /* and the test misses what is said of it */
}

static void comments(FILE *file, int tenths)
{
    repeat(file, "# nothing\n", tenths * 1000 * 1000);
}

static void brackets(FILE *file, int tenths)
{
    repeat(file, "[", tenths * 1000 * 1000);
}

static void braces(FILE *file, int tenths)
{
    repeat(file, "{a: ", tenths * 250 * 1000);
}

static void dashes(FILE *file, int tenths)
{
    repeat(file, "- ", tenths * 500 * 1000);
}

static void steps(FILE *file, int tenths)
{
    for (int i = 0; i < tenths * 300; i++)
        fprintf(file, "%*sa:\n", i, "");
}

static void long_scalar(FILE *file, int tenths)
{
    fputs("streams: {A: {description: ", file);
    repeat(file, "1234567890", tenths * 100 * 1000);
    fputs("}}\n", file);
}

static void long_key(FILE *file, int tenths)
{
    repeat(file, "1234567890", tenths * 100 * 1000);
    fputs(": 1\n", file);
}

static void escapes(FILE *file, int tenths)
{
    fputs("streams: {A: {storage: \"", file);
    repeat(file, "\\u0041", tenths * 160 * 1000);
    fputs("\"}}\n", file);
}

static void blanks(FILE *file, int tenths)
{
    repeat(file, "          ", tenths * 100 * 1000);
    fputs("a: 1\n", file);
}

static void tabs(FILE *file, int tenths)
{
    repeat(file, "\t\t\t\t\t\t\t\t\t\t", tenths * 100 * 1000);
}

static void open_quote(FILE *file, int tenths)
{
    fputs("streams: '", file);
    repeat(file, "never ends\n", tenths * 90 * 1000);
}

/* The last lines of many, where every error is looked for from the beginning by a careless reader. */
static void late_errors(FILE *file, int tenths)
{
    repeat(file, "#\n", tenths * 200 * 1000);
    fputs("streams: {A: {\n", file);
    for (int i = 0; i < tenths * 120; i++)
        fprintf(file, "k%d: 1,\n", i);
    fputs("}}\n", file);
}

static void duplicate_keys(FILE *file, int tenths)
{
    repeat(file, "a: 1\n", tenths * 20 * 1000);
}

/* Small, and large when read to the end: a thousand streams of a thousand consumers. */
static void aliased_objects(FILE *file, int tenths)
{
    fputs("streams:\n  A: &s\n    consumers:\n      c0: &c {}\n", file);
    for (int i = 1; i < tenths * 100; i++)
        fprintf(file, "      c%d: *c\n", i);
    for (int i = 1; i < tenths * 100; i++)
        fprintf(file, "  A%d: *s\n", i);
}

static void aliased_text(FILE *file, int tenths)
{
    fputs("a: &a ", file);
    repeat(file, "1234567890", tenths * 10 * 1000);
    fputs("\n", file);
    for (int i = 0; i < tenths * 500; i++)
        fprintf(file, "k%d: *a\n", i);
}

static void large_metadata(FILE *file, int tenths)
{
    fputs("streams: {A: {metadata: {a: ", file);
    repeat(file, "1234567890", tenths * 1310);
    fputs(", b: ", file);
    repeat(file, "1234567890", 10);
    fputs("}}}\n", file);
}

static void large_variables(FILE *file, int tenths)
{
    fputs("streams:\n", file);
    for (int i = 0; i < tenths * 200; i++)
        fprintf(file, "  S%d: {metadata: {a: '${BIG}'}}\n", i);
}

static void latin_variable(FILE *file, int tenths)
{
    (void)tenths;
    fputs("project: ${LATIN}\n", file);
}

const struct hostile hostile_texts[] = {
    {"a sparse file of a gigabyte", sparse_file,
     "m.yaml:2:16777205: error: the text is longer than 16777216 bytes [limit]\n…", NULL},
    {"100 MB of comments", comments,
     "m.yaml:1677722:7: error: the text is longer than 16777216 bytes [limit]\n…", NULL},
    {"10 MB of brackets", brackets, "m.yaml:1:65: error: nested more than 64 levels deep [limit]\n…", NULL},
    {"10 MB of braces", braces, "m.yaml:1:257: error: nested more than 64 levels deep [limit]\n…", NULL},
    {"10 MB of dashes", dashes, "m.yaml:1:129: error: nested more than 64 levels deep [limit]\n…", NULL},
    {"3000 indentations", steps, "m.yaml:65:65: error: nested more than 64 levels deep [limit]\n…", NULL},
    {"a value of 10 MB", long_scalar,
     "m.yaml:1:28: error: 'description' is longer than 4096 bytes [range]\n…", NULL},
    {"a key of 10 MB", long_key,
     "m.yaml:1:10000001: error: this is no YAML, and nothing in the file is of a manifest [syntax]\n…", NULL},
    {"10 MB of escapes", escapes,
     "m.yaml:1:24: error: 'storage' must be one of file, memory, not a string [choice]\n…", NULL},
    {"10 MB of blanks", blanks, "m.yaml:1:10000001: error: unknown key 'a' in manifest [unknown-key]\n…",
     NULL},
    {"10 MB of tabs", tabs,
     "m.yaml:1:1: error: this is no YAML, and nothing in the file is of a manifest [syntax]\n…", NULL},
    {"10 MB in an open quote", open_quote, "m.yaml:1:10: error: the quote is never closed [syntax]\n…", NULL},
    {"errors behind many lines", late_errors,
     "m.yaml:2000002:1: error: unknown key 'k0' in stream [unknown-key]\n…", NULL},
    {"200,000 duplicate keys", duplicate_keys, "m.yaml:2:1: error: duplicate key 'a' [duplicate-key]\n…",
     NULL},
    {"a million consumers by aliases", aliased_objects,
     "m.yaml:1045:8: error: aliases make 86175 keys and values out of 2091 [limit]\n…", NULL},
    {"5 GB of text by aliases", aliased_text,
     "m.yaml:21:6: error: aliases make 328168 keys and values out of 15668 [limit]\n…", NULL},
    {"too much metadata", large_metadata,
     "m.yaml:1:25: error: 'metadata' has 131102 bytes of keys and values, 131072 are the most [range]\n…",
     NULL},
    {"variables without end", large_variables,
     "m.yaml:340:24: error: variables expand to more than 33554432 bytes [limit]\n…", "BIG"},
    {"a variable that is not UTF-8", latin_variable,
     "m.yaml:1:10: error: the value of variable 'LATIN' is not UTF-8, or has a control byte in it [encoding]\n"
     "    1 | project: ${LATIN}\n"
     "      |          ^~~~~~~~\n",
     "LATIN"},
};

const size_t hostile_count = sizeof(hostile_texts) / sizeof(hostile_texts[0]);
