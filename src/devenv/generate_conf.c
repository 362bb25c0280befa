/* Configurations of nats-server as files. */
#include <string.h>

#include "devenv/generate_parts.h"
#include "syntax/conf.h"

int generated_add_conf(struct arena *arena, struct generated *generated, const char *path,
                       const char *comment, const struct node *config, struct diags *diags)
{
    struct strbuf text = {0};
    strbuf_adds(&text, comment);
    if (conf_write(&text, config, diags)) {
        strbuf_release(&text);
        return -1;
    }
    generated_add(arena, generated, path, &seal_hash, &text, config_has_secret(config));
    return 0;
}

int generate_conf(struct arena *arena, const struct generate_request *request, struct diags *diags,
                  struct generated *generated)
{
    int failed = 0;
    for (size_t i = 0; i < request->environment->node_count; i++) {
        const struct envnode *node = &request->environment->nodes[i];
        struct environment_place place = place_local;
        place.certificates = "./" GENERATE_CERTIFICATES; /* from the manifest's folder, where it is started */
        const char *path = arena_printf(arena, "conf/%s.conf", node->name);
        const char *comment = arena_printf(arena, "#\n#   nats-server -c %s/%s\n\n", request->folder, path);
        failed |= generated_add_conf(arena, generated, path, comment, environment_config(arena, node, &place),
                                     diags);
    }
    return failed;
}
