/* Files that a manifest is read from, or names; see files.h. */
#include "repo/files.h"

#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <fts.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/path.h"
#include "base/read.h"
#include "base/scope.h"
#include "base/vec.h"
#include "manifest/load.h"
#include "syntax/yaml.h"

/*
 * ---- revspec ----
 * The spelling of revisions. What passes here is looked up afterwards, so a name need not be checked,
 * only cut out.
 */

static bool begins_as_path(const char *text)
{
    return text[0] == '/' || strncmp(text, "./", 2) == 0 || strncmp(text, "../", 3) == 0;
}

/* "C:\natsform.yaml" is a path of Windows. No path in a revision looks like that. */
static bool names_drive(const char *text)
{
    return isalpha((unsigned char)text[0]) && text[1] == ':' && (text[2] == '\\' || text[2] == '/');
}

/* The place of the first `wanted` outside of braces, or the end of the text. */
static size_t find_outside_braces(const char *text, const char *wanted)
{
    size_t depth = 0;
    size_t at = 0;
    for (; text[at]; at++) {
        if (text[at] == '{')
            depth++;
        else if (text[at] == '}' && depth)
            depth--;
        else if (!depth && strncmp(text + at, wanted, strlen(wanted)) == 0)
            break;
    }
    return at;
}

bool revspec_split(const char *text, size_t *ret_revision_length)
{
    size_t colon = find_outside_braces(text, ":");
    if (!text[colon] || colon == 0 || begins_as_path(text) || names_drive(text))
        return false;
    *ret_revision_length = colon;
    return true;
}

bool revspec_range(struct arena *arena, const char *text, struct revspec_range *ret_range)
{
    static const char usual[] = "HEAD";
    size_t dots = find_outside_braces(text, "..");
    if (!text[dots]) {
        *ret_range = (struct revspec_range){.before = arena_strdup(arena, text)};
        return *text != '\0';
    }
    bool from_base = text[dots + 2] == '.';
    const char *after = text + dots + (from_base ? 3 : 2);
    if ((dots == 0 && !*after) || *after == '.')
        return false;
    /* An end that is left out is HEAD, as in git. */
    ret_range->before = dots ? arena_strndup(arena, text, dots) : usual;
    ret_range->after = *after ? arena_strdup(arena, after) : usual;
    ret_range->from_base = from_base;
    return true;
}

const char *revspec_path(struct arena *arena, const char *directory, const char *path)
{
    bool relative = strcmp(path, ".") == 0 || strcmp(path, "..") == 0 || strncmp(path, "./", 2) == 0 ||
                    strncmp(path, "../", 3) == 0;
    const char *whole = path_clean(arena, relative && *directory ? path_in(arena, directory, path)
                                                                 : path + strspn(path, "/"));
    bool leads_out = strncmp(whole, "..", 2) == 0 && (whole[2] == '/' || whole[2] == '\0');
    return leads_out ? NULL : strcmp(whole, ".") == 0 ? "" : whole;
}

/*
 * ---- files ----
 * Reading manifests from the file system. A read stops one byte after the limit, so that a wrong
 * path, such as a disk image or a pipe without an end, cannot fill the memory.
 */

const char *const directory_patterns[] = {"*.yaml", "*.yml", "*.json", NULL};

/* A pattern that ends with "**" is about the files of all folders below what stands before, which is "" here. */
static bool is_deep(struct arena *arena, const char *pattern, const char **ret_base)
{
    size_t folder = path_folder_length(pattern);
    *ret_base = arena_strndup(arena, pattern, folder > 1 ? folder - 1 : folder);
    return strcmp(pattern + folder, "**") == 0;
}

static void close_tree(FTS **tree)
{
    if (*tree)
        fts_close(*tree);
}

static void release_glob(glob_t *found)
{
    globfree(found);
}

static int read_manifest(void *context, struct arena *arena, const char *path, struct source *ret_source,
                         const char **ret_error)
{
    (void)context;
    return file_read_start(arena, path, YAML_MOST_BYTES + 1, ret_source, ret_error);
}

static int expand_pattern(struct arena *arena, const char *pattern, const char ***paths, size_t *count,
                          const char **ret_error)
{
    glob_t found SCOPED(release_glob) = {0};
    /* GLOB_NOMATCH is no fault of the system: a folder may have files of one ending only. */
    int failed = glob(path_pattern(arena, pattern), 0, NULL, &found);
    if (failed) {
        *ret_error = failed == GLOB_NOMATCH ? "no such file" : "cannot be searched";
        return -1;
    }
    *paths = arena_grow(arena, *paths, *count, *count + found.gl_pathc, sizeof(**paths));
    for (size_t i = 0; i < found.gl_pathc; i++)
        (*paths)[(*count)++] = arena_strdup(arena, found.gl_pathv[i]);
    return 0;
}

