/* Accounts as tables and as JSON; see status_text.h. docs/status.md documents the JSON. */
#include "view/status_text.h"

#include <string.h>

#include "base/utf8.h"
#include "field/value.h"
#include "view/plan_text.h"
#include "view/table.h"

enum { ROWS_MOST = 40, NAME_MOST = 48, FIELDS_MOST = 40 };

/* ---- cells ---- */

/* As it is shown, so that it is as wide as it looks; and not longer than that. */
static const char *cut(struct arena *arena, const char *text, size_t most)
{
    const char *shown = utf8_shown(arena, text);
    size_t length = 0;
    if (utf8_count(shown, strlen(shown)) <= most)
        return shown;
    for (size_t i = 0; i + 1 < most; i++)
        length += utf8_sequence(shown + length, strlen(shown + length));
    return arena_printf(arena, "%.*s…", (int)length, shown);
}

static const char *number(struct arena *arena, uint64_t value)
{
    return arena_printf(arena, "%llu", (unsigned long long)value);
}

static const char *bytes(struct arena *arena, uint64_t value)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    uint64_t whole = value, rest = 0;
    size_t unit = 0;
    for (; whole >= 1024; unit++, whole /= 1024)
        rest = whole % 1024;
    return unit ? arena_printf(arena, "%llu.%llu %s", (unsigned long long)whole,
                               (unsigned long long)(rest * 10 / 1024), units[unit])
                : arena_printf(arena, "%llu B", (unsigned long long)value);
}

/* "3s ago", in the largest unit that fits. */
static const char *ago(struct arena *arena, int64_t seconds)
{
    static const struct {
        int64_t seconds;
        char letter;
    } units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (seconds >= units[i].seconds)
            return arena_printf(arena, "%lld%c ago", (long long)(seconds / units[i].seconds),
                                units[i].letter);
    return "now";
}

/* "3/3 n1": how many are current, and who leads. */
static const char *replicas(struct arena *arena, const struct replica_state *state)
{
    if (!state->clustered)
        return number(arena, state->wanted);
    return arena_printf(arena, "%llu/%llu %s", (unsigned long long)state->current,
                        (unsigned long long)state->wanted, cut(arena, state->leader, NAME_MOST));
}

static const char *state_of(struct arena *arena, const struct condition *condition)
{
    const char *drift = condition->drift ? condition->drift : "";
    const char *fields = cut(arena, condition->fields, FIELDS_MOST);
    const char *text = *fields ? arena_printf(arena, "%s: %s", drift, fields) : drift;
    if (condition->trouble)
        text = arena_printf(arena, "%s%s%s", text, *text ? "; " : "", cut(arena, condition->trouble, 80));
    return *text ? text : "ok";
}

/* ---- tables ---- */

struct making {
    const struct style *style;
    struct arena *arena;
    const struct account_status *status;
    struct text_table table;
};

static void push(struct making *making, const char *const *cells)
{
    for (size_t i = 0; i < making->table.columns; i++)
        VEC_PUSH(making->arena, &making->table.cells, cells[i]);
}

typedef void add_row(struct making *making, const struct condition *condition);

static void add_stream(struct making *making, const struct condition *condition)
{
    struct arena *arena = making->arena;
    const struct stream_census *of = condition->of;
    const char *last =
        of->there && of->messages ? ago(arena, making->status->target->now.seconds - of->last.seconds) : "-";
    push(making, (const char *const[]){
                     table_word(condition->table), cut(arena, condition->name, NAME_MOST),
                     of->there ? number(arena, of->messages) : "-", of->there ? bytes(arena, of->bytes) : "-",
                     last, of->there ? number(arena, of->consumers) : "-",
                     of->there ? replicas(arena, &of->replicas) : "-", state_of(arena, condition)});
}

static void add_consumer(struct making *making, const struct condition *condition)
{
    struct arena *arena = making->arena;
    const struct consumer_state *of = condition->consumer;
    const char *name = arena_printf(arena, "%s > %s", cut(arena, condition->stream, NAME_MOST),
                                    cut(arena, condition->name, NAME_MOST));
    const char *clients = !of->there   ? "-"
                          : of->pushes ? of->bound ? "bound" : "not bound"
                                       : arena_printf(arena, "%llu waiting", (unsigned long long)of->waiting);
    push(making,
         (const char *const[]){name, of->there ? number(arena, of->pending) : "-",
                               of->there ? number(arena, of->unacked) : "-",
                               of->there ? number(arena, of->redelivered) : "-", clients,
                               of->paused ? arena_printf(arena, "%s; paused", state_of(arena, condition))
                                          : state_of(arena, condition)});
}

