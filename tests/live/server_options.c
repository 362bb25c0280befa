/*
 * The rows of nats-server's options against the servers themselves: each option, by each of its names and in each block that it may
 * stand in, is read by the manifest's reader, written as a configuration, and taken by `nats-server -t` of every version that has it,
 * and by no other. Many options are in one configuration; where there is a word against it, each is in one of its own in the end.
 */
#include <check.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/vec.h"
#include "devenv/binary.h"
#include "kind/server_options.h"
#include "manifest/servers.h"
#include "support/scratch.h"
#include "support/server_fixture.h"
#include "support/suite.h"
#include "syntax/conf.h"
#include "syntax/yaml.h"

/*
 * What no table of types can say: `said` is how a server complains all the same (NULL: it takes the option without a word, though it
 * does not know it), up to the version `until` (0: every one).
 */
static const struct exception {
    const char *where; /* BLOCK.OPTION */
    uint32_t until;
    const char *said;
} exceptions[] = {
    {"server_ocsp.urls", 0, "interface {} is []interface {}, not []string"}, /* which no text can be */
    {"server.operator", VERSION(2, 10, 0), "unsupported type []interface {}"},
    {"server_leafnodes.reconnect", VERSION(2, 10, 0), "interface {} is string, not int64"},
    {"server_leafnodes.reconnect", 0, "reconnect should be converted to a duration"}, /* an integer */
    {"server_mqtt.consumer_replicas", 0, "consumer replicas setting ignored"},
    {"server_resolver.hard_delete", VERSION(2, 10, 0), NULL},
    {"server_auth_callout.allowed_accounts", VERSION(2, 11, 0), NULL},
    {"server_leaf_migrate.leader_migrate_delay", VERSION(2, 11, 0), NULL},
};

/* Complaints of the name or the type; any other is about the value, and the option is known. */
static const char *const complaints[] = {
    "unknown field",    "Unknown field",       "interface conversion", "unsupported type",
    "invalid use of",   "should be converted", "[manifest]",           "Parse error",
    "expected boolean", "Expected boolean",    "to be a boolean",
};

static const struct exception *exception_of(const struct table *block, const struct field *option,
                                            uint32_t version, const char *said)
{
    const char *where = arena_printf(test_arena(), "%s.%s", block->definition, option->name);
    for (size_t i = 0; i < sizeof(exceptions) / sizeof(exceptions[0]); i++) {
        const struct exception *at = &exceptions[i];
        if (strcmp(at->where, where) == 0 && (!at->until || version < at->until) &&
            (at->said ? strstr(said, at->said) != NULL : !strstr(said, "nknown field")))
            return at;
    }
    return NULL;
}

static bool complains(const char *said)
{
    for (size_t i = 0; i < sizeof(complaints) / sizeof(complaints[0]); i++)
        if (strstr(said, complaints[i]))
            return true;
    return false;
}

/* ---- samples ---- */

static unsigned first_of(unsigned types)
{
    return types & (~types + 1);
}

static const char *required_of(const struct table *block, const struct field *but);

/* Of exactly one type; of a choice the one with that number. */
static const char *value_of(const struct field *option, unsigned type, size_t choice)
{
    switch (type) {
    case FIELD_LIST:
        return arena_printf(test_arena(), "[%s]", value_of(option, first_of(field_items(option)), choice));
    case FIELD_MAP:
        return arena_printf(test_arena(), "{A: %s}",
                            value_of(option, first_of(field_values(option)), choice));
    case FIELD_OBJECT:
        return arena_printf(test_arena(), "{%s}", required_of(option->object, NULL));
    case FIELD_TEXT:
        return (option->flags & FIELD_LISTEN) ? "'127.0.0.1:4999'"
               : (option->flags & FIELD_URL)  ? "'http://127.0.0.1:4999'"
                                              : "word";
    case FIELD_CHOICE:
        ck_assert_ptr_nonnull(option->choices);
        return arena_printf(test_arena(), "'%s'", option->choices[choice].name);
    case FIELD_COUNT:
        return option->least > 1 ? "64" : "1";
    case FIELD_BOOL:
        return "true";
    case FIELD_SIZE:
        return "1KiB";
    case FIELD_DURATION:
        return option->most && option->most < INT64_C(30000000000) ? "10s" : "30s";
    case FIELD_SECONDS:
        return "1.5";
    default:
        return "50%";
    }
}

/* What a block is refused without, though something else could stand for it: then nothing would be said of what is within. */
static const char *const company[] = {"server_user.user", "server_leaf_user.user", "server_resolver.dir"};

static bool is_company(const struct table *block, const struct field *option)
{
    const char *where = arena_printf(test_arena(), "%s.%s", block->definition, option->name);
    for (size_t i = 0; i < sizeof(company) / sizeof(company[0]); i++)
        if (strcmp(company[i], where) == 0)
            return true;
    return false;
}

static bool holds(const struct field *const *options, size_t count, const struct field *option)
{
    for (size_t i = 0; i < count; i++)
        if (options[i] == option)
            return true;
    return false;
}

