/*
 * Review: what validate, plan and diff have found, for those who review a change and for the tools that show it to them. All of it comes out of the document
 * that -o json prints, so that every format tells the same.
 *
 *     struct review review = {.arena = arena, .command = "plan", .document = root};
 *     review_markdown(&review, stdout);
 *
 * Names and values come from servers and from files of others. None of them gets out of the place where it is put: a fence, a code span, an attribute, the
 * value of an annotation.
 */
#ifndef VIEW_REVIEW_H
#define VIEW_REVIEW_H

#include <stdio.h>

#include "base/arena.h"
#include "plan/plan.h"
#include "syntax/node.h"

struct review {
    struct arena *arena;
    const char *command;         /* "plan" */
    const struct node *document; /* with its diagnostics */
    const char
        *folder; /* in which relative names of files are, from the root of the repository; "": that itself */
};

/* Adds to each change of a plan's document what differs, as lines of a unified diff. */
void review_add_diffs(struct arena *arena, const struct plan *plan, struct node *document);

/*
 * GitHub's and GitLab's markdown, of at most 65,000 bytes, as a comment takes 65,536 and a pipeline adds a line: the worst comes first, and what does not fit is counted. It begins with a
 * comment by which a bot finds it again.
 */
void review_markdown(const struct review *review, FILE *out);

/*
 * Commands of a GitHub workflow that annotate the lines of files: ten errors, ten warnings and ten notices at most, as more are not shown, the last of which then
 * counts the rest.
 */
void review_github(const struct review *review, FILE *out);

/* JUnit's XML, as CI services read it: a case for each change and each finding. */
void review_junit(const struct review *review, FILE *out);

/* ---- for the formats ---- */

struct review_plans {
    const struct node *const *items;
    size_t count;
};

/* The plans in the document, none for `validate`. */
struct review_plans review_plans(const struct review *review);
/* "1 to create, 2 to update"; "no changes". */
const char *review_counts(struct arena *arena, const struct node *plan);
/* Of all diagnostics, those of that severity: "error". */
size_t review_count(const struct review *review, const char *severity);
/* Such as "stream ORDERS". */
const char *review_label(struct arena *arena, const struct node *change);
/* "manifest.yaml:3:5", "manifest.yaml", or "" where it has no place. */
const char *review_place(struct arena *arena, const struct node *diagnostic);

#endif