static int compare_paths(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/*
 * glob(3) sorts the matches of one pattern; several patterns have to be sorted together, so that the order of the files is
 * always the same.
 */
static int expand_directory(struct arena *arena, const char *path, const char ***paths, size_t *count,
                            const char **ret_error)
{
    const char *unheard; /* a folder may have files of one ending only */
    for (size_t i = 0; directory_patterns[i]; i++)
        expand_pattern(arena, path_in(arena, path, directory_patterns[i]), paths, count, &unheard);
    if (!*count) {
        *ret_error = "has no *.yaml, *.yml or *.json file";
        return -1;
    }
    qsort(*paths, *count, sizeof(**paths), compare_paths);
    return 0;
}

static bool is_manifest_name(const char *name)
{
    bool is = false;
    for (size_t i = 0; directory_patterns[i]; i++)
        is |= fnmatch(directory_patterns[i], name, FNM_PERIOD) == 0;
    return is;
}

/* Folders that begin with a dot are passed by, as a star does; links to folders too, which may lead in circles. */
static int expand_deep(struct arena *arena, const char *base, const char ***paths, size_t *count,
                       const char **ret_error)
{
    const char **folders = NULL;
    size_t folder_count = 0;
    if (*base && expand_pattern(arena, base, &folders, &folder_count, ret_error))
        return -1;
    char **roots = ARENA_ARRAY(arena, char *, folder_count + 2);
    for (size_t i = 0; i < folder_count; i++)
        roots[i] = arena_strdup(arena, folders[i]);
    if (!*base)
        roots[0] = arena_strdup(arena, ".");
    FTS *tree SCOPED(close_tree) = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, NULL);
    for (FTSENT *at; tree && (at = fts_read(tree));) {
        bool is_file = at->fts_info == FTS_F || at->fts_info == FTS_SL || at->fts_info == FTS_SLNONE ||
                       at->fts_info == FTS_DEFAULT;
        if (at->fts_info == FTS_D && at->fts_level > 0 && at->fts_name[0] == '.')
            fts_set(tree, at, FTS_SKIP);
        if (is_file && is_manifest_name(at->fts_name)) {
            *paths = arena_grow(arena, *paths, *count, *count + 1, sizeof(**paths));
            (*paths)[(*count)++] = arena_strdup(arena, at->fts_path + (*base ? 0 : strlen("./")));
        }
    }
    *ret_error = "has no *.yaml, *.yml or *.json file in any folder";
    if (!*count)
        return -1;
    qsort(*paths, *count, sizeof(**paths), compare_paths);
    return 0;
}

/* What the user did not name himself has to be a file: a pipe would be emptied, a device may have no end. */
static int refuse_odd(struct arena *arena, const char *const *paths, size_t count, const char **ret_error)
{
    for (size_t i = 0; i < count; i++) {
        const char *oddity = file_oddity(paths[i]);
        if (!oddity)
            continue;
        *ret_error = arena_printf(arena, "'%s' is %s", paths[i], oddity);
        return -1;
    }
    return 0;
}

static int expand(void *context, struct arena *arena, const char *pattern, const char ***ret_paths,
                  size_t *ret_count, const char **ret_error)
{
    struct stat info = {0};
    const char **paths = NULL;
    size_t count = 0;
    (void)context;
    bool exists = strcmp(pattern, "-") == 0 || stat(pattern, &info) == 0;
    bool folder = exists && strcmp(pattern, "-") != 0 && S_ISDIR(info.st_mode);
    int failed = 0;
    const char *base;
    if (exists && !folder) { /* a file of exactly this name counts more than a pattern */
        paths = ARENA_ARRAY(arena, const char *, 1);
        paths[count++] = arena_strdup(arena, pattern);
    } else if (!exists && is_deep(arena, pattern, &base)) {
        failed =
            expand_deep(arena, base, &paths, &count, ret_error) || refuse_odd(arena, paths, count, ret_error);
    } else {
        failed = (folder ? expand_directory : expand_pattern)(arena, pattern, &paths, &count, ret_error) ||
                 refuse_odd(arena, paths, count, ret_error);
    }
    *ret_paths = paths;
    *ret_count = count;
    return failed ? -1 : 0;
}

/* Links may lead from file to file inside of the folder that the first manifest is in, as Kubernetes mounts them. */
static const char *barred(void *context, struct arena *arena, const char *first, const char *path)
{
    (void)context;
    const char *oddity = file_oddity(path);
    const char *folder = path_real(arena, path_folder(arena, first));
    const char *real = path_real(arena, path);
    if (oddity || !folder || !real)
        return oddity;
    return path_is_below(real, folder) ? NULL : "a link out of the manifest's folder";
}