static void add_copy(struct making *making, const struct condition *condition)
{
    struct arena *arena = making->arena;
    const struct copy_state *of = condition->copy;
    push(making,
         (const char *const[]){cut(arena, condition->stream, NAME_MOST), of->is_mirror ? "mirror" : "source",
                               cut(arena, condition->name, NAME_MOST), number(arena, of->lag),
                               of->silent_nanos < 0 ? "never" : ago(arena, of->silent_nanos / 1000000000),
                               state_of(arena, condition)});
}

/* A table of such objects; nothing if there are none. Problems come first, so that what is cut off is well. */
static void make_table(struct making *making, const struct condition *items, size_t count,
                       const char *const *heads, add_row *add)
{
    size_t most = making->status->all ? count : ROWS_MOST, problems = 0;
    if (!count)
        return;
    making->table = (struct text_table){0};
    while (heads[making->table.columns])
        making->table.columns++;
    push(making, heads);
    for (size_t i = 0; i < count && i < most; i++)
        add(making, &items[i]);
    fputc('\n', making->style->file);
    view_table(making->style, &making->table);
    for (size_t i = most; i < count; i++)
        problems += items[i].is_problem;
    if (count > most)
        fprintf(making->style->file, "… and %zu more, %zu of them with a problem; --all shows them\n",
                count - most, problems);
}

static void print_head(const struct style *style, struct arena *arena, const struct account_status *status)
{
    const struct target *target = status->target;
    struct target rest = *target; /* the account is said first */
    rest.account = rest.account_name = NULL;
    if (status->connection)
        view_connection(style, status->connection);
    style_print(style, COLOUR_BOLD, "Account");
    if (target->account && *target->account) {
        fputc(' ', style->file);
        style_safe(style, target->account);
    }
    fputc(' ', style->file);
    view_target(style, arena, &rest);
}

static void print_others(const struct style *style, const struct census *census)
{
    if (!census->other_streams && !census->other_consumers)
        return;
    fprintf(
        style->file,
        "\nNot in the manifest: %llu stream%s, and %llu consumer%s of its own streams; --all shows them\n",
        (unsigned long long)census->other_streams, census->other_streams == 1 ? "" : "s",
        (unsigned long long)census->other_consumers, census->other_consumers == 1 ? "" : "s");
}

static void print_sum(const struct style *style, const struct account_status *status)
{
    size_t problems = status->conditions->problems;
    fputc('\n', style->file);
    if (status->conditions->others)
        fprintf(style->file, "%zu more change%s of the manifest not applied\n", status->conditions->others,
                status->conditions->others == 1 ? " is" : "s are");
    if (!problems && status->unwell)
        style_print(style, COLOUR_RED, "%zu server%s not well; the account is%s", status->unwell,
                    status->unwell == 1 ? " is" : "s are", status->plan ? " as the manifest says" : "");
    else if (!problems)
        style_print(style, COLOUR_GREEN,
                    status->plan ? "All is well, and as the manifest says" : "All is well");
    else
        style_print(style, COLOUR_RED, "%zu with a problem", problems);
    fputs(problems && status->plan ? "; 'natsform plan' shows what differs\n" : "\n", style->file);
}

void view_account_status(const struct style *style, struct arena *arena, const struct account_status *status)
{
    static const char *const stream_heads[] = {"KIND",      "NAME",     "MESSAGES", "SIZE", "LAST MESSAGE",
                                               "CONSUMERS", "REPLICAS", "STATE",    NULL};
    static const char *const consumer_heads[] = {
        "CONSUMER", "PENDING", "UNACKNOWLEDGED", "REDELIVERED", "CLIENTS", "STATE", NULL};
    static const char *const copy_heads[] = {"STREAM", "COPIES", "FROM", "LAG", "HEARD", "STATE", NULL};
    const struct conditions *conditions = status->conditions;
    struct making making = {.style = style, .arena = arena, .status = status};
    print_head(style, arena, status);
    make_table(&making, conditions->streams.items, conditions->streams.count, stream_heads, add_stream);
    make_table(&making, conditions->consumers.items, conditions->consumers.count, consumer_heads,
               add_consumer);
    make_table(&making, conditions->copies.items, conditions->copies.count, copy_heads, add_copy);
    print_others(style, status->census);
    print_sum(style, status);
}

/* ---- JSON ---- */

static void put(struct arena *arena, struct node *map, const char *key, const char *text)
{
    node_put(arena, map, key,
             text && *text ? node_scalar(arena, text, true) : node_scalar(arena, "null", false));
}

static struct node *replicas_json(struct arena *arena, const struct replica_state *state)
{
    struct node *map = node_map(arena);
    node_put_number(arena, map, "wanted", state->wanted);
    node_put_number(arena, map, "current", state->current);
    put(arena, map, "leader", state->clustered ? state->leader : NULL);
    return map;
}

