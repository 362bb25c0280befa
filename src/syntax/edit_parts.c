/*
 * Children that go and come; see edit_parts.h. Without brackets a child has lines of its own, but for the first one of
 * "- name: x". Between brackets it has a comma behind it, or the one before it has.
 */
#include "syntax/edit_parts.h"

#include <string.h>

/* From where to where something stands in the text. */
struct span {
    size_t start;
    size_t end;
};

struct settling {
    struct edits *edits;
    const struct source *source;
    const struct layout *of;
    struct span *parts; /* its children, with "- " and "? " */
    bool *gone;
    size_t kept;              /* how many children stay */
    size_t added;             /* how many come */
    VEC(struct span) words;   /* the keys and values in there, which may have a '#' in them */
    VEC(const char *) pieces; /* comments that stay, and new children, for the place at hand */
};

static bool is_gone(const struct edits *edits, const struct layout *of, size_t index)
{
    for (size_t i = 0; i < edits->parts.count; i++) {
        const struct edit_part *part = &edits->parts.items[i];
        if (part->of == of && part->index == index && !part->text)
            return true;
    }
    return false;
}

/* ---- pieces ---- */

static void note_words(struct settling *settling, const struct layout *layout)
{
    struct arena *arena = settling->edits->arena;
    bool map = layout->type == LAYOUT_MAP;
    if (layout_is_scalar(layout)) { /* behind a block's '|' there may be a comment */
        bool block = layout->type == LAYOUT_BLOCK;
        size_t start = block ? layout_line_end(settling->source, layout->start) : layout->start;
        VEC_PUSH(arena, &settling->words, ((struct span){start, layout->end}));
    }
    for (size_t i = 0; (map || layout->type == LAYOUT_LIST) && i < layout->count; i++) {
        const struct layout_entry *entry = map ? &layout->entries[i] : NULL;
        if (entry)
            VEC_PUSH(arena, &settling->words, ((struct span){entry->key_start, entry->key_end}));
        note_words(settling, entry ? entry->value : layout->items[i]);
    }
}

static size_t behind_word(const struct settling *settling, size_t at)
{
    for (size_t i = 0; i < settling->words.count; i++)
        if (settling->words.items[i].start <= at && at < settling->words.items[i].end)
            return settling->words.items[i].end;
    return at;
}

/* The comments that begin in there become pieces. Returns how many there are. */
static size_t take_comments(struct settling *settling, size_t start, size_t end)
{
    const struct source *source = settling->source;
    size_t count = settling->pieces.count;
    for (size_t at = start; at < end;) {
        size_t behind = behind_word(settling, at);
        size_t line_end = layout_line_end(source, at);
        bool comment = behind == at && source->text[at] == '#';
        if (comment)
            VEC_PUSH(settling->edits->arena, &settling->pieces,
                     arena_strndup(settling->edits->arena, source->text + at, line_end - at));
        at = comment && line_end > at ? line_end : behind > at ? behind : at + 1;
    }
    return settling->pieces.count - count;
}

static bool has_comments(struct settling *settling, size_t start, size_t end)
{
    size_t count = take_comments(settling, start, end);
    settling->pieces.count -= count;
    return count > 0;
}

/* The children that come behind one of these children become pieces. */
static void take_new(struct settling *settling, size_t first, size_t last)
{
    const struct edits *edits = settling->edits;
    for (size_t i = 0; i < edits->parts.count; i++) {
        const struct edit_part *part = &edits->parts.items[i];
        if (part->of == settling->of && part->text && first <= part->index && part->index <= last)
            VEC_PUSH(edits->arena, &settling->pieces, part->text);
    }
}

/* All pieces, and forgets them. */
static const char *join(struct settling *settling, const char *before, const char *between,
                        const char *behind)
{
    struct strbuf out = {0};
    for (size_t i = 0; i < settling->pieces.count; i++)
        strbuf_addf(&out, "%s%s%s", i ? between : "", before, settling->pieces.items[i]);
    strbuf_adds(&out, settling->pieces.count ? behind : "");
    settling->pieces.count = 0;
    return strbuf_move(&out, settling->edits->arena);
}

