/* The table of generators, and what they share; see generate.h. */
#include "generate/generate.h"

#include <string.h>

#include "field/field.h"
#include "field/value.h"
#include "generate/generators.h"
#include "kind/server_options.h"

const struct generator generators[] = {
    {"conf", "configurations for nats-server, one for each node", generate_conf},
    {"compose", "compose.yaml with its configurations", generate_compose},
    {"dockerfile", "an image that has its configuration in it", generate_dockerfile},
    {"systemd", "units for Linux, with configurations for /etc/nats", generate_systemd},
    {"launchd", "agents for macOS, with configurations for Homebrew", generate_launchd},
    {"env", "variables for applications: URLs and logins", generate_env},
    {0},
};

const struct generator *generate_find(const char *name)
{
    for (const struct generator *row = generators; row->name; row++)
        if (strcmp(row->name, name) == 0)
            return row;
    return NULL;
}

/* Names of nodes become names of files, units, services and hosts. */
static int check_names(const struct environment *environment, struct diags *diags)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    int failed = 0;
    for (size_t i = 0; i < environment->node_count; i++) {
        const char *name = environment->nodes[i].name;
        if (*name && *name != '.' && *name != '-' && name[strspn(name, letters)] == '\0')
            continue;
        struct diag *diag = diag_add(diags, &code_name, environment->nodes[i].server->pos,
                                     "'%s' cannot be the name of a file", name);
        diag_hint(diags, diag, "names of servers are made of letters, digits, '_', '.' and '-' here");
        failed = -1;
    }
    return failed;
}

int generate(struct arena *arena, const struct generate_request *request, const struct generator *generator,
             struct diags *diags, struct generated *ret_generated)
{
    struct generated generated = {0};
    int failed = 0;
    if (check_names(request->environment, diags))
        return -1;
    for (const struct generator *row = generators; row->name; row++)
        /* All generators run even if one fails, so that all faults are told at once. */
        if (!generator || row == generator)
            failed |= row->run(arena, request, diags, &generated);
    if (failed)
        return -1;
    *ret_generated = generated;
    return 0;
}

void generated_add(struct arena *arena, struct generated *generated, const char *path,
                   const struct seal_style *style, struct strbuf *text, bool secret)
{
    /* Compose and the Dockerfile share their configurations; each generator adds them, as it may run alone. */
    bool known = false;
    for (size_t i = 0; i < generated->files.count; i++)
        known = known || strcmp(generated->files.items[i].path, path) == 0;
    if (!known) {
        struct new_file file = new_file(path, seal_add(arena, style, strbuf_text(text)));
        file.secret = secret;
        VEC_PUSH(arena, &generated->files, file);
    }
    strbuf_release(text);
}

/* ---- questions to configurations ---- */

/* Is it a URL with a login, such as "nats-leaf://user:password@host"? That is a secret, too. */
static bool has_login(const struct node *node)
{
    if (node->type == NODE_LIST) {
        for (size_t i = 0; i < node->count; i++)
            if (has_login(node->items[i]))
                return true;
        return false;
    }
    const char *host = node->type == NODE_SCALAR ? strstr(node->text, "://") : NULL;
    const char *at = host ? strchr(host + 3, '@') : NULL;
    return at && strcspn(host + 3, "/") > (size_t)(at - host - 3);
}

/* A configuration with a secret is written for its owner alone. */
static void look_for_secret(void *context, const struct field *option, const struct member *member)
{
    bool *found = context;
    *found =
        *found || (option->flags & FIELD_SECRET) || ((option->flags & FIELD_URL) && has_login(member->value));
}

bool config_has_secret(const struct node *config)
{
    bool found = false;
    options_walk(&server_table, config, look_for_secret, &found);
    return found;
}

/*
 * Lame duck mode lasts two minutes by default. Half a minute more, so that the service manager does not kill a server
 * that is about to end by itself.
 */
int64_t config_stop_seconds(const struct node *config)
{
    enum { USUAL_SECONDS = 120, SPARE_SECONDS = 30, NANOS = 1000000000 };
    int64_t nanos;
    const char *text = option_text(config, OPTION_LAME_DUCK_DURATION);
    if (!*text || duration_parse(text, &nanos))
        return USUAL_SECONDS + SPARE_SECONDS;
    return (nanos + NANOS - 1) / NANOS + SPARE_SECONDS;
}
