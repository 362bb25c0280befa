/*
 * Turns libyaml's errors into diagnostics: at the place of the mistake, in our words, with the usual remedy.
 */
#ifndef SYNTAX_YAML_ERROR_H
#define SYNTAX_YAML_ERROR_H

#include <yaml.h>

#include "base/diag.h"
#include "syntax/node.h"

/* `open` is the innermost open collection if it has brackets, or NULL. */
void yaml_report_error(const yaml_parser_t *parser, const struct source *source, const struct node *open,
                       struct diags *diags);

#endif