/* ---- lines ---- */

static size_t next_line(const struct source *source, size_t at)
{
    while (at < source->length && source->text[at] != '\n')
        at++;
    return at < source->length ? at + 1 : at;
}

/* Whole lines become the pieces, one on each. */
static void put_lines(struct settling *settling, size_t start, size_t end)
{
    const struct source *source = settling->source;
    const char *newline = edit_newline(source);
    size_t next = next_line(source, end);
    bool ended = next && source->text[next - 1] == '\n';
    const char *indent = edit_indent(settling->edits->arena, source, start);
    const char *text = join(settling, indent, newline, ended ? newline : "");
    edit_put(settling->edits, layout_line_start(source, start), next, text);
}

/* Would the line behind a child become a part of the block of lines that is before it then? */
static bool joins_block(const struct settling *settling, size_t index)
{
    const struct layout *of = settling->of;
    const struct source *source = settling->source;
    size_t at = next_line(source, settling->parts[index].end);
    size_t first = at + strspn(source->text + at, " ");
    while (index > 0 && settling->gone[index - 1])
        index--;
    if (!index || of->type != LAYOUT_MAP || first >= source->length)
        return false;
    const struct layout *before = edit_last_of(of->entries[index - 1].value);
    size_t indent = settling->parts[0].start - layout_line_start(source, settling->parts[0].start);
    bool deeper = source->text[first] == '#' && first - at > indent;
    bool blank = strchr("\r\n", source->text[first]);
    bool keeps = edit_has_byte(source, before->start, before->start + 3, "+");
    return before->type == LAYOUT_BLOCK && (deeper || (blank && keeps));
}

/* ---- without brackets ---- */

/* The first one of "- name: x" stands behind a dash. What is left begins there. */
static int remove_behind_dash(struct settling *settling, size_t *last)
{
    const struct source *source = settling->source;
    size_t count = settling->of->count;
    size_t start = settling->parts[0].start;
    for (*last = 0; *last + 1 < count && settling->gone[*last + 1];)
        (*last)++;
    bool rest = *last + 1 < count;
    size_t end = rest ? settling->parts[*last + 1].start : settling->parts[*last].end;
    take_comments(settling, start, end);
    if (!rest && settling->pieces.count)
        return -1;
    take_new(settling, 0, *last);
    if (!rest && !settling->pieces.count)
        VEC_PUSH(settling->edits->arena, &settling->pieces, settling->of->type == LAYOUT_MAP ? "{}" : "[]");
    const char *indent = edit_indent(settling->edits->arena, source, start);
    const char *line = arena_printf(settling->edits->arena, "%s%s", edit_newline(source), indent);
    edit_put(settling->edits, start, end, join(settling, "", line, rest ? line : ""));
    return 0;
}

static int remove_lines(struct settling *settling, size_t *index)
{
    const struct source *source = settling->source;
    const struct span *part = &settling->parts[*index];
    if (!edit_begins_line(source, part->start))
        return *index ? -1 : remove_behind_dash(settling, index);
    take_comments(settling, part->start, layout_line_end(source, part->end));
    take_new(settling, *index, *index);
    if (!settling->pieces.count && joins_block(settling, *index))
        return -1;
    put_lines(settling, part->start, part->end);
    return 0;
}

/* Behind "name:", as nothing is left below it. */
static int put_empty(struct settling *settling, const char *text)
{
    const struct layout *of = settling->of;
    if (!edit_begins_line(settling->source, settling->parts[0].start))
        return 0; /* it stands behind its dash already */
    if (!of->place)
        return -1;
    edit_put(settling->edits, of->place, of->place, arena_printf(settling->edits->arena, " %s", text));
    return 0;
}

