/* The command that would allow what was refused; see offer.h. */
#include "cmd/offer.h"

#include <string.h>

#include "base/conceal.h"
#include "base/scope.h"
#include "base/strbuf.h"
#include "plan/risk.h"
#include "view/style.h"

void offer_note(struct session *session, const struct plan *plan)
{
    for (size_t i = 0; i < plan->steps.count; i++) {
        const struct step *step = plan->steps.items[i];
        const char *stream = risk_stream(step);
        bool known = step->refused != &code_data_loss;
        for (size_t j = 0; j < session->lossy.count && !known; j++)
            known = strcmp(session->lossy.items[j], stream) == 0;
        if (!known)
            option_list_add(&session->arena, &session->lossy, arena_strdup(&session->arena, stream));
    }
}

void offer_print(struct session *session)
{
    struct strbuf text SCOPED(strbuf_release) = {0};
    if (!session->lossy.count)
        return;
    strbuf_addf(&text, "natsform %s", session->command->name);
    options_write(session, ~0U, &text);
    for (size_t i = 0; i < session->arguments.count; i++) {
        strbuf_addc(&text, ' ');
        strbuf_add_word(&text, session->arguments.items[i]);
    }
    for (size_t i = 0; i < session->lossy.count; i++) {
        strbuf_adds(&text, " --allow-data-loss ");
        strbuf_add_word(&text, session->lossy.items[i]);
    }
    fputs("to allow it: ", session->err.file);
    style_safe(&session->err, conceal_message(&session->arena, strbuf_text(&text)));
    fputc('\n', session->err.file);
}
