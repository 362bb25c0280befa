/*
 * Reviews as markdown; see review.h. What comes from servers and files stands in fences and code spans alone, which are longer than any run of backticks in
 * it, and in HTML as entities: it is neither markup nor somebody's @name there.
 */
#include "base/text.h"
#include "view/review.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "base/strbuf.h"
#include "view/style.h"

enum {
    ALL_MOST = 65000,   /* a comment takes 65,536, and whoever posts it adds a line */
    RESERVE = 512,      /* for what is said at the end of what does not fit */
    FENCE_MOST = 16384, /* one object, or all findings of a kind, may not take the room of all others */
    FENCE_LEAST = 3,
};

/* ---- words of others ---- */

static size_t longest_run(const char *text, char wanted)
{
    size_t longest = 0, run = 0;
    for (; *text; text++) {
        run = *text == wanted ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest;
}

/* All that is unseen as escapes, as on a terminal. */
static const char *seen(struct arena *arena, const char *text)
{
    char *safe = NULL;
    size_t length = 0;
    const struct style style = {.file = open_memstream(&safe, &length)};
    if (!style.file)
        return "";
    style_safe(&style, text);
    fclose(style.file);
    const char *kept = arena_strndup(arena, safe, length);
    free(safe);
    return kept;
}

/* Every mark is an entity, so that none of them means anything. */
static void add_html(struct arena *arena, struct strbuf *out, const char *text)
{
    for (const char *at = seen(arena, text); *at; at++)
        if ((unsigned char)*at < 0x80 && ispunct((unsigned char)*at))
            strbuf_addf(out, "&#%d;", *at);
        else
            strbuf_addc(out, *at);
}

/* A code span. In a table a '|' ends the cell even there, and how a backslash before it is read depends on who reads. */
static void add_code(struct arena *arena, struct strbuf *out, const char *text)
{
    const char *safe = seen(arena, text);
    size_t ticks = longest_run(safe, '`') + 1;
    if (strchr(safe, '|')) {
        strbuf_adds(out, "<code>");
        add_html(arena, out, text);
        strbuf_adds(out, "</code>");
        return;
    }
    strbuf_pad(out, '`', ticks);
    strbuf_addf(out, " %s ", safe);
    strbuf_pad(out, '`', ticks);
}

/* Lines in a fence; those that are too many are counted. */
static void add_fence(struct strbuf *out, const char *language, const char *lines)
{
    size_t ticks = longest_run(lines, '`') + 1, left = 0, used = 0;
    ticks = ticks < FENCE_LEAST ? FENCE_LEAST : ticks;
    strbuf_pad(out, '`', ticks);
    strbuf_addf(out, "%s\n", language);
    for (const char *at = lines; *at;) {
        size_t length = strcspn(at, "\n") + (at[strcspn(at, "\n")] == '\n');
        used += length;
        if (used <= FENCE_MOST)
            strbuf_add(out, at, length);
        else
            left++;
        at += length;
    }
    if (left)
        strbuf_addf(out, "… and %zu more line%s\n", left, left == 1 ? "" : "s");
    else if (out->length && out->text[out->length - 1] != '\n')
        strbuf_addc(out, '\n');
    strbuf_pad(out, '`', ticks);
    strbuf_addc(out, '\n');
}

/* ---- the page ---- */

struct markdown {
    const struct review *review;
    struct strbuf text;
    size_t left_out;
};

/* A part is there whole or not at all. */
static void add_part(struct markdown *markdown, struct strbuf *part)
{
    if (markdown->text.length + part->length > ALL_MOST - RESERVE)
        markdown->left_out++;
    else
        strbuf_add(&markdown->text, strbuf_text(part), part->length);
    strbuf_reset(part);
}

/* In a comment of HTML nothing may stand that ends it. */
static void add_marker(struct markdown *markdown)
{
    const struct review *review = markdown->review;
    const char *project = node_get_text(review->document, "project");
    strbuf_addf(&markdown->text, "<!-- natsform %s", review->command);
    if (*project)
        strbuf_addc(&markdown->text, ' ');
    for (const char *at = project; *at; at++)
        strbuf_addc(&markdown->text, strchr("<>-&", *at) || (unsigned char)*at < ' ' ? '_' : *at);
    strbuf_adds(&markdown->text, " -->\n");
}

static const char *findings_text(struct arena *arena, const struct review *review)
{
    static const char *const severities[] = {"error", "warning", "note"};
    const char *text = "";
    for (size_t i = 0; i < sizeof(severities) / sizeof(severities[0]); i++) {
        size_t count = review_count(review, severities[i]);
        if (count)
            text = arena_printf(arena, "%s%s%zu %s%s", text, *text ? ", " : "", count, severities[i],
                                count == 1 ? "" : "s");
    }
    return *text ? text : "no errors";
}

static void add_title(struct markdown *markdown)
{
    const struct review *review = markdown->review;
    const struct review_plans plans = review_plans(review);
    strbuf_addf(&markdown->text, "### natsform %s: %s\n\n", review->command,
                plans.count == 1 ? review_counts(review->arena, plans.items[0])
                                 : findings_text(review->arena, review));
    if (review_count(review, "error") && plans.count)
        strbuf_adds(&markdown->text, "**Nothing of this is done, as there are errors.**\n\n");
}

/* ---- findings ---- */

static void add_finding(struct arena *arena, struct strbuf *out, const struct node *finding)
{
    const char *place = review_place(arena, finding), *hint = node_get_text(finding, "hint");
    const char *object = node_get_text(finding, "object");
    const struct node *notes = node_get(finding, "notes");
    if (*place)
        strbuf_addf(out, "%s: ", seen(arena, place));
    else if (*object)
        strbuf_addf(out, "%s: ", seen(arena, object));
    strbuf_addf(out, "%s [%s]\n", seen(arena, node_get_text(finding, "message")),
                node_get_text(finding, "code"));
    for (size_t i = 0; notes && i < notes->count; i++)
        strbuf_addf(out, "  note: %s\n", seen(arena, node_get_text(notes->items[i], "message")));
    if (*hint)
        strbuf_addf(out, "  hint: %s\n", seen(arena, hint));
}

static void add_findings(struct markdown *markdown, const char *severity, const char *title)
{
    const struct review *review = markdown->review;
    const struct node *list = node_get(review->document, "diagnostics");
    struct strbuf lines SCOPED(strbuf_release) = {0};
    struct strbuf part SCOPED(strbuf_release) = {0};
    for (size_t i = 0; list && i < list->count; i++)
        if (strcmp(node_get_text(list->items[i], "severity"), severity) == 0)
            add_finding(review->arena, &lines, list->items[i]);
    if (!lines.length)
        return;
    strbuf_addf(&part, "**%s**\n\n", title);
    add_fence(&part, "text", strbuf_text(&lines));
    strbuf_addc(&part, '\n');
    add_part(markdown, &part);
}

/* ---- what is at stake ---- */

static void add_messages(struct strbuf *out, const struct node *map)
{
    uint64_t messages = node_get_number(map, "messages"), bytes = node_get_number(map, "bytes");
    strbuf_addf(out, "%llu message%s", (unsigned long long)messages, text_plural(messages));
    if (bytes)
        strbuf_addf(out, " (%llu byte%s)", (unsigned long long)bytes, text_plural(bytes));
}

static bool is_on(const struct node *map, const char *key)
{
    return strcmp(node_get_text(map, key), "true") == 0;
}

static void add_row(struct arena *arena, struct strbuf *out, const struct node *change, const char *what,
                    const char *why)
{
    strbuf_adds(out, "| ");
    add_code(arena, out, review_label(arena, change));
    strbuf_addf(out, " | %s | ", what);
    if (*why)
        add_code(arena, out, why);
    strbuf_adds(out, " |\n");
}

static void add_loss(struct arena *arena, struct strbuf *out, const struct node *change)
{
    const struct node *risk = node_get(change, "risk");
    struct strbuf what SCOPED(strbuf_release) = {0};
    if (!is_on(risk, "destroys_data"))
        return;
    strbuf_addf(&what, "destroys %s", is_on(risk, "exact") ? "" : "up to ");
    add_messages(&what, risk);
    strbuf_adds(&what, is_on(risk, "backed_up") ? ", backed up first" : ", **without a backup**");
    add_row(arena, out, change, strbuf_text(&what), node_get_text(risk, "why"));
}

static void add_migration(struct arena *arena, struct strbuf *out, const struct node *change)
{
    const struct node *migration = node_get(change, "migration"), *costs = node_get(migration, "not_kept");
    struct strbuf what SCOPED(strbuf_release) = {0};
    if (!migration)
        return;
    strbuf_adds(&what, "is made anew");
    if (node_get(migration, "messages")) {
        strbuf_adds(&what, " with ");
        add_messages(&what, migration);
        strbuf_addf(&what, "; publishers are turned away for about %s ms",
                    node_get_text(migration, "expected_window_ms"));
    }
    add_row(arena, out, change, strbuf_text(&what), "");
    for (size_t i = 0; costs && i < costs->count; i++)
        add_row(arena, out, change, "", costs->items[i]->text);
}

static void add_risks_of(struct arena *arena, struct strbuf *out, const struct node *change)
{
    const struct node *risk = node_get(change, "risk"), *lost = node_get(change, "position_lost");
    const struct node *along = node_get(change, "consumers_deleted");
    uint64_t skips = node_get_number(risk, "skips");
    add_loss(arena, out, change);
    add_migration(arena, out, change);
    for (size_t i = 0; along && i < along->count; i++)
        add_row(arena, out, change, "deletes its consumer", along->items[i]->text);
    if (node_get_number(lost, "pending") || node_get_number(lost, "unacknowledged"))
        add_row(arena, out, change,
                arena_printf(arena, "loses its position: %s pending, %s unacknowledged",
                             node_get_text(lost, "pending"), node_get_text(lost, "unacknowledged")),
                "");
    if (skips)
        add_row(arena, out, change,
                arena_printf(arena, "never delivers %s%llu message%s",
                             is_on(risk, "skips_exactly") ? "" : "up to ", (unsigned long long)skips,
                             text_plural(skips)),
                "");
    if (is_on(risk, "irreversible"))
        add_row(arena, out, change, "cannot be undone", "");
    if (is_on(risk, "redelivers"))
        add_row(arena, out, change, "delivers pending messages again", "");
}

/* ---- changes ---- */

/* The worst comes first. */
static const struct {
    const char *action, *sign;
} actions[] = {
    {"refused", "🚫"},     {"delete", "➖"},      {"recreate", "♻️"}, {"migrate", "🔁"},
    {"update", "✏️"}, {"adopt", "🏷️"}, {"create", "➕"},        {"forget", "👋"},
};
enum { ACTIONS = sizeof(actions) / sizeof(actions[0]) };

static void add_change(struct markdown *markdown, const struct node *change, const char *sign)
{
    struct arena *arena = markdown->review->arena;
    const char *diff = node_get_text(change, "diff");
    const char *former = node_get_text(node_get(change, "migration"), "renamed_from");
    struct strbuf part SCOPED(strbuf_release) = {0};
    strbuf_addf(&part, "<details><summary>%s <code>", sign);
    add_html(arena, &part, review_label(arena, change));
    strbuf_addf(&part, "</code> %s", node_get_text(change, "action"));
    if (*former) {
        strbuf_adds(&part, ", renamed from <code>");
        add_html(arena, &part, former);
        strbuf_adds(&part, "</code>");
    }
    strbuf_adds(&part, "</summary>\n\n");
    if (*diff)
        add_fence(&part, "diff", diff);
    strbuf_adds(&part, "\n</details>\n\n");
    add_part(markdown, &part);
}

static void add_plan(struct markdown *markdown, const struct node *plan, bool several)
{
    struct arena *arena = markdown->review->arena;
    const struct node *changes = node_get(plan, "resource_changes"), *server = node_get(plan, "server");
    const char *connection = node_get_text(plan, "connection");
    struct strbuf part SCOPED(strbuf_release) = {0};
    struct strbuf risks SCOPED(strbuf_release) = {0};
    if (several) {
        strbuf_adds(&part, "#### connection ");
        add_code(arena, &part, *connection ? connection : "default");
        strbuf_addf(&part, ": %s\n\n", review_counts(arena, plan));
    }
    if (*node_get_text(server, "url")) {
        strbuf_addf(&part, "nats-server %s at ", node_get_text(server, "version"));
        add_code(arena, &part, node_get_text(server, "url"));
        strbuf_adds(&part, "\n\n");
    }
    add_part(markdown, &part);
    for (size_t i = 0; i < changes->count; i++)
        add_risks_of(arena, &risks, changes->items[i]);
    if (risks.length) {
        strbuf_addf(&part, "| object | at stake | why |\n| --- | --- | --- |\n%s\n", strbuf_text(&risks));
        add_part(markdown, &part);
    }
    for (size_t action = 0; action < ACTIONS; action++)
        for (size_t i = 0; i < changes->count; i++)
            if (strcmp(node_get_text(changes->items[i], "action"), actions[action].action) == 0)
                add_change(markdown, changes->items[i], actions[action].sign);
}

void review_markdown(const struct review *review, FILE *out)
{
    struct markdown markdown = {.review = review};
    const struct review_plans plans = review_plans(review);
    add_marker(&markdown);
    add_title(&markdown);
    add_findings(&markdown, "error", "Errors");
    for (size_t i = 0; i < plans.count; i++)
        add_plan(&markdown, plans.items[i], plans.count > 1);
    add_findings(&markdown, "warning", "Warnings");
    add_findings(&markdown, "note", "Notes");
    if (markdown.left_out)
        strbuf_addf(&markdown.text, "**%zu more part%s did not fit here: `natsform %s` shows all.**\n",
                    markdown.left_out, text_plural(markdown.left_out), review->command);
    fputs(strbuf_text(&markdown.text), out);
    strbuf_release(&markdown.text);
}
