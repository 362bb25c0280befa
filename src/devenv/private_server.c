/* A server for nobody but us; see private_server.h. */
#include "devenv/private_server.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/folder.h"
#include "base/path.h"
#include "base/read.h"
#include "base/scope.h"
#include "base/strbuf.h"
#include "base/write.h"
#include "devenv/runner.h"
#include "syntax/conf.h"
#include "syntax/json.h"

#define HOST "127.0.0.1"
#define USER "natsform"

enum {
    PASSWORD_BYTES = 24,
    LOOK_MS = 20,
    PATIENCE_MS = 5000,
    PAYLOAD_USUAL = 1024 * 1024,
    PENDING_LEAST = 64 * 1024 * 1024,
    CONTROL_LINE_MOST = 1024 * 1024, /* subjects may be long */
    START_MOST_MS = 120 * 1000,      /* as long as it lives; whoever waits may interrupt that */
    REQUEST_MOST_MS = 30 * 1000,
};

/* Room enough: what is tried is not whether a disk is large. */
#define STORE_MOST "1125899906842624"

const struct binary *private_server_program(const struct private_server *own, const char *version,
                                            struct diags *diags)
{
    struct binaries found;
    struct version_range range = {0};
    const struct binary *binary = NULL;
    binaries_find(own->arena, own->lookup, own->lookup_context, &found);
    if (version_parse(version, &range.least)) {
        range.most = range.least;
        binary = binaries_pick(&found, &range);
    }
    if (binary)
        return binary;
    struct diag *diag =
        diag_add(diags, &code_no_nats_server, (struct srcpos){0},
                 "--rehearse wants a nats-server %s on this machine, and there is %s",
                 *version ? version : "of the same version", binaries_text(&diags->arena, &found));
    diag_hint(diags, diag, "put one into %s/%s/nats-server, or leave --rehearse out",
              found.cache ? found.cache : "~/.cache/natsform/servers", *version ? version : "VERSION");
    return NULL;
}

/* ---- its configuration ---- */

static const char *make_password(struct arena *arena)
{
    unsigned char bytes[PASSWORD_BYTES];
    const char *text = "";
    if (getentropy(bytes, sizeof(bytes)))
        return NULL;
    for (size_t i = 0; i < sizeof(bytes); i++)
        text = arena_printf(arena, "%s%02x", text, bytes[i]);
    return text;
}

static struct node *config_of(const struct private_server *own, const char *folder, const char *password,
                              const struct server_info *like)
{
    struct arena *arena = own->arena;
    struct node *config = node_map(arena), *jetstream = node_map(arena), *authorization = node_map(arena);
    uint64_t payload = like->max_payload > 0 ? (uint64_t)like->max_payload : PAYLOAD_USUAL;
    node_put_text(arena, config, "host", HOST);
    node_put(arena, config, "port", node_scalar(arena, "-1", false)); /* any that is free */
    node_put_text(arena, config, "ports_file_dir", folder);
    node_put_number(arena, config, "max_payload", payload);
    node_put_number(arena, config, "max_pending", payload > PENDING_LEAST ? payload : PENDING_LEAST);
    node_put_number(arena, config, "max_control_line", CONTROL_LINE_MOST);
    node_put_text(arena, authorization, "user", USER);
    node_put_text(arena, authorization, "password", password);
    node_put(arena, config, "authorization", authorization);
    node_put_text(arena, jetstream, "store_dir", path_in(arena, folder, "store"));
    node_put(arena, jetstream, "max_file", node_scalar(arena, STORE_MOST, false));
    node_put(arena, jetstream, "max_mem", node_scalar(arena, STORE_MOST, false));
    node_put(arena, config, "jetstream", jetstream);
    return config;
}

static int refuse(const char *why, const char *more, struct diags *diags)
{
    return diag_error(diags, &code_not_started, (struct srcpos){0},
                      "cannot start a server to rehearse on: %s%s%s", why, *more ? ": " : "", more);
}

static int write_config(const struct private_server *own, const char *path, const struct node *config,
                        struct diags *diags)
{
    struct strbuf text SCOPED(strbuf_release) = {0};
    const char *why;
    if (conf_write(&text, config, diags))
        return -1;
    const struct new_file file = new_secret(path, strbuf_text(&text));
    return file_write(own->arena, &file, 0, &why) ? refuse("cannot write its configuration", why, diags) : 0;
}

/* ---- starting ---- */

