/*
 * Edit parts: children of lists and maps that go, and new ones that come. What that means for commas, lines and what is left
 * depends on all of a collection's children, so it is found out at the end.
 */
#ifndef SYNTAX_EDIT_PARTS_H
#define SYNTAX_EDIT_PARTS_H

#include "syntax/edit_text.h"

/*
 * Turns parts and wholes into edits of bytes. Comments stay, on lines of their own where their child is gone. Returns -1 where
 * the text would then mean something else, or there is no place for a comment.
 */
int edit_settle(struct edits *edits);

#endif
