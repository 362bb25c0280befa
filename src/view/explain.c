/* Printing rows of tables; see explain.h. All that is printed comes from the rows, so it is what decoding and planning do. */
#include "view/explain.h"

#include <limits.h>
#include <string.h>

#include "base/arena.h"
#include "base/number.h"
#include "base/scope.h"
#include "base/suggest.h"
#include "field/field.h"
#include "kind/kinds.h"
#include "kind/server_options.h"
#include "manifest/manifest.h"
#include "rules/rules.h"

/*
 * ---- explain code ----
 * Printing diagnostic codes. `make codes` and the terminal get the same texts from here.
 */

/* "from 2.10 on", "before 2.14.4"; "" if the rule holds for every version. */
static const char *versions_text(struct arena *arena, const struct rule *rule)
{
    const char *since = rule->since ? version_format(arena, rule->since, true) : NULL;
    const char *until = rule->until ? version_format(arena, rule->until, true) : NULL;
    if (since && until)
        return arena_printf(arena, "from %s on and before %s", since, until);
    if (since)
        return arena_printf(arena, "from %s on", since);
    return until ? arena_printf(arena, "before %s", until) : "";
}

/*
 * What a server says: "error 10065: subjects overlap … (before 2.10)", or that it takes it. Of a rule of servers: what
 * becomes of one with such a configuration when it starts.
 */
static const char *answer_text(struct arena *arena, const struct rule *rule)
{
    const char *versions = versions_text(arena, rule);
    if (rule->each & OF_SERVERS)
        return rule->says ? arena_printf(arena, "ends with '%s'", rule->says) : "starts, or says so itself";
    const char *answer =
        rule->err_code ? arena_printf(arena, "error %d: %s", rule->err_code, rule->says) : "takes it";
    return *versions ? arena_printf(arena, "%s (%s)", answer, versions) : answer;
}

static const char *level_text(struct arena *arena, const struct diag_code *code)
{
    static const char *const words[] = {
        [SEVERITY_ERROR] = "error", [SEVERITY_WARNING] = "warning", [SEVERITY_NOTE] = "note"};
    if (code->severity == SEVERITY_ERROR)
        return arena_printf(arena, "exit code %d", code->exit_code);
    return code->lint ? arena_printf(arena, "%s, 'lint: {ignore: [%s]}'", words[code->severity], code->name)
                      : words[code->severity];
}

/* Examples may have several lines. */
static void print_lines(FILE *file, const char *lead, const char *further, const char *text)
{
    for (const char *at = text; *at; at += strcspn(at, "\n"), at += *at == '\n')
        fprintf(file, "%s%.*s\n", at == text ? lead : further, (int)strcspn(at, "\n"), at);
}

static void view_explain_code(const struct style *style, const struct diag_code *code)
{
    const char *lead = "  server    ";
    const struct rule *rule;
    struct arena arena SCOPED(arena_release) = {0};
    fprintf(style->file, "%s (%s)\n  %s\n\n", code->name, level_text(&arena, code), code->doc);
    fprintf(style->file, "  why       %s\n", code->why);
    for (size_t i = 0; (rule = rule_at(i)); i++) {
        if (rule->code != code)
            continue;
        fprintf(style->file, "%s%s\n            %s\n", lead, answer_text(&arena, rule), rule->doc);
        lead = "            ";
    }
    print_lines(style->file, "  example   ", "            ", code->example);
    fprintf(style->file, "  remedy    %s\n", code->remedy);
}

static void print_section(FILE *file, struct arena *arena, const struct diag_code *code)
{
    const char *lead = "\n| server | rule |\n| --- | --- |\n";
    const struct rule *rule;
    fprintf(file, "\n## %s\n\n%s *%s.*\n\n%s\n\n", code->name, code->doc, level_text(arena, code), code->why);
    print_lines(file, "    ", "    ", code->example);
    fprintf(file, "\n%s\n", code->remedy);
    for (size_t i = 0; (rule = rule_at(i)); i++) {
        if (rule->code != code)
            continue;
        fprintf(file, "%s| %s | %s |\n", lead, answer_text(arena, rule), rule->doc);
        lead = "";
    }
}

