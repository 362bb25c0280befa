/*
 * Trials; see trials.h. Each state of a row, and each change between two, is a trial with an object of its own. All objects
 * stand side by side (rows.h), so that natsform plans or applies them in one manifest (word.h); what the server does is tried
 * on each by itself:
 *
 *     check_states()     a raw create of each; one apply of all; each live object; one plan of all
 *     check_changes()    each in its state before; one plan of all; a raw update of each
 *                        each in its state before again; one apply of all; each live object; one plan of all
 */
#include "support/trials.h"

#include <check.h>
#include <string.h>

#include "base/exit.h"
#include "field/field.h"
#include "support/scratch.h"
#include "support/word.h"

enum { OFFLINE_MOST = 10 }; /* times that a row is tried again */

struct state {
    struct node *config;
    struct node *fresh; /* the server's echo of a creation in this state; NULL when it rejects that */
    const char *text;
};

/* A row with the states of one case. */
struct tried_row {
    const struct spot *spot;
    struct state states[ROW_STATES_MOST];
    size_t count;
    const char *complaints;
};

/* One state or one change, and the object that is in it. */
struct trial {
    struct tried_row *row;
    struct spot spot;     /* the row's, with a number of its own */
    struct state *before; /* NULL: the object is new */
    struct state *after;
    const char *what;
    struct wanted wanted; /* natsform's word on `after` */
    struct raw_reply deed;
    bool kept; /* the deed led to `after` */
};

struct trial_list {
    VEC(struct trial *) list;
};

static void add_trial(struct trial_list *trials, struct tried_row *row, struct state *before,
                      struct state *after)
{
    struct trial *trial = ARENA_NEW(test_arena(), struct trial);
    *trial = (struct trial){.row = row, .spot = *row->spot, .before = before, .after = after};
    trial->what = before ? arena_printf(test_arena(), "{%s} -> {%s}", before->text, after->text)
                         : arena_printf(test_arena(), "new with {%s}", after->text);
    trial->spot.number = (unsigned)trials->list.count + 1;
    trial->wanted = (struct wanted){.spot = &trial->spot, .config = after->config};
    VEC_PUSH(test_arena(), &trials->list, trial);
}

static void complain(struct tried_row *row, const char *version, const char *text)
{
    row->complaints =
        arena_printf(test_arena(), "%s\n%s on %s: %s", row->complaints, row->spot->path, version, text);
}

#define COMPLAIN(bench, trial, ...)                                                                          \
    complain((trial)->row, (bench)->server->version, arena_printf(test_arena(), __VA_ARGS__))

/* ---- natsform's word on many ---- */

/*
 * Brings the object into the state: by creating it; or, where that is not allowed for, by an update right after.
 * `first` is what the object may be created with then.
 */
static struct raw_reply reach(const struct bench *bench, const struct spot *spot, const struct node *config,
                              const struct node *first)
{
    bench_forget(bench, spot);
    struct raw_reply deed = bench_create(bench, spot, config);
    if (deed.err_code && !bench_create(bench, spot, first).err_code)
        return bench_update(bench, spot, config);
    return deed;
}

static void forget_all(const struct bench *bench, const struct trial_list *trials)
{
    for (size_t i = 0; i < trials->list.count; i++)
        bench_forget(bench, &trials->list.items[i]->spot);
}

/* As it is before the trial: in the state, or not there. */
static struct raw_reply prepare(const struct bench *bench, const struct trial *trial)
{
    if (trial->before)
        return reach(bench, &trial->spot, trial->before->config, trial->after->config);
    bench_forget(bench, &trial->spot);
    return (struct raw_reply){0};
}

/* natsform's word on all, which are prepared; on each by itself where one run is not enough to tell. */
static void ask(const struct bench *bench, enum word_command command, const struct trial_list *trials)
{
    VEC(struct wanted *) list = {0};
    for (size_t i = 0; i < trials->list.count; i++)
        VEC_PUSH(test_arena(), &list, &trials->list.items[i]->wanted);
    if (word_ask(bench->server, bench->directory, command, list.items, list.count))
        return;
    for (size_t i = 0; i < trials->list.count; i++) {
        prepare(bench, trials->list.items[i]);
        word_ask(bench->server, bench->directory, command, &list.items[i], 1);
    }
}

