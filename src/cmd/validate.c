/*
 * natsform validate: reports everything that can be known without a connection: the manifest itself, what servers
 * of the wanted versions would refuse, and mistakes in the configurations of `servers`.
 */
#include "cmd/command.h"

#include "base/exit.h"
#include "cmd/environment.h"
#include "devenv/environment_check.h"
#include "kind/bucket.h"
#include "manifest/manifest.h"
#include "plan/planner.h"
#include "plan/without_server.h"
#include "view/plan_json.h"

/* Without --server-version, checks for the newest version that natsform knows. */
static void check(struct session *session, struct manifest *manifest, const struct version_range *range,
                  const char *text)
{
    bool exact = !text || version_range_is_exact(range);
    const struct target target = {
        .version = text ? range->least : VERSION_UNKNOWN,
        .version_text = exact ? NULL : text,
        .clustered = true,
        .now = session_now(),
    };
    if (exact)
        planner_check(&session->arena, manifest, &target, &session->diags);
    else
        planner_check_range(&session->arena, manifest, range, &target, &session->diags);
}

static void print_count(const struct session *session, const char *before, size_t count, const char *noun)
{
    fprintf(session->out.file, "%s%zu %s%s", before, count, noun, count == 1 ? "" : "s");
}

/* Prints how many objects there are; buckets only if there are any. */
static void print_counts(const struct session *session)
{
    const struct resources *streams = &session->manifest->streams;
    size_t plain = streams->count;
    for (size_t i = 0; i < streams->count; i++)
        plain -= streams->items[i]->bucket != NULL;
    print_count(session, "Valid: ", plain, "stream");
    print_count(session, ", ", session->manifest->consumers.count, "consumer");
    for (size_t kind = 0; kind < bucket_kind_count; kind++) {
        const struct table *table = bucket_kinds[kind]->table;
        size_t count = 0;
        for (size_t i = 0; i < streams->count; i++)
            count += resource_kind(streams->items[i]) == table;
        if (count)
            print_count(session, ", ", count, table->noun);
    }
    if (session->environment->server_count)
        print_count(session, ", ", session->environment->server_count, "server");
    fputc('\n', session->out.file);
}

/* Checks the manifest's servers by rules and, if those find nothing, by a nats-server of this machine. */
static void check_servers(struct session *session, const struct version_range *range, const char *text)
{
    const struct environment *environment = session->environment;
    const struct environment_check wanted = {
        .manifest = session->manifest,
        .range = text ? range : NULL,
        .range_text = text,
        .temporary = session_lookup(session, "TMPDIR"),
        .advice = true,
    };
    struct binaries binaries;
    if (!environment->node_count)
        return;
    environment_check(&session->arena, environment, &wanted, &session->diags);
    if (session->diags.errors || session->options.no_server_check)
        return; /* a server would only repeat what is known already */
    binaries_find(&session->arena, session_lookup, session, &binaries);
    const char *root = environment_root(session);
    if (root)
        environment_ask(&session->arena, environment, &wanted, &binaries, root, &session->diags);
}

static int run(struct session *session)
{
    struct version_range range = {0};
    struct accounts accounts;
    const char *text = session->options.server_version;
    const char *problem = text ? version_range_parse(text, &range) : NULL;
    session->document = document_json(&session->arena);
    node_put_flag(&session->arena, session->document, "valid", false); /* until all is checked */
    if (problem)
        return diag_error(&session->diags, &code_usage, (struct srcpos){0}, "--server-version '%s': %s", text,
                          problem);
    if (session_load(session))
        return -1;
    /* Each connection may be to another account, where names and subjects begin anew. */
    accounts_split(&session->arena, session->manifest, &accounts);
    for (size_t i = 0; i < accounts.parts.count; i++)
        check(session, accounts.parts.items[i], &range, text);
    check_servers(session, &range, text);
    if (session->diags.errors)
        return -1;
    node_put_flag(&session->arena, session->document, "valid", true);
    if (session_prints_text(session))
        print_counts(session);
    return EXIT_DONE;
}

const struct command validate_command = {
    .help =
        {
            .name = "validate",
            .arguments = "",
            .summary = "Check a manifest without a server",
            .description =
                "Reads the manifest with its includes, variables and overlays, and reports everything that is wrong with "
                "it: syntax, unknown fields, types, units, ranges, fields that exclude each other, and what a server would "
                "reject or silently change. The manifest's servers are checked by natsform's own rules, and by "
                "'nats-server -t' if a nats-server is in PATH or the cache.\n\n"
                "--server-version says for which servers: one version (2.10.27), any patch of one (2.10), or a range "
                "(2.9-2.12, 2.10..2.12, '>=2.10 <2.15', ~2.10.3, ^2.10). A finding that does not hold for all of a range "
                "says for which versions it does.",
            .examples =
                (const char *const[]){
                    "Check natsform.yaml",
                    "natsform validate",
                    "Check what production would get, for the server it runs",
                    "natsform validate -f base.yaml -f prod.yaml --server-version 2.10",
                    "Check what holds before, during and after an upgrade",
                    "natsform validate --server-version 2.10-2.15",
                    "Annotate a pull request",
                    "natsform validate -o github",
                    NULL,
                },
            .options = OPTIONS_ALL | OPTIONS_MANIFEST | OPTIONS_TIMEOUT | OPTIONS_VERSION |
                       OPTIONS_SERVER_CHECK | OPTIONS_REVIEW,
        },
    .run = run,
};
