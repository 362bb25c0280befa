/* The document of a run; see document.h. */
#include "cmd/document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "base/read.h"
#include "base/scope.h"
#include "base/strbuf.h"
#include "base/write.h"
#include "syntax/json.h"
#include "view/diagnostics.h"
#include "view/plan_json.h"
#include "view/review.h"

enum { SUMMARY_MOST = 16 * 1024 * 1024 };

void document_add_plan(struct session *session, const struct plan *plan, bool several)
{
    struct arena *arena = &session->arena;
    /* A copy: the words of its diagnostics go with those. */
    struct node *node = node_keep(arena, plan_json(arena, plan));
    if (session->options.output != OUTPUT_JSON)
        review_add_diffs(arena, plan, node);
    if (!several) {
        session->document = node;
        return;
    }
    if (!session->plans) {
        session->plans = node_list(arena);
        session->document = plans_json(arena, session->plans);
    }
    node_append(arena, session->plans, node);
}

typedef void document_writer(const struct review *review, FILE *out);

static void write_json(const struct review *review, FILE *out)
{
    struct strbuf text SCOPED(strbuf_release) = {0};
    json_write(&text, review->document, true);
    fputs(strbuf_text(&text), out);
}

static void write_line(const struct review *review, FILE *out)
{
    struct strbuf text SCOPED(strbuf_release) = {0};
    json_write(&text, review->document, false);
    fprintf(out, "%s\n", strbuf_text(&text));
}

static document_writer *const writers[] = {[OUTPUT_JSON] = write_json,
                                           [OUTPUT_MARKDOWN] = review_markdown,
                                           [OUTPUT_GITHUB] = review_github,
                                           [OUTPUT_JUNIT] = review_junit};

/* Where we are in what the workflow has checked out. */
static const char *folder_in_repository(struct session *session)
{
    struct arena *arena = &session->arena;
    const char *root = session_lookup(session, "GITHUB_WORKSPACE"), *here = path_real(arena, ".");
    const char *real = root && *root ? path_real(arena, root) : NULL;
    size_t length = real ? strlen(real) : 0;
    bool is_below = real && here && strncmp(here, real, length) == 0 && here[length] == '/';
    return is_below ? here + length + 1 : "";
}

static struct review review_of(struct session *session)
{
    struct arena *arena = &session->arena;
    struct node *root = session->document ? session->document : document_json(arena);
    struct node *list = session->diagnostics ? session->diagnostics : node_list(arena);
    diagnostics_json(arena, &session->diags, NULL, list);
    node_put(arena, root, "diagnostics", list);
    return (struct review){.arena = arena,
                           .command = session->command ? session->command->name : "",
                           .document = root,
                           .folder = folder_in_repository(session)};
}

/* The log of a GitHub workflow may hold what comes from anybody: nothing in it is a command until this word comes. */
void document_begin(struct session *session)
{
    unsigned char bytes[16];
    const char *word = "natsform-";
    if (session->options.output != OUTPUT_GITHUB || getentropy(bytes, sizeof(bytes)))
        return;
    for (size_t i = 0; i < sizeof(bytes); i++)
        word = arena_printf(&session->arena, "%s%02x", word, bytes[i]);
    session->resume = word;
    fprintf(session->out.file, "::stop-commands::%s\n", word);
}

static void resume_commands(struct session *session)
{
    fflush(session->out.file);
    fflush(session->err.file);
    if (session->resume)
        fprintf(session->out.file, "::%s::\n", session->resume);
}

/* The page of the workflow's run, of which a step may write several parts. */
static void write_summary(struct session *session, const struct review *review)
{
    const char *path = session_lookup(session, "GITHUB_STEP_SUMMARY");
    struct source before = {.text = ""};
    char *text = NULL;
    size_t length = 0;
    if (!path || !*path)
        return;
    if (file_exists(path) && file_read_told(&session->arena, path, SUMMARY_MOST, &before, &session->diags))
        return;
    FILE *page = open_memstream(&text, &length);
    if (!page)
        return;
    fputs(before.text, page);
    review_markdown(review, page);
    fclose(page);
    const struct new_file file = new_file(path, text);
    file_write_told(&session->arena, &file, FILE_REPLACES | FILE_INTO, &code_file, &session->diags);
    free(text);
}

/*
 * A program gets one document, whatever went wrong. What a person would read stands on standard error beside it. In a workflow the document comes last, as it
 * is commands.
 */
void document_end(struct session *session)
{
    bool taken = session->options.out && file_is_output(session->options.out); /* by a saved plan */
    bool prints = session_prints_document(session) && !session->options.help && !taken;
    int output = session->options.output;
    if (!prints || (session->in_lines && !session->diags.errors)) {
        session_show_findings(session);
        return;
    }
    const struct review review = review_of(session);
    if (session->in_lines)
        write_line(&review, session->out.file);
    else if (output != OUTPUT_GITHUB)
        writers[output](&review, session->out.file);
    if (output != OUTPUT_GITHUB) {
        session_show_findings(session);
        return;
    }
    write_summary(session, &review);
    session_show_findings(session);
    resume_commands(session);
    writers[output](&review, session->out.file);
}
