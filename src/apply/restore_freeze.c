/* See restore_freeze.h; what a frozen stream is, freeze.h says. */
#include "apply/restore_freeze.h"

#include <string.h>

#include "apply/freeze.h"
#include "kind/kinds.h"

static uint32_t version_of(const struct restoring *restoring)
{
    uint32_t version = VERSION_UNKNOWN;
    return version_parse(server_info(restoring->server)->version_text, &version) ? version : VERSION_UNKNOWN;
}

static const char *retention_of(const struct node *config)
{
    return node_get_text(config, table_field_by_id(&stream_table, STREAM_RETENTION)->name);
}

/*
 * An interest stream keeps only what some consumer waits for, and acknowledges and drops the rest. Its consumers come after it, one after the other, also out of an archive, and
 * the first ones are at work by then. So it keeps everything until all are there, where the server takes another retention later (2.10). A migration thaws
 * its stream itself, and what goes by messages is no interest stream until it is whole.
 */
void restore_plan_freeze(struct restoring *restoring)
{
    uint32_t version = version_of(restoring);
    if (restoring->exact)
        return;
    if (strcmp(retention_of(restoring->config), CHOICE_INTEREST) == 0 && !restoring->by_messages &&
        freeze_is_possible(restoring->config, version))
        restoring->frozen =
            freeze_config_anew(restoring->arena, restoring->config, restore_name(restoring), version);
    if (restoring->frozen && version_has(version, V_2_10) &&
        freeze_is_frozen(restoring->frozen, restore_name(restoring)))
        node_put_text(restoring->arena, restoring->frozen,
                      table_field_by_id(&stream_table, STREAM_RETENTION)->name, CHOICE_LIMITS);
    /* Consumers are at work as soon as they are there. */
    const struct node *sent = restoring->frozen ? restoring->frozen : restoring->config;
    size_t consumers = restoring->contents.consumers.count + restoring->anew.count;
    restoring->lets_go = consumers > 0 && strcmp(retention_of(sent), CHOICE_LIMITS) != 0;
}

int restore_thaw(const struct restoring *restoring, struct diags *diags)
{
    const struct freeze freeze = {.arena = restoring->arena,
                                  .server = restoring->server,
                                  .stream = restore_name(restoring),
                                  .version = version_of(restoring),
                                  .now = restoring->now};
    if (!restoring->frozen || freeze_thaw(&freeze, restoring->config, diags) == 0)
        return 0;
    return restore_report_frozen(restoring, diags);
}

int restore_report_frozen(const struct restoring *restoring, struct diags *diags)
{
    if (!restoring->frozen)
        return -1;
    struct diag *diag =
        diag_add(diags, &code_restore, (struct srcpos){0},
                 "stream '%s' has all of its messages, and takes none yet", restore_name(restoring));
    diag_hint(diags, diag, "run the same command again to go on");
    return -1;
}
