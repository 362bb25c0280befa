/*
 * Fuzzes what reviewers are shown: words of others, which are the pieces of the bytes between zeros, in every place of a plan's document. Markdown fits a comment, and no
 * line of it is one that was not meant; each annotation is one line; XML has no tag and no attribute but its own.
 */
#include "view/review.h"
#include "fuzz/promise.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct words {
    struct arena *arena;
    const char *at, *end;
};

static const char *next_word(struct words *words)
{
    size_t length = strnlen(words->at, (size_t)(words->end - words->at));
    const char *word = arena_strndup(words->arena, words->at, length);
    words->at += length + (words->at + length < words->end);
    return word;
}

static struct node *finding(struct words *words, const char *severity)
{
    struct node *map = node_map(words->arena), *notes = node_list(words->arena),
                *note = node_map(words->arena);
    node_put_text(words->arena, map, "severity", severity);
    node_put_text(words->arena, map, "code", "code");
    node_put_text(words->arena, map, "message", next_word(words));
    node_put_text(words->arena, map, "file", next_word(words));
    node_put_text(words->arena, map, "line", "3");
    node_put_text(words->arena, map, "column", "5");
    node_put_text(words->arena, map, "hint", next_word(words));
    node_put_text(words->arena, note, "message", next_word(words));
    node_append(words->arena, notes, note);
    node_put(words->arena, map, "notes", notes);
    return map;
}

static struct node *change(struct words *words, const char *action)
{
    struct node *map = node_map(words->arena), *risk = node_map(words->arena),
                *along = node_list(words->arena);
    node_put_text(words->arena, map, "type", "stream");
    node_put_text(words->arena, map, "name", next_word(words));
    node_put_text(words->arena, map, "action", action);
    node_put_text(words->arena, risk, "why", next_word(words));
    node_put_text(words->arena, risk, "destroys_data", "true");
    node_put(words->arena, map, "risk", risk);
    node_append(words->arena, along, node_scalar(words->arena, next_word(words), true));
    node_put(words->arena, map, "consumers_deleted", along);
    node_put_text(words->arena, map, "diff", next_word(words));
    return map;
}

static const struct node *document_of(struct words *words)
{
    static const char *const actions[] = {"delete", "create"}, *const severities[] = {"error", "note"};
    struct node *root = node_map(words->arena), *server = node_map(words->arena);
    struct node *changes = node_list(words->arena), *diagnostics = node_list(words->arena);
    node_put_text(words->arena, root, "project", next_word(words));
    node_put_text(words->arena, server, "url", next_word(words));
    node_put_text(words->arena, server, "version", "2.15.1");
    node_put(words->arena, root, "server", server);
    for (size_t i = 0; i < 2; i++) {
        node_append(words->arena, changes, change(words, actions[i]));
        node_append(words->arena, diagnostics, finding(words, severities[i]));
    }
    node_put(words->arena, root, "resource_changes", changes);
    node_put(words->arena, root, "diagnostics", diagnostics);
    return root;
}

typedef void writer(const struct review *review, FILE *out);

static char *written(writer *write, const struct review *review)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    write(review, out);
    fclose(out);
    require(strlen(text) == length, "nothing ends the text early");
    return text;
}

/* ---- markdown ---- */

static size_t ticks_of(const char *line)
{
    size_t ticks = strspn(line, "`");
    return ticks >= 3 ? ticks : 0;
}

static bool is_meant(const char *line)
{
    static const char *const begins[] = {"### natsform plan: ",
                                         "<!-- natsform plan",
                                         "**Errors**",
                                         "**Notes**",
                                         "**Nothing of this is done",
                                         "nats-server 2.15.1 at ",
                                         "| object | at stake | why |",
                                         "| --- | --- | --- |",
                                         "<details><summary>",
                                         "</details>",
                                         "**1 more part",
                                         "**2 more part",
                                         "**3 more part",
                                         "**4 more part"};
    if (!*line)
        return true;
    for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
        if (strncmp(line, begins[i], strlen(begins[i])) == 0)
            return true;
    return strncmp(line, "| ", 2) == 0;
}

static size_t count_of(const char *line, char byte)
{
    size_t count = 0;
    for (; *line; line++)
        count += *line == byte;
    return count;
}

static void check_markdown(struct arena *arena, const char *text)
{
    size_t fence = 0;
    require(strlen(text) <= 65536, "it fits a comment");
    while (*text) {
        size_t length = strcspn(text, "\n");
        const char *line = arena_strndup(arena, text, length);
        size_t ticks = ticks_of(line);
        if (fence)
            fence = ticks >= fence && !line[ticks] ? 0 : fence;
        else if (ticks)
            fence = ticks;
        else
            require(is_meant(line), "each line is one of ours");
        if (!fence && *line == '|')
            require(count_of(line, '|') == 4, "a row has three cells");
        if (strncmp(line, "<details>", 9) == 0 && !fence)
            require(count_of(line, '<') == 5 && count_of(line, '>') == 5, "a summary has its own tags alone");
        text += length + (text[length] == '\n');
    }
    require(!fence, "every fence ends");
}

/* ---- the others ---- */

static void check_annotations(const char *text)
{
    while (*text) {
        require(strncmp(text, "::error ", 8) == 0 || strncmp(text, "::notice ", 9) == 0,
                "each line is an annotation");
        require(!memchr(text, '\r', strcspn(text, "\n")), "and one line for the runner, too");
        text += strcspn(text, "\n");
        text += *text == '\n';
    }
}

static void check_xml(const char *text)
{
    static const char *const tags[] = {"<?xml ",      "<testsuites>", "</testsuites>",
                                       "<testsuite ", "</testsuite>", "<testcase ",
                                       "</testcase>", "<failure ",    "</failure>"};
    for (const char *at = text; (at = strchr(at, '<')); at++) {
        bool known = false;
        for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
            known |= strncmp(at, tags[i], strlen(tags[i])) == 0;
        require(known, "each tag is one of ours");
        size_t length = strcspn(at, ">");
        require(count_of(text, '"') % 2 == 0 && at[length] == '>', "and is whole");
    }
    for (const char *at = text; *at; at++)
        require((unsigned char)*at >= ' ' || *at == '\n', "no control character");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    char *bytes = malloc(size + 1);
    memcpy(bytes, data, size);
    bytes[size] = '\0';
    arena_init(&arena);
    struct words words = {.arena = &arena, .at = bytes, .end = bytes + size};
    const struct review review = {
        .arena = &arena, .command = "plan", .document = document_of(&words), .folder = "a"};
    char *markdown = written(review_markdown, &review), *annotations = written(review_github, &review);
    char *xml = written(review_junit, &review);
    check_markdown(&arena, markdown);
    check_annotations(annotations);
    check_xml(xml);
    free(markdown);
    free(annotations);
    free(xml);
    arena_release(&arena);
    free(bytes);
    return 0;
}
