/*
 * History: a bare repository of twenty commits, in which a manifest changes in every way that leaves nothing behind: fields, objects of each
 * kind, defaults, files, links, words; and goes back to what it was.
 */
#ifndef SUPPORT_HISTORY_H
#define SUPPORT_HISTORY_H

enum { HISTORY_COMMITS = 20 };

/* Makes shop.git in the directory, with the tags c0 to c19, and a checkout of each: checkout0 and so on. */
void history_make(const char *directory);

#endif
