/*
 * Text diffs: unified diffs in colours, as `git apply` and reviewers know them.
 */
#ifndef VIEW_TEXT_DIFF_H
#define VIEW_TEXT_DIFF_H

#include "base/source.h"
#include "view/style.h"

/* Prints the lines that differ, without names of files. Returns 0, or -1 if there is not enough memory. */
int view_text_lines(const struct style *style, const struct source *before, const struct source *after);

/* The same, with the names of both files above. */
int view_text_diff(const struct style *style, const struct source *before, const struct source *after);

#endif
