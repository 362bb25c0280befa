/*
 * Explain codes: a diagnostic code with why, when and what to do, and what servers do according to the rules.
 */
#ifndef VIEW_EXPLAIN_CODE_H
#define VIEW_EXPLAIN_CODE_H

#include "base/codes.h"
#include "view/style.h"

void view_explain_code(const struct style *style, const struct diag_code *code);
/* Prints the page docs/codes.md: all codes, in Markdown. */
void view_explain_codes(const struct style *style);

#endif
