/*
 * Decides what to do, and whether it can be done; see up_model.h. Ports, stores and certificates are checked, and nats-
 * server itself is asked about each configuration. All of this happens before anything is touched, so a mistake leaves
 * the environment as it is.
 */
#include "devenv/up_model.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/host.h"
#include "base/path.h"
#include "base/scope.h"
#include "base/strbuf.h"
#include "base/write.h"
#include "devenv/ports.h"
#include "devenv/store.h"
#include "generate/certificates.h"
#include "kind/server_options.h"
#include "syntax/conf.h"

static DIAG_CODE(code_port_taken, .name = "port-taken", CODE_ERROR(EXIT_FAILED),
                 .doc = "Another program listens on a port that a server is to have.",
                 .why = "The server would end at once; nothing was started.",
                 .example = "port: 4222, while a nats-server of the system runs",
                 .remedy = "Stop what the message names, say another port, or 'ports: auto'.");

static DIAG_CODE(
    code_no_address, .name = "no-address", CODE_ERROR(EXIT_FAILED),
    .doc = "A server is to listen at an address that this machine does not have.",
    .why = "Nodes with hosts are booted here on loopback addresses of their own; nothing was started.",
    .example = "natsform up, of a cluster with hosts, on macOS",
    .remedy = "Give the machine the address, as the message says.");

/* ---- ports ---- */

/*
 * Where the node's ports are on this machine. The runner is asked for the place without a node, as that is the same for all of
 * them in this respect.
 */
static const char *address_of(const struct up *up, const struct envnode *plan)
{
    return up->runner->publishes ? envnode_published(plan) : plan->address;
}

/* A node keeps the ports that it had, so that a second `up` changes nothing. */
static void fill_in_ports(struct up *up, struct envnode *plan)
{
    const struct upnode *before = state_node(&up->state, plan->name);
    for (enum listener listener = 0; listener < LISTENERS; listener++) {
        if (!plan->any_port[listener])
            continue;
        int had = before ? before->ports[listener] : 0;
        plan->ports[listener] = had ? had : port_find(address_of(up, plan));
        plan->open_port[listener] = false;
    }
}

struct port_search {
    const char *host;
    int port;
    bool found;
};

static void see_port(void *context, const char *host, int port)
{
    struct port_search *search = context;
    search->found = search->found || (port == search->port && strcmp(host, search->host) == 0);
}

/* Does one of our own servers have the port? Then it may go to another node, because that server will be restarted. */
static bool is_ours(struct up *up, const char *host, int port)
{
    struct port_search search = {.host = host, .port = port};
    for (size_t i = 0; i < up->state.nodes.count; i++) {
        struct upnode *node = up->state.nodes.items[i];
        if (node->lost)
            ports_of_process(node->pid, see_port, &search);
        for (enum listener listener = 0; listener < LISTENERS; listener++)
            if (node->ports[listener] == port && strcmp(node->address, host) == 0 &&
                up->runner->alive(up->runner, node))
                return true;
    }
    return search.found;
}

/* If a node does not run, somebody else may have taken its ports by now. Then it gets others. */
static void choose_again(struct up *up, struct envnode *plan)
{
    const char *host = address_of(up, plan);
    for (enum listener listener = 0; listener < LISTENERS; listener++)
        if (plan->any_port[listener] && !port_is_free(host, plan->ports[listener]) &&
            !is_ours(up, host, plan->ports[listener]))
            plan->ports[listener] = port_find(host);
}

/* On Linux all of 127.0.0.0/8 is there; elsewhere each address but the first has to be given to the machine. */
static int check_address(struct up *up, const struct booting *booting, struct diags *diags)
{
    const char *host = address_of(up, booting->plan);
    if (address_is_here(host))
        return 0;
    struct diag *diag = diag_add(diags, &code_no_address, booting->plan->server->pos,
                                 "this machine does not have the address %s, which node '%s' is to listen at",
                                 host, booting->plan->name);
    if (host_is_loopback(host))
        diag_hint(
            diags, diag,
            "on macOS 'sudo ifconfig lo0 alias %s up' gives it, on Linux 'sudo ip address add %s/8 dev lo'",
            host, host);
    else
        diag_hint(diags, diag, "'publish' names an address of the machine that runs the containers");
    return -1;
}

static int check_ports(struct up *up, const struct booting *booting, struct diags *diags)
{
    const char *host = address_of(up, booting->plan);
    const char *of = strcmp(host, "127.0.0.1") == 0 ? "" : arena_printf(up->arena, " of %s", host);
    int failed = check_address(up, booting, diags);
    if (failed)
        return failed;
    for (enum listener listener = 0; listener < LISTENERS; listener++) {
        int port = booting->plan->ports[listener];
        if (!port || port_is_free(host, port) || is_ours(up, host, port))
            continue;
        struct diag *diag =
            diag_add(diags, &code_port_taken, booting->plan->server->pos,
                     "port %d%s, %s of server '%s', is taken by %s", port, of, listener_name(listener),
                     booting->plan->name, port_holder(up->arena, host, port));
        diag_hint(diags, diag, "stop that one, or say other ports: 'ports: {%s: %d}', or 'ports: auto'",
                  listener_name(listener), port + 1000);
        failed = -1;
    }
    return failed;
}

