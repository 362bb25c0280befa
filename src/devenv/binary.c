/*
 * Finding nats-server programs and asking them; see binary.h. program.c runs them. Nothing is downloaded: a
 * program is either installed, or somebody has put it into the cache.
 */
#include "devenv/binary.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/folder.h"
#include "base/number.h"
#include "base/scope.h"
#include "devenv/program.h"

DIAG_CODE(
    code_no_nats_server, .name = "no-nats-server", CODE_ERROR(EXIT_FAILED),
    .doc = "There is no nats-server to run, or none of the version that is wanted.",
    .why = "natsform runs the nats-server that is on this machine and downloads nothing.",
    .example =
        "a server with version: 2.11, where PATH has 2.10; or --rehearse for a server of 2.10.27, without one here",
    .remedy = "Install one, put one into ~/.cache/natsform/servers/VERSION/, or use 'up --docker'.");

#define NAME "nats-server"

enum {
    VERSION_MOST_MS = 5000,
    CHECK_MOST_MS = 20000, /* it takes 20 ms, but a busy machine may be slow to start any program */
};

/* ---- versions ---- */

/* Asks `PROGRAM -v`. False if it is no nats-server, or does not answer within seconds. */
static bool ask_version(struct arena *arena, const char *program, struct binary *ret_binary)
{
    static const char before[] = NAME ": v";
    const char *const argv[] = {program, "-v", NULL};
    struct program_result result;
    const char *error;
    struct binary binary = {.path = program};
    /*
     * Asked and not guessed: anything may be called nats-server, and a broken file would be noticed at the start only.
     */
    if (program_run(arena, argv, NULL, VERSION_MOST_MS, &result, &error) || result.status ||
        strncmp(result.output, before, strlen(before)) != 0)
        return false;
    const char *text = result.output + strlen(before);
    binary.version_text = arena_strndup(arena, text, strcspn(text, " \r\n"));
    if (!version_parse(binary.version_text, &binary.version))
        return false;
    *ret_binary = binary;
    return true;
}

/* ---- places ---- */

static void find_in_path(struct arena *arena, const char *path, struct binaries *binaries)
{
    for (const char *at = path; at && *at;) {
        size_t length = strcspn(at, ":");
        const char *program = arena_printf(arena, "%.*s/%s", (int)length, at, NAME);
        struct binary binary;
        if (*at == '/' && access(program, X_OK) == 0) {
            if (ask_version(arena, program, &binary)) {
                binary.in_path = true;
                VEC_PUSH(arena, &binaries->list, binary);
            } else {
                binaries->broken = program;
            }
            return; /* a shell would start this one, so no other counts */
        }
        at += length;
        at += *at == ':';
    }
}

/* As the XDG base directories have it: a relative path is no setting. */
static const char *cache_folder(struct arena *arena, binary_lookup *lookup, void *context)
{
    const char *own = lookup(context, "NATSFORM_SERVERS");
    const char *cache = lookup(context, "XDG_CACHE_HOME");
    const char *home = lookup(context, "HOME");
    if (own && *own)
        return own;
    if (cache && *cache == '/')
        return arena_printf(arena, "%s/natsform/servers", cache);
    return home && *home == '/' ? arena_printf(arena, "%s/.cache/natsform/servers", home) : NULL;
}

static int newest_first(const void *left, const void *right)
{
    const struct binary *a = left;
    const struct binary *b = right;
    return a->version < b->version ? 1 : -(a->version > b->version);
}

/* The names of the folders are believed to be the versions, so that no program has to be run for each. */
static void find_in_cache(struct arena *arena, struct binaries *binaries)
{
    DIR *folder SCOPED(close_directory) = binaries->cache ? opendir(binaries->cache) : NULL;
    size_t first = binaries->list.count;
    for (const char *name; (name = folder_next(folder));) {
        struct binary binary = {.version_text = arena_strdup(arena, name)};
        binary.path = arena_printf(arena, "%s/%s/%s", binaries->cache, name, NAME);
        if (name[0] != '.' && version_parse(name, &binary.version) && access(binary.path, X_OK) == 0)
            VEC_PUSH(arena, &binaries->list, binary);
    }
    if (binaries->list.count > first)
        qsort(binaries->list.items + first, binaries->list.count - first, sizeof(struct binary),
              newest_first);
}

void binaries_find(struct arena *arena, binary_lookup *lookup, void *context, struct binaries *ret_binaries)
{
    struct binaries binaries = {.cache = cache_folder(arena, lookup, context)};
    find_in_path(arena, lookup(context, "PATH"), &binaries);
    find_in_cache(arena, &binaries);
    *ret_binaries = binaries;
}

