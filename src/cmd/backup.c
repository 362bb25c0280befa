/*
 * natsform backup: streams to the disk (backup_make.c), old backups away (backup_prune.c), and what is there verified and shown without a server: archive/ reads it, and
 * view/backup_text.c prints it.
 */
#include "cmd/command.h"

#include <string.h>

#include "archive/backup.h"
#include "base/exit.h"
#include "cmd/backup_make.h"
#include "cmd/backup_prune.h"
#include "view/backup_text.h"
#include "view/plan_json.h"

struct looking {
    struct session *session;
    bool shows; /* all that is in them; else only whether they are whole */
    struct node *list;
    bool found_damage;
};

static void tell_damage(struct looking *looking, const char *folder)
{
    struct arena *arena = &looking->session->arena;
    struct node *map = node_map(arena);
    node_put_text(arena, map, "folder", folder);
    node_put_flag(arena, map, "whole", false);
    node_append(arena, looking->list, map);
    looking->found_damage = true;
}

static void look(struct looking *looking, const char *folder)
{
    struct session *session = looking->session;
    struct backup backup;
    struct backup_contents contents;
    if (backup_open(&session->arena, folder, &backup, &session->diags) ||
        backup_verify(&session->arena, &backup, &contents, &session->diags)) {
        tell_damage(looking, folder);
        return;
    }
    node_append(&session->arena, looking->list, backup_json(&session->arena, &backup, &contents));
    if (session->options.output == OUTPUT_JSON)
        return;
    (looking->shows ? backup_print : backup_print_verdict)(&session->out, &backup, &contents);
}

/* Each folder, or the backups in it; what is wrong with one is no matter to the others. */
static int look_at_all(struct session *session)
{
    struct arena *arena = &session->arena;
    struct looking looking = {
        .session = session,
        .shows = strcmp(session->arguments.items[0], "show") == 0,
        .list = node_list(arena),
    };
    session->document = document_json(arena);
    node_put(arena, session->document, "backups", looking.list);
    for (size_t i = 1; i < session->arguments.count; i++) {
        struct backup_folders folders;
        if (backup_find(arena, session->arguments.items[i], &folders, &session->diags))
            continue;
        for (size_t j = 0; j < folders.list.count; j++)
            look(&looking, folders.list.items[j]);
    }
    return looking.found_damage ? EXIT_FAILED : session->diags.errors ? -1 : EXIT_DONE;
}

static int run(struct session *session)
{
    const struct option_list *arguments = &session->arguments;
    const char *verb = arguments->count ? arguments->items[0] : "";
    bool looks = !session->options.all && !session->options.out_dir &&
                 (strcmp(verb, "verify") == 0 || strcmp(verb, "show") == 0);
    if (strcmp(verb, "prune") == 0 && !session->options.all && !session->options.out_dir)
        return backup_prune(session);
    if (session->options.keeps.count || session->options.dry_run || session->options.yes)
        return diag_error(&session->diags, &code_usage, (struct srcpos){0},
                          "--keep, --dry-run and --yes are for 'natsform backup prune'");
    if (!looks)
        return backup_make(session);
    if (arguments->count < 2) {
        struct diag *diag = diag_add(&session->diags, &code_usage, (struct srcpos){0},
                                     "'natsform backup %s' wants the folder of a backup", verb);
        diag_hint(&session->diags, diag, "natsform backup %s DIR...", verb);
        return -1;
    }
    return look_at_all(session);
}

const struct command backup_command = {
    .help =
        {
            .name = "backup",
            .arguments = "[NAME...] | verify DIR... | show DIR... | prune DIR...",
            .summary = "Back up streams with their consumers, check and prune backups",
            .description =
                "Writes streams and buckets with their consumers into a folder, a directory for each, in the nats CLI's format. "
                "NAME is that of a stream or a bucket, or a pattern such as 'ORDERS*'; without one it is what the manifest "
                "names, and with --all everything in the account. Each archive is read back as it is on the disk, and what "
                "the server has left out is told. A run that was interrupted is gone on with by the next one; a backup that "
                "is there is never replaced. Only their owner can read the files.\n\n"
                "'natsform backup verify' needs no server. It unpacks every byte of backups of natsform and of the nats CLI, and "
                "tells the first thing that is wrong with each: checksums, order, counts, consumers, the end, and the digest "
                "in natsform.json if that is there. A folder of such directories stands for all of them. The exit code is 1 "
                "if one is not whole, and 65 if a folder is no backup.\n\n"
                "'natsform backup show' does the same, and prints what is in them.\n\n"
                "'natsform backup prune' removes old backups that are below DIR, after showing them and asking. --keep says what "
                "stays: the newest N of each stream, or those that are younger; and the newest one always does. Only backups that "
                "natsform has finished go; nothing else ever removes one.",
            .examples =
                (const char *const[]){
                    "What the manifest names",
                    "natsform backup --out backups",
                    "A stream and a bucket",
                    "natsform backup ORDERS sessions --out backups",
                    "Is the backup of last night whole?",
                    "natsform backup verify backups/ORDERS",
                    "All of an account",
                    "natsform backup verify backups",
                    "What is in it, for a program",
                    "natsform backup show backups/ORDERS -o json",
                    "Keep the newest seven of each stream, and those of the last 30 days",
                    "natsform backup prune backups --keep 7 --keep 30d",
                    NULL,
                },
            .options = OPTIONS_ALL | OPTIONS_MANIFEST | OPTIONS_CONNECTIONS | OPTIONS_SERVER |
                       OPTIONS_OUTPUT | OPTIONS_BACKUP,
        },
    .most = SIZE_MAX,
    .run = run,
};
