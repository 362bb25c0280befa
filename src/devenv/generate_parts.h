/*
 * What the generators share; for generate*.c alone.
 */
#ifndef DEVENV_GENERATE_PARTS_H
#define DEVENV_GENERATE_PARTS_H

#include "base/strbuf.h"
#include "devenv/generate.h"
#include "devenv/seal.h"

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

/* Adds each node's configuration for containers, docker/NODE.conf: what Compose and Dockerfile share. */
int generated_add_container_confs(struct arena *arena, const struct generate_request *request,
                                  struct diags *diags, struct generated *generated);

/* Is there a password, token or key in the configuration? */
bool config_has_secret(const struct node *config);
/* Puts JetStream's store into the folder, unless the manifest names another one by an absolute path. */
void config_keep_store(struct arena *arena, struct node *config, const char *folder);
/* The longest that a server of this configuration may take to stop, in seconds. */
int64_t config_stop_seconds(const struct node *config);

#endif
