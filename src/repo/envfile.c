/* Reading env files; see envfile.h. Each look-up reads the file again: files are small, and secrets do not stay in memory. */
#include "repo/envfile.h"

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

/* There are no escapes in quotes: a value is what stands between them. */
static const char *value_of(struct arena *arena, const struct line *line, size_t name)
{
    const char *text = line->text + name + 1;
    size_t length = line->length - name - 1;
    bool quoted = length >= 2 && (*text == '"' || *text == '\'') && text[length - 1] == *text;
    return arena_strndup(arena, text + quoted, length - 2 * (size_t)quoted);
}

int envfile_check(struct arena *arena, const char *path, struct diags *diags)
{
    struct source file;
    struct line line = {0};
    size_t errors = diags->errors;
    if (file_read_told(arena, path, FILE_SMALL_MOST, &file, diags))
        return -1;
    /* Without text, so that no line with a secret is shown. */
    struct source *source = ARENA_NEW(arena, struct source);
    source->name = arena_strdup(arena, path);
    const char *cursor = file.text;
    while (next_line(&cursor, &line)) {
        if (!line.length || *line.text == '#' || name_length(&line))
            continue;
        diag_error(diags, &code_variable, (struct srcpos){.source = source, .line = line.number, .column = 1},
                   "not a NAME=VALUE line");
    }
    return diags->errors == errors ? 0 : -1;
}

const char *envfile_lookup(struct arena *arena, const char *path, const char *name)
{
    struct source file;
    const char *value = NULL;
    struct line line = {0};
    if (file_read(arena, path, FILE_SMALL_MOST, &file, NULL))
        return NULL;
    const char *cursor = file.text;
    while (next_line(&cursor, &line)) {
        size_t found = *line.text == '#' ? 0 : name_length(&line);
        if (found && found == strlen(name) && strncmp(line.text, name, found) == 0)
            value = value_of(arena, &line, found);
    }
    return value;
}