static int settle_lines(struct settling *settling)
{
    struct arena *arena = settling->edits->arena;
    const struct source *source = settling->source;
    int failed = 0;
    for (size_t i = 0; i < settling->of->count && !failed; i++) {
        size_t at = layout_line_end(source, settling->parts[i].end);
        if (settling->gone[i]) {
            failed = remove_lines(settling, &i);
            continue;
        }
        take_new(settling, i, i);
        const char *indent = edit_indent(arena, source, settling->parts[0].start);
        const char *line = arena_printf(arena, "%s%s", edit_newline(source), indent);
        if (settling->pieces.count)
            edit_put(settling->edits, at, at, join(settling, line, "", ""));
    }
    bool left = settling->kept || settling->added;
    return failed || left ? failed : put_empty(settling, settling->of->type == LAYOUT_MAP ? "{}" : "[]");
}

/* ---- between brackets ---- */

/* Where the comma behind a child stands; 0: it has none. */
static size_t comma_behind(const struct settling *settling, size_t index)
{
    size_t at = layout_skip_gap(settling->source, settling->parts[index].end, settling->of->end);
    return settling->source->text[at] == ',' ? at : 0;
}

static int remove_between(struct settling *settling, size_t index)
{
    const struct source *source = settling->source;
    const struct span *part = &settling->parts[index];
    size_t comma = comma_behind(settling, index);
    size_t start = part->start;
    size_t end = comma ? comma + 1 : part->end;
    bool line = edit_begins_line(source, start) && edit_ends_line(source, end);
    take_comments(settling, start, line ? layout_line_end(source, end) : end);
    if (line) {
        put_lines(settling, start, end);
        return 0;
    }
    if (settling->pieces.count)
        return -1;
    size_t next = end + strspn(source->text + end, " \t");
    if (!edit_ends_line(source, end))
        end = next;
    else if (source->text[next] != '#')
        while (source->text[start - 1] == ' ')
            start--;
    edit_put(settling->edits, start, end, "");
    return 0;
}

/* The last ones, without a comma behind them. Then the last one that stays has none either. Returns how many there are. */
static size_t remove_last(struct settling *settling)
{
    const struct source *source = settling->source;
    size_t count = settling->of->count;
    size_t stays = count;
    while (stays > 0 && settling->gone[stays - 1])
        stays--;
    if (stays == count || comma_behind(settling, count - 1))
        return 0;
    size_t start = settling->parts[stays - 1].end;
    size_t end = settling->parts[count - 1].end;
    size_t behind = layout_skip_gap(source, end, source->length);
    size_t comma = comma_behind(settling, stays - 1);
    bool comments = has_comments(settling, start, behind < settling->of->end ? behind : end);
    if (comments)
        edit_put(settling->edits, comma, comma + 1, "");
    else
        edit_put(settling->edits, start, end, "");
    return comments ? 0 : count - stays;
}

/* A new child comes behind the nearest one that stays, or before the first one. */
static void add_between(struct settling *settling)
{
    size_t first = 0;
    while (first < settling->of->count && settling->gone[first])
        first++;
    size_t start = settling->parts[first].start;
    if (first)
        take_new(settling, 0, first - 1);
    if (settling->pieces.count)
        edit_put(settling->edits, start, start, join(settling, "", ", ", ", "));
    for (size_t i = first; i < settling->of->count;) {
        size_t next = i + 1;
        while (next < settling->of->count && settling->gone[next])
            next++;
        take_new(settling, i, next - 1);
        if (settling->pieces.count)
            edit_put(settling->edits, settling->parts[i].end, settling->parts[i].end,
                     join(settling, ", ", "", ""));
        i = next;
    }
}

