/*
 * What both services have in common; see ci_service.h.
 */
#include "support/ci_service.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/shell.h"
#include "syntax/yaml.h"

#define format(...) arena_printf(test_arena(), __VA_ARGS__)

/* natsform's source, as far as a pipeline sees it: what builds is the program under test. */
static const char source[] =
    "mkdir -p source/tools source/src && cd source && git init -q --template= && cp \"$NATSFORM_TESTS/../action.yml\" .\n"
    "printf '#!/bin/sh\\n' >tools/deps && chmod +x tools/deps && echo >src/main.c\n"
    "printf 'all:\\n\\tmkdir -p build && ln -sf \"%s\" build/natsform\\n' \"$NATSFORM\" >Makefile\n"
    "printf 'install:\\n\\tmkdir -p $(PREFIX)/bin && ln -s \"%s\" $(PREFIX)/bin/natsform && echo built\\n' \"$NATSFORM\" >>Makefile\n"
    "git add -A && git commit -qm source && git tag v1\n";

struct ci *ci_new(const char *url)
{
    struct ci *ci = ARENA_NEW(test_arena(), struct ci);
    *ci = (struct ci){.folder = test_directory(), .url = url, .token = ""};
    run_shell(
        ci->folder,
        format(
            "mkdir jobs store && touch store/artifacts.json store/jobs.json store/pipelines.json\n"
            "printf '[maintenance]\\nauto = false\\n' >.gitconfig\n"
            "git init -q --template= -b main clone && git -C clone config uploadpack.allowAnySHA1InWant true\n"
            "ln -s clone/.git origin.git\n%s",
            source));
    return ci;
}

const char *ci_url(const struct ci *ci, const char *environment)
{
    return ci->staging_url && strncmp(environment, "staging", 7) == 0 ? ci->staging_url : ci->url;
}

const struct node *ci_yaml(const char *path)
{
    struct diags diags;
    struct documents documents;
    struct source *text = ARENA_NEW(test_arena(), struct source);
    *text = (struct source){.name = path, .text = read_file(path)};
    text->length = strlen(text->text);
    diags_init(&diags);
    ck_assert_msg(yaml_read(test_arena(), text, &diags, &documents) == 0 && documents.count == 1,
                  "%s is no YAML", path);
    diags_release(&diags);
    return documents.items[0];
}

static const char **environment(const struct ci *ci, const struct ci_words *env)
{
    const char **all = ARENA_ARRAY(test_arena(), const char *, env->list.count + 16);
    size_t count = 0;
    static const char *const unset[] = {"NATS_URL", "NATS_CREDS", "NATS_CONTEXT", "GIT_DIR", "CI"};
    for (size_t i = 0; i < sizeof(unset) / sizeof(unset[0]); i++)
        all[count++] = unset[i];
    all[count++] = format("HOME=%s", ci->folder);
    all[count++] = "GIT_TEMPLATE_DIR=";
    all[count++] = format("STORE=%s/store", ci->folder);
    for (size_t i = 0; i < env->list.count; i++)
        if (strcmp(env->list.items[i].name, "PATH") != 0)
            all[count++] = format("%s=%s", env->list.items[i].name, env->list.items[i].value);
    all[count++] =
        format("PATH=%s%s/pipelines:%s", ci_word(env, "PATH"), getenv("NATSFORM_TESTS"), getenv("PATH"));
    return all;
}

int ci_shell(const struct ci *ci, const char *folder, const char *shell, const char *script,
             const struct ci_words *env, struct strbuf *log)
{
    const char *path = write_file(test_directory(), "script", script);
    const char *place = strstr(shell, "{0}");
    const char *line = place ? format("%.*s'%s'%s", (int)(place - shell), shell, path, place + 3)
                             : format("%s '%s'", shell, path);
    struct run run = run_natsform(&(struct run_options){
        .program = "/bin/sh",
        .arguments = (const char *const[]){"-c", format("exec 2>&1; exec %s", line), NULL},
        .directory = folder,
        .env = environment(ci, env),
    });
    strbuf_adds(log, run.out);
    return run.exit_code;
}
