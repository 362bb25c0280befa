/*
 * Makes the configuration of a stream that is restored; see restore_terms.h. What servers make of each field was measured by restoring a
 * stream with every one of them changed.
 */
#include "apply/restore_terms.h"

#include <string.h>

#include "base/number.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "field/check.h"
#include "field/decode.h"
#include "field/encode.h"
#include "field/mark_keys.h"
#include "kind/kinds.h"
#include "syntax/yaml.h"

DIAG_CODE(
    code_restore, .name = "restore", CODE_ERROR(EXIT_FAILED),
    .doc = "A backup cannot be restored there, or the server did not keep all of it.",
    .why = "Servers say yes to some archives and keep nothing of them, so that each restore is read back.",
    .example = "natsform restore backups/ORDERS, where a stream ORDERS is there already",
    .remedy = "See what the message says; --as gives it another name, on nats-server 2.15 and later.");

#define METADATA "metadata"

/* ---- what is asked for ---- */

static const char *name_of(unsigned id)
{
    return table_field_by_id(&stream_table, id)->name;
}

/* One line of a manifest for each, so that it is read, and found fault with, as there. */
static struct node *read_sets(const struct restore_subject *subject, struct diags *diags)
{
    struct arena *arena = subject->arena;
    struct strbuf text = {0};
    struct source *source = ARENA_NEW(arena, struct source);
    struct documents documents = {0};
    for (size_t i = 0; i < subject->terms->set_count; i++) {
        const char *set = subject->terms->sets[i], *equals = strchr(set, '=');
        size_t length = strspn(set, "abcdefghijklmnopqrstuvwxyz_");
        if (!equals || !length || set + length != equals || strchr(equals, '\n')) {
            diag_error(diags, &code_restore, (struct srcpos){0}, "--set wants FIELD=VALUE, not '%s'", set);
            strbuf_release(&text);
            return NULL;
        }
        strbuf_addf(&text, "%.*s: %s\n", (int)length, set, equals + 1);
    }
    size_t length = text.length;
    *source = (struct source){.name = "--set", .text = strbuf_move(&text, arena), .length = length};
    if (length && yaml_read(arena, source, diags, &documents))
        return NULL;
    return documents.count ? documents.items[0] : node_map(arena);
}

static void add_placement(const struct restore_subject *subject, struct node *wanted)
{
    const struct restore_terms *terms = subject->terms;
    struct arena *arena = subject->arena;
    const char *name = name_of(STREAM_PLACEMENT);
    const struct node *before = node_get(wanted, name);
    if (!before)
        before = node_get(subject->backup->config, name);
    struct node *placement = before && before->type == NODE_MAP ? node_copy(arena, before) : node_map(arena);
    struct node *tags = node_list(arena);
    if (terms->cluster)
        node_put_text(arena, placement, "cluster", terms->cluster);
    for (size_t i = 0; i < terms->tag_count; i++)
        node_append(arena, tags, node_scalar(arena, terms->tags[i], true));
    if (tags->count)
        node_put(arena, placement, "tags", tags);
    node_put(arena, wanted, name, placement);
}

static struct node *read_wanted(const struct restore_subject *subject, struct diags *diags)
{
    const struct restore_terms *terms = subject->terms;
    struct node *wanted = read_sets(subject, diags);
    if (!wanted)
        return NULL;
    if (terms->replicas)
        node_put(subject->arena, wanted, name_of(STREAM_NUM_REPLICAS),
                 node_scalar(subject->arena, terms->replicas, false));
    if (terms->cluster || terms->tag_count)
        add_placement(subject, wanted);
    return wanted;
}

/* ---- what is refused ---- */

static int refuse(const struct field *field, const struct value *value, const char *why, const char *hint,
                  struct diags *diags)
{
    struct srcpos pos = value->node ? value->node->pos : (struct srcpos){0};
    struct diag *diag =
        diag_add(diags, &code_restore, pos, "'%s' cannot be another one at a restore: %s", field->name, why);
    if (hint)
        diag_hint(diags, diag, "%s", hint);
    return -1;
}

/* Fields that no restore changes, and why. */
static const struct {
    unsigned id;
    const char *why;
    const char *hint;
} fixed[] = {
    {STREAM_NAME, "it is how the stream is found", "--as NAME gives it another name"},
    {STREAM_FIRST_SEQ, "the archive has the sequences; with another one, servers keep no message of it",
     NULL},
    {STREAM_MIRROR, "what it copies comes beside what is restored",
     "restore it as it was, and change it by 'natsform apply'"},
    {STREAM_SOURCES, "what it copies comes beside what is restored",
     "restore it as it was, and change it by 'natsform apply'"},
    {STREAM_SEALED, "no server makes a stream that is sealed", "seal it afterwards, by 'natsform apply'"},
};

static int64_t number_before(const struct restore_subject *subject, const struct field *field)
{
    int64_t number = 0;
    number_parse_i64(node_get_text(subject->backup->config, field->name), &number);
    return number;
}

