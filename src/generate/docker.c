/* `generate compose` and `generate dockerfile`: both use the same configurations for containers. */
#include <string.h>

#include "generate/compose.h"
#include "generate/generators.h"
#include "syntax/json.h"

#define CONFS "docker"

/* Certificates of `tls: dev`, and files that the manifest names, are in the manifest's folder. */
static struct compose_options options_of(struct arena *arena, const struct generate_request *request)
{
    return (struct compose_options){
        .confs = "./" CONFS,
        .certificates = arena_printf(arena, "%s/" GENERATE_CERTIFICATES, request->base),
        .base = request->base,
        .probe = request->probe,
    };
}

/* Adds each node's configuration for containers, docker/NODE.conf. */
static int add_container_confs(struct arena *arena, const struct generate_request *request,
                               struct diags *diags, struct generated *generated)
{
    const struct compose_options options = options_of(arena, request);
    int failed = 0;
    for (size_t i = 0; i < request->environment->node_count; i++) {
        const struct envnode *node = &request->environment->nodes[i];
        failed |= generated_add_conf(arena, generated, arena_printf(arena, CONFS "/%s.conf", node->name),
                                     "# For a container: /data is to be a volume.\n\n",
                                     compose_config(arena, node, &options), diags);
    }
    return failed;
}

int generate_compose(struct arena *arena, const struct generate_request *request, struct diags *diags,
                     struct generated *generated)
{
    const struct compose_options options = options_of(arena, request);
    struct strbuf text = {0};
    struct strbuf env = {0};
    if (compose_write(arena, request->environment, &options, &text, diags)) {
        strbuf_release(&text);
        return -1;
    }
    generated_add(arena, generated, "compose.yaml", &seal_hash, &text, false);
    strbuf_addf(&env,
                "# Compose reads this file. docker-compose 1.29 takes the project's name nowhere else.\n"
                "COMPOSE_PROJECT_NAME=%s\n",
                compose_project(arena, request->project));
    generated_add(arena, generated, ".env", &seal_hash, &env, false);
    return add_container_confs(arena, request, diags, generated);
}

/* ---- the Dockerfile ---- */

/* FROM of a Dockerfile knows no quotes, so an image's name must not have anything that needs them. */
static int check_image(const struct envserver *server, const char *image, struct diags *diags)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-/:@";
    if (*image && *image != '-' && image[strspn(image, letters)] == '\0')
        return 0;
    struct diag *diag = diag_add(diags, &code_name, server->pos, "'%s' is no name of an image", image);
    diag_hint(diags, diag, "such as 'nats:2.14-alpine' or 'registry.example.com/team/nats:1'");
    return -1;
}

static void add_ports(struct strbuf *out, const struct envnode *node)
{
    strbuf_adds(out, "EXPOSE");
    for (int i = 0; i < LISTENERS; i++)
        /* EXPOSE is a note for people and tools; it publishes nothing. */
        if (node->ports[i])
            strbuf_addf(out, " %d", listener_usual_port((enum listener)i));
    strbuf_addc(out, '\n');
}

/* The command's words are written as JSON, so that none can be taken for something else. */
static void add_health(struct arena *arena, struct strbuf *out, const struct envnode *node, const char *image)
{
    const struct node *config = environment_config(arena, node, &place_containers);
    const struct node *words = compose_health(arena, node, config, image, NULL);
    if (!words)
        return;
    strbuf_adds(out,
                "HEALTHCHECK --interval=" COMPOSE_HEALTH_INTERVAL " --timeout=" COMPOSE_HEALTH_TIMEOUT
                " --start-period=" COMPOSE_HEALTH_START " --retries=" COMPOSE_HEALTH_RETRIES " \\\n    CMD ");
    json_write(out, words, false);
    strbuf_addc(out, '\n');
}

static int add_dockerfile(struct arena *arena, const struct generate_request *request,
                          const struct envserver *server, struct diags *diags, struct generated *generated)
{
    const struct envnode *node = &request->environment->nodes[server->first];
    const struct compose_options options = options_of(arena, request);
    const char *image = compose_image(arena, server);
    const char *path = "Dockerfile";
    struct strbuf text = {0};
    if (check_image(server, image, diags))
        return -1;
    if (request->environment->server_count > 1)
        path = arena_printf(arena, "Dockerfile.%s", server->name);
    strbuf_addf(&text,
                "#\n"
                "#   docker build -f %s/%s --build-arg NODE=%s -t %s %s\n"
                "#\n"
                "# The configuration is part of the image: whoever has the image has the passwords in it.\n\n"
                "FROM %s\n"
                "ARG NODE=%s\n"
                "COPY " CONFS "/${NODE}.conf /etc/nats/nats-server.conf\n",
                request->folder, path, node->name, node->name, request->folder, image, node->name);
    /* A volume even if nobody asks for one: messages in the container's own layer go with the container. */
    if (compose_keeps(arena, node, &options))
        strbuf_adds(&text, "VOLUME [\"/data\"]\n");
    add_ports(&text, node);
    add_health(arena, &text, node, image);
    strbuf_adds(&text, "CMD [\"--config\", \"/etc/nats/nats-server.conf\"]\n");
    generated_add(arena, generated, path, &seal_hash, &text, false);
    return 0;
}

int generate_dockerfile(struct arena *arena, const struct generate_request *request, struct diags *diags,
                        struct generated *generated)
{
    int failed = 0;
    for (size_t i = 0; i < request->environment->server_count; i++)
        if (request->environment->servers[i].count)
            failed |= add_dockerfile(arena, request, &request->environment->servers[i], diags, generated);
    return failed | add_container_confs(arena, request, diags, generated);
}
