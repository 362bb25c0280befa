/* Where a plan goes; see target_text.h. */
#include "view/target_text.h"

#include <stdio.h>
#include <string.h>

const char *view_place(struct arena *arena, const char *url, const char *found)
{
    return found && *found ? arena_printf(arena, "%s (%s)", url, found) : url;
}

static bool is_known(const char *text)
{
    return text && *text;
}

/* ", account APP, user bob", as far as it is known. */
static const char *login_of(struct arena *arena, const struct target *target)
{
    const char *account = is_known(target->account_name) ? target->account_name : target->account;
    const char *who = is_known(target->who) ? arena_printf(arena, ", %s", target->who) : "";
    /* "$G" is the only account of a server whose configuration has none, and is said only if somebody logs in. */
    bool is_said = is_known(account) && (strcmp(account, "$G") != 0 || *who);
    return is_said ? arena_printf(arena, ", account %s%s", account, who) : who;
}

const char *view_target_place(struct arena *arena, const struct target *target)
{
    return arena_printf(arena, "%s%s", view_place(arena, target->url, target->found),
                        login_of(arena, target));
}

void view_target(const struct style *style, struct arena *arena, const struct target *target)
{
    fputs("on nats-server ", style->file);
    style_safe(style, target->version_text[0] ? target->version_text : "(version unknown)");
    fputs(" at ", style->file);
    style_safe(style, view_place(arena, target->url, target->found));
    if (target->clustered) {
        fputs(", cluster ", style->file);
        style_safe(style, target->cluster);
    }
    style_safe(style, login_of(arena, target));
    fputc('\n', style->file);
}
