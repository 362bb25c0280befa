/*
 * natsform __complete -- WORD...: what the last of these words of a command line could be, for the scripts that `natsform
 * completion` prints. Prints a candidate a line, and behind a tab what it is; or ":files" or ":folders", which shells
 * know best. What goes wrong, as in a manifest that is being written, is no matter while somebody types, and is not told.
 */
#include "cmd/command.h"

#include <ctype.h>
#include <string.h>

#include "base/exit.h"
#include "base/read.h"
#include "generate/generate.h"
#include "kind/manifest_rows.h"
#include "manifest/manifest.h"
#include "server/connection.h"
#include "view/explain.h"

struct completing {
    struct session *session;
    const struct command_help *command;
    const char *before;       /* what a candidate stands behind, in the same word: "--output=" */
    const char *begun;        /* what is there of it */
    const char *arguments[2]; /* the first ones that are no options; NULL: there are fewer */
    size_t argument_count;
};

/* ---- candidates ---- */

static bool is_printable(const char *text)
{
    while (*text && !iscntrl((unsigned char)*text))
        text++;
    return !*text;
}

static void offer(void *context, const char *value, const char *doc)
{
    const struct completing *completing = context;
    FILE *out = completing->session->out.file;
    if (strncmp(value, completing->begun, strlen(completing->begun)) != 0 || !is_printable(value))
        return;
    fprintf(out, "%s%s", completing->before, value);
    if (doc)
        fprintf(out, "\t%.*s", (int)strcspn(doc, "\t\r\n"), doc);
    fputc('\n', out);
}

/* Not what can be read only once, or has to be waited for. */
static bool may_be_read(const struct session *session)
{
    const struct option_list *lists[] = {&session->files, &session->env_files};
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < lists[i]->count; j++)
            if (strcmp(lists[i]->items[j], "-") == 0 || file_oddity(lists[i]->items[j]))
                return false;
    return true;
}

static const struct manifest *load(struct completing *completing)
{
    struct session *session = completing->session;
    if (may_be_read(session))
        session_load(session);
    return session->manifest;
}

static void offer_streams(struct completing *completing)
{
    const struct manifest *manifest = load(completing);
    for (size_t i = 0; manifest && i < manifest->streams.count; i++)
        offer(completing, manifest->streams.items[i]->name, resource_kind(manifest->streams.items[i])->noun);
}

static void offer_nodes(struct completing *completing)
{
    load(completing);
    const struct environment *environment = completing->session->environment;
    for (size_t i = 0; environment && i < environment->server_count; i++) {
        const struct envserver *server = &environment->servers[i];
        offer(completing, server->name, server->count > 1 ? "all nodes of the server" : NULL);
        for (size_t j = server->first; server->count > 1 && j < server->first + server->count; j++)
            offer(completing, environment->nodes[j].name, "node");
    }
}

static void offer_connections(struct completing *completing)
{
    const struct manifest *manifest = load(completing);
    const struct value *all = manifest ? object_value(manifest->root, MANIFEST_CONNECTIONS) : NULL;
    offer(completing, "default", "the connection without a name");
    for (size_t i = 0; all && all->type == VALUE_MAP && i < all->map->count; i++)
        offer(completing, all->map->pairs[i].key, NULL);
}

static void offer_contexts(struct completing *completing)
{
    struct arena *arena = &completing->session->arena;
    const struct contexts_place place = contexts_find(arena, session_lookup, completing->session);
    if (!place.folder)
        return;
    const struct context_names names = contexts_names(arena, place.folder);
    for (size_t i = 0; i < names.list.count; i++)
        offer(completing, names.list.items[i], NULL);
}

static void offer_topics(struct completing *completing)
{
    view_explain_topics(&completing->session->arena, offer, completing);
}

static void offer_generators(struct completing *completing)
{
    for (const struct generator *generator = generators; generator->name; generator++)
        offer(completing, generator->name, generator->summary);
    offer(completing, "all", "all of these");
}

