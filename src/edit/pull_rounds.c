/*
 * The rounds of a pull; see pull.h. All differences are tried at once. If that fails, they are tried object by object,
 * and then field by field. So a difference that cannot be pulled does not keep the others from it.
 */
#include "edit/pull.h"

#include <fnmatch.h>
#include <string.h>

#include "apply/refresh.h"
#include "base/exit.h"
#include "base/map.h"
#include "base/path.h"
#include "base/scope.h"
#include "edit/pull_model.h"
#include "field/encode.h"
#include "kind/kinds.h"
#include "manifest/load.h"

static DIAG_CODE(code_not_pulled, .name = "not-pulled", CODE_ERROR(EXIT_FAILED),
                 .doc = "A difference cannot be written back without changing more than its own place.",
                 .why = "pull changes the scalars that differ and no other byte.", .example = "natsform pull",
                 .remedy = "Change the place by hand, as the message says.");

static DIAG_CODE(
    code_gone, .name = "gone", CODE_NOTE,
    .doc = "The manifest has an object that the server has not, or no longer.",
    .why = "pull changes fields of objects. It neither creates objects nor takes them out of the manifest.",
    .example = "natsform pull",
    .remedy = "Create it with 'natsform apply', or take it out of the manifest, with its name below "
              "'removed' where other servers still have it.");

enum { PASSES_MOST = 8 };

static const char be_wrong[] = "the manifest would be wrong then";
static const char cannot_say[] = "a manifest cannot say what the server has";

struct puller {
    struct arena *arena;
    const struct pull_request *request;
    struct pull_files files;
    struct map reasons; /* why differences were given up: key to text */
};

/* What a plan finds for the present texts. */
struct finding {
    struct arena arena;
    struct diags diags;
    bool readable;
    size_t faults;                   /* errors in the manifest */
    VEC(const char *) gone;          /* objects that the server has not */
    VEC(const struct diag *) others; /* why objects were not compared, such as those of another project */
    VEC(struct difference) list;
};

/* ---- the manifest, partly from memory ---- */

static struct pull_file *find_file(const struct puller *puller, const char *path)
{
    for (size_t i = 0; i < puller->files.list.count; i++)
        if (strcmp(puller->files.list.items[i]->path, path) == 0)
            return puller->files.list.items[i];
    return NULL;
}

static int read_file(void *context, struct arena *arena, const char *path, struct source *ret_source,
                     const char **ret_error)
{
    struct puller *puller = context;
    const struct manifest_reader *under = puller->request->reader;
    struct pull_file *file = find_file(puller, path);
    (void)arena;
    if (!file) {
        struct source source;
        const char *own =
            arena_strdup(puller->arena, path); /* the name of the source, which lives longer than `path` */
        if (under->read(under->context, puller->arena, own, &source, ret_error))
            return -1;
        file = ARENA_NEW(puller->arena, struct pull_file);
        *file = (struct pull_file){.path = own, .before = source, .now = source};
        VEC_PUSH(puller->arena, &puller->files.list, file);
    }
    *ret_source = file->now;
    return 0;
}

static int expand_pattern(void *context, struct arena *arena, const char *pattern, const char ***ret_paths,
                          size_t *ret_count, const char **ret_error)
{
    const struct puller *puller = context;
    const struct manifest_reader *under = puller->request->reader;
    int failed = under->expand(under->context, arena, pattern, ret_paths, ret_count, ret_error);
    const char **paths = failed ? NULL : *ret_paths;
    size_t count = failed ? 0 : *ret_count;
    /* New files are in memory alone, where the reader below does not find them. */
    for (size_t i = 0; i < puller->files.list.count; i++) {
        const struct pull_file *file = puller->files.list.items[i];
        if (!file->is_new || fnmatch(pattern, file->path, FNM_PATHNAME) != 0)
            continue;
        paths = arena_grow(arena, paths, count, count + 1, sizeof(*paths));
        paths[count++] = file->path;
    }
    *ret_paths = paths;
    *ret_count = count;
    return count ? 0 : failed;
}

static const char *beside(void *context, struct arena *arena, const char *path, const char *pattern)
{
    const struct manifest_reader *under = ((const struct puller *)context)->request->reader;
    return under->beside ? under->beside(under->context, arena, path, pattern)
                         : path_beside(arena, path, pattern);
}

static const char *barred(void *context, struct arena *arena, const char *first, const char *path)
{
    const struct manifest_reader *under = ((const struct puller *)context)->request->reader;
    return under->barred ? under->barred(under->context, arena, first, path) : NULL;
}

