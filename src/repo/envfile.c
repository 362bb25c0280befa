/* Reading env files; see envfile.h. */
#include "repo/envfile.h"

#include <errno.h>
#include <string.h>

#include "base/read.h"

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
