/*
 * `generate launchd`: agents for macOS with Homebrew. `brew services start nats-server` runs the server without any
 * configuration, and writes its own agent again each time. So there are agents of our own and, for a single node, one
 * for `brew services start --file`.
 */
#include <inttypes.h>
#include <string.h>

#include "generate/compose.h"
#include "generate/generators.h"

#define BREW_LABEL "homebrew.mxcl.nats-server" /* the label that `brew services` gives nats-server */

static const char doctype[] = "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
                              "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n";

static const struct seal_style seal_markdown = {.head = "", .open = "<!-- ", .close = " -->"};

struct agent {
    const char *label;
    const char *conf;   /* path of its configuration on the Mac */
    const char *folder; /* folder of its data on the Mac */
    const char *program;
    const char *log;
    int64_t stop_seconds;
};

/* Paths and names may hold what XML has a meaning for. */
static void add_text(struct strbuf *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '&')
            strbuf_adds(out, "&amp;");
        else if (*text == '<')
            strbuf_adds(out, "&lt;");
        else if (*text == '>')
            strbuf_adds(out, "&gt;");
        else
            strbuf_addc(out, *text);
    }
}

static void add_string(struct strbuf *out, const char *indent, const char *text)
{
    strbuf_addf(out, "%s<string>", indent);
    add_text(out, text);
    strbuf_adds(out, "</string>\n");
}

static void add_pair(struct strbuf *out, const char *key, const char *text)
{
    strbuf_addf(out, "    <key>%s</key>\n", key);
    add_string(out, "    ", text);
}

/* launchd's defaults do not do: 256 open files are too few for JetStream, and 20 seconds too short for a clean end. */
static void add_agent(struct strbuf *out, const struct agent *agent)
{
    strbuf_adds(out, doctype);
    strbuf_adds(out, "<plist version=\"1.0\">\n<dict>\n");
    add_pair(out, "Label", agent->label);
    strbuf_adds(out, "    <key>ProgramArguments</key>\n    <array>\n");
    add_string(out, "        ", agent->program);
    add_string(out, "        ", "--config");
    add_string(out, "        ", agent->conf);
    strbuf_adds(out, "    </array>\n");
    add_pair(out, "WorkingDirectory", agent->folder);
    /*
     * Servers before 2.11 end with 1 when they are terminated, which looks like a crash here. 'launchctl bootout' takes
     * the agent away first, so that it is not started again.
     */
    strbuf_addf(out,
                "    <key>RunAtLoad</key>\n    <true/>\n"
                "    <key>KeepAlive</key>\n    <dict>\n"
                "        <key>SuccessfulExit</key>\n        <false/>\n    </dict>\n"
                "    <key>ThrottleInterval</key>\n    <integer>5</integer>\n"
                "    <key>ExitTimeOut</key>\n    <integer>%" PRId64 "</integer>\n",
                agent->stop_seconds);
    add_pair(out, "ProcessType", "Background");
    static const char *const limits[] = {"SoftResourceLimits", "HardResourceLimits"};
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
        strbuf_addf(out,
                    "    <key>%s</key>\n    <dict>\n"
                    "        <key>NumberOfFiles</key>\n        <integer>65536</integer>\n    </dict>\n",
                    limits[i]);
    add_pair(out, "StandardOutPath", agent->log);
    add_pair(out, "StandardErrorPath", agent->log);
    strbuf_adds(out, "</dict>\n</plist>\n");
}

/* launchd stops a server by SIGTERM. Unlike lame duck mode, that does not wait for clients, so half a minute is enough. */
enum { STOP_SECONDS = 30 };

static void add_plist(struct arena *arena, struct generated *generated, const struct agent *agent)
{
    struct strbuf text = {0};
    add_agent(&text, agent);
    generated_add(arena, generated, arena_printf(arena, "launchd/%s.plist", agent->label), &seal_xml, &text,
                  false);
}

/* The folders that a node needs beside its own, as a command of their own for each node. */
static void add_folders(struct arena *arena, struct strbuf *out, const struct envnode *node)
{
    const struct folder_list folders = config_folders_to_make(arena, node->server->options);
    if (!folders.paths.count)
        return;
    strbuf_adds(out, "    mkdir -p");
    for (size_t i = 0; i < folders.paths.count; i++) {
        strbuf_adds(out, " \"$(brew --prefix)\"/");
        strbuf_add_word(out, arena_printf(arena, "var/nats/%s/%s", node->name, folders.paths.items[i]));
    }
    strbuf_addc(out, '\n');
}

