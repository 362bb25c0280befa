/*
 * Text diffs: unified diffs in colours, as `git apply` and reviewers know them.
 */
#ifndef VIEW_TEXT_DIFF_H
#define VIEW_TEXT_DIFF_H

#include "base/source.h"
#include "view/style.h"

/* The differing lines alone, without names. Returns 0, or -1 when there is not enough memory. */
int view_text_lines(const struct style *style, const struct source *before, const struct source *after);

/* With the names of both. */
int view_text_diff(const struct style *style, const struct source *before, const struct source *after);

#endif