/* Prints the page docs/codes.md: all codes, in Markdown. */
static void view_explain_codes(const struct style *style)
{
    struct arena arena SCOPED(arena_release) = {0};
    fputs(
        "# Diagnostic codes\n\n"
        "Each diagnostic ends with its code in brackets; `natsform explain CODE` says what is here. An error decides the exit\n"
        "code of the run; warnings and notes do not, and an object has those with a `lint` below ignored by\n"
        "`lint: {ignore: [CODE]}`.\n\n"
        "This page is made by `make codes`.\n",
        style->file);
    for (const struct diag_code *code = diag_code_next(NULL); code; code = diag_code_next(code))
        print_section(style->file, &arena, code);
}

/* ---- explain ---- */

const struct table *const view_topics[] = {
    &manifest_table, &stream_table, &consumer_table, &key_value_table, &object_store_table,
    &server_table,   NULL};
enum { TOPICS = sizeof(view_topics) / sizeof(view_topics[0]) - 1 };

bool view_is_topic(const struct table *table)
{
    bool is = false;
    for (size_t i = 0; view_topics[i]; i++)
        is |= view_topics[i] == table;
    return is;
}

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
        if (choice->since[0])
            fprintf(style->file, " (from %s on)", since_text(arena, choice->since, true));
        fputc('\n', style->file);
    }
}

static void print_rows(const struct style *style, const struct table *table, const char *path)
{
    for (size_t i = 0; i < table->count; i++)
        if (!(table->fields[i].flags & FIELD_INTERNAL))
            fprintf(style->file, "  %s.%-26s %s\n", path, table->fields[i].name, table->fields[i].doc);
}

/* ---- what options have instead ---- */

static void print_option_types(const struct style *style, struct arena *arena, const struct field *option)
{
    unsigned items = field_items(option);
    unsigned values = field_values(option);
    fprintf(style->file, "  %-9s %s\n", "type", field_types_describe(arena, option, field_types(option)));
    if (items)
        fprintf(style->file, "  %-9s %s\n", "items", field_types_describe(arena, option, items));
    if (values)
        fprintf(style->file, "  %-9s by name: %s\n", "values", field_types_describe(arena, option, values));
}

static const char *reload_words(const struct field *option, uint32_t version)
{
    static const char *const words[] = {
        [RELOAD_FREE] = "takes effect when the server reads its configuration anew",
        [RELOAD_NEVER] = "needs a restart of the server",
        [RELOAD_GROWS] = "a higher value takes effect at once, a lower one needs a restart",
        [RELOAD_PARTLY] = "some of its options need a restart",
    };
    return words[option_reload(option, version)];
}

static void print_reload(const struct style *style, struct arena *arena, const struct field *option)
{
    const char *since = since_text(arena, option->reload_since, true);
    if (option->flags & FIELD_OURS) {
        fprintf(style->file, "  %-9s natsform's own: servers do not have it\n", "whose");
        return;
    }
    /* Two lines where versions differ: the oldest version's answer, and the newest's. */
    fprintf(style->file, "  %-9s %s", "change",
            reload_words(option, since ? VERSION(2, 9, 0) : VERSION_UNKNOWN));
    if (since)
        fprintf(style->file, "\n  %-9s %s (from %s on)", "", reload_words(option, VERSION_UNKNOWN), since);
    fputc('\n', style->file);
}

/* ---- fields and tables ---- */

static void print_since(const struct style *style, struct arena *arena, const struct field *field,
                        bool is_option)
{
    const char *since = since_text(arena, field->since, true);
    if (since)
        fprintf(style->file, "  %-9s nats-server %s on\n", "from", since);
    since = is_option && field->choices ? since_text(arena, field->choices[0].since, true) : NULL;
    if (since)
        fprintf(style->file, "  %-9s %s: nats-server %s on\n", "from",
                field_types_describe(arena, field, FIELD_CHOICE), since);
}

