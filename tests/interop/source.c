/*
 * natsform's rows beside the newest nats-server's source, as source.go reads it: JSON keys of its structures with the words that they
 * take, and the names and words of its parser of configurations. Whatever differs is named, but for what stands in the list of
 * differences; one that stands there and is none any more is named, too.
 */
#include <check.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/strbuf.h"
#include "base/vec.h"
#include "kind/kinds.h"
#include "kind/server_options.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/suite.h"

/* ---- what is known to differ ---- */

#define IN_QUOTES "a boolean in quotes; natsform takes the boolean"

/* "*" stands for anything. */
static const struct difference {
    const char *what;
    const char *why;
} differences[] = {
    {"ConsumerConfig.deliver_policy: 'undefined' is missing",
     "the server reads it as 'all', and never says it"},
    {"server_tls.handshake_first: 'true' is missing", IN_QUOTES},
    {"server_tls.handshake_first: 'false' is missing", IN_QUOTES},
    {"server_tls.handshake_first: 'on' is missing", IN_QUOTES},
    {"server_tls.handshake_first: 'off' is missing", IN_QUOTES},
    {"*compression*: 'true' is missing", IN_QUOTES},
    {"*compression*: 'false' is missing", IN_QUOTES},
    {"*compression*: 'not supported' is missing", "between servers only"},
    {"*compression*: 'not_supported' is missing", "between servers only"},
    {"server_tls.min_version: '1.0' is missing", "the server reads it to refuse it"},
    {"server_tls.min_version: '1.1' is missing", "the server reads it to refuse it"},
    {"*.tls: 'dev' is natsform's alone", "certificates that natsform makes"},
    {"server_user.allowed_connection_types: * is natsform's alone",
     "the words are constants of another module"},
    {"server_jetstream.extension_hint: * is natsform's alone", "the parser takes any word"},
};
enum { DIFFERENCES = sizeof(differences) / sizeof(differences[0]) };

/* ---- where the server looks for what ---- */

/*
 * The names of a block's options, or the words that an option of a block takes. Where a parser and a block are not for the same (the
 * parser of a larger block, whose rest is refused afterwards), what the parser has may be missing.
 */
