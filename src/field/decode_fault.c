/*
 * Messages about values that cannot be read; see decode_fault.h. For most users these are most of what they see of
 * natsform. So each says what was found, what is wanted, and how to write it.
 */
#include "field/decode_fault.h"

#include <string.h>
#include <strings.h>

#include "base/conceal.h"
#include "base/number.h"
#include "base/suggest.h"
#include "base/utf8.h"
#include "field/subject.h"

static DIAG_CODE(code_missing_unit, .name = "missing-unit", CODE_ERROR(EXIT_MANIFEST),
                 .doc = "A duration needs a unit, such as 30s; a bare number could be anything.",
                 .why = "On the wire durations are nanoseconds, in most tools seconds.",
                 .example = "max_age: 3600",
                 .remedy = "Write a unit: 1h, 30s, 250ms; 0 alone is without end.");

static DIAG_CODE(code_subject, .name = "subject", CODE_ERROR(EXIT_MANIFEST), .doc = "Not a valid subject.",
                 .why = "A server refuses it, or nobody can ever publish on it.",
                 .example = "subjects: [orders..new]",
                 .remedy = "Put one token between two dots; '*' and '>' stand alone, and '>' comes last.");

enum { SHOWN_MOST = 60, KEY_MOST = 80 };

/* ---- words ---- */

/* Keys can be of any length; a message shows their beginning. */
static const char *excerpt(struct arena *arena, const char *text)
{
    size_t length = strlen(text);
    size_t shown = 0;
    size_t step = 0;
    if (length <= KEY_MOST)
        return text;
    /* Whole characters only: half of one would not be UTF-8, and terminals would show rubbish. */
    while ((step = utf8_sequence(text + shown, length - shown)) && shown + step <= KEY_MOST)
        shown += step;
    return arena_printf(arena, "%.*s…", (int)shown, text);
}

const char *fault_subject(const struct decoder *decoder, const struct field *field)
{
    struct arena *arena = &decoder->diags->arena;
    const char *key = decoder->key ? excerpt(arena, decoder->key) : NULL;
    if (key && field->object)
        return arena_printf(arena, "%s '%s'", field->object->noun, key);
    if (key)
        return arena_printf(arena, "'%s' in '%s'", key, field->name);
    return arena_printf(arena, decoder->is_item ? "an item of '%s'" : "'%s'", field->name);
}

/* Neither a secret, nor what may hold one, nor the value of a variable, nor a URL that may have a password in it. */
static bool is_shown(const struct field *field, const struct node *node)
{
    return node->type == NODE_SCALAR && !node->expanded && !field_has_secrets(field) &&
           strlen(node->text) <= SHOWN_MOST && !conceal_is_needed(node->text) &&
           !(strstr(node->text, "://") && strchr(node->text, '@'));
}

const char *fault_shown(const struct decoder *decoder, const struct field *field, const struct node *node)
{
    if (node->type == NODE_SCALAR && node->expanded)
        return "what the variable holds";
    if (!is_shown(field, node))
        return node_describe(node);
    /* '3' in quotes reads like the number 3, which it is not. */
    bool looks_else = node->quoted && *node->text && node_text_is_special(node->text);
    return arena_printf(&decoder->diags->arena, looks_else ? "the string '%s'" : "'%s'", node->text);
}

static __attribute__((format(printf, 5, 6))) struct diag *say(const struct decoder *decoder,
                                                              const struct field *field,
                                                              const struct node *node,
                                                              const struct diag_code *code,
                                                              const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *problem = arena_vprintf(&decoder->diags->arena, format, args);
    va_end(args);
    struct diag *diag =
        diag_add(decoder->diags, code, node->pos, "%s %s", fault_subject(decoder, field), problem);
    diag->secret = (field->flags & FIELD_SECRET) || (field_has_secrets(field) && node->type == NODE_SCALAR);
    return diag;
}

bool fault(const struct decoder *decoder, const struct field *field, const struct node *node,
           const struct diag_code *code, const char *problem)
{
    say(decoder, field, node, code, "%s", problem);
    return false;
}

static struct diag *say_type(const struct decoder *decoder, const struct field *field,
                             const struct node *node, const char *wanted)
{
    return say(decoder, field, node, &code_wrong_type, "must be %s, not %s", wanted,
               fault_shown(decoder, field, node));
}

bool fault_type(const struct decoder *decoder, const struct field *field, const struct node *node,
                const char *wanted)
{
    say_type(decoder, field, node, wanted);
    return false;
}

/* ---- shapes ---- */

bool fault_not_list(const struct decoder *decoder, const struct field *field, const struct node *node)
{
    struct diag *diag = say_type(decoder, field, node, "a list");
    if (field->type == FIELD_OBJECT && node->type == NODE_MAP)
        diag_hint(decoder->diags, diag, "begin each item with '- '");
    else if (is_shown(field, node) && *node->text && field->type != FIELD_OBJECT)
        diag_hint(decoder->diags, diag, "write '%s: [%s]'", field->name, node->text);
    return false;
}

