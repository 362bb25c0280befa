/*
 * Printing diagnostics; see diagnostics.h.
 *
 *     orders.yaml:14:12: error: 'storage' of stream ORDERS cannot change in place [immutable]
 *        14 |   storage: memory
 *           |            ^~~~~~
 *     note: the server has file
 *     hint: …
 */
#include "view/diagnostics.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/conceal.h"
#include "base/scope.h"
#include "base/suggest.h"
#include "base/utf8.h"
#include "kind/kinds.h"
#include "kind/server_options.h"
#include "manifest/manifest.h"
#include "view/style.h"

/*
 * ---- redact ----
 * Overwriting secrets. Rows of tables say which keys have secret values; a key that is in no row may be a
 * misspelt one of them. Too much may be hidden, but never too little.
 */

enum { NAME_MOST = 64, NEAR_LEAST = 3 };

/* Blanks stay, so that the line's words and the caret below keep their places. */
static void overwrite(char *from, const char *end)
{
    for (; from < end; from++)
        if (!isspace((unsigned char)*from))
            *from = '*';
}

/* ---- keys ---- */

struct search {
    char name[NAME_MOST + 1];
    bool is_known; /* a row has that name, or one with a secret value */
    bool is_secret;
    struct suggestion secret; /* the nearest of those with secret values, and of the others */
    struct suggestion other;
};

/* Distances are dear: they are asked for only when they matter. */
enum phase { EXACT, NEAR_SECRETS, NEAR_OTHERS };

/* Ends: no table contains itself, by however many steps. */
static void search_table(const struct table *table, struct search *search, enum phase phase)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        bool secret = field->flags & FIELD_SECRET;
        const char *name = field->name;
        for (size_t j = 0; name; name = j < FIELD_ALIASES_MOST ? field->aliases[j] : NULL, j++) {
            bool same = ((name[0] ^ search->name[0]) & ~0x20) == 0 && strcasecmp(name, search->name) == 0;
            search->is_known |= same;
            search->is_secret |= same && secret;
            if (phase == (secret ? NEAR_SECRETS : NEAR_OTHERS))
                suggestion_consider(secret ? &search->secret : &search->other, name);
        }
        if (field->object)
            search_table(field->object, search, phase);
    }
}

static void search_names(struct search *search, enum phase phase)
{
    search_table(&manifest_table, search, phase);
    search_table(&server_table, search, phase);
}

enum verdict { NOT_SECRET, SOUNDS_SECRET, IS_SECRET };

/* A name that no row has sounds secret by the row that it is nearest to, or else by itself. */
static enum verdict judge(const char *word, size_t length)
{
    struct search search = {.secret = {.wanted = search.name}, .other = {.wanted = search.name}};
    if (length > NAME_MOST)
        return conceal_is_name(word, length) ? SOUNDS_SECRET : NOT_SECRET;
    memcpy(search.name, word, length);
    search_names(&search, EXACT);
    if (search.is_known)
        return search.is_secret ? IS_SECRET : NOT_SECRET;
    if (length < NEAR_LEAST)
        return NOT_SECRET;
    search_names(&search, NEAR_SECRETS);
    if (!search.secret.best && !conceal_is_name(word, length))
        return NOT_SECRET;
    search_names(&search, NEAR_OTHERS);
    bool nearer = search.secret.best && search.secret.distance <= search.other.distance;
    return search.other.best && !nearer ? NOT_SECRET : SOUNDS_SECRET;
}

static size_t word_length(const char *at, const char *end)
{
    size_t length = 0;
    while (at + length < end && (isalnum((unsigned char)at[length]) || strchr("_-", at[length])))
        length++;
    return length;
}

/*
 * The place behind the first secret key and its ':' or '='. Where a line or an entry begins with the very name, they may be
 * missing. A map below a key that only sounds secret has keys of its own. NULL: the line has none.
 */
