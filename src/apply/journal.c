/* Files of the journal; see journal.h. */
#include "apply/journal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file_lock.h"
#include "base/folder.h"
#include "base/path.h"
#include "base/read.h"
#include "base/scope.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "base/write.h"
#include "syntax/json.h"

DIAG_CODE(
    code_migration, .name = "migration", CODE_ERROR(EXIT_FAILED),
    .doc = "An object could not be made anew with all that is in it.",
    .why =
        "Until everything was read back, the backup and the journal in .natsform stay, and the next run goes on "
        "from there or undoes it.",
    .example = "storage: memory with on_immutable: migrate, and the server is lost in the middle",
    .remedy = "See what the message says; 'natsform recover' finishes what is open.");

#define ENDING ".json"

enum { FORMAT_VERSION = 1, FILE_MOST_BYTES = 16 * 1024 * 1024 };

static const char *const phases[] = {
    [JOURNAL_REHEARSES] = "rehearses", [JOURNAL_FREEZES] = "freezes", [JOURNAL_DELETES] = "deletes",
    [JOURNAL_RESTORES] = "restores",   [JOURNAL_THAWS] = "thaws",
};
enum { PHASES = sizeof(phases) / sizeof(phases[0]) };

/* ---- where ---- */

struct node *journal_place(struct arena *arena, const struct server_info *info)
{
    struct node *place = node_map(arena);
    if (server_is_clustered(info))
        node_put_text(arena, place, "cluster", info->cluster);
    else if (server_is_nameless(info->name))
        node_put_text(arena, place, "url", info->url);
    else
        node_put_text(arena, place, "server", info->name);
    node_put_text(arena, place, "account", info->account ? info->account : "");
    node_put_text(arena, place, "domain", info->domain ? info->domain : "");
    return place;
}

bool journal_is_here(const struct journal *journal, const struct server_info *info)
{
    return node_equal(journal->place, journal_place(journal->arena, info));
}

/* ---- writing ---- */

struct journal journal_new(struct arena *arena, const char *folder, const char *name, struct instant now)
{
    const char *file = arena_printf(arena, "%s-%s" ENDING, instant_name(arena, now), name);
    return (struct journal){.arena = arena,
                            .path = path_in(arena, folder, file),
                            .backup = "",
                            .rehearsal = "",
                            .pauses = node_map(arena)};
}

/* Whoever goes on may do so from another folder. */
static void put_folder(struct arena *arena, struct node *map, const char *key, const char *folder)
{
    const char *absolute = *folder ? path_absolute(arena, folder) : folder;
    node_put_text(arena, map, key, absolute ? absolute : folder);
}

int journal_write(const struct journal *journal, struct diags *diags)
{
    struct arena *arena = journal->arena;
    struct node *map = node_map(arena);
    struct strbuf text SCOPED(strbuf_release) = {0};
    node_put_number(arena, map, "format_version", FORMAT_VERSION);
    node_put_text(arena, map, "phase", phases[journal->phase]);
    node_put_text(arena, map, "stream", journal->stream);
    if (journal->consumer)
        node_put_text(arena, map, "consumer", journal->consumer);
    if (journal->rename)
        node_put_text(arena, map, "rename", journal->rename);
    node_put_text(arena, map, "created", journal->created);
    put_folder(arena, map, "backup", journal->backup);
    put_folder(arena, map, "rehearsal", journal->rehearsal);
    node_put(arena, map, "place", node_copy(arena, journal->place));
    node_put(arena, map, "before", node_copy(arena, journal->before));
    node_put(arena, map, "after", node_copy(arena, journal->after));
    if (journal->thaw)
        node_put(arena, map, "thaw", node_copy(arena, journal->thaw));
    node_put(arena, map, "pauses", node_copy(arena, journal->pauses));
    json_write(&text, map, true);
    const struct new_file file = new_secret(journal->path, strbuf_text(&text));
    return file_write_told(arena, &file, FILE_REPLACES, &code_migration, diags);
}