static void print_field(const struct style *style, const struct table *topic, const struct field *field,
                        const char *path)
{
    struct arena arena SCOPED(arena_release) = {0};
    bool on_server = topic != &manifest_table && !(field->flags & (FIELD_OURS | FIELD_IDENTITY));
    const char *fallback = field->fallback_doc ? field->fallback_doc : field->fallback;
    style_print(style, COLOUR_BOLD, "%s", path);
    fprintf(style->file, "\n  %s\n\n", field->doc);
    if (topic->options)
        print_option_types(style, &arena, field);
    else
        fprintf(style->file, "  %-9s %s\n", "type", field_type_name(&arena, field));
    fprintf(style->file, "  %-9s %s\n", "default",
            (field->flags & FIELD_REQUIRED) ? "required"
            : fallback                      ? fallback
                                            : "none");
    if (!topic->options)
        print_choices(style, &arena, field);
    for (size_t i = 0; i < FIELD_ALIASES_MOST && field->aliases[i]; i++)
        fprintf(style->file, "  %-9s %s\n", i ? "" : "also", field->aliases[i]);
    print_since(style, &arena, field, topic->options);
    if (topic->options)
        print_reload(style, &arena, field);
    else if (on_server)
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

/* ---- errors of servers ---- */

/* An error by its number, and in how many places it was found. */
struct error_view {
    const struct style *style;
    struct arena *arena;
    int err_code;
    size_t found;
};

static void print_place(struct error_view *view, const char *place, const char *text)
{
    if (!view->found++)
        style_print(view->style, COLOUR_BOLD, "error %d", view->err_code);
    fprintf(view->style->file, "%s  %-30s %s\n", view->found == 1 ? "\n" : "", place, text);
}

static void print_rules_with(struct error_view *view)
{
    const struct rule *rule;
    for (size_t i = 0; (rule = rule_at(i)); i++)
        if (rule->err_code == view->err_code && !(rule->each & OF_SERVERS))
            print_place(view, rule->code->name, rule->doc);
}

static void print_fields_with(struct error_view *view, const struct table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        const char *place = arena_printf(view->arena, "%s.%s", table_word(table), field->name);
        const char *said = "";
        for (size_t j = 0; j < FIELD_RULES_MOST; j++) {
            const struct update_rule *rule = &field->updates[j];
            if (rule->err_code != view->err_code || !rule->says || strcmp(rule->says, said) == 0)
                continue;
            print_place(view, place, rule->says);
            said = rule->says;
        }
    }
}

static void print_constraints_with(struct error_view *view, const struct table *table)
{
    for (size_t i = 0; i < table->constraint_count; i++) {
        const struct constraint *constraint = &table->constraints[i];
        const char *name = table_field_by_id(table, constraint->field)->name;
        const char *other = table_field_by_id(table, constraint->other)->name;
        if (constraint->err_code == view->err_code)
            print_place(
                view, arena_printf(view->arena, "%s.%s", table_word(table), name),
                arena_printf(view->arena, "%s '%s'",
                             constraint->verb == CONSTRAINT_NEEDS ? "needs" : "cannot stand together with",
                             other));
    }
}

/* False: the topic is no number, or of an error that natsform knows nothing of. */
static bool print_error(const struct style *style, const char *topic)
{
    struct arena arena SCOPED(arena_release) = {0};
    struct error_view view = {.style = style, .arena = &arena};
    uint64_t number = 0;
    if (!number_parse_u64(topic, &number) || number == 0 || number > INT_MAX)
        return false;
    view.err_code = (int)number;
    print_rules_with(&view);
    for (int i = 0; i < TOPICS; i++) {
        print_constraints_with(&view, view_topics[i]);
        print_fields_with(&view, view_topics[i]);
    }
    return view.found > 0;
}

/* ---- topics ---- */

static void list_topics(const struct style *style)
{
    for (int i = 0; i < TOPICS; i++)
        fprintf(style->file, "%-12s %s\n", table_word(view_topics[i]), view_topics[i]->doc);
    fputs("\nDiagnostics:\n", style->file);
    for (const struct diag_code *code = diag_code_next(NULL); code; code = diag_code_next(code))
        fprintf(style->file, "  %-21s %s\n", code->name, code->doc);
}

void view_explain_topics(struct arena *arena, void (*each)(void *context, const char *topic, const char *doc),
                         void *context)
{
    for (int i = 0; i < TOPICS; i++) {
        each(context, table_word(view_topics[i]), view_topics[i]->doc);
        for (size_t j = 0; j < view_topics[i]->count; j++)
            if (view_topics[i] != &manifest_table && !(view_topics[i]->fields[j].flags & FIELD_INTERNAL))
                each(context,
                     arena_printf(arena, "%s.%s", table_word(view_topics[i]), view_topics[i]->fields[j].name),
                     view_topics[i]->fields[j].doc);
    }
    for (const struct diag_code *code = diag_code_next(NULL); code; code = diag_code_next(code))
        each(context, code->name, code->doc);
}