static void add_steps(struct arena *arena, struct strbuf *out, const struct generate_request *request)
{
    const struct environment *environment = request->environment;
    const char *label = arena_printf(arena, "natsform.%s", compose_project(arena, request->project));
    strbuf_addf(out, "## As agents of their own\n\nHomebrew's is stopped first.\n\n"
                     "    brew services stop nats-server\n"
                     "    mkdir -p \"$(brew --prefix)/etc/nats\" \"$(brew --prefix)/var/log\"\n");
    for (size_t i = 0; i < environment->node_count; i++)
        add_folders(arena, out, &environment->nodes[i]);
    strbuf_adds(out, "    for node in");
    for (size_t i = 0; i < environment->node_count; i++)
        strbuf_addf(out, " %s", environment->nodes[i].name);
    strbuf_addf(
        out,
        "; do\n"
        "        mkdir -p \"$(brew --prefix)/var/nats/$node\"\n"
        "        install -m 600 \"%s/launchd/$node.conf\" \"$(brew --prefix)/etc/nats/\"\n"
        "        cp \"%s/launchd/%s.$node.plist\" ~/Library/LaunchAgents/\n"
        "        launchctl bootstrap gui/$UID ~/Library/LaunchAgents/\"%s.$node.plist\"\n"
        "    done\n\n"
        "After a change of the configuration: `launchctl kickstart -k gui/$UID/%s.NODE`. To stop a node: `launchctl "
        "bootout gui/$UID/%s.NODE`.\n",
        request->folder, request->folder, label, label, label, label);
}

static void add_brew_steps(struct arena *arena, struct strbuf *out, const struct generate_request *request)
{
    const struct envnode *node = &request->environment->nodes[0];
    strbuf_addf(
        out,
        "\n## Or by `brew services`\n\n"
        "    mkdir -p \"$(brew --prefix)/etc/nats\" \"$(brew --prefix)/var/nats/%s\" \"$(brew --prefix)/var/log\"\n",
        node->name);
    add_folders(arena, out, node);
    strbuf_addf(out,
                "    install -m 600 %s/launchd/%s.conf \"$(brew --prefix)/etc/nats/\"\n"
                "    brew services start nats-server --file=%s/launchd/" BREW_LABEL ".plist\n\n"
                "Name the file each time: without it, `brew services` goes back to its own.\n",
                request->folder, node->name, request->folder);
}

static void add_readme(struct arena *arena, struct generated *generated,
                       const struct generate_request *request)
{
    struct strbuf text = {0};
    strbuf_addf(
        &text,
        "# NATS on macOS\n\n"
        "`brew install nats-server`. The files are for Homebrew in `%s`; is `brew --prefix` another folder (on Intel it "
        "is `/usr/local`), then write them again with `natsform generate launchd --prefix \"$(brew --prefix)\"`.\n\n"
        "`brew services start nats-server` alone runs the server without a configuration: without JetStream, monitoring "
        "and WebSocket, open to the network. What it writes to `~/Library/LaunchAgents` it writes anew each time, so "
        "edits there do not last.\n\n",
        request->prefix);
    add_steps(arena, &text, request);
    if (request->environment->node_count == 1)
        add_brew_steps(arena, &text, request);
    generated_add(arena, generated, "launchd/README.md", &seal_markdown, &text, false);
}

int generate_launchd(struct arena *arena, const struct generate_request *request, struct diags *diags,
                     struct generated *generated)
{
    const char *prefix = request->prefix;
    int failed = 0;
    for (size_t i = 0; i < request->environment->node_count; i++) {
        const struct envnode *node = &request->environment->nodes[i];
        struct environment_place place = place_hosts;
        place.keeps_open = true;
        place.data = arena_printf(arena, "%s/var/nats/%s", prefix, node->name);
        place.certificates = arena_printf(arena, "%s/etc/nats/tls", prefix);
        struct config_folders folders = {
            .arena = arena, .read = arena_printf(arena, "%s/etc/nats", prefix), .written = place.data};
        const struct node *config = config_in_folders(environment_config(arena, node, &place), &folders);
        struct agent agent = {
            .label =
                arena_printf(arena, "natsform.%s.%s", compose_project(arena, request->project), node->name),
            .conf = arena_printf(arena, "%s/etc/nats/%s.conf", prefix, node->name),
            .folder = arena_printf(arena, "%s/var/nats", prefix),
            .program = arena_printf(arena, "%s/bin/nats-server", prefix),
            .log = arena_printf(arena, "%s/var/log/nats-%s.log", prefix, node->name),
            .stop_seconds = STOP_SECONDS,
        };
        add_plist(arena, generated, &agent);
        if (request->environment->node_count == 1) {
            agent.label = BREW_LABEL;
            add_plist(arena, generated, &agent);
        }
        failed |= generated_add_conf(
            arena, generated, arena_printf(arena, "launchd/%s.conf", node->name),
            arena_printf(arena, "# For $(brew --prefix)/etc/nats/%s.conf; see README.md.\n\n", node->name),
            config, diags);
    }
    add_readme(arena, generated, request);
    return failed;
}
