/* Rules about the subjects of streams. */
#include <string.h>

#include "kind/kinds.h"
#include "rules/scan.h"
#include "rules/subject_index.h"

enum { OVERLAPS_MOST = 4 }; /* shown of one stream */

struct overlap_search {
    struct rule_scan *scan;
    struct rules_stream *stream;
    size_t subject; /* of the stream's, that is looked for */
    struct rules_stream *last;
    size_t count;
};

static size_t index_of(const struct object *stream, const char *subject)
{
    const struct value_list *subjects = object_list(stream, STREAM_SUBJECTS);
    size_t i = 0;
    while (i < subjects->count && subjects->items[i].text != subject)
        i++;
    return i;
}

/* The stream that is not on the server yet is to blame, or else the later one. */
static void report_overlap(struct overlap_search *search, struct rules_stream *other, const char *theirs)
{
    struct rule_scan *scan = search->scan;
    struct rules_stream *stream = search->stream;
    const char *ours = object_list(stream->self.config, STREAM_SUBJECTS)->items[search->subject].text;
    struct srcpos here = rules_item_pos(stream->self.config, STREAM_SUBJECTS, search->subject);
    struct srcpos there =
        rules_item_pos(other->self.config, STREAM_SUBJECTS, index_of(other->self.config, theirs));
    if (!stream->self.resource || stream->self.settled) {
        struct rules_stream *swapped = stream;
        const char *text = ours;
        struct srcpos pos = here;
        stream = other, other = swapped;
        ours = theirs, theirs = text;
        here = there, there = pos;
    }
    struct diag *diag =
        rule_report(scan, &stream->self, here, "subject '%s' of %s overlaps with '%s' of %s", ours,
                    rules_label(scan, &stream->self), theirs, rules_label(scan, &other->self));
    if (diag)
        rule_note_other(scan, diag, &other->self, there,
                        arena_printf(&scan->diags->arena, "'%s' is here", theirs));
}

static bool on_overlap(void *context, const char *subject, void *owner)
{
    struct overlap_search *search = context;
    if (owner == search->stream || owner == search->last)
        return true;
    search->last = owner;
    report_overlap(search, owner, subject);
    return ++search->count < OVERLAPS_MOST;
}

void check_subject_overlap(struct rule_scan *scan)
{
    struct subject_index *index = subject_index_new(scan->world->arena);
    for (size_t i = 0; i < scan->world->streams.count; i++) {
        struct rules_stream *stream = scan->world->streams.items[i];
        struct overlap_search search = {.scan = scan, .stream = stream};
        if (!stream->self.config)
            continue;
        const struct value_list *subjects = object_list(stream->self.config, STREAM_SUBJECTS);
        for (; search.subject < subjects->count && search.count < OVERLAPS_MOST; search.subject++)
            subject_index_find(index, subjects->items[search.subject].text, on_overlap, &search);
        for (size_t j = 0; j < subjects->count; j++)
            subject_index_add(index, subjects->items[j].text, stream);
    }
}
