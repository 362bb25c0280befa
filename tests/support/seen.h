/*
 * Seen: what a test saw on each version, row by row, on a server alone and in a cluster. It is kept in tests/golden/NAME-VERSION.txt, which
 * the next run is compared with, and a page of docs has a table of it behind "<!-- by FILE -->". With GOLDEN=renew in the environment
 * both are written anew instead; then read the difference.
 */
#ifndef SUPPORT_SEEN_H
#define SUPPORT_SEEN_H

#include <stddef.h>

struct seen_table {
    const char *name;
    const char *by;   /* the test's file */
    const char *page; /* in docs */
    size_t rows;
    const char *(*row_name)(size_t row);
};

/* Both are texts without '|'; "" where a version has no such thing. NULL: it was not looked at, and stays what it is. */
void seen_row(const struct seen_table *table, const char *version, size_t row, const char *single,
              const char *cluster);
/* That the page has what was seen. */
void seen_page(const struct seen_table *table);

#endif
