/* Printing rows of tables; see explain.h. All that is printed comes from the rows, so it is what decoding and planning do. */
#include "view/explain.h"

#include <string.h>

#include "base/scope.h"
#include "base/suggest.h"
#include "field/server_option.h"
#include "kind/kinds.h"
#include "manifest/manifest.h"
#include "view/explain_code.h"

static const struct table *const topics[] = {&manifest_table, &stream_table, &consumer_table,
                                             &key_value_table, &object_store_table};
enum { TOPICS = sizeof(topics) / sizeof(topics[0]) };

static void print_updates(const struct style *style, struct arena *arena, const struct field *field)
{
    static const char *const words[] = {
        [UPDATE_FREE] = "changes in place",
        [UPDATE_NEVER] = "never changes",
        [UPDATE_LATCH] = "changes from false to true only",
        [UPDATE_REMOVE] = "may be removed, not changed",
        [UPDATE_KEEP_CHOICE] = "changes in place, but not to or from",
        [UPDATE_KEEP_PRESENCE] = "changes in place, but may not appear or vanish",
        [UPDATE_CLUSTERED] = "changes in place; above 1 only in a cluster",
        [UPDATE_SEPARATE] = "changes in place, by an API request of its own",
        [UPDATE_FREEZES] = "never changes, and where it is set nothing else does either",
    };
    if (field->stream_field) /* a bucket's field changes by the rules of the stream's field that it sets */
        field = table_field_by_id(&stream_table, field->stream_field);
    for (size_t i = 0; i < FIELD_RULES_MOST; i++) {
        const struct update_rule *rule = &field->updates[i];
        if (i > 0 && !rule->since)
            continue;
        fprintf(style->file, "  %-9s %s", i ? "" : "update", words[rule->policy]);
        if (rule->choice)
            fprintf(style->file, " %s", rule->choice);
        if (rule->since)
            fprintf(style->file, " (from %s on)", version_format(arena, rule->since, true));
        if (rule->says)
            fprintf(style->file, "; error %d: %s", rule->err_code, rule->says);
        fputc('\n', style->file);
    }
}

static void print_choices(const struct style *style, struct arena *arena, const struct field *field)
{
    for (const struct choice *choice = field->choices; choice && choice->name; choice++) {
        fprintf(style->file, "  %-9s %-18s %s", choice == field->choices ? "choices" : "", choice->name,
                choice->doc);
        if (choice->since)
            fprintf(style->file, " (from %s on)", version_format(arena, choice->since, true));
        fputc('\n', style->file);
    }
}

static void print_rows(const struct style *style, const struct table *table, const char *path)
{
    for (size_t i = 0; i < table->count; i++)
        if (!(table->fields[i].flags & FIELD_INTERNAL))
            fprintf(style->file, "  %s.%-26s %s\n", path, table->fields[i].name, table->fields[i].doc);
}

static void print_field(const struct style *style, const struct field *field, const char *path,
                        bool on_server)
{
    struct arena arena SCOPED(arena_release) = {0};
    style_print(style, COLOUR_BOLD, "%s", path);
    fprintf(style->file, "\n  %s\n\n", field->doc);
    fprintf(style->file, "  %-9s %s\n", "type", field_type_name(&arena, field));
    const char *fallback = field->fallback_doc ? field->fallback_doc
                           : field->fallback   ? field->fallback
                                               : "none";
    fprintf(style->file, "  %-9s %s\n", "default", (field->flags & FIELD_REQUIRED) ? "required" : fallback);
    print_choices(style, &arena, field);
    if (field->since)
        fprintf(style->file, "  %-9s nats-server %s on\n", "from",
                version_format(&arena, field->since, true));
    if (on_server && !(field->flags & (FIELD_OURS | FIELD_IDENTITY)))
        print_updates(style, &arena, field);
    if (field->example)
        fprintf(style->file, "  %-9s %s: %s\n", "example", field->name, field->example);
    if (field->object) {
        fputc('\n', style->file);
        print_rows(style, field->object, path);
    }
}

