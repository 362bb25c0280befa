/*
 * What libyaml says when it cannot read on, as a diagnostic: placed, in our words, with the usual remedy.
 */
#ifndef SYNTAX_YAML_ERROR_H
#define SYNTAX_YAML_ERROR_H

#include <yaml.h>

#include "base/diag.h"
#include "syntax/node.h"

/* `open` is the innermost collection with brackets whose end had not been read, or NULL. */
void yaml_report_error(const yaml_parser_t *parser, const struct source *source, const struct node *open,
                       struct diags *diags);

#endif