static int launch(struct private_server *own, const struct binary *binary, const char *folder,
                  struct diags *diags)
{
    struct arena *arena = own->arena;
    const char *what = NULL, *real = path_real(arena, binary->path);
    const char *arguments[] = {real ? real : binary->path, "-c", path_in(arena, folder, "conf"), NULL};
    const struct process_start start = {
        .arguments = arguments,
        .folder = folder,
        .log = path_in(arena, folder, "log"),
        .pid_file = path_in(arena, folder, "pid"),
        .lock = -1,
        .ends_with_us = true,
    };
    int error = process_start(arena, &start, &own->process, &what);
    own->process.program = NULL; /* it may be a script that becomes another one */
    return error ? refuse(arena_printf(arena, "cannot %s", what), strerror(error), diags) : 0;
}

/* It writes its ports once it listens; NULL: it has not yet. */
static const char *url_of(const struct private_server *own, const char *folder)
{
    struct source text;
    struct diags unheard SCOPED(diags_release) = {0};
    DIR *entries SCOPED(close_directory) = opendir(folder);
    for (const char *name; (name = folder_next(entries));) {
        size_t length = strlen(name), ending = strlen(".ports");
        if (length <= ending || strcmp(name + length - ending, ".ports") != 0 ||
            file_read(own->arena, path_in(own->arena, folder, name), FILE_SMALL_MOST, &text, NULL))
            continue;
        const struct node *urls =
            node_get(json_read(own->arena, text.text, text.length, NULL, &unheard), "nats");
        if (urls && urls->type == NODE_LIST && urls->count)
            return urls->items[0]->text;
    }
    return NULL;
}

static int report_end(const struct private_server *own, const char *folder, struct diags *diags)
{
    struct source log = {.text = ""};
    file_read(own->arena, path_in(own->arena, folder, "log"), FILE_SMALL_MOST, &log, NULL);
    size_t length = strlen(log.text);
    while (length && log.text[length - 1] == '\n')
        length--;
    size_t line = length;
    while (line && log.text[line - 1] != '\n')
        line--;
    return refuse("it has ended", arena_strndup(own->arena, log.text + line, length - line), diags);
}

static int await_url(struct private_server *own, const char *folder, const char **ret_url,
                     struct diags *diags)
{
    int64_t deadline = clock_ms() + START_MOST_MS;
    while (!(*ret_url = url_of(own, folder))) {
        if (own->interrupted && own->interrupted())
            return refuse("interrupted", "", diags);
        if (!process_runs(own->arena, &own->process))
            return report_end(own, folder, diags);
        if (clock_ms() > deadline)
            return refuse("it does not get ready", "", diags);
        clock_pause(LOOK_MS);
    }
    return 0;
}

/* The name of its folder may say otherwise. */
static int check_version(const struct binary *binary, const struct server *server,
                         const struct server_info *like, struct diags *diags)
{
    const char *version = server_info(server)->version_text;
    if (strcmp(version, like->version_text) == 0)
        return 0;
    return refuse(arena_printf(&diags->arena, "'%s' is nats-server %s, and not %s", binary->path, version,
                               like->version_text),
                  "", diags);
}

static int start(void *context, const char *folder, const struct server_info *like,
                 struct server **ret_server, struct diags *diags)
{
    struct private_server *own = context;
    struct arena *arena = own->arena;
    const char *password = make_password(arena), *why = NULL;
    const struct binary *binary = private_server_program(own, like->version_text, diags);
    const char *real = NULL;
    struct connection_settings settings = {
        .user = USER, .password = password, .url_from = "to rehearse on", .timeout_ms = REQUEST_MOST_MS};
    if (!binary)
        return -1;
    if (!password)
        return refuse("no password can be made up", strerror(errno), diags);
    if (folder_make(arena, folder, &why) || !(real = path_real(arena, folder)) || chmod(folder, S_IRWXU))
        return refuse(arena_printf(arena, "cannot make '%s'", folder), why ? why : strerror(errno), diags);
    const struct node *config = config_of(own, real, password, like);
    return write_config(own, path_in(arena, real, "conf"), config, diags) ||
                   launch(own, binary, real, diags) || await_url(own, real, &settings.url, diags) ||
                   server_connect(&settings, ret_server, diags) ||
                   check_version(binary, *ret_server, like, diags)
               ? -1
               : 0;
}

/* What it holds is thrown away, so nobody waits for its end; and if it is a script, what that has started goes along: it has a session of its own. */
static void stop(void *context)
{
    struct private_server *own = context;
    if (own->process.pid > 0)
        kill(-(pid_t)own->process.pid, SIGKILL);
    processes_stop(own->arena, &own->process, 1, PATIENCE_MS);
    own->process = (struct process){0};
}

struct rehearsal_server private_server_for_rehearsals(struct private_server *own)
{
    return (struct rehearsal_server){.start = start, .stop = stop, .context = own};
}