const struct binary *binaries_pick(const struct binaries *binaries, const struct version_range *range)
{
    for (size_t i = 0; i < binaries->list.count; i++) {
        const struct binary *binary = &binaries->list.items[i];
        if (!range || (binary->version >= range->least && binary->version <= range->most))
            return binary;
    }
    return NULL;
}

const char *binaries_text(struct arena *arena, const struct binaries *binaries)
{
    const char *text = binaries->list.count ? "" : "none";
    for (size_t i = 0; i < binaries->list.count; i++) {
        const struct binary *binary = &binaries->list.items[i];
        const char *between = i == 0 ? "" : i + 1 == binaries->list.count ? " and " : ", ";
        text = arena_printf(arena, "%s%s%s (%s)", text, between, binary->version_text, binary->path);
    }
    return text;
}

/* ---- what a server says of a configuration ---- */

static bool take_number(const char **at, char end, uint32_t *ret_number)
{
    size_t digits = strspn(*at, "0123456789");
    uint64_t number;
    char text[12];
    /* The number has to end where the place ends: a message may begin with a number, too. */
    if (!digits || digits >= sizeof(text) || (*at)[digits] != end)
        return false;
    memcpy(text, *at, digits);
    text[digits] = '\0';
    if (!number_parse_u64(text, &number) || number > UINT32_MAX)
        return false;
    *ret_number = (uint32_t)number;
    *at += digits + 1;
    return true;
}

/* Reads one line of `nats-server -t`: "FILE:3:5: …", "Parse error on line 3: '…'", or only words without a place. */
static struct conf_fault read_fault(struct arena *arena, const char *line, const char *conf)
{
    static const char parse[] = "Parse error on line ";
    struct conf_fault fault = {.message = line};
    const char *at = line;
    if (strncmp(at, conf, strlen(conf)) == 0 && at[strlen(conf)] == ':') {
        at += strlen(conf) + 1;
        if (take_number(&at, ':', &fault.line) && take_number(&at, ':', &fault.column))
            fault.message = at + strspn(at, " ");
        return fault;
    }
    if (strncmp(at, parse, strlen(parse)) == 0) {
        at += strlen(parse);
        if (take_number(&at, ':', &fault.line))
            fault.message = at + strspn(at, " ");
        return fault;
    }
    const char *path = strstr(line, conf);
    /* "open FILE: permission denied": the file is a temporary one, whose path the user does not know. */
    if (path)
        fault.message =
            arena_printf(arena, "%.*sthe configuration%s", (int)(path - line), line, path + strlen(conf));
    return fault;
}

static int by_line(const void *left, const void *right)
{
    const struct conf_fault *a = left;
    const struct conf_fault *b = right;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    return strcmp(a->message, b->message);
}

static void read_faults(struct arena *arena, const char *output, const char *conf,
                        struct conf_verdict *verdict)
{
    static const char name[] = NAME ": ";
    for (const char *at = output; *at;) {
        size_t length = strcspn(at, "\r\n");
        const char *line = arena_strndup(arena, at, length);
        if (strncmp(line, name, strlen(name)) == 0)
            line += strlen(name);
        if (*line)
            VEC_PUSH(arena, &verdict->faults, read_fault(arena, line, conf));
        at += length;
        at += strspn(at, "\r\n");
    }
    if (!verdict->faults.count)
        VEC_PUSH(arena, &verdict->faults,
                 ((struct conf_fault){.message = "the configuration is refused without a word"}));
    /* nats-server walks through Go's maps, so its lines come in another order each time. */
    qsort(verdict->faults.items, verdict->faults.count, sizeof(struct conf_fault), by_line);
}

int binary_check(struct arena *arena, const char *program, const char *conf, const char *folder,
                 struct conf_verdict *ret_verdict, const char **ret_error)
{
    const char *const argv[] = {program, "-t", "-c", conf, NULL};
    struct program_result result;
    struct conf_verdict verdict = {0};
    if (program_run(arena, argv, folder, CHECK_MOST_MS, &result, ret_error))
        return -1;
    /* Warnings make -t fail too, though a start would go on with them (2.9.10, 2.10.27, 2.15.1). */
    verdict.valid = result.status == 0;
    if (!verdict.valid)
        read_faults(arena, result.output, conf, &verdict);
    *ret_verdict = verdict;
    return 0;
}
