/*
 * Page: text that is laid out within the width of the terminal. What is written to page.style is kept until page_end(), which
 * breaks its lines between words. The rest of a line stands a little further in than its beginning.
 *
 *     struct page page;
 *     page_begin(&page, style);
 *     … prints to &page.style …
 *     page_end(&page);
 */
#ifndef VIEW_PAGE_H
#define VIEW_PAGE_H

#include "view/style.h"

struct page {
    struct style style;
    const struct style *to;
    char *text;
    size_t length;
};

void page_begin(struct page *page, const struct style *style);
void page_end(struct page *page);

#endif