/* ---- what all trials have ---- */

static bool is_in_sync(const struct bench *bench, struct wanted *const *list, size_t count,
                       struct run *ret_plan)
{
    const char *manifest = word_manifest(bench->directory, list, count);
    *ret_plan = RUN("plan", "--detailed-exitcode", "-s", bench->server->url, "-f", manifest);
    return ret_plan->exit_code == 0;
}

/* After an apply, the server has what was wanted, and nothing is left to do. */
static void check_applied(const struct bench *bench, const struct trial_list *trials)
{
    VEC(struct wanted *) list = {0};
    struct run plan;
    for (size_t i = 0; i < trials->list.count; i++) {
        struct trial *trial = trials->list.items[i];
        struct raw_reply info = bench_info(bench, &trial->spot);
        if (info.err_code || !config_holds(trial->spot.table, trial->after->config, info.config))
            COMPLAIN(bench, trial, "%s: after the apply the server has %s", trial->what,
                     config_json(info.root));
        VEC_PUSH(test_arena(), &list, &trial->wanted);
    }
    if (!list.count || is_in_sync(bench, list.items, list.count, &plan))
        return;
    for (size_t i = 0; i < list.count; i++)
        if (!is_in_sync(bench, &list.items[i], 1, &plan))
            COMPLAIN(bench, trials->list.items[i], "%s: the plan after the apply is not empty: %s%s",
                     trials->list.items[i]->what, plan.out, plan.err);
}

static const char *deed_text(const struct trial *trial)
{
    const struct raw_reply *deed = &trial->deed;
    if (deed->err_code)
        return arena_printf(test_arena(), "rejects it with %d '%s'", deed->err_code, deed->description);
    return trial->kept ? "takes it" : arena_printf(test_arena(), "keeps %s", config_json(deed->config));
}

/* ---- new objects ---- */

static bool sets_later_field(const struct spot *spot, const struct node *config)
{
    return (spot->field->flags & FIELD_LATER) && node_get(config, spot->field->name);
}

/* Is it refused, as a field of later servers or with the very error of this one? */
static bool is_foreseen(const struct trial *trial)
{
    const char *said = trial->wanted.err;
    const char *error = arena_printf(test_arena(), "the server answers with error %d:", trial->deed.err_code);
    return trial->wanted.exit_code == EXIT_MANIFEST && (strstr(said, "[unsupported]") || strstr(said, error));
}

static void try_new(const struct bench *bench, struct trial *trial)
{
    const struct node *config = trial->after->config;
    bench_forget(bench, &trial->spot);
    trial->deed = bench_create(bench, &trial->spot, config);
    bool later = trial->deed.err_code && sets_later_field(&trial->spot, config);
    trial->kept =
        later || (!trial->deed.err_code && config_holds(trial->spot.table, config, trial->deed.config));
    trial->after->fresh = trial->deed.err_code ? NULL : trial->deed.config;
    bench_forget(bench, &trial->spot);
}

/* The states as those of new objects: first by raw requests, then by one apply. */
static void check_states(struct bench *bench, const struct trial_list *trials)
{
    struct trial_list applied = {0};
    bench->states += trials->list.count;
    for (size_t i = 0; i < trials->list.count; i++)
        try_new(bench, trials->list.items[i]);
    ask(bench, WORD_OF_APPLY, trials);
    for (size_t i = 0; i < trials->list.count; i++) {
        struct trial *trial = trials->list.items[i];
        if (trial->kept ? trial->wanted.exit_code != EXIT_DONE : !is_foreseen(trial))
            COMPLAIN(bench, trial, "%s: natsform exits with %d, the server %s\n%s", trial->what,
                     trial->wanted.exit_code, deed_text(trial), trial->wanted.err);
        else if (trial->kept)
            VEC_PUSH(test_arena(), &applied.list, trial);
    }
    check_applied(bench, &applied);
    forget_all(bench, trials);
}

