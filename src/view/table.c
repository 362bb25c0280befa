/* Tables; see table.h. */
#include "view/table.h"

#include <string.h>

#include "base/utf8.h"

enum { GAP = 2 };

/* Characters, not bytes. Wide ones would count as one; names of nodes have none. */
static size_t width_of(const char *text)
{
    return text ? utf8_count(text, strlen(text)) : 0;
}

void view_table(const struct style *style, const struct text_table *table)
{
    size_t widths[TABLE_COLUMNS_MOST] = {0};
    for (size_t i = 0; i < table->cells.count; i++) {
        size_t width = width_of(table->cells.items[i]), *most = &widths[i % table->columns];
        *most = width > *most ? width : *most;
    }
    for (size_t i = 0; i < table->cells.count; i++) {
        const char *text = table->cells.items[i] ? table->cells.items[i] : "";
        size_t column = i % table->columns;
        bool last = column + 1 == table->columns;
        if (i < table->columns)
            style_begin(style, COLOUR_BOLD);
        style_safe(style, text);
        if (i < table->columns)
            style_end(style);
        /* Behind the last column there are no blanks, which would wrap lines of a narrow terminal. */
        fprintf(style->file, "%*s", last ? 0 : (int)(widths[column] - width_of(text) + GAP), "");
        if (last)
            fputc('\n', style->file);
    }
}