/* Does the limit let go what the one before held? Limits of 0 and -1 are none. */
static bool trims(const struct restore_subject *subject, const struct field *field, const struct value *value)
{
    int64_t before = number_before(subject, field);
    bool counts = field->risk == RISK_TRIMS_MESSAGES || field->risk == RISK_TRIMS_SUBJECTS;
    bool is_limit = counts || field->risk == RISK_TRIMS_BYTES || field->risk == RISK_TRIMS_AGE ||
                    field->id == STREAM_MAX_MSG_SIZE;
    if (!is_limit || value->type != VALUE_INT || value->integer <= 0 ||
        (before > 0 && value->integer >= before))
        return false;
    uint64_t least = counts                            ? subject->messages
                     : field->risk == RISK_TRIMS_BYTES ? subject->bytes
                     : field->risk == RISK_TRIMS_AGE   ? subject->oldest
                                                       : UINT64_MAX;
    return (uint64_t)value->integer < least;
}

static int check_fixed(const struct field *field, const struct value *value, struct diags *diags)
{
    for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
        if (fixed[i].id == field->id && (field->id != STREAM_SEALED || value_is_on(field, value)))
            return refuse(field, value, fixed[i].why, fixed[i].hint, diags);
    if (field->flags & (FIELD_OURS | FIELD_INTERNAL))
        return refuse(field, value, "it is no setting of the server's", NULL, diags);
    return 0;
}

static bool is_same_choice(const struct restore_subject *subject, const struct field *field,
                           const struct value *value)
{
    const char *before = node_get_text(subject->backup->config, field->name);
    const char *fallback = field->fallback ? field->fallback : "";
    return text_is(*before ? before : fallback, value->type == VALUE_TEXT ? value->text : fallback);
}

static int check_value(const struct restore_subject *subject, const struct field *field,
                       const struct value *value, struct diags *diags)
{
    static const char later[] =
        "restore it as it was, and change it by 'natsform apply', which says what goes";
    if (check_fixed(field, value, diags))
        return -1;
    if (trims(subject, field, value))
        return refuse(field, value, "it is lower than what the backup holds, and the rest would go at once",
                      later, diags);
    if (field->id == STREAM_RETENTION && !is_same_choice(subject, field, value) &&
        !(value->type == VALUE_TEXT && text_is(value->text, "limits")))
        return refuse(field, value, "what its consumers have acknowledged would go at once", later, diags);
    if (field->id == STREAM_STORAGE && !is_same_choice(subject, field, value) &&
        !version_has(subject->version, RESTORE_NEW_FORMAT_SINCE))
        return refuse(field, value,
                      arena_printf(&diags->arena, "nats-server %s says yes, and keeps no message",
                                   subject->version_text),
                      "nats-server 2.15 and later can", diags);
    return 0;
}

static int check_replicas(const struct restore_subject *subject, const struct node *config,
                          struct diags *diags)
{
    if (subject->is_clustered || subject->version == VERSION_UNKNOWN ||
        node_get_number(config, name_of(STREAM_NUM_REPLICAS)) <= 1)
        return 0;
    struct diag *diag =
        diag_add(diags, &code_restore, (struct srcpos){0},
                 "'%s' cannot be restored: it has %s replicas, and the server is none of a cluster",
                 subject->backup->folder, node_get_text(config, name_of(STREAM_NUM_REPLICAS)));
    diag_hint(diags, diag, "--replicas 1");
    return -1;
}

/* ---- ownership ---- */

/* A record of how a consumer was made tells nothing of its owner. */
static bool is_mark(const char *key)
{
    return text_begins(key, MARK_PREFIX) && !text_is(key, MARK_START);
}

bool restore_has_marks(const struct node *config)
{
    return *node_get_text(node_get(config, METADATA), MARK_PROJECT) != '\0';
}

bool restore_marks(struct arena *arena, const struct restore_terms *terms, const char *label, bool is_stream,
                   struct node *config)
{
    const struct node *before = node_get(config, METADATA);
    struct node *metadata = node_map(arena);
    bool owned = restore_has_marks(config), any = false;
    if (!terms->no_project && !(terms->project && (owned || is_stream)))
        return false;
    for (size_t i = 0; before && before->type == NODE_MAP && i < before->count; i++) {
        const char *key = before->members[i].key;
        /* Who takes it over keeps what was protected. */
        if (is_mark(key) && !(terms->project && text_is(key, MARK_PROTECTED)))
            any = true;
        else
            node_add(arena, metadata, before->members[i]);
    }
    if (terms->project) {
        node_put_text(arena, metadata, MARK_PROJECT, terms->project);
        node_put_text(arena, metadata, MARK_OBJECT, label);
    }
    node_put(arena, config, METADATA, metadata);
    return any || terms->project;
}

static int check_marks(const struct restore_subject *subject, struct diags *diags)
{
    const char *project = subject->terms->project;
    if (!project || version_has(subject->version, V_2_10))
        return 0;
    return diag_error(diags, &code_restore, (struct srcpos){0},
                      "'%s' cannot belong to project '%s': nats-server %s keeps no metadata, and so no owner",
                      subject->name, project, subject->version_text);
}