bool fault_not_map(const struct decoder *decoder, const struct field *field, const struct node *node)
{
    struct diag *diag = say_type(decoder, field, node, "a map");
    if (field->shape == SHAPE_MAP && !decoder->key && node->type == NODE_LIST)
        diag_hint(decoder->diags, diag, "the names are its keys: '%s: {NAME: …}'", field->name);
    return false;
}

/* ---- texts ---- */

bool fault_name(const struct decoder *decoder, const struct field *field, const struct node *node)
{
    struct diags *diags = decoder->diags;
    const char *shown = is_shown(field, node) ? arena_printf(&diags->arena, " '%s'", node->text) : "";
    diag_add(diags, &code_name, node->pos, "'%s': the name%s %s", field->name, shown, name_fault(node->text));
    return false;
}

bool fault_subject_text(const struct decoder *decoder, const struct field *field, const struct node *node)
{
    bool literal = field->type == FIELD_LITERAL;
    struct diag *diag = diag_add(decoder->diags, &code_subject, node->pos, "'%s': %s is not %s", field->name,
                                 fault_shown(decoder, field, node),
                                 literal ? "a valid subject without wildcards" : "a valid subject");
    diag_hint(decoder->diags, diag, "tokens are separated by single dots and have no white space%s",
              literal ? "; '*' and '>' are not allowed here" : "; '>' may only be the last token");
    return false;
}

bool fault_bool(const struct decoder *decoder, const struct field *field, const struct node *node)
{
    static const char *const words[] = {"yes", "on", "y", "no", "off", "n", NULL};
    enum { TRUE_WORDS = 3 };
    struct node plain = *node;
    bool value = false;
    struct diag *diag = say_type(decoder, field, node, field_type_describe(field));
    /* What would it be without its quotes? */
    plain.quoted = false;
    if (node_is_bool(&plain, &value))
        diag_hint(decoder->diags, diag, "write it without quotes");
    for (int i = 0; words[i] && is_shown(field, node); i++)
        if (strcasecmp(node->text, words[i]) == 0)
            diag_hint(decoder->diags, diag, "write '%s': in YAML 1.2, '%s' is a string",
                      i < TRUE_WORDS ? "true" : "false", node->text);
    return false;
}

/* ---- numbers ---- */

/* "-12" or "12", however long. */
static bool is_integer(const char *text)
{
    text += *text == '-';
    return *text && !text[strspn(text, "0123456789")];
}

static const char *number_text(const struct decoder *decoder, const struct field *field, int64_t number)
{
    struct arena *arena = &decoder->diags->arena;
    if (field->type == FIELD_DURATION)
        return duration_format(arena, number);
    return arena_printf(arena, "%lld%s", (long long)number, field->type == FIELD_SIZE ? " bytes" : "");
}

/* "unlimited or at least 1", "0 to 5", "0 or at least 100ms" */
static const char *bounds(const struct decoder *decoder, const struct field *field)
{
    struct arena *arena = &decoder->diags->arena;
    bool unbounded = !field->most || field->most == INT64_MAX;
    const char *also = (field->flags & FIELD_UNLIMITED) ? "unlimited or "
                       : field->type == FIELD_DURATION  ? "0 or "
                                                        : "";
    if (unbounded)
        return arena_printf(arena, "%sat least %s", also, number_text(decoder, field, field->least));
    return arena_printf(arena, "%s%lld to %s", also, (long long)field->least,
                        number_text(decoder, field, field->most));
}

bool fault_range(const struct decoder *decoder, const struct field *field, const struct node *node)
{
    say(decoder, field, node, &code_range, "must be %s, not %s", bounds(decoder, field),
        fault_shown(decoder, field, node));
    return false;
}

bool fault_integer(const struct decoder *decoder, const struct field *field, const struct node *node)
{
    bool whole = is_integer(node->text);
    bool natural = field->type == FIELD_UNSIGNED;
    const char *wanted =
        (field->flags & FIELD_UNLIMITED) ? "an integer or 'unlimited'" : field_type_describe(field);
    if (whole && !node->quoted && *node->text == '-')
        return natural ? fault(decoder, field, node, &code_range, "must not be negative")
                       : fault_range(decoder, field, node);
    /* A whole number that could not be read is too large; nothing else is left. */
    if (whole && !node->quoted) {
        say(decoder, field, node, &code_range, "is too large: %llu is the most",
            natural       ? (unsigned long long)UINT64_MAX
            : field->most ? (unsigned long long)field->most
                          : (unsigned long long)INT64_MAX);
        return false;
    }
    struct diag *diag = say_type(decoder, field, node, wanted);
    if (whole)
        diag_hint(decoder->diags, diag, "write it without quotes");
    return false;
}

/* ---- quantities ---- */