/* ---- changes ---- */

/* The pause has a request of its own; an update ignores it. */
static struct raw_reply change_pause(const struct bench *bench, struct trial *trial)
{
    const struct spot *spot = &trial->spot;
    const struct field *field = spot_top_field(spot);
    struct node *until = node_get(trial->after->config, field->name);
    struct node *body = config_read("");
    struct raw_reply update = bench_update(bench, spot, trial->after->config);
    if (update.err_code || !config_same(field, node_get(update.config, field->name),
                                        node_get(trial->before->config, field->name)))
        COMPLAIN(bench, trial, "an update is meant to ignore it, and did not: %s", config_json(update.root));
    if (until)
        node_put(test_arena(), body, field->name, until);
    raw_must(bench->server, spot_own_text(spot, "CONSUMER.PAUSE." ROW_HOME "." ROW_CONSUMER),
             config_json(body));
    return bench_info(bench, spot);
}

static struct raw_reply change(const struct bench *bench, struct trial *trial)
{
    const struct field *field = spot_top_field(&trial->spot);
    bool separate = field_update_rule(field, bench->version)->policy == UPDATE_SEPARATE;
    if (separate && since_holds(field->since, bench->version))
        return change_pause(bench, trial);
    return bench_update(bench, &trial->spot, trial->after->config);
}

/* Is the object after an update what it would be if it had been created so? */
static bool is_as_created(const struct trial *trial)
{
    const struct node *echo = trial->deed.config;
    const struct node *all = config_over(trial->before->config, trial->after->config);
    for (size_t i = 0; trial->after->fresh && i < all->count; i++) {
        const char *key = all->members[i].key;
        if (!config_same(table_field(trial->spot.table, key), node_get(echo, key),
                         node_get(trial->after->fresh, key)))
            return false;
    }
    return config_holds(trial->spot.table, trial->after->config, echo);
}

/* Those that can be in the state before; check_states() has said whether natsform knows which can. */
static struct trial_list reach_all(const struct bench *bench, const struct trial_list *trials)
{
    struct trial_list reached = {0};
    for (size_t i = 0; i < trials->list.count; i++) {
        struct trial *trial = trials->list.items[i];
        struct raw_reply start = prepare(bench, trial);
        if (!start.err_code && config_holds(trial->spot.table, trial->before->config, start.config))
            VEC_PUSH(test_arena(), &reached.list, trial);
    }
    return reached;
}

/* Does the server what natsform, when asked before, said of the change? */
static bool does_as_said(const struct bench *bench, struct trial *trial)
{
    struct verdict verdict = bench_verdict(&trial->wanted);
    trial->deed = change(bench, trial);
    trial->kept = !trial->deed.err_code && is_as_created(trial);
    if (bench_agrees(&trial->spot, &verdict, &trial->deed, trial->kept, trial->after->config))
        return true;
    COMPLAIN(bench, trial, "%s: natsform %s, the server %s\n%s%s", trial->what, word_text(verdict.word),
             deed_text(trial), verdict.err, verdict.changed ? config_json(verdict.changed) : "");
    return false;
}

static void apply_changes(const struct bench *bench, const struct trial_list *trials)
{
    struct trial_list applied = {0};
    for (size_t i = 0; i < trials->list.count; i++)
        prepare(bench, trials->list.items[i]);
    ask(bench, WORD_OF_APPLY, trials);
    for (size_t i = 0; i < trials->list.count; i++) {
        struct trial *trial = trials->list.items[i];
        if (trial->wanted.exit_code != EXIT_DONE)
            COMPLAIN(bench, trial, "%s: apply fails: %s", trial->what, trial->wanted.err);
        else
            VEC_PUSH(test_arena(), &applied.list, trial);
    }
    check_applied(bench, &applied);
}