static const struct place {
    const char *where;
    const char *what; /* BLOCK, or BLOCK.OPTION */
    bool partly;
} places[] = {
    {"processConfigFileLine", "server", false},
    {"processConfigFileLine/ocsp:map[string]any", "server_ocsp", false},
    {"processConfigFileLine/ocsp:map[string]any/mode", "server_ocsp.mode", false},
    {"processConfigFileLine/resolver:map[string]any[]", "server_resolver", false},
    {"processConfigFileLine/resolver:map[string]any", "server_resolver.type", false},
    {"parseAccount", "server_import_source", false},
    {"parseAccountLimits", "server_account_limits", false},
    {"parseAccountMapDest", "server_mapping", false},
    {"parseAccountMsgTrace:map[string]any", "server_msg_trace", false},
    {"parseAccounts:map[string]any", "server_account", false},
    {"parseAllowResponses", "server_allow_responses", false},
    {"parseAuthCallout", "server_auth_callout", false},
    {"parseAuthorization", "server_authorization", false},
    {"parseAuthorization", "server_link_authorization", true},
    {"parseCluster", "server_cluster", false},
    {"parseCompression:map[string]any", "server_compression", false},
    {"parseCurvePreferences[]", "server_tls.curve_preferences", false},
    {"parseExportStreamOrService", "server_export", false},
    {"parseExportStreamOrService/response", "server_export.response_type", false},
    {"parseGateway", "server_gateway", false},
    {"parseGateways", "server_remote_gateway", false},
    {"parseImportStreamOrService", "server_import", false},
    {"parseJetStream:map[string]any", "server_jetstream", false},
    {"parseJetStream:map[string]any/sync", "server_jetstream.sync_interval", false},
    {"parseJetStream:string", "server.jetstream", false},
    {"parseJetStreamForAccount:map[string]any", "server_account_jetstream", false},
    {"parseJetStreamForAccount:map[string]any/cluster_traffic", "server_account_jetstream.cluster_traffic",
     false},
    {"parseJetStreamForAccount:string", "server_account.jetstream", false},
    {"parseJetStreamLimits", "server_jetstream_limits", false},
    {"parseJetStreamLimitsBatch", "server_jetstream_batch", false},
    {"parseJetStreamTPM", "server_tpm", false},
    {"parseLeafAuthorization", "server_leaf_authorization", false},
    {"parseLeafNodes", "server_leafnodes", false},
    {"parseLeafUsers", "server_leaf_user", false},
    {"parseMQTT", "server_mqtt", false},
    {"parseOCSPPeer", "server_ocsp_peer", false},
    {"parseOCSPResponseCache", "server_ocsp_cache", false},
    {"parseOCSPResponseCache/type[]", "server_ocsp_cache.type", false},
    {"parseProxies", "server_proxies", false},
    {"parseProxiesTrusted", "server_trusted_proxy", false},
    {"parseRemoteLeafNodes", "server_leaf_remote", false},
    {"parseRemoteLeafNodes/jetstream_cluster_migrate:map[string]any[]", "server_leaf_migrate", false},
    {"parseRemoteLeafNodes/proxy", "server_leaf_proxy", false},
    {"parseServiceLatency[]", "server_latency", false},
    {"parseServiceLatency/sampling:string", "server_latency.sampling", false},
    {"parseSimpleAuth", "server_client_authorization", false},
    {"parseSubjectPermission", "server_subjects", false},
    {"parseTLS", "server_tls", false},
    {"parseRemoteLeafNodes/proxy/tls[]", "server_tls", true},
    {"parseTLS/certs", "server_tls_cert", false},
    {"parseTLS/handshake_first:string", "server_tls.handshake_first", false},
    {"parseTLS/verify:string", "server_tls.verify", false},
    {"parseUserPermissions", "server_permissions", false},
    {"parseUserPermissions", "server_cluster_permissions", true},
    {"parseUsers", "server_user", false},
    {"parseWebsocket", "server_websocket", false},
    {"parseWriteDeadlinePolicy", "server.write_timeout", false},
    {"parseWriteDeadlinePolicy", "server_cluster.write_timeout", false},
    {"parseWriteDeadlinePolicy", "server_gateway.write_timeout", false},
    {"parseWriteDeadlinePolicy", "server_leafnodes.write_timeout", false},
    {"setJetStreamEkCipher", "server_jetstream.cipher", false},
    {"setJetStreamEkCipher", "server_tpm.cipher", false},
    {"tlsVersionFromString", "server_tls.min_version", false},
    {"validateAndNormalizeCompressionOption", "server_cluster.compression", false},
    {"validateAndNormalizeCompressionOption", "server_leafnodes.compression", false},
    {"validateAndNormalizeCompressionOption", "server_leaf_remote.compression", false},
    {"validateAndNormalizeCompressionOption", "server_compression.mode", false},
};
enum { PLACES = sizeof(places) / sizeof(places[0]) };

/* ---- what the source says ---- */

struct fact {
    const char *kind, *where;
    VEC(const char *) words;
};

struct comparison {
    VEC(struct fact) facts;
    VEC(const struct table *) blocks;
    VEC(const char *) found; /* differences */
};

static void read_facts(struct comparison *all)
{
    const char *reader = getenv("NATSFORM_READER");
    const char *source = getenv("NATSFORM_SOURCE");
    ck_assert_msg(reader && *reader && source && *source,
                  "nats-server's source is not there: 'make interop' gets it");
    struct run run = run_natsform(
        &(struct run_options){.program = reader, .arguments = (const char *const[]){source, NULL}});
    ck_assert_exit(run, 0);
    for (const char *line = run.out; *line; line += strcspn(line, "\n") + 1) {
        struct fact fact = {0};
        size_t length = strcspn(line, "\n");
        for (size_t at = 0; at < length;) {
            size_t word = strcspn(line + at, "\t\n");
            VEC_PUSH(test_arena(), &fact.words, arena_strndup(test_arena(), line + at, word));
            at += word + 1;
        }
        ck_assert_uint_ge(fact.words.count, 2);
        fact.kind = fact.words.items[0];
        fact.where = fact.words.items[1];
        fact.words.items += 2;
        fact.words.count -= 2;
        VEC_PUSH(test_arena(), &all->facts, fact);
    }
}

static void differs(struct comparison *all, const char *what)
{
    for (size_t i = 0; i < all->found.count; i++)
        if (strcmp(all->found.items[i], what) == 0)
            return;
    VEC_PUSH(test_arena(), &all->found, what);
}