/* Wire values are in nanoseconds; whoever copies one from JSON gets a number of ten digits and more. */
static bool missing_unit(const struct decoder *decoder, const struct field *field, const struct node *node)
{
    int64_t nanos;
    struct diags *diags = decoder->diags;
    struct diag *diag = say(decoder, field, node, &code_missing_unit, "needs a unit, %s has none",
                            fault_shown(decoder, field, node));
    if (node->expanded)
        return false;
    if (number_parse_i64(node->text, &nanos) && nanos >= INT64_C(1000000000))
        diag_hint(diags, diag, "if these are nanoseconds, as in JSON, write '%s'",
                  duration_format(&diags->arena, nanos));
    else
        diag_hint(diags, diag, "write '%ss' for seconds, '%sm' for minutes or '%sh' for hours", node->text,
                  node->text, node->text);
    return false;
}

static bool malformed_quantity(const struct decoder *decoder, const struct field *field,
                               const struct node *node)
{
    bool number = node->text[strcspn(node->text, "0123456789")] != '\0';
    struct diag *diag = say_type(decoder, field, node, field_type_describe(field));
    /* The value of a variable may be a secret, so nothing is built from it. */
    if (number && !node->expanded)
        diag_hint(decoder->diags, diag,
                  field->type == FIELD_DURATION
                      ? "units are w d h m s ms us ns, the larger ones first, without white space: 1h30m"
                      : "units are k m g t p for powers of 1000 and KiB MiB GiB TiB PiB for those of 1024, "
                        "without white space");
    return false;
}

bool fault_units(const struct decoder *decoder, const struct field *field, const struct node *node,
                 enum units_fault why)
{
    bool duration = field->type == FIELD_DURATION;
    switch (why) {
    case UNITS_OK:
        break;
    case UNITS_NO_UNIT:
        return missing_unit(decoder, field, node);
    case UNITS_MALFORMED:
        return malformed_quantity(decoder, field, node);
    case UNITS_NEGATIVE:
        return fault(decoder, field, node, &code_range, "must not be negative");
    case UNITS_TOO_BIG:
        return fault(decoder, field, node, &code_range,
                     duration ? "is too long: 106751d23h is the most"
                              : "is too large: 9223372036854775807 bytes is the most");
    case UNITS_INEXACT:
        return fault(decoder, field, node, &code_range,
                     duration ? "has a fraction finer than a nanosecond"
                              : "has a fraction finer than a byte");
    }
    return false;
}

/* ---- choices ---- */

bool fault_choice(const struct decoder *decoder, const struct field *field, const struct node *node)
{
    struct arena *arena = &decoder->diags->arena;
    struct suggestion near = {.wanted = node->type == NODE_SCALAR ? node->text : ""};
    const struct diag_code *code = node->type == NODE_SCALAR ? &code_choice : &code_wrong_type;
    const char *all = "";
    for (const struct choice *choice = field->choices; choice->name; choice++) {
        suggestion_consider(&near, choice->name);
        all = arena_printf(arena, "%s%s%s", all, *all ? ", " : "", choice->name);
    }
    struct diag *diag =
        say(decoder, field, node, code, "must be one of %s, not %s", all, fault_shown(decoder, field, node));
    if (near.best)
        diag_hint(decoder->diags, diag, "did you mean '%s'?", near.best);
    return false;
}

/* ---- keys ---- */

void fault_key_name(const struct decoder *decoder, const struct table *table, const struct member *member,
                    const char *why)
{
    struct diag *diag = diag_add(decoder->diags, &code_name, member->key_pos, "the name '%s' of %s %s %s",
                                 excerpt(&decoder->diags->arena, member->key), table_article(table),
                                 table->noun, why ? why : "has a variable in it");
    if (!why)
        diag_hint(decoder->diags, diag, "variables are replaced in values, not in names");
    else if (table->fields[0].type == FIELD_NAME)
        diag_hint(decoder->diags, diag, "names are 1 to 255 bytes without white space and . * > / \\");
}

/* Is it a key of other tools? Then what it is here is said. */
static bool hint_other(const struct decoder *decoder, const struct table *table, const struct member *member,
                       struct diag *diag)
{
    const struct key_hint *hint = table->key_hints;
    while (hint && hint->key && strcmp(hint->key, member->key) != 0)
        hint++;
    if (!hint || !hint->key)
        return false;
    if (!hint->after) {
        diag_hint(decoder->diags, diag, "%s", hint->before);
        return true;
    }
    const char *value = member->value->type == NODE_SCALAR ? member->value->text : "…";
    diag_hint(decoder->diags, diag, "%s%s%s", hint->before, excerpt(&decoder->diags->arena, value),
              hint->after);
    return true;
}

void fault_unknown_key(const struct decoder *decoder, const struct table *table, const struct member *member)
{
    struct arena *arena = &decoder->diags->arena;
    struct diag *diag = diag_add(decoder->diags, &code_unknown_key, member->key_pos, "unknown key '%s' in %s",
                                 excerpt(arena, member->key), table->noun);
    /*
     * A near name of the same table wins: most unknown keys are typing errors. Then the place where the key would be
     * right.
     */
    if (hint_other(decoder, table, member, diag))
        return;
    const char *near = table_suggest(table, member->key);
    const char *place = near ? NULL : table_place_below(arena, table, member->key);
    if (near || place)
        diag_hint(decoder->diags, diag, "did you mean '%s'?", near ? near : place);
}
