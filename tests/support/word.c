/*
 * natsform's word on many objects; see word.h. What natsform says begins with the place in the manifest, whose line is the
 * object's; a plan names the object.
 */
#include "support/word.h"

#include <check.h>
#include <string.h>

#include "base/exit.h"
#include "base/strbuf.h"
#include "base/vec.h"
#include "support/config.h"
#include "support/run.h"
#include "support/scratch.h"

/* The lines of a manifest before the first object's. */
enum { LINES_BEFORE = 1 };

const char *word_manifest(const char *directory, struct wanted *const *list, size_t count)
{
    bool streams = spot_is_stream(list[0]->spot);
    const char *name = streams ? ROW_STREAM : ROW_CONSUMER;
    struct strbuf text = {0};
    strbuf_adds(&text, streams ? "{\"streams\": {\n"
                               : "{\"streams\": {\"" ROW_HOME "\": {\"external\": true, \"consumers\": {\n");
    for (size_t i = 0; i < count; i++) {
        const struct spot *spot = list[i]->spot;
        ck_assert(spot->table == list[0]->spot->table);
        strbuf_addf(&text, "\"%s\": %s%s\n", spot_own_text(spot, name),
                    config_json(config_spell(spot->table, spot_own(spot, list[i]->config))),
                    i + 1 < count ? "," : "");
    }
    strbuf_adds(&text, streams ? "}}\n" : "}}}}\n");
    const char *path = write_file(directory, "manifest.yaml", strbuf_text(&text));
    strbuf_release(&text);
    return path;
}

static struct run run_command(const struct server_fixture *server, enum word_command command,
                              const char *manifest)
{
    if (command == WORD_OF_APPLY)
        return RUN("apply", "--yes", "-s", server->url, "-f", manifest);
    return RUN("plan", "-o", "json", "-s", server->url, "-f", manifest);
}

/* ---- whose is what was said ---- */

#define ERROR "error: "

/* Is it the first line of an error or a warning, which ends with its code, rather than one that says more of the last? */
static bool begins(const char *line, size_t length)
{
    const char *text = arena_strndup(test_arena(), line, length);
    return (strstr(text, ERROR) || strstr(text, "warning: ")) && length > 2 && text[length - 2] == ']';
}

/* All that was said of the object in that line of the manifest. */
static const char *said_of(const char *err, const char *manifest, size_t line)
{
    const char *place = arena_printf(test_arena(), "%s:%zu:", manifest, line);
    struct strbuf said = {0};
    bool ours = false;
    for (size_t length; *err; err += length) {
        length = strcspn(err, "\n");
        length += err[length] == '\n';
        if (begins(err, length))
            ours = strncmp(err, place, strlen(place)) == 0;
        if (ours)
            strbuf_add(&said, err, length);
    }
    const char *copy = arena_strdup(test_arena(), strbuf_text(&said));
    strbuf_release(&said);
    return copy;
}

/*
 * Is it refused before anything is planned? That a change is refused comes later; more may be said of it then, but its first
 * error, by which natsform exits, is the refusal.
 */
static bool is_wrong(const char *said)
{
    return strstr(said, ERROR) && (strstr(said, "[unsupported]") || !strstr(said, "[immutable]"));
}

static const char *address(const struct spot *spot)
{
    return spot_own_text(spot,
                         spot_is_stream(spot) ? "stream." ROW_STREAM : "consumer." ROW_HOME "." ROW_CONSUMER);
}

static const struct node *change_of(const struct node *changes, const struct spot *spot)
{
    for (size_t i = 0; i < changes->count; i++)
        if (strcmp(node_get_text(changes->items[i], "address"), address(spot)) == 0)
            return spot_common(spot, changes->items[i]);
    return NULL;
}

/* ---- asking ---- */

struct asked {
    VEC(struct wanted *) list;
};

/* Takes those with which no plan is made out of the list. */
static void split_off(struct asked *asked, const struct run *run, const char *manifest)
{
    size_t kept = 0;
    for (size_t i = 0; i < asked->list.count; i++) {
        struct wanted *wanted = asked->list.items[i];
        wanted->err = said_of(run->err, manifest, i + 1 + LINES_BEFORE);
        wanted->exit_code = EXIT_MANIFEST;
        if (!is_wrong(wanted->err))
            asked->list.items[kept++] = wanted;
    }
    asked->list.count = kept;
}

/* Did the run end with a word on each? */
static bool has_told(const struct run *run, enum word_command command)
{
    return run->exit_code == EXIT_DONE ||
           (command == WORD_OF_PLAN && run->exit_code == EXIT_REFUSED && *run->out);
}

static void tell(const struct asked *asked, const struct run *run, enum word_command command,
                 const char *manifest)
{
    const struct node *changes = NULL;
    if (command == WORD_OF_PLAN)
        changes = node_get(raw_reply_read(run->out).root, "resource_changes");
    for (size_t i = 0; i < asked->list.count; i++) {
        struct wanted *wanted = asked->list.items[i];
        wanted->change = changes ? change_of(changes, wanted->spot) : NULL;
        wanted->err = said_of(run->err, manifest, i + 1 + LINES_BEFORE);
        const char *action = node_get_text(wanted->change, "action");
        /* What is empty is made anew where the server refuses a change in place. */
        if (strcmp(action, "refused") == 0 || strcmp(action, "migrate") == 0)
            wanted->exit_code = EXIT_REFUSED;
        else
            wanted->exit_code = strstr(wanted->err, ERROR) ? EXIT_MANIFEST : EXIT_DONE;
    }
}

static void tell_alone(struct wanted *wanted, const struct run *run)
{
    wanted->exit_code = run->exit_code;
    wanted->err = run->err;
}

bool word_ask(const struct server_fixture *server, const char *directory, enum word_command command,
              struct wanted *const *list, size_t count)
{
    struct asked left = {0};
    for (size_t i = 0; i < count; i++) {
        *list[i] = (struct wanted){.spot = list[i]->spot, .config = list[i]->config, .exit_code = -1};
        VEC_PUSH(test_arena(), &left.list, list[i]);
    }
    while (left.list.count) {
        size_t before = left.list.count;
        const char *manifest = word_manifest(directory, left.list.items, left.list.count);
        struct run run = run_command(server, command, manifest);
        bool told = has_told(&run, command);
        if (told)
            tell(&left, &run, command, manifest);
        if (count == 1)
            tell_alone(list[0], &run);
        if (told || count == 1)
            return true;
        if (run.exit_code == EXIT_MANIFEST)
            split_off(&left, &run, manifest);
        if (left.list.count == before)
            return false;
    }
    return true;
}
