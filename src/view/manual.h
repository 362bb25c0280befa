/*
 * Manual: man pages in man(7)'s language, made from the tables of commands, options, settings and fields. `make install`
 * writes them, so they always fit the program.
 */
#ifndef VIEW_MANUAL_H
#define VIEW_MANUAL_H

#include "base/strbuf.h"
#include "view/help.h"

/* Appends the page of a command; of natsform itself if `command` is NULL. */
void manual_command(struct strbuf *out, const struct help *help, const struct command_help *command);

/* The name of the page about manifests, and that page. */
#define MANUAL_MANIFEST "natsform.yaml"
void manual_manifest(struct strbuf *out);

#endif
