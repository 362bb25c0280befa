/* Table: rows of texts for people, the first of which is the heading. */
#ifndef VIEW_TABLE_H
#define VIEW_TABLE_H

#include "base/vec.h"
#include "view/style.h"

/* Row after row in `cells`. A cell that is NULL is empty. Texts may come from servers. */
struct text_table {
    size_t columns; /* TABLE_COLUMNS_MOST at most */
    VEC(const char *) cells;
};

enum { TABLE_COLUMNS_MOST = 16 };

/* Columns are as wide as their widest cell, counted in characters. */
void view_table(const struct style *style, const struct text_table *table);

#endif
