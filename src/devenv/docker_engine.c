/* Questions to the engine, by the `docker` program; see docker_model.h. */
#include "devenv/docker_model.h"

#include <string.h>

#include "devenv/program.h"

enum { QUICK_MS = 60000 }; /* deadline of a question, which a busy machine may answer late */

/* ---- programs ---- */

void words_add(struct docker *docker, struct words *words, const char *const *more)
{
    for (; *more; more++)
        VEC_PUSH(docker->arena, &words->list, *more);
}

/* A program's complaint is mostly in its last line. */
static const char *last_line(struct arena *arena, const char *text)
{
    static const char *const heads[] = {"Error response from daemon: ", "Error: ", "ERROR: "};
    size_t end = strlen(text);
    while (end > 0 && strchr("\r\n\t ", text[end - 1]))
        end--;
    size_t start = end;
    while (start > 0 && text[start - 1] != '\n')
        start--;
    const char *line = arena_strndup(arena, text + start, end - start);
    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
        const char *head = strstr(line, heads[i]);
        if (head)
            line = head + strlen(heads[i]);
    }
    return *line ? line : "it does not say why";
}

int docker_run(struct docker *docker, struct words *words, int most_ms, const char **ret_output,
               const char **ret_error)
{
    struct program_result result;
    VEC_PUSH(docker->arena, &words->list, NULL);
    if (program_run(docker->arena, words->list.items, NULL, most_ms, &result, ret_error))
        return -1;
    if (result.status != 0) {
        *ret_error = last_line(docker->arena, result.output);
        return -1;
    }
    if (ret_output)
        *ret_output = result.output;
    return 0;
}

int docker_ask(struct docker *docker, const char *const *words, const struct words *names,
               const char **ret_output, const char **ret_error)
{
    struct words all = {0};
    VEC_PUSH(docker->arena, &all.list, "docker");
    words_add(docker, &all, words);
    for (size_t i = 0; names && i < names->list.count; i++)
        VEC_PUSH(docker->arena, &all.list, names->list.items[i]);
    return docker_run(docker, &all, QUICK_MS, ret_output, ret_error);
}

struct words docker_lines(struct docker *docker, const char *text)
{
    struct words lines = {0};
    while (*text) {
        size_t length = strcspn(text, "\r\n");
        if (length)
            VEC_PUSH(docker->arena, &lines.list, arena_strndup(docker->arena, text, length));
        text += length + strspn(text + length, "\r\n");
    }
    return lines;
}

bool words_have(const struct words *words, const char *word)
{
    for (size_t i = 0; i < words->list.count; i++)
        if (strcmp(words->list.items[i], word) == 0)
            return true;
    return false;
}

int docker_complain(struct diags *diags, const char *what, const char *error)
{
    return diag_error(diags, &code_environment, (struct srcpos){0}, "%s: %s", what, error);
}

/* ---- what there is ---- */

int docker_ps(struct docker *docker, const char *const *words, struct words *ret_lines,
              const char **ret_error)
{
    const char *const labels[] = {docker->folder_label, docker->former_label};
    *ret_lines = (struct words){0};
    for (size_t i = 0; i < 2 && labels[i]; i++) {
        const char *output;
        struct words filter = {0};
        words_add(docker, &filter, WORDS("--filter", labels[i]));
        if (docker_ask(docker, words, &filter, &output, ret_error))
            return -1;
        struct words lines = docker_lines(docker, output);
        for (size_t j = 0; j < lines.list.count; j++)
            VEC_PUSH(docker->arena, &ret_lines->list, lines.list.items[j]);
    }
    return 0;
}

int docker_find(struct docker *docker, const char *node, struct words *ret_ids, const char **ret_error)
{
    const char *const *all = WORDS("ps", "--all", "--quiet", "--no-trunc");
    const char *service = arena_printf(docker->arena, "label=" LABEL "service=%s", node ? node : "");
    const char *const *one = WORDS("ps", "--all", "--quiet", "--no-trunc", "--filter", service);
    return docker_ps(docker, node ? one : all, ret_ids, ret_error);
}

int docker_things(struct docker *docker, const char *kind, struct words *ret_names, const char **ret_error)
{
    const char *output;
    if (docker_ask(docker, WORDS(kind, "ls", "--filter", docker->project_label, "--format", "{{.Name}}"),
                   NULL, &output, ret_error))
        return -1;
    *ret_names = docker_lines(docker, output);
    return 0;
}

const char *docker_label(struct docker *docker, const char *label)
{
    return arena_printf(docker->arena, "{{.Label \"%s%s\"}}", LABEL, label);
}
