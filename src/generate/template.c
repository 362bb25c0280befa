/* Texts with words to be filled in; see template.h. */
#include "generate/template.h"

#include <string.h>

void template_fill(struct strbuf *out, const char *text, const char *const (*words)[2])
{
    while (*text) {
        size_t i = 0;
        while (words[i][0] && strncmp(text, words[i][0], strlen(words[i][0])) != 0)
            i++;
        if (words[i][0]) {
            strbuf_adds(out, words[i][1]);
            text += strlen(words[i][0]);
        } else
            strbuf_addc(out, *text++);
    }
}