/* "account: A, subject: s, ": what the block cannot be without, but for these options. */
static const char *required_but(const struct table *block, const struct field *const *options, size_t count)
{
    const char *text = "";
    for (size_t i = 0; i < block->count; i++) {
        const struct field *option = &block->fields[i];
        if (!holds(options, count, option) && ((option->flags & FIELD_REQUIRED) || is_company(block, option)))
            text = arena_printf(test_arena(), "%s%s: %s, ", text, option->name,
                                value_of(option, first_of(field_types(option)), 0));
    }
    return text;
}

static const char *required_of(const struct table *block, const struct field *but)
{
    return required_but(block, &but, 1);
}

/* ---- trying ---- */

enum { BLOCKS_MOST = 64 };

struct trial {
    const char *program;
    uint32_t version;
    const char *folder;
    size_t tried;
    const struct table *seen[BLOCKS_MOST]; /* whose options were tried in every way */
    VEC(const struct field *)
    refused; /* alone, for their values: in company they would only be in the way of others */
    struct strbuf complaints;
};

/* Where a block stands: what is written around its options. */
struct place {
    const struct table *block;
    const char *before, *after;
    bool known; /* to the version */
    bool again; /* it was tried elsewhere: names alone count */
};

/* What is against it: in the words of natsform or of the server. */
static const char *verdict_on(const struct trial *trial, const char *yaml)
{
    struct source source = {.name = "m.yaml", .text = yaml, .length = strlen(yaml)};
    struct documents documents;
    struct diags diags;
    struct strbuf conf = {0};
    struct conf_verdict verdict;
    const char *error = "";
    const char *said = "";
    diags_init(&diags);
    if (yaml_read(test_arena(), &source, &diags, &documents) == 0) {
        struct node *options = server_read(test_arena(), "a", documents.items[0], &diags);
        ck_assert_int_eq(conf_write(&conf, options, &diags), 0);
    }
    for (size_t i = 0; i < diags.list.count; i++)
        said = arena_printf(test_arena(), "%s [manifest] %s", said, diags.list.items[i]->message);
    const char *path = write_file(trial->folder, "nats.conf", strbuf_text(&conf));
    if (binary_check(test_arena(), trial->program, path, trial->folder, &verdict, &error))
        ck_abort_msg("%s", error);
    for (size_t i = 0; i < verdict.faults.count; i++)
        said = arena_printf(test_arena(), "%s %s;", said, verdict.faults.items[i].message);
    strbuf_release(&conf);
    diags_release(&diags);
    return said;
}

static bool is_known(const struct place *place, const struct field *option, uint32_t version)
{
    return place->known && since_holds(option->since, version);
}

/* What the server is to say of it: nothing against it, that it does not know the name, or only what else it takes. */
static bool is_right(const struct place *place, const struct field *option, uint32_t version, bool choice,
                     const char *said)
{
    if (!is_known(place, option, version))
        return strstr(said, "nknown field") != NULL;
    if (choice && !since_holds(option->choices->since, version))
        return strstr(said, "to be a boolean") != NULL;
    return !complains(said);
}

/* One option with one value. */
struct attempt {
    const struct field *option;
    const char *name;
    unsigned type;
    size_t number;
};

struct attempts {
    VEC(struct attempt) list;
};

/* What is said of all of them in one block; ret_yaml: the manifest. */
static const char *ask(const struct trial *trial, const struct place *place, const struct attempt *attempts,
                       size_t count, const char **ret_yaml)
{
    const struct field **options = ARENA_ARRAY(test_arena(), const struct field *, count);
    const char *text = "";
    for (size_t i = 0; i < count; i++) {
        options[i] = attempts[i].option;
        text = arena_printf(test_arena(), "%s%s%s: %s", text, i ? ", " : "", attempts[i].name,
                            value_of(attempts[i].option, attempts[i].type, attempts[i].number));
    }
    *ret_yaml = arena_printf(test_arena(), "%s%s%s%s", place->before,
                             required_but(place->block, options, count), text, place->after);
    return verdict_on(trial, *ret_yaml);
}

static void try_alone(struct trial *trial, const struct place *place, const struct attempt *attempt)
{
    const struct field *option = attempt->option;
    const char *yaml;
    const char *said = ask(trial, place, attempt, 1, &yaml);
    if (!is_right(place, option, trial->version, attempt->type == FIELD_CHOICE, said) &&
        !exception_of(place->block, option, trial->version, said))
        strbuf_addf(&trial->complaints, "%s\n  %s\n", yaml, *said ? said : "(taken)");
    if (*said)
        VEC_PUSH(test_arena(), &trial->refused, option);
}

/* Options that the version knows: without a word against all of them, none is against one. */
static void try_known(struct trial *trial, const struct place *place, const struct attempt *attempts,
                      size_t count)
{
    const char *yaml;
    if (count == 1)
        try_alone(trial, place, attempts);
    if (count <= 1 || !*ask(trial, place, attempts, count, &yaml))
        return;
    try_known(trial, place, attempts, count / 2);
    try_known(trial, place, attempts + count / 2, count - count / 2);
}