/* ---- the whole ---- */

void restore_plain(struct arena *arena, struct node *config)
{
    const struct node *metadata = node_get(config, METADATA);
    struct node *plain = node_map(arena);
    if (!metadata || metadata->type != NODE_MAP)
        return;
    for (size_t i = 0; i < metadata->count; i++)
        if (!metadata_key_is_servers(metadata->members[i].key))
            node_add(arena, plain, metadata->members[i]);
    node_put(arena, config, METADATA, plain);
}

static void rename_subjects(const struct restore_subject *subject, struct node *config)
{
    const char *name = name_of(STREAM_SUBJECTS);
    const struct node *before = node_get(config, name);
    struct node *list = node_list(subject->arena);
    if (!subject->terms->rewrite.renames.count || !before || before->type != NODE_LIST)
        return;
    for (size_t i = 0; i < before->count; i++) {
        const char *renamed =
            rewrite_filter(subject->arena, &subject->terms->rewrite, before->items[i]->text);
        node_append(subject->arena, list,
                    renamed ? node_scalar(subject->arena, renamed, true) : before->items[i]);
    }
    node_put(subject->arena, config, name, list);
}

/* Other metadata takes no mark away: --project and --no-project do. */
static void put_value(const struct restore_subject *subject, const struct field *field,
                      const struct value *value, struct node *config)
{
    struct arena *arena = subject->arena;
    const struct node *before = node_get(config, METADATA);
    if (value->type == VALUE_ABSENT)
        node_remove(config, field->name);
    else
        node_put(arena, config, field->name, value_encode(arena, field, value, FORM_WIRE));
    if (field->id != STREAM_METADATA || !restore_has_marks(subject->backup->config))
        return;
    struct node *metadata = node_get(config, METADATA);
    metadata = metadata ? metadata : node_map(arena);
    for (size_t i = 0; i < before->count; i++)
        if (is_mark(before->members[i].key))
            node_put(arena, metadata, before->members[i].key, before->members[i].value);
    node_put(arena, config, METADATA, metadata);
}

/* It is no longer than messages stay: as the default, which it mostly comes from, and or else the server refuses it (10052). */
static void narrow_window(const struct restore_subject *subject, struct node *config)
{
    uint64_t age = node_get_number(config, name_of(STREAM_MAX_AGE));
    if (age && node_get_number(config, name_of(STREAM_DUPLICATE_WINDOW)) > age)
        node_put_number(subject->arena, config, name_of(STREAM_DUPLICATE_WINDOW), age);
}

static int overlay(const struct restore_subject *subject, struct node *config, struct diags *diags)
{
    struct arena *arena = subject->arena;
    const struct surroundings around = {.version = subject->version,
                                        .version_text = subject->version_text,
                                        .clustered = subject->is_clustered};
    const struct node *wanted = read_wanted(subject, diags);
    if (!wanted || wanted->type != NODE_MAP || !wanted->count)
        return wanted ? 0 : -1;
    size_t errors = diags->errors;
    const struct object *object = object_decode(arena, &stream_table, NULL, wanted, FORM_MANIFEST, diags);
    object_check_version(object, &around, arena_printf(arena, "stream '%s'", subject->name), diags);
    bool readable = diags->errors == errors;
    for (size_t i = 0; i < stream_table.count && readable; i++) {
        const struct field *field = &stream_table.fields[i];
        if (node_get(wanted, field->name))
            check_value(subject, field, object_value_of(object, field), diags);
    }
    for (size_t i = 0; i < stream_table.count && diags->errors == errors; i++)
        if (node_get(wanted, stream_table.fields[i].name))
            put_value(subject, &stream_table.fields[i], object_value_of(object, &stream_table.fields[i]),
                      config);
    if (node_get(wanted, name_of(STREAM_MAX_AGE)) && !node_get(wanted, name_of(STREAM_DUPLICATE_WINDOW)))
        narrow_window(subject, config);
    return diags->errors > errors ? -1 : 0;
}

int restore_config(const struct restore_subject *subject, struct node **ret_config, struct diags *diags)
{
    struct node *config = node_copy(subject->arena, subject->backup->config);
    node_put_text(subject->arena, config, name_of(STREAM_NAME), subject->name);
    /*
     * nats-server before 2.15 begins a stream with a first_seq anew, and says yes to an archive of which it then keeps no message (2.10.27).
     * The archive has the sequences, so that the option is not missed.
     */
    if (!version_has(subject->version, RESTORE_NEW_FORMAT_SINCE))
        node_remove(config, name_of(STREAM_FIRST_SEQ));
    rename_subjects(subject, config);
    if (overlay(subject, config, diags) || check_replicas(subject, config, diags) ||
        check_marks(subject, diags))
        return -1;
    restore_plain(subject->arena, config);
    restore_marks(subject->arena, subject->terms, subject->name, true, config);
    *ret_config = config;
    return 0;
}
