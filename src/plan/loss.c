/* Losses that were allowed, and those that were not; see loss.h. */
#include "plan/loss.h"

#include <string.h>

#include "base/suggest.h"
#include "plan/bucket_words.h"

DIAG_CODE(code_data_loss, .name = "data-loss", CODE_ERROR(EXIT_REFUSED),
          .doc = "The change would destroy messages, and --allow-data-loss does not name the stream.",
          .why = "No message is destroyed without being told to in so many words.", .example = "max_msgs: 10",
          .remedy = "Keep the limit, or name the stream: --allow-data-loss ORDERS.");

static const char *stream_of(const struct step *step)
{
    return step->stream ? step->stream : step->name;
}

static bool is_allowed(const struct plan_options *options, const char *stream)
{
    for (size_t i = 0; i < options->allow_loss_count; i++)
        if (strcmp(options->allow_loss[i], stream) == 0)
            return true;
    return false;
}

void loss_refuse(const struct plan_options *options, struct step *step, struct diags *diags)
{
    const struct loss *loss = &step->loss;
    if (!loss->any || is_allowed(options, stream_of(step)))
        return;
    struct diag *diag = diag_add(diags, &code_data_loss, step->pos, "%s would lose %s%llu message%s: %s",
                                 step->label, loss->exact ? "" : "up to ", (unsigned long long)loss->messages,
                                 loss->messages == 1 ? "" : "s", loss->why);
    diag_hint(diags, diag, "'--allow-data-loss %s' allows it", stream_of(step));
    step->action = ACTION_REFUSED;
}

/* ---- names that nothing has ---- */

static bool is_known(const struct manifest *manifest, const struct plan *plan, const char *name)
{
    if (map_get(&manifest->streams_by_name, name))
        return true;
    for (size_t i = 0; plan && i < plan->steps.count; i++)
        if (strcmp(stream_of(plan->steps.items[i]), name) == 0)
            return true;
    return false;
}

static void report_unknown(const struct manifest *manifest, const struct plan *plan, const char *name,
                           struct diags *diags)
{
    struct suggestion near = {.wanted = name};
    struct diag *diag = diag_add(diags, &code_usage, (struct srcpos){0},
                                 "--allow-data-loss names '%s', and no such stream is %s", name,
                                 plan ? "in the manifest, nor anything to delete" : "in the manifest");
    for (size_t i = 0; i < manifest->streams.count; i++)
        suggestion_consider(&near, manifest->streams.items[i]->name);
    for (size_t i = 0; plan && i < plan->steps.count; i++)
        suggestion_consider(&near, stream_of(plan->steps.items[i]));
    for (size_t i = 0; i < manifest->streams.count; i++) /* a bucket's own name is not its stream's */
        if (strcmp(resource_shown_name(manifest->streams.items[i]), name) == 0)
            near.best = manifest->streams.items[i]->name;
    for (size_t i = 0; plan && i < plan->steps.count; i++)
        if (!plan->steps.items[i]->stream && strcmp(step_shown_name(plan->steps.items[i]), name) == 0)
            near.best = plan->steps.items[i]->name;
    if (near.best)
        diag_hint(diags, diag, "did you mean '%s'?", near.best);
}

int loss_check_names(const struct plan_options *options, const struct manifest *manifest,
                     const struct plan *plan, struct diags *diags)
{
    int failed = 0;
    for (size_t i = 0; i < options->allow_loss_count; i++) {
        if (is_known(manifest, plan, options->allow_loss[i]))
            continue;
        report_unknown(manifest, plan, options->allow_loss[i], diags);
        failed = -1;
    }
    return failed;
}