static const char *hint_of(void *context)
{
    const struct manifest_reader *under = ((const struct puller *)context)->request->reader;
    return under->hint ? under->hint(under->context) : NULL;
}

/* ---- planning ---- */

static bool has_difference(const struct finding *finding, const char *key)
{
    for (size_t i = 0; i < finding->list.count; i++)
        if (strcmp(finding->list.items[i].key, key) == 0)
            return true;
    return false;
}

static bool is_created(const struct plan *plan, const char *stream)
{
    for (size_t i = 0; i < plan->steps.count; i++) {
        const struct step *step = plan->steps.items[i];
        if (step->action == ACTION_CREATE && !step->stream && strcmp(step->name, stream) == 0)
            return true;
    }
    return false;
}

/* Is it the default that goes along with a max_age which is pulled? */
static bool follows(const struct step *step, const struct change *change)
{
    bool ages = false;
    for (size_t i = 0; !step->stream && i < step->changes.count; i++)
        ages |= step->changes.items[i].field->id == STREAM_MAX_AGE;
    return ages && step->raised && step->raised[change->field - step->table->fields];
}

static void note_other(struct finding *finding, const struct step *step)
{
    for (size_t i = 0; i < finding->diags.list.count; i++) {
        const struct diag *diag = finding->diags.list.items[i];
        if (diag->code == step->refused && srcpos_compare(diag->pos, step->pos) == 0) {
            VEC_PUSH(&finding->arena, &finding->others, diag);
            return;
        }
    }
}

static void collect(struct finding *finding, const struct plan *plan)
{
    for (size_t i = 0; i < plan->steps.count; i++) {
        const struct step *step = plan->steps.items[i];
        if (step->action == ACTION_REFUSED && step->resource && !step->live)
            note_other(finding, step);
        if (step->action == ACTION_CREATE && !(step->stream && is_created(plan, step->stream)))
            VEC_PUSH(&finding->arena, &finding->gone, step->label);
        for (size_t j = 0; step->live && j < step->changes.count; j++) {
            const struct change *change = &step->changes.items[j];
            const struct shown *shown = &change->shown;
            struct difference difference = {
                .key = arena_printf(&finding->arena, "%s\n%s", step->label, shown->field->name),
                .object = step->label,
                .field = shown->field,
                .live = shown->before,
                .wanted = shown->after,
                .step = step,
                .pos = shown->after->node ? shown->after->node->pos : step->pos,
            };
            /* Two fields of a stream may be one of its bucket. */
            if (!has_difference(finding, difference.key) && !follows(step, change))
                VEC_PUSH(&finding->arena, &finding->list, difference);
        }
    }
}

static void finding_release(struct finding *finding)
{
    diags_release(&finding->diags);
    arena_release(&finding->arena);
}

static void find_differences(struct puller *puller, struct finding *finding)
{
    const struct pull_request *request = puller->request;
    struct manifest_reader reader = *request->reader;
    reader.read = read_file;
    reader.expand = expand_pattern;
    reader.beside = beside;
    reader.barred = barred;
    reader.hint = hint_of;
    reader.context = puller;
    *finding = (struct finding){0};
    arena_init(&finding->arena);
    diags_init(&finding->diags);
    struct manifest *manifest =
        manifest_load(&finding->arena, &reader, request->paths, request->path_count, &finding->diags);
    if (manifest)
        manifest = accounts_part(&finding->arena, manifest, request->connection);
    finding->readable = manifest != NULL;
    if (manifest)
        collect(finding, survey_plan(&finding->arena, request->survey, manifest, request->target,
                                     request->options, &finding->diags));
    for (size_t i = 0; i < finding->diags.list.count; i++)
        finding->faults += finding->diags.list.items[i]->code->exit_code == EXIT_MANIFEST;
}

/* ---- trying ---- */

/*
 * Which differences to try: all, those of one object, or a single one. Fields that are written in the manifest come
 * first. Fields that follow from them may then be right by themselves.
 */
struct choice_of {
    bool written;
    const char *object;
    const char *key;
    enum pull_way way; /* as for pull_edit() */
};

/* An import is about its new objects only. */
static bool is_wanted(const struct puller *puller, const char *object)
{
    for (size_t i = 0; i < puller->request->addition_count; i++)
        if (strcmp(puller->request->additions[i].label, object) == 0)
            return true;
    return puller->request->addition_count == 0;
}

static bool is_chosen(const struct puller *puller, const struct choice_of *choice,
                      const struct difference *difference)
{
    return is_wanted(puller, difference->object) && !map_get(&puller->reasons, difference->key) &&
           (!choice->written || difference->wanted->given) &&
           (!choice->object || strcmp(choice->object, difference->object) == 0) &&
           (!choice->key || strcmp(choice->key, difference->key) == 0);
}