static void offer_commands(struct completing *completing)
{
    const struct help *help = commands_help();
    for (size_t i = 0; i < help->command_count; i++)
        offer(completing, help->commands[i]->name, help->commands[i]->summary);
}

static void offer_files(struct completing *completing)
{
    fputs(":files\n", completing->session->out.file);
}

static void offer_folders(struct completing *completing)
{
    fputs(":folders\n", completing->session->out.file);
}

/* By the name that help gives a value. Others can be anything. */
static const struct {
    const char *value;
    void (*offer)(struct completing *completing);
} offers[] = {
    {"PATH", offer_files},   {"FILE", offer_files},       {"PLAN", offer_files},
    {"DIR", offer_folders},  {"STREAM", offer_streams},   {"PATTERN", offer_streams},
    {"NODE", offer_nodes},   {"CONTEXT", offer_contexts}, {"CONNECTION", offer_connections},
    {"TOPIC", offer_topics}, {"WHAT", offer_generators},  {"COMMAND", offer_commands},
};

/* ---- what a value is ---- */

/* "auto|always|never", or a name of those above. */
static void offer_value(struct completing *completing, const char *value, size_t length)
{
    struct arena *arena = &completing->session->arena;
    const char *end = value + length;
    if (!isupper((unsigned char)*value)) {
        while (value < end) {
            size_t choice = strcspn(value, "|");
            choice = choice > (size_t)(end - value) ? (size_t)(end - value) : choice;
            offer(completing, arena_strndup(arena, value, choice), NULL);
            value += choice + 1;
        }
        return;
    }
    for (size_t i = 0; i < sizeof(offers) / sizeof(offers[0]); i++)
        if (strlen(offers[i].value) == length && strncmp(offers[i].value, value, length) == 0)
            offers[i].offer(completing);
}

/* One way to give arguments, as "[NODE...]" or "conf FILE". */
static void offer_way(struct completing *completing, const char *way, const char *end)
{
    size_t at = 0;
    while (way < end) {
        way += strspn(way, " [");
        size_t length = strcspn(way, " ]");
        length = length > (size_t)(end - way) ? (size_t)(end - way) : length;
        bool repeats = length > 3 && strncmp(way + length - 3, "...", 3) == 0;
        size_t word = repeats ? length - 3 : length;
        if (at == completing->argument_count || (repeats && at < completing->argument_count)) {
            offer_value(completing, way, word);
            return;
        }
        const char *given = at < 2 ? completing->arguments[at] : NULL;
        bool literal = !isupper((unsigned char)*way) && !memchr(way, '|', word);
        if (literal && (!given || strlen(given) != word || strncmp(given, way, word) != 0))
            return;
        way += length + strspn(way + length, "] ");
        at++;
    }
}

static void offer_argument(struct completing *completing)
{
    static const char between[] = " | ";
    const char *way = completing->command->arguments;
    for (const char *end; *way; way = *end ? end + strlen(between) : end) {
        end = strstr(way, between);
        end = end ? end : way + strlen(way);
        offer_way(completing, way, end);
    }
}

/* ---- options ---- */

static const struct option_row *find_row(const struct command_help *command, const char *word)
{
    size_t count;
    const struct option_row *rows = options_rows(&count);
    bool is_long = strncmp(word, "--", 2) == 0;
    size_t length = strcspn(word, "=");
    const struct option_row *found = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct option_row *row = &rows[i];
        bool same = is_long
                        ? strlen(row->name) == length - 2 && strncmp(row->name, word + 2, length - 2) == 0
                        : row->letter && word[0] == '-' && word[1] && row->letter == word[strlen(word) - 1];
        if (same && (row->group & command->options))
            found = row;
    }
    return found;
}