static void print_table(const struct style *style, const struct table *table)
{
    style_print(style, COLOUR_BOLD, "%s", table_word(table));
    fprintf(style->file, "\n  %s\n\n", table->doc);
    print_rows(style, table, table_word(table));
}

/* ---- options of servers ---- */

#define SERVER_TOPIC "server"

static void print_options(const struct style *style, const struct server_block *block, const char *path)
{
    for (size_t i = 0; i < block->count; i++)
        fprintf(style->file, "  %s.%-26s %s\n", path, block->rows[i].name, block->rows[i].doc);
}

static const char *reload_words(const struct server_option *option, uint32_t version)
{
    static const char *const words[] = {
        [RELOAD_FREE] = "takes effect when the server reads its configuration anew",
        [RELOAD_REFUSED] = "needs a restart of the server",
        [RELOAD_GROWS] = "a higher value takes effect at once, a lower one needs a restart",
        [RELOAD_PARTLY] = "some of its options need a restart",
    };
    return words[server_option_reload(option, version)];
}

static void print_reload(const struct style *style, struct arena *arena, const struct server_option *option)
{
    const char *since = server_since_text(arena, &option->reload_since);
    fprintf(style->file, "  %-9s %s", "change",
            reload_words(option, since ? VERSION(2, 9, 0) : VERSION_UNKNOWN));
    if (since)
        fprintf(style->file, "\n  %-9s %s (from %s on)", "", reload_words(option, VERSION_UNKNOWN), since);
    fputc('\n', style->file);
}

static void print_option(const struct style *style, const struct server_option *option, const char *path)
{
    struct arena arena SCOPED(arena_release) = {0};
    const char *since = server_since_text(&arena, &option->since);
    style_print(style, COLOUR_BOLD, "%s", path);
    fprintf(style->file, "\n  %s\n\n", option->doc);
    fprintf(style->file, "  %-9s %s\n", "type", server_takes_text(&arena, option, option->takes));
    if (option->items)
        fprintf(style->file, "  %-9s %s\n", "items", server_takes_text(&arena, option, option->items));
    if (option->values)
        fprintf(style->file, "  %-9s by name: %s\n", "values",
                server_takes_text(&arena, option, option->values));
    fprintf(style->file, "  %-9s %s\n", "default",
            (option->flags & SERVER_REQUIRED) ? "required"
            : option->fallback                ? option->fallback
                                              : "none");
    for (size_t i = 0; i < SERVER_ALIASES_MOST && option->aliases[i]; i++)
        fprintf(style->file, "  %-9s %s\n", i ? "" : "also", option->aliases[i]);
    if (since)
        fprintf(style->file, "  %-9s nats-server %s on\n", "from", since);
    since = server_since_text(&arena, &option->choices_since);
    if (since)
        fprintf(style->file, "  %-9s %s: nats-server %s on\n", "from",
                server_takes_text(&arena, option, TAKES_CHOICE), since);
    if (option->flags & SERVER_OURS)
        fprintf(style->file, "  %-9s natsform's own: servers do not have it\n", "whose");
    else
        print_reload(style, &arena, option);
    if (option->example)
        fprintf(style->file, "  %-9s %s: %s\n", "example", option->name, option->example);
    if (option->block) {
        fputc('\n', style->file);
        print_options(style, option->block, path);
    }
}

/* Explains "server" or "server.jetstream.max_mem". False if it is no option. */
static bool explain_option(const struct style *style, const char *topic)
{
    size_t length = strlen(SERVER_TOPIC);
    if (strncmp(topic, SERVER_TOPIC, length) != 0 || (topic[length] && topic[length] != '.'))
        return false;
    const struct server_option *option = topic[length] ? server_option_by_path(topic + length + 1) : NULL;
    if (option) {
        print_option(style, option, topic);
        return true;
    }
    if (topic[length])
        return false;
    style_print(style, COLOUR_BOLD, "%s", SERVER_TOPIC);
    fprintf(style->file, "\n  %s\n\n", server_options.doc);
    print_options(style, &server_options, SERVER_TOPIC);
    return true;
}