static void give_up(struct puller *puller, const char *key, const char *why)
{
    char *copy = arena_strdup(puller->arena, why);
    map_put(&puller->reasons, arena_strdup(puller->arena, key), copy);
}

static void forgive(struct puller *puller, const char *key)
{
    if (map_get(&puller->reasons, key))
        map_put(&puller->reasons, key, NULL);
}

/* Layouts are read anew for each try, since the last one has moved what stands behind its edits. */
static void prepare_files(struct puller *puller, struct arena *arena)
{
    for (size_t i = 0; i < puller->files.list.count; i++) {
        struct pull_file *file = puller->files.list.items[i];
        file->edits = (struct edits){.arena = arena, .source = &file->now, .documents = &file->layouts};
        layout_read(arena, &file->now, &file->layouts);
    }
}

/* Adds all edits of a difference or, if one is impossible, none. */
static bool add_edits(struct puller *puller, struct arena *arena, const struct difference *difference,
                      enum pull_way way)
{
    struct edits *before = ARENA_ARRAY(arena, struct edits, puller->files.list.count + 1);
    for (size_t i = 0; i < puller->files.list.count; i++)
        before[i] = puller->files.list.items[i]->edits;
    const char *why = pull_edit(arena, &puller->files, difference, way);
    if (!why)
        return true;
    for (size_t i = 0; i < puller->files.list.count; i++)
        puller->files.list.items[i]->edits = before[i];
    give_up(puller, difference->key, why);
    return false;
}

/* Applies the edits to the texts, and keeps the old texts in `before`. Returns -1 and changes nothing if edits overlap. */
static int change_texts(struct puller *puller, struct source *before)
{
    int failed = 0;
    for (size_t i = 0; i < puller->files.list.count; i++) {
        struct pull_file *file = puller->files.list.items[i];
        struct strbuf out SCOPED(strbuf_release) = {0};
        before[i] = file->now;
        bool any = edits_any(&file->edits);
        if (any && edits_apply(&file->edits, &out)) {
            failed = -1;
        } else if (any) {
            file->now.length = out.length;
            file->now.text = strbuf_move(&out, puller->arena);
        }
    }
    return failed;
}

static void change_back(struct puller *puller, const struct source *before)
{
    for (size_t i = 0; i < puller->files.list.count; i++)
        puller->files.list.items[i]->now = before[i];
}

static bool was_edited(const struct finding *before, const bool *edited, const char *object)
{
    for (size_t i = 0; i < before->list.count; i++)
        if (edited[i] && strcmp(before->list.items[i].object, object) == 0)
            return true;
    return false;
}

/*
 * Did it work? Then the chosen differences are gone, nothing that is written for another object differs now, and this
 * returns NULL; otherwise the reason. New differences that follow from the change, in the same object or through a
 * default, are pulled in the next round.
 */
static const char *verdict(struct puller *puller, const struct finding *before, const struct finding *after,
                           const bool *edited)
{
    if (!after->readable || after->faults > before->faults)
        return arena_printf(puller->arena, "%s: %s", be_wrong,
                            after->diags.list.count ? after->diags.list.items[0]->message : "");
    for (size_t i = 0; i < before->list.count; i++)
        if (edited[i] && has_difference(after, before->list.items[i].key))
            return cannot_say;
    for (size_t i = 0; i < after->list.count; i++)
        if (!has_difference(before, after->list.items[i].key) && after->list.items[i].wanted->given &&
            !was_edited(before, edited, after->list.items[i].object))
            return arena_printf(puller->arena, "what is written there holds for '%s' of %s too",
                                after->list.items[i].field->name, after->list.items[i].object);
    return NULL;
}

/* Tries a choice. Returns how many differences were pulled; -1 if it did not work, and the texts are as before. */
static int try_choice(struct puller *puller, struct finding *finding, const struct choice_of *choice)
{
    struct arena arena SCOPED(arena_release) = {0};
    struct finding after;
    int count = 0;
    bool *edited = ARENA_ARRAY(&arena, bool, finding->list.count + 1);
    struct source *before = ARENA_ARRAY(&arena, struct source, puller->files.list.count + 1);
    prepare_files(puller, &arena);
    for (size_t i = 0; i < finding->list.count; i++) {
        edited[i] = is_chosen(puller, choice, &finding->list.items[i]) &&
                    add_edits(puller, &arena, &finding->list.items[i], choice->way);
        count += edited[i];
    }
    int failed = count ? change_texts(puller, before) : 0;
    if (count && !failed) {
        find_differences(puller, &after);
        const char *why = verdict(puller, finding, &after, edited);
        failed = why ? -1 : 0;
        if (why && choice->key)
            give_up(puller, choice->key, why);
        if (failed) {
            finding_release(&after);
        } else {
            finding_release(finding);
            *finding = after;
        }
    }
    if (failed)
        change_back(puller, before);
    return failed ? -1 : count;
}