static void offer_options(struct completing *completing)
{
    size_t count;
    const struct option_row *rows = options_rows(&count);
    struct arena *arena = &completing->session->arena;
    for (size_t i = 0; i < count; i++) {
        if (!(rows[i].group & completing->command->options))
            continue;
        if (rows[i].letter)
            offer(completing, arena_printf(arena, "-%c", rows[i].letter), rows[i].doc);
        offer(completing, arena_printf(arena, "--%s", rows[i].name), rows[i].doc);
    }
}

/* Bash divides words at '=', too. */
static bool is_equals(const char *word)
{
    return strcmp(word, "=") == 0;
}

/*
 * Goes through the words before the last. Returns the option whose value comes next, or NULL. `argv` gets what is
 * complete, as the command would get it.
 */
static const struct option_row *read_words(struct completing *completing, const struct option_list *words,
                                           char **argv)
{
    const struct option_row *open = NULL;
    size_t count = 0;
    for (size_t i = 0; i + 1 < words->count; i++) {
        const char *word = words->items[i];
        if (open && is_equals(word))
            continue;
        argv[count++] = (char *)(uintptr_t)word;
        if (open || i == 0) {
            open = NULL;
        } else if (word[0] == '-' && word[1]) {
            const struct option_row *row = find_row(completing->command, word);
            open = row && row->argument && !strchr(word, '=') ? row : NULL;
        } else {
            if (completing->argument_count < 2)
                completing->arguments[completing->argument_count] = word;
            completing->argument_count++;
        }
    }
    argv[open ? count - 1 : count] = NULL;
    return open;
}

/* ---- the command ---- */

static const struct command_help *find_command(const char *name)
{
    const struct help *help = commands_help();
    for (size_t i = 0; i < help->command_count; i++)
        if (strcmp(help->commands[i]->name, name) == 0)
            return help->commands[i];
    return NULL;
}

static void complete_within(struct completing *completing, const struct option_list *words)
{
    struct session *session = completing->session;
    char **argv = ARENA_ARRAY(&session->arena, char *, words->count + 1);
    const char *last = words->items[words->count - 1];
    const struct option_row *open = read_words(completing, words, argv);
    const char *equals = strncmp(last, "--", 2) == 0 ? strchr(last, '=') : NULL;
    session->options = (struct options){.connection = session->options.connection};
    session->arguments = (struct option_list){0};
    session_take_arguments(session, completing->command, argv);
    completing->begun = open && is_equals(last) ? "" : last;
    if (!open && equals) {
        open = find_row(completing->command, last);
        completing->before = arena_strndup(&session->arena, last, (size_t)(equals - last) + 1);
        completing->begun = equals + 1;
    }
    if (open && open->argument)
        offer_value(completing, open->argument, strlen(open->argument));
    else if (!open && last[0] == '-')
        offer_options(completing);
    else if (!open)
        offer_argument(completing);
}

static int run(struct session *session)
{
    const struct option_list words = session->arguments;
    struct completing completing = {.session = session, .before = "", .begun = words.items[words.count - 1]};
    const struct diags before = session->diags;
    completing.command = words.count > 1 ? find_command(words.items[0]) : NULL;
    if (words.count == 1 || (words.count == 2 && strcmp(words.items[0], "help") == 0))
        offer_commands(&completing);
    if (words.count == 1)
        offer(&completing, "help", "Show a command's options with examples");
    if (completing.command)
        complete_within(&completing, &words);
    diags_forget(&session->diags, &before);
    return EXIT_DONE;
}

const struct command complete_command = {
    .help =
        {
            .name = "__complete",
            .arguments = "WORD...",
            .summary = "Print what a word of a command line could be",
            .description = "For the scripts that 'natsform completion' prints.",
            .examples =
                (const char *const[]){
                    "Which commands begin with 'p'?",
                    "natsform __complete -- p",
                    NULL,
                },
            .options = OPTIONS_ALL,
        },
    .least = 1,
    .most = SIZE_MAX,
    .run = run,
    .hidden = true,
};
