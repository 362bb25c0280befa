/* What the parts of a restore have in common; see restoring.h. */
#include "apply/restoring.h"

const char *restore_name(const struct restoring *restoring)
{
    return restoring->name ? restoring->name : restoring->backup.stream;
}

struct api_answer restore_ask(const struct restoring *restoring, const char *verb, const char *name,
                              const char *body, const char *type)
{
    return api_ask(restoring->server, restoring->arena,
                   &(struct api_request){.verb = verb, .name = name, .body = body, .type = type});
}

bool restore_own(const struct restoring *restoring, const char *consumer, struct node *config)
{
    const char *label = arena_printf(restoring->arena, "%s > %s", restore_name(restoring), consumer);
    restore_plain(restoring->arena, config);
    return restore_marks(restoring->arena, restoring->terms, label, false, config);
}
