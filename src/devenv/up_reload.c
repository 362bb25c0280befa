/*
 * Finds out what came of a reload; see up_model.h. nats-server tells it only in its log. A reload is all or nothing: if
 * one option cannot be changed in a running server, it keeps its whole old configuration.
 */
#include "devenv/up_model.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/scope.h"
#include "base/strbuf.h"
#include "devenv/probe.h"

enum {
    TAIL_LINES = 400,
    NOTES_MOST = 12,
    /* How long to wait for a server that answers, but whose log is elsewhere and that has no monitoring. */
    SAY_MOST_MS = 10000,
    PAUSE_MS = 5,
    PROBE_MS = 1000,
    LINE_MOST = 500
};

/* The last part of a node's log. */
static char *log_end(struct up *up, const struct upnode *node)
{
    struct strbuf text SCOPED(strbuf_release) = {0};
    char chunk[8192];
    int fd SCOPED(close_fd) = up->runner->log(up->runner, node, TAIL_LINES, false);
    ssize_t got = 0;
    while (fd >= 0 && (got = read(fd, chunk, sizeof(chunk))) > 0)
        strbuf_add(&text, chunk, (size_t)got);
    return arena_strdup(up->arena, strbuf_text(&text));
}

/* The last line with one of the words in it, without its newline; NULL if there is none. */
static const char *last_line(struct arena *arena, const char *text, const char *const *words)
{
    const char *last = NULL;
    for (size_t i = 0; words[i]; i++)
        for (const char *at = text; (at = strstr(at, words[i])); at++)
            last = !last || at > last ? at : last;
    if (!last)
        return NULL;
    while (last > text && last[-1] != '\n')
        last--;
    return arena_strndup(arena, last, strcspn(last, "\n"));
}

void up_note_log(struct up *up, const struct upnode *node, struct diags *diags, struct diag *diag)
{
    static const char *const starts[] = {"Starting nats-server", NULL};
    static const char *const marks[] = {"[FTL]", "[ERR]", "[WRN]", "nats-server: ", "panic: "};
    char *text = log_end(up, node);
    const char *start = last_line(up->arena, text, starts);
    char *line = start ? strstr(text, start) : text;
    const char *before = NULL;
    size_t notes = 0;
    if (node->log_elsewhere)
        diag_note(diags, diag, (struct srcpos){0}, "%s logs to %s", node->name, node->log_elsewhere);
    /* Without times, two starts look the same in the log. The last one counts. */
    for (char *next = line; start && (next = strstr(next + 1, start));)
        line = next;
    /* A server that ends before it logs anything says so in words of its own. */
    bool all = !start;
    for (char *end = NULL; line && *line && notes < NOTES_MOST; line = end) {
        size_t length = strcspn(line, "\n");
        end = line + length + (line[length] == '\n');
        const char *copy = arena_strndup(up->arena, line, length < LINE_MOST ? length : LINE_MOST);
        /* Docker starts a container that ends again and again, and each time it logs the same line. */
        bool again = before && strcmp(copy, before) == 0;
        before = copy;
        for (size_t i = 0; !again && *copy && i < sizeof(marks) / sizeof(marks[0]); i++)
            if (all || strstr(copy, marks[i])) {
                diag_note(diags, diag, (struct srcpos){0}, "%s: %s", node->name, copy);
                notes++;
                break;
            }
    }
}

/* ---- reloading ---- */

static const char *load_time(struct up *up, const struct upnode *node)
{
    const char *url = node->urls[LISTENER_MONITOR];
    return url ? node_get_text(probe_json(up->arena, url, "/varz", PROBE_MS), "config_load_time") : "";
}

static const char *const outcomes[] = {
    "Failed to reload server configuration: ", "Reloaded server configuration", NULL};

/* From "config reload not supported for Port: old=1, new=2" the values are cut off, because they may be secrets. */
static const char *reason(struct arena *arena, const char *line)
{
    static const char refused[] = "config reload not supported for ";
    const char *at = strstr(line, outcomes[0]) + strlen(outcomes[0]);
    const char *field = strstr(at, refused);
    if (!field)
        return "the server would not reload it";
    field += strlen(refused);
    return arena_printf(arena, "the server cannot change %.*s while it runs", (int)strcspn(field, ":"),
                        field);
}

