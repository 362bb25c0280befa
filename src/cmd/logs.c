/*
 * natsform logs: prints what the servers that up started have logged. The logs of several servers are merged by
 * the times in their lines. Containers give their logs as files too, so there is one way to read
 * (devenv/runner.h).
 */
#include "cmd/command.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/exit.h"
#include "base/number.h"
#include "base/scope.h"
#include "base/strbuf.h"
#include "cmd/environment.h"
#include "cmd/session.h"

enum { PAUSE_MS = 50 };

static const enum colour colours[] = {COLOUR_CYAN, COLOUR_GREEN, COLOUR_YELLOW, COLOUR_BLUE};

/* A log that is being read. */
struct stream_of_lines {
    const struct upnode *node;
    size_t index;
    int fd;
    struct strbuf partial; /* the last line, if its end has not come yet */
};

/* A line that was read, to be sorted by time. */
struct log_line {
    const struct stream_of_lines *from;
    const char *text;
    const char *time; /* the line's, or that of the last line before it with a time */
    size_t order;
};

struct log_lines {
    VEC(struct log_line) list;
};

/* The time in a line such as "[4711] 2026/01/31 12:00:00.000000 [INF] …"; NULL if there is none. */
static const char *time_of(const char *line)
{
    const char *at = line[0] == '[' ? strchr(line, ']') : NULL;
    at = at && at[1] == ' ' ? at + 2 : line;
    return strlen(at) > 26 && at[4] == '/' && at[7] == '/' && at[13] == ':' ? at : NULL;
}

static int compare_lines(const void *left, const void *right)
{
    enum { TIME_LENGTH = 26 };
    const struct log_line *a = left, *b = right;
    int by_time = a->time && b->time ? strncmp(a->time, b->time, TIME_LENGTH) : 0;
    if (by_time)
        return by_time;
    /* qsort() does not keep the order of equal elements, so it is compared too. */
    return a->order < b->order ? -1 : a->order > b->order;
}

static void print_line(const struct session *session, const struct stream_of_lines *from, size_t width,
                       const char *line)
{
    const struct style *style = &session->out;
    style_begin(style, colours[from->index % (sizeof(colours) / sizeof(colours[0]))]);
    fprintf(style->file, "%-*s | ", (int)width, from->node->name);
    style_end(style);
    style_safe(style, line);
    fputc('\n', style->file);
}

/* Nothing of it is here, but for what the server said before it began to log. */
static void tell_elsewhere(const struct session *session, const struct upnode *node)
{
    const struct style *style = &session->err;
    if (!node->log_elsewhere)
        return;
    fprintf(style->file, "server '%s' logs to ", node->name);
    style_safe(style, node->log_elsewhere);
    fputc('\n', style->file);
}

/* Reads all complete lines that a log has now. */
static void read_lines(struct arena *arena, struct stream_of_lines *from, struct log_lines *lines)
{
    char chunk[16384];
    ssize_t got = 0;
    const char *time = NULL;
    while (from->fd >= 0 && (got = read(from->fd, chunk, sizeof(chunk))) > 0)
        strbuf_add(&from->partial, chunk, (size_t)got);
    char *text = arena_strdup(arena, strbuf_text(&from->partial));
    for (char *end = NULL; (end = strchr(text, '\n')); text = end + 1) {
        *end = '\0';
        time = time_of(text) ? time_of(text) : time;
        VEC_PUSH(arena, &lines->list,
                 ((struct log_line){.from = from, .text = text, .time = time, .order = lines->list.count}));
    }
    /* The server may be in the middle of a line; its rest comes with the next look. */
    const char *rest = arena_strdup(arena, text);
    strbuf_reset(&from->partial);
    strbuf_adds(&from->partial, rest);
}

/* Prints all that the logs have now, sorted by time. */
static void print_now(const struct session *session, struct stream_of_lines *streams, size_t count,
                      size_t width)
{
    struct arena arena SCOPED(arena_release) = {0};
    struct log_lines lines = {0};
    for (size_t i = 0; i < count; i++)
        read_lines(&arena, &streams[i], &lines);
    if (lines.list.count)
        qsort(lines.list.items, lines.list.count, sizeof(lines.list.items[0]), compare_lines);
    for (size_t i = 0; i < lines.list.count; i++)
        print_line(session, lines.list.items[i].from, width, lines.list.items[i].text);
    fflush(session->out.file);
}

