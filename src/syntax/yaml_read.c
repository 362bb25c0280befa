/*
 * The first half of the YAML reader: checks size and encoding of the text, then gives libyaml's events to yaml_build.c.
 *
 * libyaml also has an interface for whole documents. It is not used, because it keeps duplicate keys without a
 * word, knows no merge keys, and has no limit of depth or size.
 */
#include "syntax/yaml.h"

#include <string.h>
#include <yaml.h>

#include "base/scope.h"
#include "base/utf8.h"
#include "syntax/cursor.h"
#include "syntax/yaml_build.h"
#include "syntax/yaml_error.h"

enum { EVENTS_AT_ONCE = 256 };

/* Checked before anything else: nobody writes more than this by hand. */
static int check_size(const struct source *source, struct diags *diags)
{
    if (source->length <= YAML_MOST_BYTES)
        return 0;
    return diag_error(diags, &code_limit, cursor_pos_of_byte(source, YAML_MOST_BYTES),
                      "the text is longer than %d bytes", YAML_MOST_BYTES);
}

static int check_encoding(const struct source *source, struct diags *diags)
{
    size_t offset;
    enum utf8_fault fault = utf8_check(source->text, source->length, &offset);
    if (fault == UTF8_OK)
        return 0;
    unsigned byte = (unsigned char)source->text[offset];
    struct srcpos pos = cursor_pos_of_byte(source, offset);
    if (fault == UTF8_CONTROL)
        return diag_error(diags, &code_encoding, pos, "control byte 0x%02X", byte);
    struct diag *diag = fault == UTF8_NUL
                            ? diag_add(diags, &code_encoding, pos, "NUL byte")
                            : diag_add(diags, &code_encoding, pos, "byte 0x%02X is not valid UTF-8", byte);
    /* UTF-16 begins with 0xFF 0xFE or 0xFE 0xFF or, without a mark, with a letter beside a NUL. */
    bool wide = offset < 2 && source->length >= 2 && (fault == UTF8_NUL || byte >= 0xFE);
    diag_hint(diags, diag, wide ? "the text seems to be UTF-16; save it as UTF-8" : "save the text as UTF-8");
    return -1;
}

/* libyaml takes NEL (U+0085) for the end of a line, and would make a blank of one in a string. */
static int check_next_line(const struct source *source, struct diags *diags)
{
    const char *end = source->text + source->length;
    const char *at = memchr(source->text, 0xC2, source->length);
    while (at && (unsigned char)at[1] != 0x85)
        at = memchr(at + 1, 0xC2, (size_t)(end - (at + 1)));
    if (!at)
        return 0;
    struct diag *diag =
        diag_add(diags, &code_encoding, cursor_pos_of_byte(source, (size_t)(at - source->text)),
                 "control character U+0085");
    diag_hint(diags, diag, "write \"\\N\" in double quotes for it");
    return -1;
}

/* Reading stops with the last diagnostic that is kept. That one says that there may be more problems. */
static bool has_enough_faults(const struct yaml_builder *builder)
{
    if (builder->diags->list.count < DIAGS_MOST - 1)
        return false;
    diag_error(builder->diags, &code_limit, cursor_pos(&builder->cursor, 0),
               "too many problems; the rest of the text is not read");
    return true;
}

/* After an error of libyaml's, reading ends. After a fault that only the builder sees, it goes on. */
static void read_events(yaml_parser_t *parser, struct yaml_builder *builder,
                        const struct idle_work *idle_work)
{
    bool more = true;
    for (size_t count = 1; more; count++) {
        if (count % EVENTS_AT_ONCE == 0)
            idle_work_do(idle_work);
        yaml_event_t event;
        if (!yaml_parser_parse(parser, &event)) {
            yaml_report_error(parser, builder->cursor.source, yaml_builder_open_bracket(builder),
                              builder->diags);
            return;
        }
        more = event.type != YAML_STREAM_END_EVENT && yaml_builder_take(builder, &event) == 0 &&
               !has_enough_faults(builder);
        yaml_event_delete(&event);
    }
}

static void read_checked(struct arena *arena, const struct source *source, const struct idle_work *idle_work,
                         struct diags *diags, struct documents *ret_documents)
{
    struct yaml_builder builder SCOPED(yaml_builder_release);
    yaml_parser_t parser SCOPED(yaml_parser_delete);
    yaml_builder_init(&builder, arena, source, diags);
    if (!yaml_parser_initialize(&parser)) {
        diag_error(diags, &code_limit, (struct srcpos){.source = source},
                   "not enough memory to read the text");
        return;
    }
    /* The byte order mark is left out, because it would count as a column. */
    size_t start = builder.cursor.offset;
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)source->text + start,
                                 source->length - start);
    read_events(&parser, &builder, idle_work);
    *ret_documents = (struct documents){.items = builder.documents.items, .count = builder.documents.count};
}

int yaml_read(struct arena *arena, const struct source *source, struct diags *diags,
              struct documents *ret_documents)
{
    return yaml_read_with_idle_work(arena, source, NULL, diags, ret_documents);
}

int yaml_read_with_idle_work(struct arena *arena, const struct source *source,
                             const struct idle_work *idle_work, struct diags *diags,
                             struct documents *ret_documents)
{
    size_t errors = diags->errors;
    *ret_documents = (struct documents){0};
    if (source->length == 0)
        return 0;
    if (check_size(source, diags) || check_encoding(source, diags) || check_next_line(source, diags))
        return -1;
    read_checked(arena, source, idle_work, diags, ret_documents);
    return diags->errors > errors ? -1 : 0;
}