/* What differs is what is known to, and nothing of that is missing; each test looks at those differences that begin alike. */
static void must_be_known(const struct comparison *all, bool structures)
{
    struct strbuf complaints = {0};
    bool seen[DIFFERENCES] = {false};
    for (size_t i = 0; i < all->found.count; i++) {
        bool known = false;
        for (size_t j = 0; j < DIFFERENCES; j++)
            if (fnmatch(differences[j].what, all->found.items[i], 0) == 0)
                known = seen[j] = true;
        if (!known)
            strbuf_addf(&complaints, "%s\n", all->found.items[i]);
    }
    for (size_t i = 0; i < DIFFERENCES; i++)
        if (!seen[i] && structures == (strstr(differences[i].what, "Config.") != NULL))
            strbuf_addf(&complaints, "no more: %s (%s)\n", differences[i].what, differences[i].why);
    ck_assert_msg(!complaints.length, "\n%s", strbuf_text(&complaints));
    strbuf_release(&complaints);
}

#define DIFFERS(all, ...) differs((all), arena_printf(test_arena(), __VA_ARGS__))

static bool fact_is(const struct fact *fact, const char *kind, const char *where)
{
    return strcmp(fact->kind, kind) == 0 && strcmp(fact->where, where) == 0;
}

static bool fact_has(const struct fact *fact, const char *word)
{
    for (size_t i = 0; i < fact->words.count; i++)
        if (strcasecmp(fact->words.items[i], word) == 0)
            return true;
    return false;
}

/* The first fact of that kind, there, with the word (NULL: any). */
static const struct fact *find_fact(const struct comparison *all, const char *kind, const char *where,
                                    const char *word)
{
    for (size_t i = 0; i < all->facts.count; i++)
        if (fact_is(&all->facts.items[i], kind, where) && (!word || fact_has(&all->facts.items[i], word)))
            return &all->facts.items[i];
    return NULL;
}

/* ---- streams and consumers ---- */

/* The row of "StreamConfig.mirror.name", or NULL. */
static const struct field *field_of(const char *path)
{
    const char *below = strchr(path, '.') + 1;
    bool stream = strncmp(path, "StreamConfig.", strlen("StreamConfig.")) == 0;
    return table_field_by_path(stream ? &stream_table : &consumer_table, below);
}

static void compare_rows(struct comparison *all, const struct table *table, const char *where)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        const char *path = arena_printf(test_arena(), "%s.%s", where, field->name);
        if (field->flags & FIELD_OURS)
            continue;
        if (!find_fact(all, "field", path, NULL))
            DIFFERS(all, "%s is natsform's alone", path);
        for (const struct choice *at = field->choices; at && at->name; at++)
            if (!find_fact(all, "choice", path, at->name))
                DIFFERS(all, "%s: '%s' is natsform's alone", path, at->name);
        if (field->type == FIELD_OBJECT)
            compare_rows(all, field->object, path);
    }
}

START_TEST(structures_are_known)
{
    struct comparison all = {0};
    read_facts(&all);
    size_t fields = 0, choices = 0;
    for (size_t i = 0; i < all.facts.count; i++) {
        const struct fact *fact = &all.facts.items[i];
        if (strcmp(fact->kind, "option") == 0)
            continue;
        const struct field *field = field_of(fact->where);
        fields++;
        choices += fact->words.count;
        if (!field)
            DIFFERS(&all, "%s is missing", fact->where);
        for (size_t j = 0; field && j < fact->words.count; j++)
            if (!field_choice(field, fact->words.items[j]))
                DIFFERS(&all, "%s: '%s' is missing", fact->where, fact->words.items[j]);
    }
    compare_rows(&all, &stream_table, "StreamConfig");
    compare_rows(&all, &consumer_table, "ConsumerConfig");
    must_be_known(&all, true);
    ck_assert_uint_gt(fields, 90);
    ck_assert_uint_gt(choices, 25);
}
END_TEST

/* ---- configurations ---- */

static void collect_blocks(struct comparison *all, const struct table *block)
{
    for (size_t i = 0; i < all->blocks.count; i++)
        if (all->blocks.items[i] == block)
            return;
    VEC_PUSH(test_arena(), &all->blocks, block);
    for (size_t i = 0; i < block->count; i++)
        if (block->fields[i].object && !(block->fields[i].flags & FIELD_OURS))
            collect_blocks(all, block->fields[i].object);
}