/* For "server.jetstream.max_mme": the path of the block, with the name that is nearest to the last word. NULL if none is near. */
static const char *near_option(struct arena *arena, const char *topic)
{
    size_t length = strlen(SERVER_TOPIC);
    const char *last = strrchr(topic, '.');
    if (strncmp(topic, SERVER_TOPIC ".", length + 1) != 0)
        return NULL;
    const char *above = arena_strndup(arena, topic, (size_t)(last - topic));
    const struct server_option *option = above[length] ? server_option_by_path(above + length + 1) : NULL;
    const struct server_block *block = !above[length] ? &server_options : option ? option->block : NULL;
    const char *near = block ? server_option_suggest(block, last + 1) : NULL;
    return near ? arena_printf(arena, "%s.%s", above, near) : NULL;
}

static void list_topics(const struct style *style)
{
    for (int i = 0; i < TOPICS; i++)
        fprintf(style->file, "%-12s %s\n", table_word(topics[i]), topics[i]->doc);
    fprintf(style->file, "%-12s %s\n", SERVER_TOPIC, server_options.doc);
    fputs("\nDiagnostics:\n", style->file);
    for (const struct diag_code *code = diag_code_next(NULL); code; code = diag_code_next(code))
        fprintf(style->file, "  %-21s %s\n", code->name, code->doc);
}

/* "stream.max_age" is found in the stream's table, "connection.timeout" through the row `connection` of the manifest. */
static const struct field *find_field(const char *topic, bool *ret_on_server)
{
    *ret_on_server = false;
    for (int i = 0; i < TOPICS; i++) {
        const char *word = table_word(topics[i]);
        size_t length = strlen(word);
        if (strncmp(topic, word, length) == 0 && topic[length] == '.') {
            *ret_on_server = topics[i] != &manifest_table;
            return table_field_by_path(topics[i], topic + length + 1);
        }
    }
    return table_field_by_path(&manifest_table, topic);
}

static int unknown_topic(const char *topic, struct diags *diags)
{
    struct suggestion near = {.wanted = strrchr(topic, '.') ? strrchr(topic, '.') + 1 : topic};
    const struct table *of = NULL;
    struct diag *diag = diag_add(diags, &code_usage, (struct srcpos){0}, "nothing is called '%s'", topic);
    for (int i = 0; i < TOPICS; i++) {
        for (size_t j = 0; j < topics[i]->count; j++) {
            const char *before = near.best;
            suggestion_consider(&near, topics[i]->fields[j].name);
            of = near.best == before ? of : topics[i];
        }
    }
    for (const struct diag_code *code = diag_code_next(NULL); code; code = diag_code_next(code)) {
        const char *before = near.best;
        suggestion_consider(&near, code->name);
        of = near.best == before ? of : NULL;
    }
    const char *option = near_option(&diags->arena, topic);
    if (option)
        diag_hint(diags, diag, "did you mean '%s'?", option);
    else if (near.best)
        diag_hint(diags, diag, "did you mean '%s%s%s'?", of ? table_word(of) : "", of ? "." : "", near.best);
    else
        diag_hint(diags, diag, "'natsform explain' lists what there is");
    return -1;
}

int view_explain(const struct style *style, const char *topic, struct diags *diags)
{
    if (!topic) {
        list_topics(style);
        return 0;
    }
    for (int i = 0; i < TOPICS; i++) {
        if (strcmp(topic, table_word(topics[i])) == 0) {
            print_table(style, topics[i]);
            return 0;
        }
    }
    if (explain_option(style, topic))
        return 0;
    const struct diag_code *code = diag_code_by_name(topic);
    bool on_server;
    const struct field *field = find_field(topic, &on_server);
    if (field)
        print_field(style, field, topic, on_server);
    else if (code)
        view_explain_code(style, code);
    else if (strcmp(topic, "codes") == 0)
        view_explain_codes(style);
    else
        return unknown_topic(topic, diags);
    return 0;
}