/* "stream.max_age" by its table; "connection.timeout" by the manifest's rows. What is left of `topic` goes to *ret_rest. */
static const struct table *topic_of(const char *topic, const char **ret_rest)
{
    for (int i = 0; i < TOPICS; i++) {
        const char *word = table_word(view_topics[i]);
        size_t length = strlen(word);
        *ret_rest = topic + length + 1;
        if (strncmp(topic, word, length) == 0 && topic[length] == '.')
            return view_topics[i];
    }
    *ret_rest = topic;
    return &manifest_table;
}

/* The option that is nearest to the last word of "server.jetstream.max_mme", with what is before it; or NULL. */
static const char *near_option(struct arena *arena, const char *topic)
{
    const char *path;
    const struct table *table = topic_of(topic, &path);
    const char *last = strrchr(path, '.');
    if (!table->options)
        return NULL;
    const char *above = last ? arena_strndup(arena, path, (size_t)(last - path)) : "";
    const struct field *option = last ? table_field_by_path(table, above) : NULL;
    table = last ? (option ? option->object : NULL) : table;
    last = last ? last + 1 : path;
    const char *near = table ? table_suggest(table, last) : NULL;
    return near ? arena_printf(arena, "%.*s%s", (int)(last - topic), topic, near) : NULL;
}

/* The one field of that name, with its path; NULL if there is none, or if several kinds have it, which are told. */
static const struct field *only_field(struct arena *arena, const char *name, const struct table **ret_table,
                                      const char **ret_paths)
{
    const struct field *only = NULL;
    size_t count = 0;
    *ret_paths = "";
    for (int i = 0; i < TOPICS; i++) {
        const struct field *field =
            view_topics[i] == &manifest_table ? NULL : table_field(view_topics[i], name);
        if (!field || field->flags & FIELD_INTERNAL)
            continue;
        *ret_paths = arena_printf(arena, "%s%s%s.%s", *ret_paths, count++ ? ", " : "",
                                  table_word(view_topics[i]), field->name);
        *ret_table = view_topics[i];
        only = field;
    }
    return count == 1 ? only : NULL;
}

static int unknown_topic(const char *topic, struct diags *diags)
{
    /* The last word alone: 'stream.max_agee' is near to 'max_age', not to another whole path. */
    struct suggestion near = {.wanted = strrchr(topic, '.') ? strrchr(topic, '.') + 1 : topic};
    const struct table *of = NULL;
    struct diag *diag = diag_add(diags, &code_usage, (struct srcpos){0}, "nothing is called '%s'", topic);
    for (int i = 0; i < TOPICS; i++) {
        for (size_t j = 0; j < view_topics[i]->count && !view_topics[i]->options; j++) {
            const char *before = near.best;
            suggestion_consider(&near, view_topics[i]->fields[j].name);
            of = near.best == before ? of : view_topics[i];
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

static int several_topics(const char *topic, const char *paths, struct diags *diags)
{
    struct diag *diag = diag_add(diags, &code_usage, (struct srcpos){0}, "several have a field '%s'", topic);
    diag_hint(diags, diag, "say which one: %s", paths);
    return -1;
}

int view_explain(const struct style *style, const char *topic, struct diags *diags)
{
    if (!topic) {
        list_topics(style);
        return 0;
    }
    for (int i = 0; i < TOPICS; i++) {
        if (strcmp(topic, table_word(view_topics[i])) == 0) {
            print_table(style, view_topics[i]);
            return 0;
        }
    }
    const char *path;
    const char *paths;
    const struct table *table = topic_of(topic, &path);
    const struct field *field = table_field_by_path(table, path);
    const struct diag_code *code = diag_code_by_name(topic);
    if (field)
        print_field(style, table, field, topic);
    else if (code)
        view_explain_code(style, code);
    else if (strcmp(topic, "codes") == 0)
        view_explain_codes(style);
    else if ((field = only_field(&diags->arena, topic, &table, &paths)) != NULL)
        print_field(style, table, field, paths);
    else if (*paths)
        return several_topics(topic, paths, diags);
    else if (!print_error(style, topic))
        return unknown_topic(topic, diags);
    return 0;
}
