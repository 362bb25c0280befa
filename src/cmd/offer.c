/* The command that would allow what was refused; see offer.h. */
#include "cmd/offer.h"

#include <string.h>

#include "base/conceal.h"
#include "base/scope.h"
#include "base/strbuf.h"
#include "plan/risk.h"
#include "plan/step.h"
#include "view/style.h"

/* Each once. */
static void note(struct session *session, struct option_list *list, const char *text)
{
    bool known = false;
    for (size_t i = 0; i < list->count && !known; i++)
        known = strcmp(list->items[i], text) == 0;
    if (!known)
        option_list_add(&session->arena, list, arena_strdup(&session->arena, text));
}

void offer_note(struct session *session, const struct plan *plan)
{
    for (size_t i = 0; i < plan->steps.count; i++) {
        const struct step *step = plan->steps.items[i];
        bool immutable = step->refused == &code_immutable;
        if (immutable && step->offers_migration)
            note(session, &session->replaced, step_address(&session->arena, step));
        if (immutable && !step->stream)
            note(session, &session->recreated, step_shown_name(step));
        if (step->refused == &code_data_loss)
            note(session, &session->lossy, step_stream_name(step));
    }
}

static void add_all(const char *option, const struct option_list *list, struct strbuf *text)
{
    for (size_t i = 0; i < list->count; i++) {
        strbuf_addf(text, " --%s ", option);
        strbuf_add_word(text, list->items[i]);
    }
}

/* The command that was given, with what would allow what was refused. */
static void print(struct session *session, const char *before, const char *option,
                  const struct option_list *list)
{
    struct strbuf text SCOPED(strbuf_release) = {0};
    strbuf_addf(&text, "natsform %s", session->command->name);
    options_write(&session->arena, &session->options, session->command->options, &text);
    for (size_t i = 0; i < session->arguments.count; i++) {
        strbuf_addc(&text, ' ');
        strbuf_add_word(&text, session->arguments.items[i]);
    }
    add_all(option, list, &text);
    add_all("allow-data-loss", &session->lossy, &text);
    fputs(before, session->err.file);
    style_safe(&session->err, conceal_message(&session->arena, strbuf_text(&text)));
    fputc('\n', session->err.file);
}

void offer_print(struct session *session)
{
    if (session->lossy.count || session->replaced.count)
        print(session, "to allow it: ", "replace", &session->replaced);
    if ((session->command->options & OPTIONS_UP) && session->recreated.count)
        print(session, "or without what is in it: ", "recreate", &session->recreated);
}