static int settle_between(struct settling *settling)
{
    const struct layout *of = settling->of;
    int failed = 0;
    if (!settling->kept) { /* the brackets stay */
        if (has_comments(settling, of->start, of->end))
            return -1;
        take_new(settling, 0, of->count);
        edit_put(settling->edits, of->start + 1, of->end - 1, join(settling, "", ", ", ""));
        return 0;
    }
    add_between(settling);
    size_t rest = of->count - remove_last(settling);
    for (size_t i = 0; i < rest && !failed; i++)
        failed = settling->gone[i] ? remove_between(settling, i) : 0;
    return failed;
}

/* ---- any collection ---- */

/* A '?' is on the line of its key; a dash need not be. */
static size_t back_to(const struct source *source, size_t start, char indicator)
{
    size_t at = start;
    while (at > 0 && strchr(indicator == '-' ? " \t\r\n" : " \t", source->text[at - 1]))
        at--;
    return at > 0 && at < start && source->text[at - 1] == indicator ? at - 1 : start;
}

/* Returns -1 if a dash is not found, because of a comment behind it. */
static int find_parts(struct settling *settling)
{
    const struct source *source = settling->source;
    const struct layout *of = settling->of;
    int failed = 0;
    for (size_t i = 0; i < of->count; i++) {
        bool map = of->type == LAYOUT_MAP;
        size_t outer = map ? of->entries[i].key_outer : of->items[i]->outer;
        bool dashed = !map && !of->flow;
        size_t start = back_to(source, outer, dashed ? '-' : '?');
        settling->parts[i].start = start;
        settling->parts[i].end =
            map ? edit_end_of_entry(source, &of->entries[i]) : edit_end_of_item(source, of->items[i]);
        settling->gone[i] = is_gone(settling->edits, of, i);
        settling->kept += !settling->gone[i];
        if (dashed && start == outer)
            failed = -1;
    }
    return failed;
}

static int settle(struct edits *edits, const struct layout *of)
{
    struct settling settling = {
        .edits = edits,
        .source = edits->source,
        .of = of,
        .parts = ARENA_ARRAY(edits->arena, struct span, of->count + 1),
        .gone = ARENA_ARRAY(edits->arena, bool, of->count + 1),
    };
    for (size_t i = 0; i < edits->parts.count; i++)
        settling.added += edits->parts.items[i].of == of && edits->parts.items[i].text;
    note_words(&settling, of);
    return find_parts(&settling) ? -1 : of->flow ? settle_between(&settling) : settle_lines(&settling);
}

/* Its comments stay on the lines below, if it has lines below. */
static int settle_whole(struct edits *edits, const struct edit_whole *whole)
{
    const struct layout *of = whole->of;
    struct settling settling = {
        .edits = edits,
        .source = edits->source,
        .of = of,
        .parts = ARENA_ARRAY(edits->arena, struct span, of->count + 1),
        .gone = ARENA_ARRAY(edits->arena, bool, of->count + 1),
    };
    note_words(&settling, of);
    if (of->flow) {
        edit_put(edits, of->start, of->end, whole->text);
        return has_comments(&settling, of->start, of->end) ? -1 : 0;
    }
    int failed = find_parts(&settling);
    if (failed || !of->place || !edit_begins_line(edits->source, settling.parts[0].start))
        return -1;
    edit_put(edits, of->place, of->place, arena_printf(edits->arena, " %s", whole->text));
    size_t end = settling.parts[of->count - 1].end;
    take_comments(&settling, settling.parts[0].start, layout_line_end(edits->source, end));
    put_lines(&settling, settling.parts[0].start, end);
    return 0;
}

int edit_settle(struct edits *edits)
{
    int failed = 0;
    for (size_t i = 0; i < edits->wholes.count && !failed; i++)
        failed = settle_whole(edits, &edits->wholes.items[i]);
    for (size_t i = 0; i < edits->parts.count && !failed; i++) {
        bool first = true;
        for (size_t j = 0; j < i; j++)
            first &= edits->parts.items[j].of != edits->parts.items[i].of;
        failed = first ? settle(edits, edits->parts.items[i].of) : 0;
    }
    edits->parts.count = 0;
    edits->wholes.count = 0;
    return failed;
}
