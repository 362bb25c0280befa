/*
 * Explain codes: a diagnostic code with why, when and what to do, out of base/codes.c, base/code_texts.c and the rules.
 */
#ifndef VIEW_EXPLAIN_CODE_H
#define VIEW_EXPLAIN_CODE_H

#include "base/codes.h"
#include "view/style.h"

void view_explain_code(const struct style *style, enum diag_code code);
/* The page docs/codes.md: all of them, in Markdown. */
void view_explain_codes(const struct style *style);

#endif