/* ---- configurations ---- */

/* Of the whole text, comments too: it only has to tell a configuration from the one before. */
static const char *digest_of(struct arena *arena, const char *text)
{
    return arena_printf(arena, "fnv:%016llx", (unsigned long long)hash_text(text));
}

static const char *store_of(struct up *up, const struct booting *booting)
{
    struct environment_place place = up->runner->place(up->runner, booting->node);
    const char *store = option_text(option_get(booting->config, OPTION_JETSTREAM), OPTION_STORE_DIR);
    if (place.containers || !booting->plan->jetstream || !*store)
        return NULL;
    return path_from(up->arena, up->root, store);
}

static const char *url_of(struct up *up, const struct booting *booting, enum listener listener)
{
    const char *base = option_text(booting->config, OPTION_HTTP_BASE_PATH);
    if (!booting->plan->ports[listener])
        return NULL;
    const struct environment_place place = up->runner->place(up->runner, booting->node);
    const char *url = envnode_url(up->arena, booting->plan, &place, listener);
    if (listener != LISTENER_MONITOR || strspn(base, "/") == strlen(base))
        return url;
    return arena_printf(up->arena, "%s/%s", url, base + strspn(base, "/"));
}

static int make_text(struct up *up, struct booting *booting, struct diags *diags)
{
    struct strbuf text SCOPED(strbuf_release) = {0};
    struct environment_place place = up->runner->place(up->runner, booting->node);
    booting->config = up->runner->config ? up->runner->config(up->runner, booting->plan, booting->node)
                                         : environment_config(up->arena, booting->plan, &place);
    strbuf_adds(&text, "# Written by 'natsform up', anew each time: change the manifest instead.\n");
    if (conf_write(&text, booting->config, diags))
        return -1;
    booting->text = arena_strdup(up->arena, strbuf_text(&text));
    return 0;
}

/* A server takes the first of these (2.9.10, 2.10.27, 2.15.1), and nothing of its log goes to its output then. */
static const char *log_elsewhere(struct up *up, const struct booting *booting)
{
    const struct upnode *node = booting->node;
    const char *file = option_text(booting->config, OPTION_LOG_FILE);
    const char *remote = option_text(booting->config, OPTION_REMOTE_SYSLOG);
    const struct node *syslog = option_get(booting->config, OPTION_SYSLOG);
    bool is_on = false;
    if (*file)
        return node->log ? NULL : arena_printf(up->arena, "%s in its container", file);
    if (*remote)
        return remote;
    if (!syslog || !node_is_bool(syslog, &is_on) || !is_on)
        return NULL;
    /* Its lines have the name of the program that was run. */
    return arena_printf(up->arena, "the system's log: journalctl -t %s", path_name(node->program));
}

static int describe(struct up *up, struct booting *booting, struct diags *diags)
{
    struct upnode *node = booting->node;
    const struct envnode *plan = booting->plan;
    memcpy(node->ports, plan->ports, sizeof(node->ports));
    node->address = address_of(up, plan);
    node->jetstream = plan->jetstream;
    if (up->runner->prepare(up->runner, plan, node, diags) || make_text(up, booting, diags))
        return -1;
    for (enum listener listener = 0; listener < LISTENERS; listener++)
        node->urls[listener] = url_of(up, booting, listener);
    node->conf = state_path(up->arena, &up->state, node->name, "nats-server.conf");
    node->store = store_of(up, booting);
    node->digest = digest_of(up->arena, booting->text);
    if (up->runner->shape)
        node->shape = digest_of(up->arena, up->runner->shape(up->runner, plan));
    node->log_elsewhere = log_elsewhere(up, booting);
    return 0;
}

/* ---- what to do ---- */

static bool differs(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") != 0;
}

static void decide(struct up *up, struct booting *booting)
{
    const struct upnode *before = booting->before, *node = booting->node;
    /* The first reason that fits decides: what needs a restart comes before what a reload can do. */
    if (!before || !up->runner->alive(up->runner, state_node(&up->state, node->name))) {
        booting->deed = UP_START;
    } else if (before->lost) {
        booting->deed = UP_RESTART;
        booting->why = STATE_FOLDER "/up.json did not know it";
    } else if (up->restart || up->state.moved_from) {
        /* It has the paths of the place where the folder was. */
        booting->deed = UP_RESTART;
        booting->why = up->restart ? up->restart : "its folder was moved";
    } else if (differs(before->program, node->program)) {
        booting->deed = UP_RESTART;
        booting->why = arena_printf(up->arena, "nats-server %s instead of %s",
                                    node->version ? node->version : node->program,
                                    before->version ? before->version : "another");
    } else if (differs(before->shape, node->shape)) {
        booting->deed = UP_RESTART;
        booting->why = "the ports or files of its container changed";
        /* A reload cannot change store_dir: every version refuses it. */
    } else if (differs(before->store, node->store)) {
        booting->deed = UP_RESTART;
        booting->why = "another store_dir";
    } else if (!before->digest[0]) {
        booting->deed = UP_RELOAD;
        booting->why = "an earlier run was interrupted";
    } else if (differs(before->digest, node->digest)) {
        booting->deed = UP_RELOAD;
        booting->why = "its configuration changed";
    }
}