int journal_remove(const struct journal *journal, struct diags *diags)
{
    if (unlink(journal->path) == 0 || errno == ENOENT)
        return 0;
    return diag_error(diags, &code_migration, (struct srcpos){0}, "cannot remove '%s': %s", journal->path,
                      errno_text(&diags->arena, errno));
}

/* ---- reading ---- */

static bool is_map(const struct node *node)
{
    return node && node->type == NODE_MAP;
}

static bool phase_of(const struct node *map, enum journal_phase *ret_phase)
{
    for (int i = 0; i < PHASES; i++)
        if (strcmp(node_get_text(map, "phase"), phases[i]) == 0) {
            *ret_phase = (enum journal_phase)i;
            return true;
        }
    return false;
}

static bool take(const struct node *map, struct journal *journal)
{
    journal->stream = node_get_text(map, "stream");
    const char *consumer = node_get_text(map, "consumer");
    journal->consumer = *consumer ? consumer : NULL;
    const char *rename = node_get_text(map, "rename");
    journal->rename = *rename ? rename : NULL;
    journal->thaw = node_get(map, "thaw");
    journal->created = node_get_text(map, "created");
    journal->backup = node_get_text(map, "backup");
    journal->rehearsal = node_get_text(map, "rehearsal");
    journal->place = node_get(map, "place");
    journal->before = node_get(map, "before");
    journal->after = node_get(map, "after");
    journal->pauses = node_get(map, "pauses");
    return is_map(map) && node_get_number(map, "format_version") == FORMAT_VERSION &&
           phase_of(map, &journal->phase) && *journal->stream && *journal->created &&
           is_map(journal->place) && is_map(journal->before) && is_map(journal->after) &&
           is_map(journal->pauses);
}

static int read_one(struct arena *arena, const char *path, struct journals *journals, struct diags *diags)
{
    struct journal *journal = ARENA_NEW(arena, struct journal);
    struct source *source = ARENA_NEW(arena, struct source);
    struct diags json SCOPED(diags_release) = {0};
    *journal = (struct journal){.arena = arena, .path = path};
    if (file_read_told(arena, path, FILE_MOST_BYTES, source, diags))
        return -1;
    if (take(json_read(arena, source->text, source->length, source, &json), journal)) {
        VEC_PUSH(arena, &journals->list, journal);
        return 0;
    }
    struct diag *diag =
        diag_add(diags, &code_migration, (struct srcpos){0},
                 "'%s' cannot be read: it tells what a run has begun, and has not finished", path);
    diag_hint(diags, diag,
              "a newer natsform may have written it; else look at the streams and their backups, and "
              "remove the file");
    return -1;
}

static int compare(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

int journal_find(struct arena *arena, const char *folder, struct journals *ret_journals, struct diags *diags)
{
    DIR *open SCOPED(close_directory) = opendir(folder);
    VEC(const char *) paths = {0};
    int failed = 0;
    *ret_journals = (struct journals){0};
    for (const char *name; (name = folder_next(open));)
        if (text_ends(name, ENDING))
            VEC_PUSH(arena, &paths, path_in(arena, folder, arena_strdup(arena, name)));
    if (paths.count)
        qsort(paths.items, paths.count, sizeof(*paths.items), compare);
    for (size_t i = 0; i < paths.count; i++)
        failed |= read_one(arena, paths.items[i], ret_journals, diags);
    return failed;
}

int journal_lock(struct arena *arena, const char *folder, int *ret_fd, struct diags *diags)
{
    const char *why = NULL;
    *ret_fd = -1;
    if (folder_make(arena, folder, &why))
        return diag_error(diags, &code_migration, (struct srcpos){0}, "cannot make '%s': %s", folder, why);
    const char *path = path_in(arena, folder, "lock");
    int result = file_lock(path, true, 0, ret_fd);
    if (result > 0)
        return diag_error(diags, &code_migration, (struct srcpos){0},
                          "another run is making something anew: its journal in '%s' is in use", folder);
    return result ? diag_error(diags, &code_migration, (struct srcpos){0}, "cannot write '%s': %s", path,
                               errno_text(&diags->arena, errno))
                  : 0;
}
