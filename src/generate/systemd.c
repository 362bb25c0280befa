/*
 * `generate systemd`: hardened units, and configurations for them. A state directory keeps JetStream's data. The server
 * is stopped by lame duck mode, which gives clients time to connect elsewhere.
 */
#include <inttypes.h>
#include <string.h>

#include "base/path.h"
#include "field/field.h"
#include "generate/generators.h"

#define UNIT_CONFS "/etc/nats"
#define UNIT_STATE "/var/lib/nats"

enum { PRIVILEGED_PORTS = 1024 };

/*
 * After the hardened unit of nats-server's repository. There the two negations of SystemCallFilter are on one line, and
 * systemd 252 ignores both. '~@resources' is left out: Go raises the limit of open files itself. AF_UNIX is for
 * logging.
 */
static const char sandbox[] = "UMask=0077\n"
                              "NoNewPrivileges=true\n"
                              "PrivateDevices=true\n"
                              "PrivateTmp=true\n"
                              "ProtectSystem=strict\n"
                              "ProtectHome=true\n"
                              "ProtectHostname=true\n"
                              "ProtectClock=true\n"
                              "ProtectControlGroups=true\n"
                              "ProtectKernelLogs=true\n"
                              "ProtectKernelModules=true\n"
                              "ProtectKernelTunables=true\n"
                              "ProtectProc=invisible\n"
                              "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX\n"
                              "RestrictNamespaces=true\n"
                              "RestrictRealtime=true\n"
                              "RestrictSUIDSGID=true\n"
                              "LockPersonality=true\n"
                              "MemoryDenyWriteExecute=true\n"
                              "SystemCallArchitectures=native\n"
                              "SystemCallFilter=@system-service\n"
                              "SystemCallFilter=~@privileged\n";

struct unit {
    struct arena *arena;
    const struct envnode *node;
    const struct node *config;
    const char *state; /* its folder for what it writes */
};

static void add_introduction(struct strbuf *out, const struct generate_request *request,
                             const struct envnode *node)
{
    const char *folder = request->folder, *name = node->name;
    strbuf_addf(out,
                "#\n"
                "# As root, on %s with nats-server in PATH:\n"
                "#\n"
                "#   useradd --system --user-group --no-create-home nats   # if there is no such user\n"
                "#   install -d " UNIT_CONFS "\n"
                "#   install -m 640 -g nats %s/systemd/%s.conf " UNIT_CONFS "/%s.conf\n",
                node->host ? node->host : "a machine", folder, name, name);
    if (request->environment->needs_certificates)
        strbuf_addf(out,
                    "#   install -d -m 750 -g nats " UNIT_CONFS "/tls\n"
                    "#   install -m 640 -g nats %s/" GENERATE_CERTIFICATES
                    "/{ca,server,server-key}.pem " UNIT_CONFS "/tls/\n",
                    request->plain_root);
    strbuf_addf(out,
                "#   install -m 644 %s/systemd/nats-%s.service /etc/systemd/system/\n"
                "#   systemctl daemon-reload\n"
                "#   systemctl enable --now nats-%s\n\n",
                folder, name, name);
}

