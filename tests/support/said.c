/* Diagnostics as text; see said.h. */
#include "support/said.h"

#include "base/strbuf.h"
#include "support/scratch.h"

const char *said(const struct diags *diags)
{
    struct strbuf out = {0};
    for (size_t i = 0; i < diags->list.count; i++) {
        const struct diag *diag = diags->list.items[i];
        strbuf_addf(&out, "%s: %s\n", diag->code->name, diag->message);
        if (diag->hint)
            strbuf_addf(&out, "  hint: %s\n", diag->hint);
    }
    const char *text = arena_strdup(test_arena(), strbuf_text(&out));
    strbuf_release(&out);
    return text;
}
