/*
 * `generate launchd`: agents for macOS with Homebrew. `brew services start nats-server` runs the server without any
 * configuration, and writes its own agent again each time. So there are agents of our own and, for a single node, one
 * for `brew services start --file`.
 */
#include <string.h>

#include "generate/compose.h"
#include "generate/generators.h"
#include "generate/template.h"

#define BREW_LABEL "homebrew.mxcl.nats-server" /* the label that `brew services` gives nats-server */

/*
 * launchd's defaults do not do: 256 open files are too few for JetStream, and 20 seconds too short for a clean end. launchd stops a
 * server by SIGTERM; unlike lame duck mode, that does not wait for clients, so half a minute is enough. Servers before 2.11 end with 1
 * when they are terminated, which looks like a crash here: 'launchctl bootout' takes the agent away first, so that it is not started
 * again.
 */
static const char agent_template[] =
#include "generate/templates/agent.plist.h"
    ;

static const char readme_template[] =
#include "generate/templates/launchd.md.h"
    ;

static const char brew_template[] =
#include "generate/templates/launchd_brew.md.h"
    ;

static const struct seal_style seal_markdown = {.head = "", .open = "<!-- ", .close = " -->"};

struct agent {
    const char *label;
    const char *conf;   /* path of its configuration on the Mac */
    const char *folder; /* folder of its data on the Mac */
    const char *program;
    const char *log;
};

/* Paths and names may hold what XML has a meaning for. */
static const char *xml_text(struct arena *arena, const char *text)
{
    struct strbuf out = {0};
    for (; *text; text++) {
        if (*text == '&')
            strbuf_adds(&out, "&amp;");
        else if (*text == '<')
            strbuf_adds(&out, "&lt;");
        else if (*text == '>')
            strbuf_adds(&out, "&gt;");
        else
            strbuf_addc(&out, *text);
    }
    return strbuf_move(&out, arena);
}

static void add_plist(struct arena *arena, struct generated *generated, const struct agent *agent)
{
    const char *const words[][2] = {
        {"@LABEL@", xml_text(arena, agent->label)}, {"@PROGRAM@", xml_text(arena, agent->program)},
        {"@CONF@", xml_text(arena, agent->conf)},   {"@FOLDER@", xml_text(arena, agent->folder)},
        {"@LOG@", xml_text(arena, agent->log)},     {NULL, NULL},
    };
    struct strbuf text = {0};
    template_fill(&text, agent_template, words);
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

static void add_brew_steps(struct arena *arena, struct strbuf *out, const struct generate_request *request)
{
    const struct envnode *node = &request->environment->nodes[0];
    struct strbuf folders = {0};
    add_folders(arena, &folders, node);
    const char *const words[][2] = {
        {"@NAME@", node->name},
        {"@MAKE_FOLDERS@\n", strbuf_move(&folders, arena)},
        {"@FOLDER@", request->folder},
        {"@LABEL@", BREW_LABEL},
        {NULL, NULL},
    };
    template_fill(out, brew_template, words);
}

static void add_readme(struct arena *arena, struct generated *generated,
                       const struct generate_request *request)
{
    const struct environment *environment = request->environment;
    struct strbuf text = {0}, folders = {0}, nodes = {0};
    for (size_t i = 0; i < environment->node_count; i++) {
        add_folders(arena, &folders, &environment->nodes[i]);
        strbuf_addf(&nodes, " %s", environment->nodes[i].name);
    }
    const char *const words[][2] = {
        {"@PREFIX@", request->prefix},
        {"@MAKE_FOLDERS@\n", strbuf_move(&folders, arena)},
        {"@NODES@", strbuf_move(&nodes, arena)},
        {"@FOLDER@", request->folder},
        {"@LABEL@", arena_printf(arena, "natsform.%s", compose_project(arena, request->project))},
        {NULL, NULL},
    };
    template_fill(&text, readme_template, words);
    if (environment->node_count == 1)
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
