/* What an archive of either format holds; see contents.h. */
#include "archive/contents.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/scope.h"
#include "syntax/json.h"

/* ---- a stream's state ---- */

static int state_fault(struct scan *scan, const char *where)
{
    return scan_fault(scan, "%s has numbers that contradict each other", where);
}

int contents_state(struct scan *scan, const struct node *node, const char *where,
                   struct stream_state *ret_state)
{
    struct stream_state state = {
        .messages = node_get_number(node, "messages"),
        .bytes = node_get_number(node, "bytes"),
        .first_seq = node_get_number(node, "first_seq"),
        .last_seq = node_get_number(node, "last_seq"),
        .consumers = node_get_number(node, "consumer_count"),
        .first_time = node_get_text(node, "first_ts"),
        .last_time = node_get_text(node, "last_ts"),
    };
    *ret_state = state;
    if (state.first_seq == 0)
        return state.last_seq || state.messages ? state_fault(scan, where) : 0;
    /* The first of an empty stream is the one that comes next. */
    if (state.first_seq > state.last_seq)
        return state.first_seq - 1 != state.last_seq || state.messages ? state_fault(scan, where) : 0;
    return state.messages > state.last_seq - state.first_seq + 1 ? state_fault(scan, where) : 0;
}

/* ---- consumers ---- */

static struct backup_consumer *find_consumer(const struct backup_contents *contents, const char *name)
{
    for (size_t i = 0; i < contents->consumers.count; i++)
        if (strcmp(contents->consumers.items[i].name, name) == 0)
            return &contents->consumers.items[i];
    return NULL;
}

int contents_add_consumer(struct scan *scan, struct backup_contents *contents,
                          const struct backup_consumer *consumer)
{
    if (find_consumer(contents, consumer->name))
        return scan_fault(scan, "holds consumer '%s' twice", consumer->name);
    VEC_PUSH(scan->arena, &contents->consumers, *consumer);
    return 0;
}

void backup_add_left_out(struct arena *arena, const struct node *consumers, struct backup_contents *contents)
{
    for (size_t i = 0; consumers && i < consumers->count; i++) {
        const struct node *info = consumers->items[i];
        struct backup_consumer consumer = {
            .name = node_get_text(info, "name"),
            .delivered = node_get_number(node_get(info, "delivered"), "stream_seq"),
            .ack_floor = node_get_number(node_get(info, "ack_floor"), "stream_seq"),
            .pending = node_get_number(info, "num_ack_pending"),
        };
        struct backup_consumer *archived = find_consumer(contents, consumer.name);
        if (archived)
            archived->goes_back = archived->delivered < consumer.delivered;
        else if (*consumer.name)
            VEC_PUSH(arena, &contents->consumers, consumer);
    }
}

struct node *contents_json(struct scan *scan, struct arena *arena, const char *text, size_t length,
                           const char *where)
{
    struct diags diags SCOPED(diags_release);
    diags_init(&diags);
    struct node *node = json_read(arena, text, length, NULL, &diags);
    if (!node)
        scan_fault(scan, "%s is no JSON: %s", where,
                   diags.list.count ? diags.list.items[0]->message : "it cannot be read");
    else if (node->type != NODE_MAP)
        scan_fault(scan, "%s is %s, and no map", where, node_describe(node));
    return scan->fault ? NULL : node;
}

/* ---- subjects ---- */

enum {
    SUBJECTS_MOST = 64 * 1024,
    SUBJECTS_BYTES_MOST = 16 * 1024 * 1024,
    SUBJECTS_TOLD = 20,
};

struct subjects {
    struct arena arena;
    struct map numbers; /* of uint64_t */
    struct backup_subject *last;
    bool is_full;
};

struct subjects *subjects_new(void)
{
    struct subjects *subjects = base_alloc(sizeof(*subjects));
    *subjects = (struct subjects){0};
    arena_init(&subjects->arena);
    map_init(&subjects->numbers, &subjects->arena);
    return subjects;
}

void subjects_free(struct subjects *const *subjects)
{
    arena_release(&(*subjects)->arena);
    free(*subjects);
}

void subjects_count(struct subjects *subjects, const char *name)
{
    /* Messages of one subject often come in a row. */
    struct backup_subject *subject = subjects->last;
    if (!subject || strcmp(subject->name, name) != 0)
        subject = map_get(&subjects->numbers, name);
    if (!subject &&
        (subjects->numbers.count >= SUBJECTS_MOST || subjects->arena.total > SUBJECTS_BYTES_MOST)) {
        subjects->is_full = true;
        return;
    }
    if (!subject) {
        subject = ARENA_NEW(&subjects->arena, struct backup_subject);
        subject->name = arena_strdup(&subjects->arena, name);
        map_put(&subjects->numbers, subject->name, subject);
    }
    subject->messages++;
    subjects->last = subject;
}

static int by_messages(const void *a, const void *b)
{
    const struct backup_subject *first = *(const struct backup_subject *const *)a;
    const struct backup_subject *second = *(const struct backup_subject *const *)b;
    if (first->messages != second->messages)
        return first->messages > second->messages ? -1 : 1;
    return strcmp(first->name, second->name);
}

void subjects_tell(const struct subjects *subjects, struct arena *arena, struct backup_contents *contents)
{
    size_t count = subjects->numbers.count;
    const struct backup_subject **all = base_alloc(sizeof(*all) * (count + 1));
    for (size_t i = 0; i < count; i++)
        all[i] = subjects->numbers.entries[i].value;
    qsort(all, count, sizeof(*all), by_messages);
    for (size_t i = 0; i < count && i < SUBJECTS_TOLD; i++) {
        const struct backup_subject subject = {arena_strdup(arena, all[i]->name), all[i]->messages};
        VEC_PUSH(arena, &contents->subjects, subject);
    }
    free(all);
    contents->subject_count = count;
    contents->subjects_are_all = !subjects->is_full;
}