static bool is_interrupted(const struct up *up)
{
    return up->interrupted && up->interrupted();
}

static bool is_new(const char *before, const char *now)
{
    return now && (!before || strcmp(before, now) != 0);
}

/* What a log has now that it had not before. Its lines have times, so that the last one before is there once. */
static const char *what_is_new(struct arena *arena, const char *before, const char *now)
{
    size_t length = strlen(before);
    while (length && before[length - 1] == '\n')
        length--;
    size_t start = length;
    while (start && before[start - 1] != '\n')
        start--;
    const char *last = arena_strndup(arena, before + start, length - start);
    const char *at = *last ? strstr(now, last) : NULL;
    for (const char *next = at; next; next = strstr(next + 1, last))
        at = next;
    return at ? at + strlen(last) : now;
}

/* Whatever a client or another server does meanwhile has its connection in the line: "127.0.0.1:4711 - cid:5 - …". */
static bool is_of_connection(const char *line, size_t length)
{
    const char *dash = strstr(line, " - ");
    const char *id = dash ? strstr(dash, "id:") : NULL;
    return id && id < line + length;
}

/* Does one of the lines tell of an error? A reload that cannot have all of its way keeps what was, and says that it is done. */
static bool tells_error(const char *lines)
{
    static const char mark[] = "[ERR]";
    for (const char *at = strstr(lines, mark); at; at = strstr(at + 1, mark))
        if (!is_of_connection(at, strcspn(at, "\n")))
            return true;
    return false;
}

/* How it was before the signal. */
struct before_reload {
    const char *log;
    const char *line; /* the last outcome in it */
    const char *time;
};

/* Looks at log and monitoring once. RELOAD_SILENT: they say nothing yet. */
static enum up_reloaded see(struct up *up, const struct upnode *node, const struct before_reload *before,
                            const char **ret_why)
{
    const char *time = load_time(up, node);
    const char *log = log_end(up, node); /* read after the time, so that it has all that led to it */
    const char *line = last_line(up->arena, log, outcomes);
    if (is_new(before->line, line) && strstr(line, outcomes[0])) {
        *ret_why = reason(up->arena, line);
        return RELOAD_REFUSED;
    }
    /* config_load_time changes only when a reload succeeds. */
    if (!(*time && strcmp(time, before->time) != 0) && !is_new(before->line, line))
        return RELOAD_SILENT;
    if (!tells_error(what_is_new(up->arena, before->log, log)))
        return RELOAD_DONE;
    *ret_why = "the server told of an error when it reloaded its configuration";
    return RELOAD_REFUSED;
}

enum up_reloaded up_reload(struct up *up, struct booting *booting, const char **ret_why)
{
    struct upnode *node = booting->node;
    struct diags ignored SCOPED(diags_release) = {0};
    struct before_reload before = {.log = log_end(up, node), .time = load_time(up, node)};
    before.line = last_line(up->arena, before.log, outcomes);
    int64_t start = clock_ms();
    /* After Ctrl-C only changes are undone, and that is not to be interrupted again. */
    bool back = is_interrupted(up);
    /*
     * Log and load time are looked at before the signal, since what is new afterwards is the answer. nats-server
     * --signal reload would say that it worked in either case.
     */
    int failed = up->runner->reload(up->runner, node, &ignored);
    while (up->runner->alive(up->runner, node)) {
        enum up_reloaded seen = failed ? RELOAD_SILENT : see(up, node, &before, ret_why);
        if (seen != RELOAD_SILENT)
            return seen;
        int64_t passed = clock_ms() - start;
        bool late = passed > up_patience(up);
        if ((late || passed > SAY_MOST_MS) && !failed && up_answers(up, node, PROBE_MS)) {
            *ret_why = "the server did not say what came of a reload";
            return RELOAD_REFUSED;
        }
        if (failed || late || (!back && is_interrupted(up)))
            return RELOAD_SILENT;
        clock_pause(PAUSE_MS);
    }
    return RELOAD_ENDED;
}
