/*
 * `generate systemd`: hardened units, and configurations for them. A state directory keeps JetStream's data. The server
 * is stopped by lame duck mode, which gives clients time to connect elsewhere.
 */
#include <inttypes.h>

#include "base/path.h"
#include "field/field.h"
#include "generate/generators.h"
#include "generate/template.h"

#define UNIT_CONFS "/etc/nats"
#define UNIT_STATE "/var/lib/nats"

enum { PRIVILEGED_PORTS = 1024 };

/*
 * Hardened as the unit of nats-server's repository. There the two negations of SystemCallFilter are on one line, and
 * systemd 252 ignores both. '~@resources' is left out: Go raises the limit of open files itself. AF_UNIX is for
 * logging.
 *
 * SIGUSR2 by KillSignal, not by ExecStop: systemd sends SIGTERM when ExecStop is done, and a SIGTERM right behind
 * SIGUSR2 ends the server at once (38 of 40 times).
 *
 * systemd makes the state directory, with the right owner. ReadWritePaths for a folder that is missing would stop the unit
 * (226/NAMESPACE).
 */
static const char unit_template[] =
#include "generate/templates/nats.service.h"
    ;

static const char *certificates(struct arena *arena, const struct generate_request *request)
{
    if (!request->environment->needs_certificates)
        return "";
    return arena_printf(arena,
                        "#   install -d -m 750 -g nats " UNIT_CONFS "/tls\n"
                        "#   install -m 640 -g nats %s/" GENERATE_CERTIFICATES
                        "/{ca,server,server-key}.pem " UNIT_CONFS "/tls/\n",
                        request->plain_root);
}

/* Ports below 1024 need a capability. No unit gets any other. */
static const char *capabilities(const struct envnode *node)
{
    for (int i = 0; i < LISTENERS; i++)
        if (node->ports[i] > 0 && node->ports[i] < PRIVILEGED_PORTS)
            return "AmbientCapabilities=CAP_NET_BIND_SERVICE\n"
                   "CapabilityBoundingSet=CAP_NET_BIND_SERVICE\n";
    return "CapabilityBoundingSet=\n";
}

/* In quotes, where systemd knows the escapes of C, and doubles stand for themselves. */
static void add_word(struct strbuf *out, const char *text)
{
    strbuf_adds(out, " \"");
    for (; *text; text++) {
        if (*text == '%' || *text == '$' || *text == '\\')
            strbuf_addc(out, *text);
        if (*text == '"')
            strbuf_addc(out, '\\');
        if ((unsigned char)*text < ' ')
            strbuf_addf(out, "\\x%02x", (unsigned)*text);
        else
            strbuf_addc(out, *text);
    }
    strbuf_addc(out, '"');
}

/* Below the state directory. By the user of the service, in its sandbox, so that they are its own. */
static const char *make_folders(struct arena *arena, const struct envnode *node, const char *state)
{
    const struct folder_list folders = config_folders_to_make(arena, node->server->options);
    struct strbuf out = {0};
    if (!folders.paths.count)
        return "";
    strbuf_adds(&out, "ExecStartPre=mkdir -p");
    for (size_t i = 0; i < folders.paths.count; i++)
        add_word(&out, path_in(arena, state, folders.paths.items[i]));
    strbuf_addc(&out, '\n');
    return strbuf_move(&out, arena);
}

static const char *exit_status(const struct envserver *server)
{
    uint32_t version;
    bool old = server->version && version_parse(server->version, &version) && version < VERSION(2, 11, 0);
    return old ? "# Before 2.11, nats-server ends with 1 when it is terminated.\n"
                 "SuccessExitStatus=1\n"
               : "";
}

int generate_systemd(struct arena *arena, const struct generate_request *request, struct diags *diags,
                     struct generated *generated)
{
    int failed = 0;
    for (size_t i = 0; i < request->environment->node_count; i++) {
        const struct envnode *node = &request->environment->nodes[i];
        struct environment_place place = place_hosts;
        struct strbuf text = {0};
        const char *below =
            request->environment->node_count == 1 ? "" : arena_printf(arena, "/%s", node->name);
        place.keeps_open = true;
        place.data = arena_printf(arena, UNIT_STATE "%s", below);
        place.certificates = UNIT_CONFS "/tls";
        struct config_folders folders = {.arena = arena, .read = UNIT_CONFS, .written = place.data};
        const struct node *config = config_in_folders(environment_config(arena, node, &place), &folders);
        const char *const words[][2] = {
            {"@MACHINE@", node->host ? node->host : "a machine"},
            {"@CONFS@", UNIT_CONFS},
            {"@FOLDER@", request->folder},
            {"@NAME@", node->name},
            {"@CERTIFICATES@\n", certificates(arena, request)},
            {"@MAKE_FOLDERS@\n", make_folders(arena, node, place.data)},
            {"@STOP_SECONDS@", arena_printf(arena, "%" PRId64, config_stop_seconds(config))},
            {"@EXIT_STATUS@\n", exit_status(node->server)},
            {"@BELOW@", below},
            {"@CAPABILITIES@\n", capabilities(node)},
            {NULL, NULL},
        };
        template_fill(&text, unit_template, words);
        generated_add(arena, generated, arena_printf(arena, "systemd/nats-%s.service", node->name),
                      &seal_hash, &text, false);
        failed |=
            generated_add_conf(arena, generated, arena_printf(arena, "systemd/%s.conf", node->name),
                               arena_printf(arena, "# For " UNIT_CONFS "/%s.conf; see nats-%s.service.\n\n",
                                            node->name, node->name),
                               config, diags);
    }
    return failed;
}
