/*
 * Shows which backups are old, asks, and removes them; see backup_prune.h. archive/prune.c knows which those are.
 */
#include "cmd/backup_prune.h"

#include "archive/prune.h"
#include "base/exit.h"
#include "base/number.h"
#include "field/value.h"
#include "view/plan_json.h"
#include "view/style.h"

/* ---- the options ---- */

static int usage(struct session *session, const char *what)
{
    struct diag *diag = diag_add(&session->diags, &code_usage, (struct srcpos){0}, "%s", what);
    diag_hint(&session->diags, diag, "natsform backup prune DIR --keep 7, or --keep 30d, or both");
    return -1;
}

static int read_keep(struct session *session, const char *text, struct prune *prune)
{
    uint64_t last = 0;
    int64_t nanos = 0;
    if (number_parse_u64(text, &last) && last) {
        prune->keep_last = last > prune->keep_last ? last : prune->keep_last;
        return 0;
    }
    if (duration_parse(text, &nanos) == UNITS_OK && nanos > 0) {
        prune->keep_nanos = nanos > prune->keep_nanos ? nanos : prune->keep_nanos;
        return 0;
    }
    return usage(session,
                 arena_printf(&session->arena,
                              "--keep wants a number from 1 on, or a duration such as 30d, not '%s'", text));
}

static int read_options(struct session *session, struct prune *prune)
{
    const struct option_list *keeps = &session->options.keeps;
    if (session->arguments.count < 2)
        return usage(session, "'natsform backup prune' wants a folder of backups");
    if (!keeps->count)
        return usage(session, "'natsform backup prune' wants to know what to keep");
    for (size_t i = 0; i < keeps->count; i++)
        if (read_keep(session, keeps->items[i], prune))
            return -1;
    return 0;
}

/* ---- telling ---- */

struct sums {
    size_t gone, stay;
    uint64_t bytes;
};

static void show(const struct style *style, struct arena *arena, const struct pruned *backup)
{
    style_print(style, COLOUR_RED, "  - ");
    style_safe(style, backup->folder);
    fprintf(style->file, ": made %s, ", instant_format(arena, backup->made));
    style_bytes(style, backup->bytes);
    fputc('\n', style->file);
}

static struct sums show_all(struct session *session, const struct prune *prune)
{
    const struct style *style = &session->out;
    struct sums sums = {0};
    for (size_t i = 0; i < prune->left.count; i++) {
        fputs("    ", session->told.file);
        style_safe(&session->told, prune->left.items[i]);
        fputs(" is left alone: it is not natsform's, not finished, or not whole\n", session->told.file);
    }
    for (size_t i = 0; i < prune->list.count; i++) {
        const struct pruned *backup = prune->list.items[i];
        sums.stay += backup->stays;
        if (backup->stays)
            continue;
        sums.gone++;
        sums.bytes += backup->bytes;
        if (session->options.output == OUTPUT_TEXT)
            show(style, &session->arena, backup);
    }
    return sums;
}

static void show_sums(struct session *session, const struct sums *sums, const char *verb)
{
    const struct style *style = &session->out;
    if (session->options.output == OUTPUT_JSON)
        return;
    if (sums->gone) {
        fprintf(style->file, "%s %zu backup%s, ", verb, sums->gone, sums->gone == 1 ? "" : "s");
        style_bytes(style, sums->bytes);
        fprintf(style->file, "; %zu stay%s\n", sums->stay, sums->stay == 1 ? "s" : "");
    } else {
        fprintf(style->file, "Nothing is to be removed; %zu backup%s\n", sums->stay,
                sums->stay == 1 ? " stays" : "s stay");
    }
    fflush(style->file);
}

static void tell(struct session *session, const struct prune *prune)
{
    struct arena *arena = &session->arena;
    struct node *old = node_list(arena), *kept = node_list(arena);
    session->document = document_json(arena);
    for (size_t i = 0; i < prune->list.count; i++) {
        const struct pruned *backup = prune->list.items[i];
        struct node *map = node_map(arena);
        node_put_text(arena, map, "folder", backup->folder);
        node_put_text(arena, map, "stream", backup->stream);
        node_put_text(arena, map, "made", instant_format(arena, backup->made));
        node_put_number(arena, map, "archive_bytes", backup->bytes);
        node_append(arena, backup->stays ? kept : old, map);
    }
    node_put(arena, session->document, "old", old);
    node_put(arena, session->document, "kept", kept);
    node_put_flag(arena, session->document, "removed", false);
}

/* ---- the whole ---- */

static int remove_all(struct session *session, const struct prune *prune)
{
    for (size_t i = 0; i < prune->rests.count; i++)
        if (prune_remove_rest(&session->arena, prune->rests.items[i], &session->diags))
            return -1;
    for (size_t i = 0; i < prune->list.count; i++)
        if (!prune->list.items[i]->stays &&
            prune_remove(&session->arena, prune->list.items[i], &session->diags))
            return -1;
    return 0;
}

int backup_prune(struct session *session)
{
    struct prune prune = {.arena = &session->arena, .now = session_now()};
    if (read_options(session, &prune))
        return -1;
    for (size_t i = 1; i < session->arguments.count; i++)
        if (prune_find(&prune, session->arguments.items[i], &session->diags))
            return -1;
    prune_choose(&prune);
    const struct sums sums = show_all(session, &prune);
    tell(session, &prune);
    if (session->options.dry_run || (!sums.gone && !prune.rests.count)) {
        show_sums(session, &sums, "Would remove");
        return EXIT_DONE;
    }
    if (sums.gone)
        show_sums(session, &sums, "To remove:");
    int declined = sums.gone ? session_confirm(session, "Remove these.", NULL, &session->diags) : 0;
    if (declined)
        return declined;
    interrupt_defer();
    if (remove_all(session, &prune))
        return -1;
    node_put_flag(&session->arena, session->document, "removed", true);
    show_sums(session, &sums, "Removed");
    return EXIT_DONE;
}