/* Of "server_tls" or "server_tls.verify"; `ret_option` is NULL for the former. */
static const struct table *block_of(const struct comparison *all, const char *what,
                                    const struct field **ret_option)
{
    size_t length = strcspn(what, ".");
    *ret_option = NULL;
    for (size_t i = 0; i < all->blocks.count; i++) {
        const struct table *block = all->blocks.items[i];
        if (strlen(block->definition) != length || strncmp(block->definition, what, length) != 0)
            continue;
        if (what[length])
            ck_assert_msg((*ret_option = table_field(block, what + length + 1)), "no row '%s'", what);
        return block;
    }
    ck_abort_msg("no block '%s'", what);
    return NULL;
}

/* The words are the names of one row. */
static void compare_names(struct comparison *all, const struct table *block, const struct fact *fact)
{
    const struct field *first = NULL;
    for (size_t i = 0; i < fact->words.count; i++) {
        const char *word = fact->words.items[i];
        const struct field *row = table_field(block, word);
        first = first ? first : row;
        if (!row)
            DIFFERS(all, "%s.%s is missing", block->definition, word);
        else if (row != first)
            DIFFERS(all, "%s.%s is another name of %s", block->definition, word, first->name);
    }
}

static bool takes_word(const struct field *option, const char *word)
{
    unsigned types = field_types(option) | field_items(option);
    for (size_t i = 0; option->choices && option->choices[i].name; i++)
        if (strcasecmp(option->choices[i].name, word) == 0)
            return true;
    return types & FIELD_TEXT;
}

/* All that the server has of the place: is it natsform's? */
static void compare_place(struct comparison *all, const struct place *place)
{
    const struct field *option = NULL;
    const struct table *block = block_of(all, place->what, &option);
    ck_assert_msg(find_fact(all, "option", place->where, NULL), "nothing at %s", place->where);
    for (size_t i = 0; i < all->facts.count; i++) {
        const struct fact *fact = &all->facts.items[i];
        if (!fact_is(fact, "option", place->where))
            continue;
        if (!option && !place->partly)
            compare_names(all, block, fact);
        for (size_t j = 0; option && j < fact->words.count; j++)
            if (!takes_word(option, fact->words.items[j]))
                DIFFERS(all, "%s: '%s' is missing", place->what, fact->words.items[j]);
    }
}

/* A fact of one of the places of a block or an option that has the word; NULL: none has. */
static const struct fact *fact_of(const struct comparison *all, const char *what, const char *word)
{
    const struct fact *found = NULL;
    for (size_t i = 0; !found && i < PLACES; i++)
        if (strcmp(places[i].what, what) == 0)
            found = find_fact(all, "option", places[i].where, word);
    return found;
}

/* All that natsform has of the option: is it the server's, its names as names of one option? */
static void compare_option(struct comparison *all, const struct table *block, const struct field *option)
{
    const char *path = arena_printf(test_arena(), "%s.%s", block->definition, option->name);
    const struct fact *fact = fact_of(all, block->definition, option->name);
    if (!fact)
        DIFFERS(all, "%s is natsform's alone", path);
    for (size_t i = 0; fact && i < FIELD_ALIASES_MOST && option->aliases[i]; i++)
        if (!fact_has(fact, option->aliases[i]))
            DIFFERS(all, "%s: its name '%s' is natsform's alone", path, option->aliases[i]);
    for (size_t i = 0; option->choices && option->choices[i].name; i++)
        if (!fact_of(all, path, option->choices[i].name))
            DIFFERS(all, "%s: '%s' is natsform's alone", path, option->choices[i].name);
}

static bool is_looked_at(const char *where)
{
    for (size_t i = 0; i < PLACES; i++)
        if (strcmp(places[i].where, where) == 0)
            return true;
    return false;
}

START_TEST(options_are_known)
{
    struct comparison all = {0};
    read_facts(&all);
    collect_blocks(&all, &server_table);
    for (size_t i = 0; i < PLACES; i++)
        compare_place(&all, &places[i]);
    for (size_t i = 0; i < all.blocks.count; i++)
        for (size_t j = 0; j < all.blocks.items[i]->count; j++)
            if (!(all.blocks.items[i]->fields[j].flags & FIELD_OURS))
                compare_option(&all, all.blocks.items[i], &all.blocks.items[i]->fields[j]);
    for (size_t i = 0; i < all.facts.count; i++)
        if (strcmp(all.facts.items[i].kind, "option") == 0 && !is_looked_at(all.facts.items[i].where))
            DIFFERS(&all, "%s is not looked at", all.facts.items[i].where);
    must_be_known(&all, false);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = structures_are_known},
        {.test = options_are_known},
    };
    return suite_run("interop_source", tests, sizeof(tests) / sizeof(tests[0]));
}