/* Tries the differences of an object one by one. Their keys are copied, because each success replaces the finding. */
static void try_fields(struct puller *puller, struct finding *finding, const struct choice_of *choice)
{
    VEC(const char *) keys = {0};
    for (size_t i = 0; i < finding->list.count; i++)
        if (is_chosen(puller, choice, &finding->list.items[i]))
            VEC_PUSH(puller->arena, &keys, arena_strdup(puller->arena, finding->list.items[i].key));
    for (size_t i = 0; i < keys.count; i++) {
        struct choice_of one = {.key = keys.items[i]};
        bool done = !has_difference(finding, one.key); /* it went along with another one */
        for (one.way = 0; one.way < PULL_WAYS && !done; one.way++) {
            forgive(puller, one.key);
            done = try_choice(puller, finding, &one) > 0;
        }
        if (!done && !map_get(&puller->reasons, one.key))
            give_up(puller, one.key, "several changes at one place get in each other's way");
    }
}

static void try_objects(struct puller *puller, struct finding *finding, bool written)
{
    struct map objects;
    map_init(&objects, puller->arena);
    for (size_t i = 0; i < finding->list.count; i++) {
        /* Copied: the finding that holds it is replaced by each success. */
        const char *name = arena_strdup(puller->arena, finding->list.items[i].object);
        map_put(&objects, name, &objects);
    }
    for (size_t i = 0; i < objects.count; i++) {
        const struct choice_of one = {.written = written, .object = objects.entries[i].key};
        if (try_choice(puller, finding, &one) < 0)
            try_fields(puller, finding, &one);
    }
}

/*
 * Tries all differences, in the three steps. Returns whether any was pulled. What is not written comes along with what is, since
 * either alone may be wrong: 'deliver_policy' with 'opt_start_seq'.
 */
static bool try_all(struct puller *puller, struct finding *finding, bool written)
{
    const struct choice_of all = {.written = written};
    size_t before = finding->list.count;
    for (size_t i = 0; i < finding->list.count && !written; i++)
        forgive(puller, finding->list.items[i].key);
    int count = try_choice(puller, finding, &all);
    if (count < 0)
        try_objects(puller, finding, written);
    return count > 0 || finding->list.count != before;
}

/* ---- the end ---- */

/*
 * A position that can be shown at the end. The text of the plan that found the difference is gone by then; the file's
 * present one stays.
 */
static struct srcpos lasting(const struct puller *puller, struct srcpos pos)
{
    for (size_t i = 0; pos.source && i < puller->files.list.count; i++)
        if (strcmp(puller->files.list.items[i]->before.name, pos.source->name) == 0) {
            pos.source = &puller->files.list.items[i]->now;
            return pos;
        }
    return (struct srcpos){0};
}

/* Would it be wrong to write the value into the manifest by hand, too? */
static bool is_unsayable(const char *why)
{
    return why && (strncmp(why, be_wrong, strlen(be_wrong)) == 0 || strcmp(why, cannot_say) == 0 ||
                   strcmp(why, pull_no_bucket) == 0);
}

static void hint_value(struct diags *diags, struct diag *diag, const struct difference *difference,
                       const char *why)
{
    const struct field *field = difference->field;
    struct node *node = value_respell(&diags->arena, field, difference->live, NULL);
    if (is_unsayable(why)) {
        diag_hint(diags, diag, "the server has '%s: %s', which 'natsform apply' takes back", field->name,
                  edit_spell(&diags->arena, node, false));
        return;
    }
    bool none = node->type == NODE_SCALAR && !*node->text;
    if (node_is_null(node) || none)
        diag_hint(diags, diag, "the server has none: take '%s' out, or write '%s: null'", field->name,
                  field->name);
    else
        diag_hint(diags, diag, "the server has '%s: %s'", field->name,
                  edit_spell(&diags->arena, node, false));
}

static void report(struct puller *puller, const struct finding *last, struct diags *diags)
{
    for (size_t i = 0; i < last->list.count; i++) {
        const struct difference *difference = &last->list.items[i];
        const char *why = map_get(&puller->reasons, difference->key);
        if (!is_wanted(puller, difference->object))
            continue;
        struct diag *diag = diag_add(diags, &code_not_pulled, lasting(puller, difference->pos),
                                     "'%s' of %s cannot be pulled: %s", difference->field->name,
                                     difference->object, why ? why : "it comes back with other changes");
        hint_value(diags, diag, difference, why);
    }
}