static char *secret_value(char *line, char *end)
{
    bool begins = true;
    for (char *at = line; at < end;) {
        size_t length = word_length(at, end);
        char *behind = at + length;
        while (length && behind < end && (isblank((unsigned char)*behind) || strchr("\"'", *behind)))
            behind++;
        bool assigned = behind < end && strchr(":=", *behind);
        bool apart = begins && behind > at + length;
        enum verdict verdict = length && (assigned || apart) ? judge(at, length) : NOT_SECRET;
        behind += assigned;
        bool is_map =
            assigned && strspn(behind, " ") < (size_t)(end - behind) && behind[strspn(behind, " ")] == '{';
        if (verdict == IS_SECRET || (verdict == SOUNDS_SECRET && assigned && !is_map))
            return behind;
        begins = length ? false : strchr("{,[-", *at) || (begins && strchr(" \t\"'", *at));
        at += length ? length : 1;
    }
    return NULL;
}

/* ---- values ---- */

/* nats://user:password@host; a password may have any character. */
static void redact_login(char *line, char *end)
{
    char *sign = end;
    while (sign > line && *--sign != '@')
        ;
    for (char *at = line; at + 3 <= sign; at++)
        if (memcmp(at, "://", 3) == 0)
            overwrite(at + 3, sign);
}

/* "${NAME:-default" that is never closed: what stands behind the name may be anything. */
static void redact_open_variable(char *line, const char *end)
{
    char *open = line;
    size_t depth = 0;
    for (char *at = line; at + 1 < end; at++) {
        if (at[0] == '$' && at[1] == '{')
            open = depth++ ? open : at + strlen("${");
        else if (*at == '}' && depth)
            depth--;
    }
    if (depth > (end > line && end[-1] == '}'))
        overwrite(open + word_length(open, end), end);
}

/* A text in double quotes that has a line break in it. */
static void redact_lines(char *line, const char *end)
{
    char *quote = NULL;
    bool breaks = false;
    for (char *at = line; at < end; at++) {
        if (quote && *at == '\\' && at + 1 < end) {
            at++;
            breaks |= *at == 'n';
        } else if (*at == '"') {
            if (breaks)
                overwrite(quote + 1, at);
            quote = quote ? NULL : at;
            breaks = false;
        }
    }
    if (breaks)
        overwrite(quote + 1, end);
}

/* A line of a PEM block: base64, and too long and too mixed for a name. */
static void redact_base64(char *line, const char *end)
{
    enum { LEAST = 40 };
    for (char *at = line; at < end; at++) {
        char *start = at;
        bool upper = false, lower = false, digit = false;
        for (; at < end && (isalnum((unsigned char)*at) || strchr("+/=", *at)); at++) {
            upper |= isupper((unsigned char)*at) != 0;
            lower |= islower((unsigned char)*at) != 0;
            digit |= isdigit((unsigned char)*at) != 0;
        }
        if (at - start >= LEAST && upper && lower && digit)
            overwrite(start, at);
    }
}

/*
 * Overwrites secrets with a '*' for each byte: all that stands behind a key that is, or sounds like, one of a secret, to the end of
 * the line; logins in URLs; and what looks like a key or a token. The length stays the same, so a caret below the line still
 * points to its place.
 */
static void redact_line(char *line, size_t length)
{
    char *end = line + length;
    char *value = secret_value(line, end);
    struct stretch found;
    for (size_t at = 0; conceal_find(line, length, at, &found); at = found.end)
        overwrite(line + found.start, line + found.end);
    if (value)
        overwrite(value, end);
    redact_lines(line, end);
    redact_login(line, end);
    redact_open_variable(line, end);
    redact_base64(line, end);
}

/* ---- values of several lines ---- */

static size_t indentation(const char *line)
{
    return strspn(line, " ");
}

/* Does the line end with a secret key's value, or with the key and the value is the line right below? */
static bool opens_secret(const char *line, bool is_right_above, const char *below)
{
    char copy[1024];
    size_t length = strcspn(line, "\n");
    if (length >= sizeof(copy))
        length = sizeof(copy) - 1;
    memcpy(copy, line, length);
    copy[length] = '\0';
    const char *value = secret_value(copy, copy + length);
    bool has_more = value && value + strspn(value, " \t\r") < copy + length;
    return value && (has_more || (is_right_above && !memchr(below, ':', strcspn(below, "\n"))));
}

