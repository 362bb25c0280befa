/*
 * What the generators share; for generate*.c alone.
 */
#ifndef GENERATE_GENERATORS_H
#define GENERATE_GENERATORS_H

#include "base/strbuf.h"
#include "generate/file_mark.h"
#include "generate/generate.h"

/* Each adds its files. */
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

/* Seals the text and adds the file; `text` is released. One that is there already under that path stays. */
void generated_add(struct arena *arena, struct generated *generated, const char *path,
                   const struct seal_style *style, struct strbuf *text, bool secret);

/* A node's configuration as a file: comments that say what each option is for, below lines of comment of the caller's ("" for none). */
int generated_add_conf(struct arena *arena, struct generated *generated, const char *path,
                       const char *comment, const struct node *config, struct diags *diags);

/* Is there a password, token or key in the configuration? */
bool config_has_secret(const struct node *config);
/*
 * Calls the functions for each path in the configuration of a file that the server reads or writes, and puts what they return in its
 * place; NULL leaves it. The configuration's own nodes are changed.
 */
typedef const char *config_place(void *context, const char *path);
void config_place_paths(struct node *config, config_place *read, config_place *written, void *context);

/* Where files are that the manifest names by relative paths. */
struct config_folders {
    struct arena *arena;
    const char *read;
    const char *written; /* JetStream's store among them */
};
/* A copy with absolute paths. */
struct node *config_in_folders(const struct node *config, struct config_folders *folders);

/* The longest that a server of this configuration may take to stop, in seconds. */
int64_t config_stop_seconds(const struct node *config);

#endif