/* Options that it does not know: it names each. In some blocks it goes no further than to the first; the others are then alone. */
static void try_unknown(struct trial *trial, const struct place *place, const struct attempt *attempts,
                        size_t count)
{
    const char *yaml;
    const char *said = count > 1 ? ask(trial, place, attempts, count, &yaml) : "";
    for (size_t i = 0; i < count; i++)
        if (!strstr(said, arena_printf(test_arena(), "nknown field \"%s\"", attempts[i].name)))
            try_alone(trial, place, &attempts[i]);
}

static void try_all(struct trial *trial, const struct place *place, const struct attempts *attempts)
{
    struct attempts known = {0}, unknown = {0};
    for (size_t i = 0; i < attempts->list.count; i++) {
        struct attempt *attempt = &attempts->list.items[i];
        if (!is_known(place, attempt->option, trial->version))
            VEC_PUSH(test_arena(), &unknown.list, *attempt);
        else if (holds(trial->refused.items, trial->refused.count, attempt->option))
            try_alone(trial, place, attempt);
        else
            VEC_PUSH(test_arena(), &known.list, *attempt);
    }
    trial->tried += attempts->list.count;
    try_known(trial, place, known.list.items, known.list.count);
    try_unknown(trial, place, unknown.list.items, unknown.list.count);
}

/* By each of its names, each of its types, each of its choices. */
static struct attempts attempts_of(const struct place *place, const struct field *option)
{
    struct attempts all = {0};
    unsigned types = field_types(option), first = first_of(types);
    unsigned dev = option->choices && strcmp(option->choices[0].name, "dev") == 0 ? FIELD_CHOICE : 0;
    bool once = place->again || !place->known;
    for (size_t i = 0; !place->again && i < FIELD_ALIASES_MOST && option->aliases[i]; i++)
        VEC_PUSH(test_arena(), &all.list, ((struct attempt){option, option->aliases[i], first, 0}));
    for (unsigned type = first & ~dev ? first : FIELD_OBJECT; type <= types; type <<= 1) {
        bool chosen = type == FIELD_CHOICE && option->choices;
        for (size_t i = 0; (types & type) && (i == 0 || (chosen && option->choices[i].name)); i++)
            VEC_PUSH(test_arena(), &all.list, ((struct attempt){option, option->name, type, i}));
        if ((types & type) && once)
            break;
    }
    return all;
}

/* No option twice in a block: the first attempt of each option, then the second of each, and so on. */
static void try_options(struct trial *trial, const struct place *place)
{
    size_t left = 1;
    for (size_t turn = 0; left; turn++) {
        struct attempts together = {0};
        left = 0;
        for (size_t i = 0; i < place->block->count; i++) {
            const struct field *option = &place->block->fields[i];
            if (option->flags & FIELD_OURS)
                continue;
            struct attempts all = attempts_of(place, option);
            if (turn < all.list.count)
                VEC_PUSH(test_arena(), &together.list, all.list.items[turn]);
            left += turn + 1 < all.list.count;
        }
        try_all(trial, place, &together);
    }
}

static bool seen_before(struct trial *trial, const struct table *block)
{
    size_t at = 0;
    while (at < BLOCKS_MOST && trial->seen[at] && trial->seen[at] != block)
        at++;
    ck_assert_uint_lt(at, BLOCKS_MOST);
    bool seen = trial->seen[at] != NULL;
    trial->seen[at] = block;
    return seen;
}

static void try_block(struct trial *trial, const struct place *place)
{
    try_options(trial, place);
    for (size_t i = 0; i < place->block->count; i++) {
        const struct field *option = &place->block->fields[i];
        if ((option->flags & FIELD_OURS) || !option->object)
            continue;
        bool map = field_types(option) & FIELD_MAP;
        bool list = ((map ? field_values(option) : field_types(option)) & FIELD_LIST) &&
                    (field_items(option) & FIELD_OBJECT);
        const struct place below = {
            .block = option->object,
            .before =
                arena_printf(test_arena(), "%s%s%s: %s%s{", place->before, required_of(place->block, option),
                             option->name, map ? "{A: " : "", list ? "[" : ""),
            .after = arena_printf(test_arena(), "}%s%s%s", list ? "]" : "", map ? "}" : "", place->after),
            .known = place->known && since_holds(option->since, trial->version),
            .again = seen_before(trial, option->object),
        };
        if (below.known) /* below what is not known nothing can be */
            try_block(trial, &below);
    }
}

START_TEST(servers_take_every_option)
{
    size_t count = 0;
    const char *version = server_versions(&count)[_i];
    struct trial trial = {.folder = test_directory()};
    const struct place top = {.block = &server_table, .before = "{", .after = "}", .known = true};
    trial.program = server_binary(version);
    ck_assert(version_parse(version, &trial.version));
    try_block(&trial, &top);
    ck_assert_msg(!trial.complaints.length, "of %zu:\n%.8000s", trial.tried, strbuf_text(&trial.complaints));
    ck_assert_uint_gt(trial.tried, 490);
    strbuf_release(&trial.complaints);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = servers_take_every_option, .each_version = true},
    };
    return suite_run("server_options", tests, sizeof(tests) / sizeof(tests[0]));
}
