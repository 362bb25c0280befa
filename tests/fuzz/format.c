/*
 * Fuzzes files of other tools, as a manifest is loaded: what is read without an error is written as a manifest that is read
 * without an error again, and is written the same.
 */
#include "manifest/write.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/promise.h"
#include "manifest/load.h"
#include "plan/planner.h"
#include "syntax/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int read_text(void *context, struct arena *arena, const char *path, struct source *ret_source,
                     const char **ret_error)
{
    (void)arena;
    (void)path;
    (void)ret_error;
    *ret_source = *(const struct source *)context;
    return 0;
}

static int expand_path(void *context, struct arena *arena, const char *pattern, const char ***ret_paths,
                       size_t *ret_count, const char **ret_error)
{
    (void)context;
    (void)ret_error;
    *ret_paths = ARENA_ARRAY(arena, const char *, 1);
    (*ret_paths)[0] = pattern;
    *ret_count = 1;
    return 0;
}

static const char *lookup(void *context, const char *name)
{
    (void)context;
    (void)name;
    return NULL;
}

/* The text as a manifest; false when it has errors. */
static bool convert(struct arena *arena, const char *text, struct strbuf *out)
{
    static const char *const paths[] = {"fuzz"};
    struct source source = {"fuzz", text, strlen(text)};
    struct diags diags;
    struct map secrets = {0};
    diags_init(&diags);
    const struct manifest_reader reader = {
        .read = read_text, .expand = expand_path, .context = &source, .lookup = lookup, .stream = "S"};
    struct manifest *manifest = manifest_load(arena, &reader, paths, 1, &diags);
    require(manifest || diags.errors, "a manifest that is refused has an error");
    if (manifest)
        planner_check(arena, manifest, &(struct target){.version = VERSION_UNKNOWN, .clustered = true},
                      &diags);
    bool right = diags.errors == 0;
    if (right)
        yaml_write(out, manifest_encode(arena, manifest, &secrets));
    diags_release(&diags);
    return right && !secrets.count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct strbuf once = {0};
    struct strbuf again = {0};
    arena_init(&arena);
    char *text = malloc(size + 1);
    memcpy(text, data, size);
    text[size] = '\0';
    if (strlen(text) == size && convert(&arena, text, &once)) {
        require(convert(&arena, strbuf_text(&once), &again), "what is written can be read");
        require(strcmp(strbuf_text(&once), strbuf_text(&again)) == 0, "it is written the same");
    }
    free(text);
    strbuf_release(&once);
    strbuf_release(&again);
    arena_release(&arena);
    return 0;
}
