/*
 * Fuzzes the import of Compose files: command lines, ports, variables and mounts. What is refused has an error, and what is taken is a
 * manifest's text that can be read.
 *
 * Up to the first NUL byte the input is the Compose file; what follows is the value of every variable and the text of every file.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "edit/compose_import.h"
#include "fuzz/promise.h"
#include "syntax/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *look_up(void *context, const char *name)
{
    return *name == 'Q' ? NULL : context;
}

static const char *look_up_in(void *context, const char *path, const char *name)
{
    return *path == 'Q' || *name == 'Q' ? NULL : context;
}

static int read_any(void *context, struct arena *arena, const char *path, struct source *ret_source,
                    const char **ret_error)
{
    *ret_error = "there is none";
    if (*path == 'Q')
        return -1;
    *ret_source = (struct source){arena_strdup(arena, path), context, strlen(context)};
    return 0;
}

static void check_text(struct arena *arena, const struct conf_imported *imported)
{
    struct strbuf yaml = {0};
    struct documents documents;
    struct diags diags;
    diags_init(&diags);
    yaml_write(&yaml, imported->server);
    struct source manifest = {"manifest", strbuf_text(&yaml), yaml.length};
    require(*imported->name != '\0', "the server has a name");
    require(yaml_read(arena, &manifest, &diags, &documents) == 0, "what is imported is a manifest");
    diags_release(&diags);
    strbuf_release(&yaml);
}

static void check_import(struct arena *arena, const struct node *document, char *rest)
{
    const struct compose_world world = {
        .read = read_any, .lookup = look_up, .lookup_in = look_up_in, .context = rest, .base = "../b"};
    struct compose_imported imported;
    struct diags diags;
    diags_init(&diags);
    bool right = compose_import(arena, document, &world, &diags, &imported) == 0;
    require(right == (diags.errors == 0), "what is refused has an error");
    require(!right || imported.servers.count, "what is taken has a server");
    for (size_t i = 0; right && i < imported.servers.count; i++)
        check_text(arena, &imported.servers.items[i]);
    diags_release(&diags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct diags diags;
    struct documents documents = {0};
    char *text = malloc(size + 2);
    memcpy(text, data, size);
    text[size] = text[size + 1] = '\0';
    size_t length = strlen(text);
    struct source source = {"compose.yaml", text, length};
    arena_init(&arena);
    diags_init(&diags);
    if (yaml_read(&arena, &source, &diags, &documents) == 0 && documents.count &&
        documents.items[0]->type == NODE_MAP)
        check_import(&arena, documents.items[0], text + length + 1);
    diags_release(&diags);
    arena_release(&arena);
    free(text);
    return 0;
}
