/*
 * Checking an environment; see environment_check.h. The configurations come from generate/environment_config.c.
 * `validate`, `up` and `generate` all check them here before they do anything else.
 */
#include "devenv/environment_check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/folder.h"
#include "base/scope.h"
#include "base/temporary.h"
#include "base/write.h"
#include "devenv/store.h"
#include "generate/certificates.h"
#include "kind/server_options.h"
#include "manifest/servers.h"
#include "rules/servers.h"
#include "syntax/conf.h"

static DIAG_CODE(code_server_refused, .name = "server-refused", CODE_ERROR(EXIT_MANIFEST),
                 .doc = "A real nats-server, asked by 'nats-server -t', refuses the configuration.",
                 .why = "Nobody knows better what a nats-server takes than the one that is on this machine.",
                 .example = "servers: {dev: {tls: {cert_file: missing.pem, key_file: missing.pem}}}",
                 .remedy = "Mend what the server names; --no-server-check leaves the question out.");

/* ---- rules ---- */

/* The versions to check for: the server's own `version`, or else the given range; NULL: none. */
static const struct version_range *range_of(const struct envserver *server,
                                            const struct environment_check *check, struct version_range *own,
                                            const char **ret_text)
{
    *ret_text = check->range_text;
    if (!server->version || version_range_parse(server->version, own))
        return check->range;
    *ret_text = server->version;
    return own;
}

static void check_version(const struct envserver *server, const struct environment_check *check,
                          struct diags *diags)
{
    struct version_range own = {0};
    const char *text;
    const char *problem = server->version ? version_range_parse(server->version, &own) : NULL;
    if (problem) {
        const struct node *said = option_get(server->own, OPTION_VERSION);
        diag_error(diags, &code_range, said ? said->pos : server->pos, "version '%s' of server '%s': %s",
                   server->version, server->name, problem);
        return;
    }
    /* Without any version all options are taken: which server will run is not known here. */
    const struct version_range *range = range_of(server, check, &own, &text);
    if (range)
        server_check_versions(server->name, server->options, range, text, diags);
}

void environment_check(struct arena *arena, const struct environment *environment,
                       const struct environment_check *check, struct diags *diags)
{
    struct server_node *nodes = ARENA_ARRAY(arena, struct server_node, environment->node_count);
    struct server_world world = {.arena = arena,
                                 .manifest = check->manifest,
                                 .nodes = nodes,
                                 .count = environment->node_count,
                                 .advice = check->advice};
    for (size_t i = 0; i < environment->node_count; i++) {
        const struct envnode *node = &environment->nodes[i];
        nodes[i] = (struct server_node){.name = node->name,
                                        .server = node->server->name,
                                        .pos = node->server->pos,
                                        .options = node->server->options,
                                        .own = node->server->own,
                                        .host = node->host,
                                        .config = environment_config(arena, node, &place_hosts),
                                        .first = node->index == 0};
    }
    servers_check(&world, diags);
    for (size_t i = 0; i < environment->server_count; i++)
        check_version(&environment->servers[i], check, diags);
}

/* ---- asking a server ---- */

/*
 * `nats-server -t` gives a line of the written configuration, but the user knows only the manifest. So the lines that
 * conf_write() made are counted along the nodes, which have positions in the manifest.
 */
struct line_search {
    uint32_t wanted;
    uint32_t line;
    struct srcpos found; /* the position of the innermost option so far */
};

static bool search_value(struct line_search *search, const struct node *value);

static bool search_map(struct line_search *search, const struct node *map)
{
    for (size_t i = 0; i < map->count; i++) {
        const struct member *member = &map->members[i];
        if (node_is_null(member->value))
            continue;
        struct srcpos before = search->found;
        if (member->key_pos.source)
            search->found = member->key_pos;
        if (search->line++ == search->wanted || search_value(search, member->value))
            return true;
        search->found = before;
    }
    return false;
}

/* Counts the lines of a value behind its first one. */
static bool search_value(struct line_search *search, const struct node *value)
{
    if (value->type == NODE_SCALAR || !value->count)
        return false;
    if (value->type == NODE_MAP && search_map(search, value))
        return true;
    for (size_t i = 0; value->type == NODE_LIST && i < value->count; i++) {
        struct srcpos before = search->found;
        if (value->items[i]->pos.source)
            search->found = value->items[i]->pos;
        if (search->line++ == search->wanted || search_value(search, value->items[i]))
            return true;
        search->found = before;
    }
    return search->line++ == search->wanted; /* the closing bracket */
}