/* A file on disk includes files on disk only, whatever their names look like. */
static const char *beside(void *context, struct arena *arena, const char *path, const char *pattern)
{
    (void)context;
    bool looks_otherwise = !path_folder_length(path) && strchr(pattern, ':');
    return path_beside(arena, looks_otherwise ? "./" : path, pattern);
}

void files_reader(struct manifest_reader *reader)
{
    reader->read = read_manifest;
    reader->expand = expand;
    reader->beside = beside;
    reader->barred = barred;
}

/*
 * ---- envfile ----
 * Reading env files.
 */

struct line {
    const char *text;
    size_t length;
    uint32_t number;
};

static bool next_line(const char **cursor, struct line *line)
{
    if (!**cursor)
        return false;
    line->text = *cursor;
    line->length = strcspn(*cursor, "\n");
    line->number++;
    *cursor += line->length + (line->text[line->length] == '\n');
    while (line->length && strchr(" \t\r", line->text[line->length - 1]))
        line->length--;
    while (line->length && strchr(" \t", line->text[0])) {
        line->text++;
        line->length--;
    }
    /* Files that a shell sources have 'export' before their names. */
    if (line->length > 7 && strncmp(line->text, "export ", 7) == 0) {
        line->text += 7;
        line->length -= 7;
    }
    return true;
}

/* 0 if the line is no assignment. */
static size_t name_length(const struct line *line)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    size_t length = 0;
    while (length < line->length && strchr(letters, line->text[length]))
        length++;
    return length < line->length && line->text[length] == '=' ? length : 0;
}

/*
 * Neither escapes nor variables within a value: files of Compose, systemd and shells differ there, and what all of them
 * agree on is read.
 */
static bool is_quote(char byte)
{
    return byte == '"' || byte == '\'';
}

/* There are no escapes in quotes: a value is what stands between them. */
static const char *value_of(struct arena *arena, const struct line *line, size_t name)
{
    const char *text = line->text + name + 1;
    size_t length = line->length - name - 1;
    bool quoted = length >= 2 && is_quote(*text) && text[length - 1] == *text;
    return arena_strndup(arena, text + quoted, length - 2 * (size_t)quoted);
}

/* Does the value begin with a quote, and not end with it? */
static bool is_open(const struct line *line, size_t name)
{
    const char *text = line->text + name + 1;
    size_t length = line->length - name - 1;
    return length && is_quote(*text) && (length == 1 || text[length - 1] != *text);
}

struct envfile *envfile_read(struct arena *arena, const char *path)
{
    struct envfile *file = ARENA_NEW(arena, struct envfile);
    file->path = path;
    if (file_read_start(arena, path, FILE_SMALL_MOST + 1, &file->file, &file->why) == 0)
        file->why = file->file.length > FILE_SMALL_MOST ? errno_text(arena, EFBIG) : NULL;
    return file;
}

/* The faulty line itself is not in any message: it may hold a secret. */
static const char *fault_of(const struct line *line)
{
    size_t name = name_length(line);
    if (!line->length || *line->text == '#')
        return NULL;
    if (!name)
        return "not a NAME=VALUE line";
    return is_open(line, name) ? "the quote that the value begins with is not closed at the line's end"
                               : NULL;
}

int envfile_check(struct arena *arena, const struct envfile *file, struct diags *diags)
{
    struct line line = {0};
    size_t errors = diags->errors;
    if (file->why)
        return diag_error(diags, &code_file, (struct srcpos){0}, "cannot read '%s': %s", file->path,
                          file->why);
    /* Without text, so that no line with a secret is shown. */
    struct source *source = ARENA_NEW(arena, struct source);
    source->name = file->file.name;
    const char *cursor = file->file.text;
    while (next_line(&cursor, &line)) {
        const char *fault = fault_of(&line);
        if (cursor < file->file.text + file->file.length && !*cursor)
            fault = "a NUL byte";
        if (fault)
            diag_error(diags, &code_variable,
                       (struct srcpos){.source = source, .line = line.number, .column = 1}, "%s", fault);
    }
    return diags->errors == errors ? 0 : -1;
}

const char *envfile_lookup(struct arena *arena, const struct envfile *file, const char *name)
{
    const char *value = NULL;
    struct line line = {0};
    const char *cursor = file->why ? "" : file->file.text;
    while (next_line(&cursor, &line)) {
        size_t found = *line.text == '#' ? 0 : name_length(&line);
        /* The last line with the name counts, as in a shell. */
        if (found && found == strlen(name) && strncmp(line.text, name, found) == 0)
            value = value_of(arena, &line, found);
    }
    return value;
}