/* Whether they are to come back or to leave the manifest too is not for a pull to say. An import is not about them. */
static void report_gone(const struct puller *puller, const struct finding *first, struct diags *diags)
{
    for (size_t i = 0; i < first->gone.count && !puller->request->addition_count; i++) {
        struct diag *diag =
            diag_add(diags, &code_gone, (struct srcpos){0}, "the server has no %s", first->gone.items[i]);
        diag_hint(diags, diag, "'natsform apply' creates it; or take it out of the manifest");
    }
}

/* They may differ in anything: that is not known, and nobody's business here. */
static void report_others(const struct puller *puller, const struct finding *last, struct diags *diags)
{
    for (size_t i = 0; i < last->others.count && !puller->request->addition_count; i++) {
        const struct diag *other = last->others.items[i];
        struct diag *diag = diag_add(diags, other->code, lasting(puller, other->pos),
                                     "%s; nothing of it is pulled", other->message);
        if (other->hint)
            diag_hint(diags, diag, "%s", other->hint);
    }
}

static void hand_back(const struct puller *puller, struct pulled *pulled)
{
    for (size_t i = 0; i < puller->files.list.count; i++) {
        const struct pull_file *file = puller->files.list.items[i];
        struct pulled_file result = {
            .path = file->path, .is_new = file->is_new, .before = file->before, .after = file->now};
        if (file->is_new || file->now.text != file->before.text)
            VEC_PUSH(puller->arena, &pulled->files, result);
    }
}

/* Adds the entries for all additions, one after the other. Each changes the text, so the next is placed in the new one. */
static int add_all(struct puller *puller, struct diags *diags)
{
    const struct pull_request *request = puller->request;
    int failed = 0;
    for (size_t i = 0; i < request->addition_count && !failed; i++) {
        struct arena arena SCOPED(arena_release) = {0};
        if (!request->additions[i].section)
            continue;
        prepare_files(puller, &arena);
        struct source *before = ARENA_ARRAY(&arena, struct source, puller->files.list.count + 2);
        size_t count = puller->files.list.count;
        const char *why = pull_add(puller->arena, &puller->files, &request->additions[i]);
        if (!why && puller->files.list.count == count && change_texts(puller, before))
            why = "its place is taken";
        if (why)
            failed = diag_error(diags, &code_not_pulled, (struct srcpos){0},
                                "%s has no place in the manifest: %s", request->additions[i].label, why);
    }
    return failed;
}

static int refuse_unreadable(const struct puller *puller, const struct finding *finding, struct diags *diags)
{
    const char *why = finding->diags.list.count ? finding->diags.list.items[0]->message : "";
    return puller->request->addition_count
               ? diag_error(diags, &code_not_pulled, (struct srcpos){0}, "%s: %s", be_wrong, why)
               : diag_error(diags, &code_file, (struct srcpos){0}, "the manifest changed while it was read");
}

int pull_drift(struct arena *arena, const struct pull_request *request, struct diags *diags,
               struct pulled *ret_pulled)
{
    struct puller puller = {.arena = arena, .request = request};
    struct finding first;
    struct finding finding;
    bool pulled = true;
    *ret_pulled = (struct pulled){0};
    map_init(&puller.reasons, arena);
    find_differences(&puller, &first);
    if (request->addition_count) {
        int failed = add_all(&puller, diags);
        finding_release(&first);
        if (failed)
            return -1;
        find_differences(&puller, &first);
    }
    if (!first.readable) {
        refuse_unreadable(&puller, &first, diags);
        finding_release(&first);
        return -1;
    }
    find_differences(&puller, &finding);
    for (int pass = 0; pass < PASSES_MOST && pulled; pass++) {
        pulled = try_all(&puller, &finding, true);
        pulled |= try_all(&puller, &finding, false);
    }
    for (size_t i = 0; i < finding.list.count; i++)
        ret_pulled->left += is_wanted(&puller, finding.list.items[i].object);
    ret_pulled->others = finding.others.count;
    for (size_t i = 0; i < first.list.count; i++)
        ret_pulled->fields += !has_difference(&finding, first.list.items[i].key);
    report(&puller, &finding, diags);
    report_gone(&puller, &first, diags);
    report_others(&puller, &finding, diags);
    hand_back(&puller, ret_pulled);
    finding_release(&finding);
    finding_release(&first);
    return 0;
}