/* The changes: first planned by natsform in one run, then made by raw requests, and in the end by one apply. */
static void check_changes(struct bench *bench, const struct trial_list *trials)
{
    struct trial_list standing = reach_all(bench, trials), planned = {0};
    bench->changes += standing.list.count;
    ask(bench, WORD_OF_PLAN, &standing);
    for (size_t i = 0; i < standing.list.count; i++) {
        struct trial *trial = standing.list.items[i];
        bool is_planned = bench_verdict(&trial->wanted).word == WORD_PLANNED;
        if (does_as_said(bench, trial) && is_planned)
            VEC_PUSH(test_arena(), &planned.list, trial);
    }
    apply_changes(bench, &planned);
    forget_all(bench, trials);
}

/* ---- the walk ---- */

static void add_row(struct trials *trials, const struct spot *spot, const struct row_case *row_case)
{
    struct tried_row *row = ARENA_NEW(test_arena(), struct tried_row);
    const char *texts[ROW_STATES_MOST];
    struct node *base = spot_base(spot, row_case);
    *row = (struct tried_row){.spot = spot, .complaints = ""};
    row->count = spot_states(spot, row_case, texts);
    for (size_t i = 0; i < row->count; i++) {
        row->states[i].text = texts[i];
        row->states[i].config = config_over(base, spot_state(spot, texts[i]));
    }
    if (row->count < 2)
        bench_complain(trials->bench, spot, "its type says too little: it needs a case");
    VEC_PUSH(test_arena(), &trials->rows, row);
}

void trials_add_row(void *context, const struct spot *spot)
{
    struct trials *trials = context;
    struct row_cases cases = trials->bench->cases;
    const struct row_case *row_case = row_case_next(cases, spot->path, NULL);
    if (spot->field->flags & (FIELD_IDENTITY | FIELD_INTERNAL))
        return;
    trials->bench->rows++;
    do
        add_row(trials, spot, row_case);
    while (row_case && (row_case = row_case_next(cases, spot->path, row_case)));
}

static void add_states(struct trial_list *states, struct tried_row *row)
{
    for (size_t i = 0; i < row->count; i++)
        add_trial(states, row, NULL, &row->states[i]);
}

/* Choices are tried from each to each, other states in a round. */
static void add_changes(struct trial_list *changes, struct tried_row *row)
{
    for (size_t i = 0; i < row->count; i++)
        for (size_t j = 0; j < row->count; j++)
            if (i != j && (row->spot->field->type == FIELD_CHOICE || (i + 1) % row->count == j))
                add_trial(changes, row, &row->states[i], &row->states[j]);
}

static void try_all(const struct trials *trials)
{
    struct trial_list states = {0}, changes = {0};
    for (size_t i = 0; i < trials->rows.count; i++) {
        trials->rows.items[i]->complaints = "";
        add_states(&states, trials->rows.items[i]);
        add_changes(&changes, trials->rows.items[i]);
    }
    check_states(trials->bench, &states);
    check_changes(trials->bench, &changes);
}

/* That a busy machine's node was taken for offline is nobody's word on the row. */
static struct trials met_offline(const struct trials *trials)
{
    struct trials met = {.bench = trials->bench};
    for (size_t i = 0; i < trials->rows.count; i++)
        if (strstr(trials->rows.items[i]->complaints, "peer offline"))
            VEC_PUSH(test_arena(), &met.rows, trials->rows.items[i]);
    return met;
}

void trials_check(struct trials *trials)
{
    struct bench *bench = trials->bench;
    try_all(trials);
    struct trials again = met_offline(trials);
    for (int i = 0; i < OFFLINE_MOST && again.rows.count; i++) {
        try_all(&again);
        again = met_offline(&again);
    }
    for (size_t i = 0; i < trials->rows.count; i++)
        strbuf_adds(&bench->complaints, trials->rows.items[i]->complaints);
    trials->rows.count = 0;
}
