/* Restores by messages; see restore_messages.h. */
#include "apply/restore_messages.h"

#include "apply/restore_consumers.h"

struct refill restore_refill(const struct restoring *restoring)
{
    return (struct refill){.arena = restoring->arena,
                           .server = restoring->server,
                           .name = restore_name(restoring),
                           .backup = &restoring->backup,
                           .config = restoring->config  ? restoring->config
                                     : restoring->exact ? restoring->exact
                                                        : restoring->backup.config,
                           .contents = &restoring->contents,
                           .terms = &restoring->terms->rewrite,
                           .interrupted = restoring->interrupted};
}

/* What was filled is more than empty, and goes while nobody else could have put anything into it. */
static void take_away_filled(const struct restoring *restoring, enum refill_left left, struct diags *diags)
{
    if (left == REFILL_OURS &&
        restore_ask(restoring, "STREAM.DELETE", restore_name(restoring), NULL, "stream_delete_response")
                .is.outcome == API_DONE)
        return;
    if (left != REFILL_NOTHING)
        restore_take_away(restoring, diags);
}

/* The run that began it may not have been killed after all: what it has finished stays. */
static int remove_left(const struct restoring *restoring, struct diags *diags)
{
    const struct refill refill = restore_refill(restoring);
    struct api_answer answer =
        restore_ask(restoring, "STREAM.INFO", restore_name(restoring), NULL, "stream_info_response");
    if (api_is_not_found(&answer.is))
        return 0;
    if (answer.is.outcome == API_DONE && refill_found(&refill, answer.is.body) != REFILL_OURS)
        return restore_refuse(restoring, diags, "another restore has finished the stream meanwhile", NULL);
    if (answer.is.outcome == API_DONE)
        answer =
            restore_ask(restoring, "STREAM.DELETE", restore_name(restoring), NULL, "stream_delete_response");
    return answer.is.outcome == API_DONE
               ? 0
               : restore_diagnose(restoring, diags, "delete what a killed run has left of stream", &answer);
}

int restore_by_messages(struct restoring *restoring, struct diags *diags)
{
    const struct refill refill = restore_refill(restoring);
    enum refill_left left = REFILL_NOTHING;
    if (restoring->is_left && remove_left(restoring, diags))
        return -1;
    if (!restoring->is_there && refill_begin(&refill, &left, diags)) {
        take_away_filled(restoring, left, diags);
        return -1;
    }
    return restore_settled(restoring, diags) || restore_make_consumers(restoring, diags) ||
                   refill_end(&refill, diags)
               ? -1
               : 0;
}