static bool is_wanted(const struct session *session, const struct upnode *node)
{
    const struct option_list *names = &session->arguments;
    /* The name of one node, or that of a server which has several. */
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->items[i], node->name) == 0 || strcmp(names->items[i], node->server) == 0)
            return true;
    return names->count == 0;
}

static int check_names(struct session *session, const struct upstate *state)
{
    int failed = 0;
    for (size_t i = 0; i < session->arguments.count; i++) {
        bool found = false;
        for (size_t j = 0; j < state->nodes.count; j++)
            found |= strcmp(session->arguments.items[i], state->nodes.items[j]->name) == 0 ||
                     strcmp(session->arguments.items[i], state->nodes.items[j]->server) == 0;
        if (!found)
            failed = diag_error(&session->diags, &code_usage, (struct srcpos){0},
                                "there is no log of a server '%s'", session->arguments.items[i]);
    }
    return failed;
}

static void print_logs(struct session *session, struct up *up, int64_t tail)
{
    const struct upstate *state = &up->state;
    bool follow = session->options.follow;
    struct stream_of_lines *streams =
        ARENA_ARRAY(&session->arena, struct stream_of_lines, state->nodes.count);
    size_t count = 0, width = 0;
    for (size_t i = 0; i < state->nodes.count; i++) {
        const struct upnode *node = state->nodes.items[i];
        if (!is_wanted(session, node))
            continue;
        tell_elsewhere(session, node);
        width = strlen(node->name) > width ? strlen(node->name) : width;
        /* The colour goes by the place among all nodes, so a node has the same one when it is shown alone. */
        streams[count] = (struct stream_of_lines){
            .node = node, .index = i, .fd = up->runner->log(up->runner, node, tail, follow)};
        count++;
    }
    do {
        bool over =
            /* Looked at before reading, so that the last lines are read too. */
            !follow || !up_anything_runs(up);
        print_now(session, streams, count, width);
        if (over)
            break;
        clock_pause(PAUSE_MS);
    } while (!interrupt_came());
    for (size_t i = 0; i < count; i++) {
        if (streams[i].fd >= 0)
            close(streams[i].fd);
        strbuf_release(&streams[i].partial);
    }
}

static int run(struct session *session)
{
    struct up up;
    int64_t tail = -1;
    const char *text = session->options.tail;
    if (text && (!number_parse_i64(text, &tail) || tail < 0))
        return diag_error(&session->diags, &code_usage, (struct srcpos){0},
                          "--tail wants a number of lines, not '%s'", text);
    if (environment_open(session, false, &up))
        return -1;
    if (!up.state.nodes.count || session->arguments.count)
        state_add_logs(&session->arena, &up.state);
    if (check_names(session, &up.state))
        return -1;
    if (!up.state.nodes.count) {
        fputs("Nothing was ever up.\n", session->err.file);
        return EXIT_FAILED;
    }
    if (session->options.follow)
        interrupt_defer();
    print_logs(session, &up, tail);
    return EXIT_DONE;
}

const struct command logs_command = {
    .help =
        {
            .name = "logs",
            .arguments = "[NODE...]",
            .summary = "Show the logs of the servers that up started",
            .description =
                "Prints the logs of all servers, or of those that are named, ordered by time, each line with its server's "
                "name. -F keeps printing new lines until it is interrupted or no server runs any more. If nothing is up, "
                "it prints the logs of the last servers that were. Where a server logs to the system's log, or to a file in "
                "its container, it says so.",
            .examples =
                (const char *const[]){
                    "All logs",
                    "natsform logs",
                    "The end of one server's log, and new lines as they come",
                    "natsform logs -F --tail 20 east-1",
                    NULL,
                },
            .options = OPTIONS_ALL | OPTIONS_MANIFEST | OPTIONS_LOGS,
        },
    .most = SIZE_MAX,
    .run = run,
};