/* Does the line go on with the value of such a key on a line above? `text` is where the source begins. */
static bool redact_is_continued(const char *text, const char *line)
{
    enum { LOOKED_AT_MOST = 16 * 1024 };
    size_t indent = indentation(line);
    const char *least = line - text > LOOKED_AT_MOST ? line - LOOKED_AT_MOST : text;
    bool is_right_above = true;
    for (const char *above = line; indent && above > least;) {
        for (above--; above > text && above[-1] != '\n'; above--)
            ;
        size_t here = indentation(above);
        if (here >= indent || strchr("\r\n#", above[here]))
            continue;
        if (opens_secret(above, is_right_above, line))
            return true;
        is_right_above = false;
        indent = here;
    }
    return false;
}

/* ---- diagnostics ---- */

enum {
    SHOWN_MOST = 120, /* columns of a long line that are shown, if the terminal has as many */
    MARGIN = 9,       /* columns beside them */
    LEAD_PART = 3     /* such a part of them is before the caret */
};
enum { BEFORE_MOST = 4096 }; /* bytes before these where a key may say that they are secret */

/*
 * The place of the last diagnostic. Diagnostics are sorted by position, so the next search goes on from here and not
 * from the beginning.
 */
struct place {
    const struct source *source;
    uint32_t line;
    const char *start; /* of the line */
    size_t columns;    /* of the line, that are in the first `bytes` */
    size_t bytes;
};

static const struct {
    const char *name;
    enum colour colour;
} severities[] = {
    [SEVERITY_ERROR] = {"error", COLOUR_RED},
    [SEVERITY_WARNING] = {"warning", COLOUR_YELLOW},
    [SEVERITY_NOTE] = {"note", COLOUR_CYAN},
};

static void print_position(const struct style *style, struct srcpos pos)
{
    if (!pos.source)
        return;
    style_begin(style, COLOUR_BOLD);
    /* Somebody may give the text of a file for its name. */
    style_safe(style, conceal_name(pos.source->name));
    if (pos.line)
        fprintf(style->file, ":%u:%u", pos.line, pos.column);
    fputs(": ", style->file);
    style_end(style);
}

/* How many columns of a line are shown. */
static size_t room_of(const struct style *style)
{
    return style->columns && style->columns < SHOWN_MOST + MARGIN ? style->columns - MARGIN : SHOWN_MOST;
}

/* How many bytes the first `columns` characters have. */
static size_t bytes_of(const char *text, size_t length, size_t columns)
{
    size_t at = 0;
    while (at < length && columns--) {
        size_t step = utf8_sequence(text + at, length - at);
        at += step ? step : 1;
    }
    return at;
}

/* Goes to a line. False if the text has fewer lines. */
static bool find_line(struct place *place, const struct source *source, uint32_t line)
{
    bool onward = place->source == source && place->line && place->line <= line;
    if (!source || !source->text || !line)
        return false;
    if (!onward)
        *place = (struct place){.source = source, .line = 1, .start = source->text};
    while (place->line < line) {
        size_t rest = source->length - (size_t)(place->start - source->text);
        const char *end = memchr(place->start, '\n', rest);
        if (!end)
            return false;
        *place = (struct place){.source = source, .line = place->line + 1, .start = end + 1};
    }
    return true;
}

static size_t line_length(const struct place *place)
{
    size_t rest = place->source->length - (size_t)(place->start - place->source->text);
    const char *end = memchr(place->start, '\n', rest);
    size_t length = end ? (size_t)(end - place->start) : rest;
    return length && place->start[length - 1] == '\r' ? length - 1 : length;
}

/* The byte at which the column begins. */
static size_t find_column(struct place *place, size_t length, size_t columns)
{
    if (columns < place->columns)
        place->columns = place->bytes = 0;
    place->bytes += bytes_of(place->start + place->bytes, length - place->bytes, columns - place->columns);
    place->columns = columns;
    return place->bytes;
}

