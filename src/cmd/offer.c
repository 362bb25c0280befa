/* The command that would allow what was refused; see offer.h. */
#include "cmd/offer.h"

#include <string.h>

#include "base/conceal.h"
#include "base/scope.h"
#include "base/strbuf.h"
#include "plan/risk.h"
#include "plan/step.h"
#include "view/style.h"

static void note_replaceable(struct session *session, const struct step *step)
{
    const char *address = step_address(&session->arena, step);
    bool known = step->refused != &code_immutable || !step->offers_migration;
    for (size_t i = 0; i < session->replaced.count && !known; i++)
        known = strcmp(session->replaced.items[i], address) == 0;
    if (!known)
        option_list_add(&session->arena, &session->replaced, address);
}

void offer_note(struct session *session, const struct plan *plan)
{
    for (size_t i = 0; i < plan->steps.count; i++) {
        const struct step *step = plan->steps.items[i];
        note_replaceable(session, step);
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
    if (!session->lossy.count && !session->replaced.count)
        return;
    strbuf_addf(&text, "natsform %s", session->command->name);
    options_write(session, ~0U, &text);
    for (size_t i = 0; i < session->arguments.count; i++) {
        strbuf_addc(&text, ' ');
        strbuf_add_word(&text, session->arguments.items[i]);
    }
    for (size_t i = 0; i < session->replaced.count; i++) {
        strbuf_adds(&text, " --replace ");
        strbuf_add_word(&text, session->replaced.items[i]);
    }
    for (size_t i = 0; i < session->lossy.count; i++) {
        strbuf_adds(&text, " --allow-data-loss ");
        strbuf_add_word(&text, session->lossy.items[i]);
    }
    fputs("to allow it: ", session->err.file);
    style_safe(&session->err, conceal_message(&session->arena, strbuf_text(&text)));
    fputc('\n', session->err.file);
}
