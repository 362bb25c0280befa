/*
 * Template: a text with words to be filled in, which stands in a file of its own in src/generate/templates. The build makes a header
 * of that file, with its lines as string constants:
 *
 *     static const char unit[] =
 *     #include "generate/templates/nats.service.h"
 *         ;
 */
#ifndef GENERATE_TEMPLATE_H
#define GENERATE_TEMPLATE_H

#include "base/strbuf.h"

/*
 * Adds the text, in which each @WORD@ of the pairs, which NULL ends, is replaced. What is filled in is not looked through again. A word
 * with the end of its line, "@WORD@\n", is for lines of which there may be none.
 */
void template_fill(struct strbuf *out, const char *text, const char *const (*words)[2]);

#endif