/* Ports below 1024 need a capability. No unit gets any other. */
static void add_capabilities(struct strbuf *out, const struct envnode *node)
{
    bool privileged = false;
    for (int i = 0; i < LISTENERS; i++)
        privileged = privileged || (node->ports[i] > 0 && node->ports[i] < PRIVILEGED_PORTS);
    if (privileged)
        strbuf_adds(out, "AmbientCapabilities=CAP_NET_BIND_SERVICE\n"
                         "CapabilityBoundingSet=CAP_NET_BIND_SERVICE\n");
    else
        strbuf_adds(out, "CapabilityBoundingSet=\n");
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
static void add_folders(struct strbuf *out, const struct unit *unit)
{
    const struct folder_list folders = config_folders_to_make(unit->arena, unit->node->server->options);
    if (!folders.paths.count)
        return;
    strbuf_adds(out, "ExecStartPre=mkdir -p");
    for (size_t i = 0; i < folders.paths.count; i++)
        add_word(out, path_in(unit->arena, unit->state, folders.paths.items[i]));
    strbuf_addc(out, '\n');
}

/*
 * SIGUSR2 by KillSignal, not by ExecStop: systemd sends SIGTERM when ExecStop is done, and a SIGTERM right behind
 * SIGUSR2 ends the server at once (38 of 40 times).
 */
static void add_service(struct strbuf *out, const struct unit *unit)
{
    const struct envnode *node = unit->node;
    bool alone = node->environment->node_count == 1;
    uint32_t version;
    strbuf_adds(out, "[Service]\n"
                     "Type=simple\n"
                     "User=nats\n"
                     "Group=nats\n"
                     "EnvironmentFile=-/etc/default/nats-server\n"
                     "WorkingDirectory=" UNIT_CONFS "\n");
    add_folders(out, unit);
    strbuf_addf(out,
                "ExecStartPre=nats-server -t -c " UNIT_CONFS "/%s.conf\n"
                "ExecStart=nats-server -c " UNIT_CONFS "/%s.conf\n"
                "ExecReload=nats-server -t -c " UNIT_CONFS "/%s.conf\n"
                "ExecReload=kill -s HUP $MAINPID\n"
                "# Lame duck mode: leaders move, clients go elsewhere, then it ends.\n"
                "KillSignal=SIGUSR2\n"
                "TimeoutStopSec=%" PRId64 "\n"
                "Restart=on-failure\n"
                "RestartSec=5\n",
                node->name, node->name, node->name, config_stop_seconds(unit->config));
    if (node->server->version && version_parse(node->server->version, &version) &&
        version < VERSION(2, 11, 0))
        strbuf_adds(out, "# Before 2.11, nats-server ends with 1 when it is terminated.\n"
                         "SuccessExitStatus=1\n");
    /*
     * systemd makes the folder, with the right owner. ReadWritePaths for a folder that is missing would stop the unit
     * (226/NAMESPACE).
     */
    strbuf_addf(out, "StateDirectory=nats%s%s\n", alone ? "" : "/", alone ? "" : node->name);
    strbuf_adds(out, "StateDirectoryMode=0750\n"
                     "LogsDirectory=nats\n"
                     "RuntimeDirectory=nats-");
    strbuf_addf(out,
                "%s\n"
                "# JetStream opens two files for each stream.\n"
                "LimitNOFILE=800000\n",
                node->name);
    add_capabilities(out, node);
    strbuf_adds(out, sandbox);
}

int generate_systemd(struct arena *arena, const struct generate_request *request, struct diags *diags,
                     struct generated *generated)
{
    int failed = 0;
    for (size_t i = 0; i < request->environment->node_count; i++) {
        const struct envnode *node = &request->environment->nodes[i];
        struct environment_place place = place_hosts;
        place.keeps_open = true;
        struct strbuf text = {0};
        place.data = request->environment->node_count == 1
                         ? UNIT_STATE
                         : arena_printf(arena, UNIT_STATE "/%s", node->name);
        place.certificates = UNIT_CONFS "/tls";
        struct config_folders folders = {.arena = arena, .read = UNIT_CONFS, .written = place.data};
        const struct node *config = config_in_folders(environment_config(arena, node, &place), &folders);
        add_introduction(&text, request, node);
        strbuf_addf(&text,
                    "[Unit]\n"
                    "Description=NATS server %s\n"
                    "Documentation=https://docs.nats.io\n"
                    "Wants=network-online.target\n"
                    "After=network-online.target time-sync.target\n\n",
                    node->name);
        add_service(&text, &(struct unit){arena, node, config, place.data});
        strbuf_adds(&text, "\n[Install]\nWantedBy=multi-user.target\n");
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