static struct node *begin(struct arena *arena, const struct condition *condition)
{
    struct node *map = node_map(arena);
    if (!condition->copy)
        put(arena, map, "address",
            resource_address(arena, condition->table, condition->stream, condition->name));
    return map;
}

static struct node *fields_json(struct arena *arena, const struct step *step)
{
    struct node *list = node_list(arena);
    for (size_t i = 0; step && step->live && i < step->changes.count; i++)
        node_append(arena, list, node_scalar(arena, step->changes.items[i].shown.field->name, true));
    return list;
}

static void finish(struct arena *arena, struct node *map, const struct condition *condition)
{
    if (condition->drift)
        put(arena, map, "drift", condition->drift);
    if (condition->drift)
        node_put(arena, map, "changed", fields_json(arena, condition->step));
    put(arena, map, "trouble", condition->trouble);
    node_put_flag(arena, map, "problem", condition->is_problem);
}

static struct node *stream_json(struct arena *arena, const struct condition *condition)
{
    const struct stream_census *of = condition->of;
    struct node *map = begin(arena, condition);
    put(arena, map, "type", table_word(condition->table));
    put(arena, map, "name", condition->name);
    put(arena, map, "stream", condition->wire_name);
    node_put_flag(arena, map, "exists", of->there);
    if (of->there) {
        node_put_number(arena, map, "messages", of->messages);
        node_put_number(arena, map, "bytes", of->bytes);
        put(arena, map, "last_message", of->messages ? instant_format(arena, of->last) : NULL);
        node_put_number(arena, map, "consumers", of->consumers);
        node_put(arena, map, "replicas", replicas_json(arena, &of->replicas));
    }
    finish(arena, map, condition);
    return map;
}

static struct node *consumer_json(struct arena *arena, const struct condition *condition)
{
    const struct consumer_state *of = condition->consumer;
    struct node *map = begin(arena, condition);
    put(arena, map, "stream", condition->stream);
    put(arena, map, "name", condition->name);
    node_put_flag(arena, map, "exists", of->there);
    if (of->there) {
        node_put_number(arena, map, "pending", of->pending);
        node_put_number(arena, map, "unacknowledged", of->unacked);
        node_put_number(arena, map, "redelivered", of->redelivered);
        node_put_flag(arena, map, "push", of->pushes);
        node_put_flag(arena, map, "bound", of->bound);
        node_put_number(arena, map, "waiting", of->waiting);
        node_put_flag(arena, map, "paused", of->paused);
        node_put(arena, map, "replicas", replicas_json(arena, &of->replicas));
    }
    finish(arena, map, condition);
    return map;
}

static struct node *copy_json(struct arena *arena, const struct condition *condition)
{
    const struct copy_state *of = condition->copy;
    struct node *map = begin(arena, condition);
    put(arena, map, "stream", condition->of->name);
    put(arena, map, "from", of->from);
    node_put_flag(arena, map, "mirror", of->is_mirror);
    node_put_number(arena, map, "lag", of->lag);
    if (of->silent_nanos < 0)
        put(arena, map, "heard_ms_ago", NULL);
    else
        node_put_number(arena, map, "heard_ms_ago", (uint64_t)(of->silent_nanos / 1000000));
    put(arena, map, "error", of->error);
    finish(arena, map, condition);
    return map;
}

typedef struct node *object_writer(struct arena *arena, const struct condition *condition);

static struct node *list_json(struct arena *arena, const struct condition *items, size_t count,
                              object_writer *write)
{
    struct node *list = node_list(arena);
    for (size_t i = 0; i < count; i++)
        node_append(arena, list, write(arena, &items[i]));
    return list;
}

struct node *account_status_json(struct arena *arena, const struct account_status *status)
{
    const struct conditions *found = status->conditions;
    const struct target *target = status->target;
    struct node *root = node_map(arena), *server = node_map(arena);
    put(arena, root, "connection", status->connection);
    put(arena, server, "version", target->version_text);
    put(arena, server, "url", target->url);
    put(arena, server, "found", target->found);
    put(arena, server, "name", target->name);
    put(arena, server, "cluster", target->clustered ? target->cluster : NULL);
    put(arena, server, "account", target->account);
    put(arena, server, "domain", target->domain);
    node_put(arena, root, "server", server);
    node_put_number(arena, root, "problems", found->problems);
    node_put(arena, root, "streams",
             list_json(arena, found->streams.items, found->streams.count, stream_json));
    node_put(arena, root, "consumers",
             list_json(arena, found->consumers.items, found->consumers.count, consumer_json));
    node_put(arena, root, "copies", list_json(arena, found->copies.items, found->copies.count, copy_json));
    if (!status->all) {
        node_put_number(arena, root, "other_streams", status->census->other_streams);
        node_put_number(arena, root, "other_consumers", status->census->other_consumers);
    }
    return root;
}
