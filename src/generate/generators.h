/*
 * Generators: what the generators share. Only for this room.
 */
#ifndef GENERATE_GENERATORS_H
#define GENERATE_GENERATORS_H

#include "base/strbuf.h"
#include "base/vec.h"
#include "field/field.h"
#include "generate/file_mark.h"
#include "generate/generate.h"

/* Each adds its files. Returns 0, or -1 with diagnostics. */
int generate_conf(struct arena *arena, const struct generate_request *request, struct diags *diags,
                  struct generated *generated);
int generate_compose(struct arena *arena, const struct generate_request *request, struct diags *diags,
                     struct generated *generated);
int generate_dockerfile(struct arena *arena, const struct generate_request *request, struct diags *diags,
                        struct generated *generated);
int generate_systemd(struct arena *arena, const struct generate_request *request, struct diags *diags,
                     struct generated *generated);
int generate_launchd(struct arena *arena, const struct generate_request *request, struct diags *diags,
                     struct generated *generated);
int generate_env(struct arena *arena, const struct generate_request *request, struct diags *diags,
                 struct generated *generated);

/* Adds a file with the text and a seal, and releases `text`. If there is a file with that path already, it stays. */
void generated_add(struct arena *arena, struct generated *generated, const char *path,
                   const struct seal_style *style, struct strbuf *text, bool secret);

/* Adds a node's configuration as a file, with comments that explain the options. `comment` is put above it ("" for none). */
int generated_add_conf(struct arena *arena, struct generated *generated, const char *path,
                       const char *comment, const struct node *config, struct diags *diags);

/* Does the configuration have a password, a token or a key? */
bool config_has_secret(const struct node *config);

/*
 * Replaces the paths in a configuration. `read` is called for files that the server reads, `written` for those that it
 * writes; their results take the place of the paths, except NULL. The nodes of the configuration are changed.
 */
typedef const char *config_place(void *context, const struct field *option, const char *path);
void config_place_paths(struct node *config, config_place *read, config_place *written, void *context);

/* The folders that relative paths of the manifest belong to. */
struct config_folders {
    struct arena *arena;
    const char *read;
    const char *written; /* for files that the server writes, with JetStream's store */
};
/* A copy of the configuration with absolute paths. */
struct node *config_in_folders(const struct node *config, struct config_folders *folders);

/*
 * The folders that have to be there before a server with these options starts, relative to where its relative paths begin,
 * each once. Absolute ones and those further up are the user's.
 */
struct folder_list {
    VEC(const char *) paths;
};
struct folder_list config_folders_to_make(struct arena *arena, const struct node *options);

/* How long a server with this configuration may take to stop, in seconds. */
int64_t config_stop_seconds(const struct node *config);

#endif
