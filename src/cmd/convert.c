/*
 * natsform convert: prints files of other tools as one manifest. The files are loaded like any manifest (formats/
 * makes nodes of them), and manifest/write.c turns the result into text. What is lost on the way is printed as
 * comments.
 */
#include "cmd/command.h"

#include "base/exit.h"
#include "base/scope.h"
#include "formats/formats.h"
#include "manifest/write.h"
#include "plan/planner.h"
#include "syntax/yaml.h"

/* Names in the text may have any characters. A line break would end the comment, so it is replaced. */
static void add_comment(struct strbuf *out, const char *text)
{
    strbuf_adds(out, "# ");
    for (; *text; text++)
        strbuf_addc(out, (unsigned char)*text < ' ' ? ' ' : *text);
    strbuf_addc(out, '\n');
}

/* Adds comments about everything that a manifest cannot express. */
static void add_comments(struct arena *arena, struct strbuf *out, const struct diags *diags,
                         const struct map *secrets)
{
    static const struct diag_code *const told[] = {&code_left_out, &code_key_left_out, &code_not_here,
                                                   &code_crd_default};
    for (size_t i = 0; i < diags->list.count; i++) {
        const struct diag *diag = diags->list.items[i];
        for (size_t j = 0; j < sizeof(told) / sizeof(told[0]); j++)
            if (diag->code == told[j])
                strbuf_addf(out, "# %s:%u: %s\n", diag->pos.source ? diag->pos.source->name : "",
                            diag->pos.line, diag->message);
    }
    for (size_t i = 0; i < secrets->count; i++)
        add_comment(out,
                    arena_printf(arena,
                                 "'%s' is a secret and not written here: better as ${VARIABLE}, or by a flag",
                                 secrets->entries[i].key));
    if (out->length)
        strbuf_addc(out, '\n');
}

static int run(struct session *session)
{
    struct strbuf text SCOPED(strbuf_release) = {0};
    struct map secrets;
    if (session_load(session))
        return -1;
    const struct target target = {.version = VERSION_UNKNOWN, .clustered = true, .now = session_now()};
    struct accounts accounts;
    accounts_split(&session->arena, session->manifest, &accounts);
    for (size_t i = 0; i < accounts.parts.count; i++)
        planner_check(&session->arena, accounts.parts.items[i], &target, &session->diags);
    if (session->diags.errors)
        return -1;
    struct node *root = manifest_encode(&session->arena, session->manifest, &secrets);
    diags_sort(&session->diags);
    add_comments(&session->arena, &text, &session->diags, &secrets);
    yaml_write(&text, root);
    fputs(strbuf_text(&text), session->out.file);
    return EXIT_DONE;
}

const struct command convert_command = {
    .help =
        {
            .name = "convert",
            .arguments = "",
            .summary = "Print files of NACK, the nats CLI or Terraform as a manifest",
            .description =
                "Reads NACK resources, JSON of the nats CLI ('info --json' and '--config' files) or the output of "
                "'terraform show -json', and writes one manifest that gives the same plan. What a manifest cannot say is "
                "written as comments. Several files become one. A manifest comes out with its includes, overlays and "
                "defaults resolved.",
            .examples =
                (const char *const[]){
                    "NACK resources as a manifest",
                    "natsform convert -f k8s/ > natsform.yaml",
                    "A stream as the nats CLI prints it",
                    "nats stream info ORDERS --json | natsform convert -f -",
                    "The state of Terraform's NATS provider",
                    "terraform show -json | natsform convert -f - > natsform.yaml",
                    NULL,
                },
            .options = OPTIONS_ALL | OPTIONS_MANIFEST | OPTIONS_TIMEOUT,
        },
    .run = run,
};
