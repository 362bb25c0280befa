/* What servers keep of what was sent; see echo.h. */
#include "apply/echo.h"

#include "field/value_text.h"
#include "plan/step.h"

static DIAG_CODE(code_echo, .name = "echo", CODE_ERROR(EXIT_FAILED),
                 .doc = "The server accepted a configuration and kept another one than was sent.",
                 .why = "What the server holds must be what the plan said.",
                 .example = "max_age: 1d, and the server keeps 12h",
                 .remedy = "Look at the server's limits; plan again to see what is left.");

size_t echo_compare(struct arena *arena, const struct step *now, const struct target *target,
                    struct object *echo, struct step *ret_probe)
{
    size_t differing = 0;
    *ret_probe = step_from(now, echo);
    compare_objects(arena, ret_probe, target);
    for (size_t i = 0; i < ret_probe->changes.count; i++)
        /* A pause is not a part of the configuration that was sent. */
        differing += !ret_probe->changes.items[i].separate;
    return differing;
}

void echo_report(const struct step *step, const struct step *probe, struct diags *diags)
{
    struct diag *diag = diag_add(diags, &code_echo, step->pos,
                                 "the server kept another configuration of %s than was sent", step->label);
    for (size_t i = 0; i < probe->changes.count; i++) {
        const struct change *change = &probe->changes.items[i];
        diag_note(diags, diag,
                  change->shown.after->node ? change->shown.after->node->pos : (struct srcpos){0},
                  "'%s' is %s, not %s", change->shown.field->name,
                  value_text(&diags->arena, change->shown.field, change->shown.before),
                  value_text(&diags->arena, change->shown.field, change->shown.after));
    }
    diag_hint(diags, diag, "somebody else may change it too; run 'natsform plan' to see what is there now");
}