static bool is_planned(const struct up *up, const char *name)
{
    for (size_t i = 0; i < up->environment->node_count; i++)
        if (strcmp(up->environment->nodes[i].name, name) == 0)
            return true;
    return false;
}

/* ---- checks ---- */

static int check_shared(const struct boot *boot, size_t index, struct diags *diags)
{
    const struct booting *booting = &boot->nodes[index];
    for (size_t i = 0; booting->node->store && i < index; i++) {
        const struct booting *other = &boot->nodes[i];
        if (!other->node->store || strcmp(other->node->store, booting->node->store) != 0)
            continue;
        struct diag *diag = diag_add(diags, &code_store, booting->plan->server->pos,
                                     "servers '%s' and '%s' have one store_dir: '%s'", other->node->name,
                                     booting->node->name, booting->node->store);
        diag_hint(diags, diag, "give each its own: two servers on one destroy it");
        return -1;
    }
    return 0;
}

/* The new configuration is checked in a file beside the old one, which stays until all are found to be good. */
static int check_text(struct up *up, const struct booting *booting, struct diags *diags)
{
    const struct new_file file = new_secret(
        state_path(up->arena, &up->state, booting->node->name, "nats-server.conf.new"), booting->text);
    if (file_write_told(up->arena, &file, FILE_REPLACES | FILE_FOLDERS, &code_environment, diags))
        return -1;
    if (up->runner->check(up->runner, booting->node, file.path, diags)) {
        unlink(file.path);
        return -1;
    }
    return 0;
}

static int check_one(struct up *up, const struct boot *boot, size_t index, struct diags *diags)
{
    const struct booting *booting = &boot->nodes[index];
    const struct store_patience patience = {.most_ms = up_patience(up), .interrupted = up->interrupted};
    if (booting->deed == UP_KEEP)
        return 0;
    bool fresh = booting->deed == UP_START || (booting->deed == UP_RESTART && booting->before &&
                                               differs(booting->before->store, booting->node->store));
    if (check_ports(up, booting, diags) || check_shared(boot, index, diags))
        return -1;
    if (fresh && booting->node->store &&
        store_check(up->arena, booting->node->store, booting->node->name, up->root, &patience, diags))
        return -1;
    return check_text(up, booting, diags);
}

static int make_certificates(struct up *up, struct boot *boot, struct diags *diags)
{
    struct certificates made = {0};
    struct certificate_request request = {.folder = arena_printf(up->arena, "%s/tls", up->state.folder),
                                          .now = time(NULL)};
    if (!up->environment->needs_certificates)
        return 0;
    request.names = environment_names(up->arena, up->environment, &request.name_count);
    if (certificates_make(up->arena, &request, &made, diags))
        return -1;
    boot->new_certificate = made.new_certificate;
    if (made.new_authority)
        up->new_authority = made.ca;
    return 0;
}

/* The ports of all nodes are chosen before any configuration is made, because configurations name ports of other nodes. */
static void choose_ports(struct up *up)
{
    for (size_t i = 0; i < up->environment->node_count; i++) {
        fill_in_ports(up, &up->environment->nodes[i]);
        choose_again(up, &up->environment->nodes[i]);
    }
}

int up_plan(struct up *up, struct boot *ret_boot, struct diags *diags)
{
    struct boot boot = {.count = up->environment->node_count};
    size_t errors = diags->errors;
    boot.nodes = ARENA_ARRAY(up->arena, struct booting, boot.count);
    choose_ports(up);
    if (make_certificates(up, &boot, diags))
        return -1;
    for (size_t i = 0; i < boot.count; i++) {
        struct booting *booting = &boot.nodes[i];
        booting->plan = &up->environment->nodes[i];
        booting->before = state_node(&up->state, booting->plan->name);
        booting->node = ARENA_NEW(up->arena, struct upnode);
        *booting->node = (struct upnode){.name = booting->plan->name,
                                         .server = booting->plan->server->name,
                                         .pid = booting->before ? booting->before->pid : 0,
                                         .born = booting->before ? booting->before->born : 0};
        if (describe(up, booting, diags))
            continue;
        decide(up, booting);
        if (booting->deed == UP_KEEP && boot.new_certificate) {
            booting->deed = UP_RELOAD;
            booting->why = "its certificate is new";
        }
    }
    for (size_t i = 0; i < up->state.nodes.count; i++)
        if (!is_planned(up, up->state.nodes.items[i]->name))
            VEC_PUSH(up->arena, &boot.gone, up->state.nodes.items[i]);
    for (size_t i = 0; diags->errors == errors && i < boot.count; i++)
        check_one(up, &boot, i, diags); /* all are checked, to report all problems at once */
    for (size_t i = 0; diags->errors > errors && i < boot.count; i++)
        unlink(state_path(up->arena, &up->state, boot.nodes[i].node->name, "nats-server.conf.new"));
    *ret_boot = boot;
    return diags->errors > errors ? -1 : 0;
}
