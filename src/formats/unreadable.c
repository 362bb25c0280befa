/*
 * Recognises texts in languages that natsform cannot read: Helm templates, Terraform's own language, nats-server's, and empty
 * .json files; and what other tools make resources of, Helm's charts and kustomizations. This is done before the YAML reader, whose error would not help anybody. And files that are not for natsform.
 */
#include "formats/formats.h"

#include <string.h>

#include "base/path.h"
#include "base/scope.h"
#include "kind/manifest_rows.h"
#include "syntax/yaml.h"

enum { SHOWN_MOST = 40 };

/* Columns count characters, not bytes, as everywhere in positions. */
static struct srcpos pos_of(const struct source *source, const char *at, uint32_t width)
{
    struct srcpos pos = {.source = source, .line = 1, .column = 1, .width = width};
    for (const char *byte = source->text; byte < at; byte++) {
        pos.line += *byte == '\n';
        pos.column = *byte == '\n' ? 1 : pos.column + ((*byte & 0xC0) != 0x80);
    }
    return pos;
}

/* The first line that begins with `word`, or NULL. */
static const char *find_line(const char *text, const char *word)
{
    size_t length = strlen(word);
    while (text && strncmp(text, word, length) != 0) {
        text = strchr(text, '\n');
        text = text ? text + 1 : NULL;
    }
    return text;
}

/* Subject transforms of NATS have {{wildcard(1)}} and the like, which is not Helm's. */
static bool is_mapping_function(const char *inside)
{
    static const char *const functions[] = {
        "wildcard",       "partition", "random", "split", "splitfromleft", "splitfromright", "slicefromleft",
        "slicefromright", "left",      "right",  NULL,
    };
    inside += strspn(inside, " ");
    for (const char *const *name = functions; *name; name++) {
        size_t length = strlen(*name);
        if (strncasecmp(inside, *name, length) == 0 && inside[length + strspn(inside + length, " ")] == '(')
            return true;
    }
    return false;
}

/* A chart's notes and commented-out lines may have placeholders, and mean nothing. */
static bool in_comment(const char *text, const char *at)
{
    while (at > text && at[-1] != '\n')
        at--;
    return at[strspn(at, " \t")] == '#';
}

static const char *find_placeholder(const char *text)
{
    for (const char *at = strstr(text, "{{"); at; at = strstr(at + 2, "{{"))
        if (!is_mapping_function(at + 2) && !in_comment(text, at))
            return at;
    return NULL;
}

static bool ends_in(const char *name, const char *ending)
{
    size_t length = strlen(name);
    return length >= strlen(ending) && strcmp(name + length - strlen(ending), ending) == 0;
}

/* The folder of a file for the command in a hint, `usual` where it is none of this machine, as in a Git revision. */
static const char *folder_of(struct diags *diags, const struct source *source, const char *usual)
{
    bool is_here = strchr(source->name, '/') && !strchr(source->name, ':');
    return is_here ? path_folder(&diags->arena, source->name) : usual;
}

/* A chart has its templates in a folder of that name. */
static const char *chart_of(struct diags *diags, const struct source *source)
{
    const char *folder = folder_of(diags, source, "CHART");
    return ends_in(folder, "/templates") ? path_folder(&diags->arena, folder) : "CHART";
}

static int refuse_placeholder(const struct source *source, const char *at, struct diags *diags)
{
    const char *end = strstr(at, "}}");
    size_t length = end ? (size_t)(end - at) + 2 : 2;
    size_t line = strcspn(at, "\n");
    length = length > line ? line : length;
    /* A long placeholder is not shown: it may run to the end of the file. */
    int shown = (int)(length > SHOWN_MOST ? 2 : length);
    struct diag *diag =
        diag_add(diags, &code_format, pos_of(source, at, (uint32_t)length),
                 "'%.*s' is a Helm placeholder: this is a template, and not yet a resource", shown, at);
    diag_hint(diags, diag, "render it first: helm template %s | natsform plan -f -", chart_of(diags, source));
    return -1;
}

static bool is_chart(const struct source *source)
{
    const char *text = source->text;
    return strcmp(path_name(source->name), "Chart.yaml") == 0 && find_line(text, "apiVersion:") &&
           find_line(text, "name:") && !find_line(text, "kind:");
}

static bool is_kustomization(const struct source *source)
{
    static const char *const names[] = {"kustomization.yaml", "kustomization.yml", "Kustomization", NULL};
    for (const char *const *name = names; *name; name++)
        if (strcmp(path_name(source->name), *name) == 0)
            return true;
    return false;
}