/* What stands for a character that is not seen, or NUL. */
static char stand_in(const char *text, size_t length)
{
    size_t step = utf8_sequence(text, length);
    bool seen = step && !utf8_is_unseen(utf8_decode(text, step));
    return seen ? '\0' : *text == '\t' ? ' ' : '?';
}

/* Never a byte that controls the terminal. */
static void print_source(const struct style *style, const char *text, size_t length)
{
    for (size_t at = 0, step = 0; at < length; at += step) {
        char instead = stand_in(text + at, length - at);
        utf8_step(text + at, length - at, &step);
        fwrite(instead ? &instead : text + at, 1, instead ? 1 : step, style->file);
    }
}

/* Columns that print_source() takes. Stops before they exceed `most`; *ret_bytes is how much of the text that is. */
static size_t columns_of(const char *text, size_t length, size_t most, size_t *ret_bytes)
{
    size_t columns = 0;
    size_t at = 0;
    for (size_t step = 0; at < length; at += step) {
        size_t wide = utf8_step(text + at, length - at, &step);
        wide = stand_in(text + at, length - at) ? 1 : wide;
        if (columns + wide > most)
            break;
        columns += wide;
    }
    *ret_bytes = at;
    return columns;
}

/* Below the shown part of a line; `at` is the character in it. */
static void print_caret(const struct style *style, const char *shown, size_t length, size_t at, size_t width)
{
    size_t ignored = 0;
    size_t start = bytes_of(shown, length, at);
    size_t marked = bytes_of(shown + start, length - start, width);
    size_t column = columns_of(shown, start, SIZE_MAX, &ignored);
    /* One more where the line was cut: what is marked goes on there. */
    size_t columns =
        columns_of(shown + start, marked, SIZE_MAX, &ignored) + (utf8_count(shown + start, marked) < width);
    fprintf(style->file, "      | %*s", (int)column, "");
    style_begin(style, COLOUR_GREEN);
    fputc('^', style->file);
    for (size_t i = 1; i < columns; i++)
        fputc('~', style->file);
    style_end(style);
    fputc('\n', style->file);
}

/* How much of the shown part is whole words, as far as that does not go back before what is marked. */
static size_t whole_words(const char *text, size_t shown, size_t least)
{
    size_t at = shown;
    while (at > least && text[at - 1] != ' ')
        at--;
    while (at > least && text[at - 1] == ' ')
        at--;
    return at > least ? at : shown;
}

static void print_line(const struct style *style, struct place *place, struct srcpos pos)
{
    if (!pos.column || !find_line(place, pos.source, pos.line) ||
        redact_is_continued(pos.source->text, place->start))
        return;
    size_t room = room_of(style);
    size_t length = line_length(place);
    size_t skipped = pos.column > room ? pos.column - room / LEAD_PART : 0;
    size_t start = find_column(place, length, skipped);
    size_t taken = bytes_of(place->start + start, length - start, SHOWN_MOST);
    size_t before = start < BEFORE_MOST ? start : BEFORE_MOST;
    size_t shown = 0;
    char text[BEFORE_MOST + SHOWN_MOST * 4] = {0};
    /* With what stands before the shown part: a key there may say that the value is secret. */
    memcpy(text, place->start + start - before, before + taken);
    redact_line(text, before + taken);
    columns_of(text + before, taken, room, &shown);
    if (shown < taken)
        shown = whole_words(text + before, shown, bytes_of(text + before, shown, pos.column - skipped));
    fprintf(style->file, "%5u | ", pos.line);
    print_source(style, text + before, shown);
    fputc('\n', style->file);
    print_caret(style, text + before, shown, pos.column - 1 - skipped, pos.width);
}

static void print_message(const struct style *style, const struct diag *diag)
{
    const struct diag_code *code = diag->code;
    print_position(style, diag->pos);
    style_print(style, severities[code->severity].colour, "%s: ", severities[code->severity].name);
    style_safe(style, diag->message);
    style_print(style, COLOUR_DIM, " [%s]", code->name);
    fputc('\n', style->file);
}