static struct srcpos position_of(const struct node *config, uint32_t line, struct srcpos otherwise)
{
    struct line_search search = {.wanted = line, .line = 1, .found = otherwise};
    return line && search_map(&search, config) ? search.found : otherwise;
}

/* `nats-server -t` creates the folder of a resolver. So it gets one in the private folder. */
static void divert_resolver(struct arena *arena, struct node *config, const char *folder)
{
    const struct node *resolver = option_get(config, OPTION_RESOLVER);
    if (!resolver || resolver->type != NODE_MAP || !option_get(resolver, OPTION_DIR))
        return;
    struct node *copy = node_copy(arena, resolver);
    option_put(arena, copy, OPTION_DIR, node_scalar(arena, arena_printf(arena, "%s/jwt", folder), true));
    option_put(arena, config, OPTION_RESOLVER, copy);
}

struct question {
    struct arena *arena;
    const struct environment_check *check;
    const struct binaries *binaries;
    const char *root;
    const char *folder;
    struct diags *diags;
};

static void report(const struct question *question, const struct envserver *server,
                   const struct binary *binary, const struct node *config, const struct conf_fault *fault)
{
    struct srcpos pos = position_of(config, fault->line, server->pos);
    struct diag *diag = diag_add(question->diags, &code_server_refused, pos,
                                 "nats-server %s refuses server '%s': %s", binary->version_text, server->name,
                                 server_redact(question->arena, server->options, fault->message));
    diag->secret = true; /* the server's message may be about any word of the line, and one may be a secret */
    diag_hint(question->diags, diag,
              "'natsform generate conf' writes the configuration that it was asked about");
}

static int ask_about(const struct question *question, const struct envnode *node, const struct binary *binary)
{
    struct environment_place place = place_local;
    struct strbuf text SCOPED(strbuf_release) = {0};
    struct conf_verdict verdict = {0};
    const char *error = NULL;
    /*
     * nats-server reads certificates even with -t, so there have to be some. They are made for this question and go
     * with the folder.
     */
    place.certificates = arena_printf(question->arena, "%s/tls", question->folder);
    struct node *config = environment_config(question->arena, node, &place);
    divert_resolver(question->arena, config, question->folder);
    const char *path = arena_printf(question->arena, "%s/nats-server.conf", question->folder);
    if (conf_write(&text, config, question->diags))
        return -1;
    const struct new_file file = new_secret(path, strbuf_text(&text));
    if (file_write(question->arena, &file, FILE_REPLACES, &error) ||
        binary_check(question->arena, binary->path, path, question->root, &verdict, &error)) {
        diag_error(question->diags, &code_file, (struct srcpos){0}, "cannot ask '%s' about server '%s': %s",
                   binary->path, node->server->name, error);
        return -1;
    }
    for (size_t i = 0; !verdict.valid && i < verdict.faults.count; i++)
        report(question, node->server, binary, config, &verdict.faults.items[i]);
    return 0;
}

static void ask_all(const struct question *question, const struct environment *environment)
{
    struct certificates made;
    struct certificate_request request = {.folder = arena_printf(question->arena, "%s/tls", question->folder),
                                          .now = time(NULL)};
    if (environment->needs_certificates &&
        certificates_make(question->arena, &request, &made, question->diags))
        return;
    for (size_t i = 0; i < environment->server_count; i++) {
        const struct envserver *server = &environment->servers[i];
        struct version_range own = {0};
        const char *words;
        const struct binary *binary =
            binaries_pick(question->binaries, range_of(server, question->check, &own, &words));
        /* One node of each server: the others differ in names and ports alone. */
        if (binary && ask_about(question, &environment->nodes[server->first], binary))
            return;
    }
}

void environment_ask(struct arena *arena, const struct environment *environment,
                     const struct environment_check *check, const struct binaries *binaries, const char *root,
                     struct diags *diags)
{
    const char *above = check->temporary && *check->temporary ? check->temporary : "/tmp";
    const char *folder;
    if (!environment->node_count || !binaries->list.count)
        return;
    int held SCOPED(close_fd) = temporary_make(arena, TEMPORARY_FOLDER, above, &folder);
    if (held < 0) {
        diag_error(diags, &code_file, (struct srcpos){0}, "cannot make a folder in '%s': %s", above,
                   strerror(errno));
        return;
    }
    const struct question question = {arena, check, binaries, root, folder, diags};
    ask_all(&question, environment);
    folder_remove(folder);
}