/* Does the kustomization only list resources, none of which is elsewhere? Then its folder means what the files in it say. */
static bool only_lists(const char *text)
{
    static const char *const keys[] = {"apiVersion:", "kind:", "metadata:", "resources:", "---", NULL};
    for (const char *line = text; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
        size_t length = strcspn(line, "\r\n");
        bool known = !length || strchr(" #-", *line);
        for (const char *const *key = keys; *key; key++)
            known |= strncmp(line, *key, strlen(*key)) == 0;
        const char *up = strstr(line, "../"), *url = strstr(line, "://");
        if (!known || (*line != '#' && ((up && up < line + length) || (url && url < line + length))))
            return false;
    }
    return true;
}

bool format_is_rendered(const struct source *source)
{
    return is_chart(source) || is_kustomization(source);
}

static int refuse_rendered(const struct source *source, bool chart, struct diags *diags)
{
    struct diag *diag =
        diag_add(diags, &code_format, (struct srcpos){.source = source, .line = 1, .column = 1},
                 "this is a %s: what it stands for has to be made of it first",
                 chart ? "Helm chart" : "kustomization");
    diag_hint(diags, diag, "render it first: %s %s | natsform plan -f -",
              chart ? "helm template" : "kubectl kustomize",
              folder_of(diags, source, chart ? "CHART" : "DIR"));
    return -1;
}

/* A line such as "jetstream {" or "port = 4222", as YAML never has it; NULL: there is none. */
static const char *find_conf(const char *text)
{
    static const char *const options[] = {"accounts",  "authorization", "cluster",   "gateway", "http_port",
                                          "jetstream", "leafnodes",     "listen",    "mqtt",    "port",
                                          "resolver",  "server_name",   "websocket", NULL};
    for (const char *const *option = options; *option; option++) {
        const char *line = find_line(text, *option);
        const char *behind = line ? line + strlen(*option) : "";
        behind += strspn(behind, " \t");
        if (*behind == '{' || *behind == '=')
            return line;
    }
    return NULL;
}

/* A command that has no --json prints it, to standard output. */
static int refuse_help(const struct source *source, const char *first, struct diags *diags)
{
    struct diag *diag = diag_add(diags, &code_format, pos_of(source, first, 0),
                                 "this is the nats CLI's help: the command has no such option");
    diag_hint(diags, diag,
              "'nats stream info NAME --json' prints a stream, of a bucket too: KV_NAME or OBJ_NAME");
    return -1;
}

int format_check_text(const struct source *source, struct diags *diags)
{
    const char *text = source->text;
    const char *first = text + strspn(text, " \t\r\n");
    const char *hcl = find_line(text, "resource \"jetstream_");
    /*
     * Only in what is a Kubernetes document at all, or begins so, as no YAML does: elsewhere '{{' may be a part of a subject transform or a
     * description.
     */
    const char *helm =
        find_line(text, "apiVersion:") || strncmp(first, "{{", 2) == 0 ? find_placeholder(text) : NULL;
    if (helm)
        return refuse_placeholder(source, helm, diags);
    if (format_is_rendered(source))
        return refuse_rendered(source, !is_kustomization(source), diags);
    if (hcl || ends_in(source->name, ".tf")) {
        struct diag *diag = diag_add(diags, &code_format, pos_of(source, hcl ? hcl : first, 0),
                                     "this is Terraform's own language, which takes Terraform to evaluate");
        diag_hint(diags, diag, "give what Terraform makes of it: terraform show -json | natsform plan -f -");
        return -1;
    }
    const char *conf = find_conf(text);
    if (conf) {
        struct diag *diag = diag_add(diags, &code_format, pos_of(source, conf, 0),
                                     "this is a configuration of nats-server, and no manifest");
        diag_hint(diags, diag, "'natsform import conf %s' makes a manifest of it", source->name);
        return -1;
    }
    if (strncmp(first, "usage: nats ", 12) == 0)
        return refuse_help(source, first, diags);
    if (!*first && ends_in(source->name, ".json"))
        return diag_error(diags, &code_syntax, (struct srcpos){.source = source},
                          "the file is empty, which is no JSON");
    return 0;
}

bool format_is_spare(struct arena *arena, const struct source *source, const char *pattern)
{
    struct diags unheard SCOPED(diags_release) = {0};
    struct formats formats;
    struct documents documents = {0};
    if (is_kustomization(source) && only_lists(source->text))
        return true;
    if (!ends_in(source->name, ".json") || ends_in(pattern, ".json"))
        return false;
    formats_init(&formats, arena, NULL, &unheard);
    formats.found_by_search = true;
    /* What cannot be read may be a manifest with a mistake, whose objects a plan must not take for gone. */
    if (format_check_text(source, &unheard) || yaml_read(arena, source, &unheard, &documents))
        return false;
    for (size_t i = 0; i < documents.count; i++)
        if (manifest_is_native(documents.items[i]) || formats_take(&formats, source, documents.items[i]))
            return false;
    return true;
}