static void print_rest(const struct style *style, const struct diag *diag)
{
    for (size_t i = 0; i < diag->related.count; i++) {
        print_position(style, diag->related.items[i].pos);
        style_print(style, COLOUR_CYAN, "note: ");
        style_safe(style, diag->related.items[i].message);
        fputc('\n', style->file);
    }
    if (diag->hint) {
        style_print(style, COLOUR_CYAN, "hint: ");
        style_safe(style, diag->hint);
        fputc('\n', style->file);
    }
}

/*
 * ---- one cause ----
 * A place in the manifest may be that of many objects: defaults, or what an alias repeats. And a file that is read twice, as for two
 * accounts, has its faults twice. Each is one diagnostic, with the objects that it is about.
 */

struct cause {
    struct diag *diag;
    const char *words;      /* its message, without the object's names */
    VEC(const char *) also; /* addresses of more objects */
};

struct causes {
    struct arena *arena;
    VEC(struct cause) list;
};

static bool is_of_word(char character)
{
    return isalnum((unsigned char)character) || character == '_' || character == '-';
}

/* Takes the name out of the text, where it is a whole word. */
static void blank_name(char *text, const char *name, size_t length)
{
    char *to = text;
    for (const char *from = text; *from;) {
        bool begins = from == text || !is_of_word(from[-1]);
        bool is_name = begins && strncmp(from, name, length) == 0 && !is_of_word(from[length]);
        *to++ = is_name ? '\1' : *from;
        from += is_name ? length : 1;
    }
    *to = '\0';
}

/* Names of streams, consumers and buckets have no dots. */
static const char *words_of(struct arena *arena, const struct diag *diag)
{
    char *words = arena_strdup(arena, diag->message);
    const char *name = diag->object ? strchr(diag->object, '.') : NULL;
    while (name) {
        name++;
        size_t length = strcspn(name, ".");
        if (length)
            blank_name(words, name, length);
        name = name[length] ? name + length : NULL;
    }
    return words;
}

static bool is_of_cause(const struct cause *cause, const struct diag *diag, const char *words)
{
    const struct diag *first = cause->diag;
    return first->code == diag->code && diag->pos.line && srcpos_compare(first->pos, diag->pos) == 0 &&
           strcmp(cause->words, words) == 0;
}

static void add_object(struct causes *causes, struct cause *cause, const char *object)
{
    bool known = !object || (cause->diag->object && strcmp(cause->diag->object, object) == 0);
    for (size_t i = 0; i < cause->also.count && !known; i++)
        known = strcmp(cause->also.items[i], object) == 0;
    if (!known)
        VEC_PUSH(causes->arena, &cause->also, object);
}

static void add_diag(struct causes *causes, struct diag *diag)
{
    const char *words = words_of(causes->arena, diag);
    for (size_t i = causes->list.count; i > 0; i--) {
        struct cause *cause = &causes->list.items[i - 1];
        if (srcpos_compare(cause->diag->pos, diag->pos) != 0)
            break;
        if (is_of_cause(cause, diag, words)) {
            add_object(causes, cause, diag->object);
            return;
        }
    }
    VEC_PUSH(causes->arena, &causes->list, ((struct cause){.diag = diag, .words = words}));
}

static struct causes causes_of(struct arena *arena, struct diags *diags)
{
    struct causes causes = {.arena = arena};
    diags_sort(diags);
    for (size_t i = 0; i < diags->list.count; i++)
        add_diag(&causes, diags->list.items[i]);
    return causes;
}

/* "stream ORDERS" for its address, "stream.ORDERS". */
static void print_object(const struct style *style, const char *address)
{
    static const struct table *const kinds[] = {&stream_table, &consumer_table, &key_value_table,
                                                &object_store_table};
    size_t word = strcspn(address, ".");
    const char *name = address + word + (address[word] == '.');
    const char *consumer = strchr(name, '.');
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strlen(table_word(kinds[i])) == word && strncmp(table_word(kinds[i]), address, word) == 0)
            fprintf(style->file, "%s ", kinds[i]->noun);
    style_safe_line(style, name, consumer ? (size_t)(consumer - name) : strlen(name));
    if (consumer) {
        fputs(" > ", style->file);
        style_safe(style, consumer + 1);
    }
}

static void print_also(const struct style *style, const struct cause *cause)
{
    enum { NAMED_MOST = 5 };
    size_t count = cause->also.count;
    size_t named = count <= NAMED_MOST ? count : NAMED_MOST - 1;
    if (!count)
        return;
    style_print(style, COLOUR_CYAN, "note: ");
    fprintf(style->file, "the same for %zu more: ", count);
    for (size_t i = 0; i < named; i++) {
        fputs(i ? ", " : "", style->file);
        print_object(style, cause->also.items[i]);
    }
    if (named < count)
        fprintf(style->file, " and %zu others", count - named);
    fputc('\n', style->file);
}

/* The words are laid out within the terminal's width; the line of the file stands as it is. */
static void print_cause(const struct style *style, struct place *place, const struct cause *cause)
{
    struct page page;
    page_begin(&page, style);
    print_message(&page.style, cause->diag);
    page_end(&page);
    if (!cause->diag->secret)
        print_line(style, place, cause->diag->pos);
    page_begin(&page, style);
    print_also(&page.style, cause);
    print_rest(&page.style, cause->diag);
    page_end(&page);
}

void view_diagnostics(const struct style *style, struct diags *diags)
{
    struct arena arena SCOPED(arena_release) = {0};
    struct place place = {0};
    arena_init(&arena);
    const struct causes causes = causes_of(&arena, diags);
    for (size_t i = 0; i < causes.list.count; i++)
        if (!style->quiet || causes.list.items[i].diag->code->severity != SEVERITY_NOTE)
            print_cause(style, &place, &causes.list.items[i]);
    size_t all = diags->errors + diags->warnings;
    if (all > diags->list.count)
        fprintf(style->file, "and %zu more\n", all - diags->list.count);
}

/* ---- for programs ---- */

static void put_place(struct arena *arena, struct node *map, struct srcpos pos)
{
    struct node *none = node_scalar(arena, "null", false);
    node_put(arena, map, "file", none);
    node_put(arena, map, "line", none);
    node_put(arena, map, "column", none);
    if (pos.source)
        node_put_text(arena, map, "file", conceal_name(pos.source->name));
    if (pos.source && pos.line) {
        node_put_number(arena, map, "line", pos.line);
        node_put_number(arena, map, "column", pos.column);
    }
}

static void put_known(struct arena *arena, struct node *map, const char *key, const char *text)
{
    node_put(arena, map, key, text ? node_scalar(arena, text, true) : node_scalar(arena, "null", false));
}

static struct node *diagnostic_json(struct arena *arena, const struct cause *cause)
{
    const struct diag *diag = cause->diag;
    struct node *map = node_map(arena);
    struct node *also = node_list(arena);
    struct node *notes = node_list(arena);
    node_put_text(arena, map, "severity", severities[diag->code->severity].name);
    node_put_text(arena, map, "code", diag->code->name);
    node_put_text(arena, map, "message", diag->message);
    put_place(arena, map, diag->pos);
    put_known(arena, map, "object", diag->object);
    for (size_t i = 0; i < cause->also.count; i++)
        node_append(arena, also, node_scalar(arena, cause->also.items[i], true));
    if (also->count)
        node_put(arena, map, "also", also);
    put_known(arena, map, "hint", diag->hint);
    for (size_t i = 0; i < diag->related.count; i++) {
        struct node *note = node_map(arena);
        node_put_text(arena, note, "message", diag->related.items[i].message);
        put_place(arena, note, diag->related.items[i].pos);
        node_append(arena, notes, note);
    }
    node_put(arena, map, "notes", notes);
    return map;
}

void diagnostics_json(struct arena *arena, struct diags *diags, const char *connection, struct node *list)
{
    const struct causes causes = causes_of(arena, diags);
    for (size_t i = 0; i < causes.list.count; i++) {
        struct node *map = diagnostic_json(arena, &causes.list.items[i]);
        if (connection)
            node_put_text(arena, map, "connection", connection);
        node_append(arena, list, map);
    }
}
