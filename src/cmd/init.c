/*
 * natsform init: begins a project, either from a few answers or with what a server holds. The new manifest is
 * loaded and checked like any other before it is written, so that `natsform up` works on it.
 */
#include "cmd/command.h"

#include <ctype.h>
#include <string.h>
#include <unistd.h>

#include "base/conceal.h"
#include "base/exit.h"
#include "base/path.h"
#include "base/read.h"
#include "base/scope.h"
#include "base/write.h"
#include "cmd/account.h"
#include "cmd/exported.h"
#include "kind/kinds.h"
#include "kind/server_options.h"
#include "manifest/load.h"
#include "plan/planner.h"
#include "syntax/yaml.h"

#define MODELINE "# yaml-language-server: $schema=./natsform.schema.json\n"
#define IGNORED ".natsform/"
#define USUAL_PROJECT "nats"

enum { ANSWER_MOST = 256, CLUSTER_NODES = 3 };

/* What the new project is to have, by options or by answers on the terminal. */
struct wishes {
    const char *project;
    struct option_list subjects;
    bool cluster;
};

static const char introduction[] = MODELINE
    "#\n"
    "#     natsform up      boots the servers, applies the streams, and tells the URLs\n"
    "#     natsform plan    shows what 'natsform apply' would change\n"
    "#     natsform down    stops the servers; what is stored stays\n"
    "#\n"
    "# A server takes every option of nats-server by its own name ('natsform explain servers'). For browsers:\n"
    "#\n"
    "#     websocket: {port: 8080, no_tls: true}\n\n";

static const char workflow[] =
    "# Checks the manifest in every pull request, and shows what it would change.\n"
    "#\n"
    "# To be set in the repository's settings, at \"Secrets and variables\", \"Actions\":\n"
    "#\n"
    "#   variable NATSFORM_SOURCE   what git is to clone natsform from\n"
    "#   secret NATS_URL            the server to plan against; without it there is no plan\n"
    "#   secret NATS_CREDS          the text of a credentials file, when that server wants one\n"
    "name: natsform\n"
    "\n"
    "on:\n"
    "  pull_request:\n"
    "\n"
    "permissions:\n"
    "  contents: read\n"
    "\n"
    "jobs:\n"
    "  plan:\n"
    "    runs-on: ubuntu-24.04\n"
    "    env:\n"
    "      NATS_URL: ${{ secrets.NATS_URL }}\n"
    "    steps:\n"
    "      - uses: actions/checkout@v4\n"
    "        with:\n"
    "          fetch-depth: 0\n"
    "\n"
    "      - name: Install natsform\n"
    "        env:\n"
    "          NATSFORM_SOURCE: ${{ vars.NATSFORM_SOURCE }}\n"
    "        run: |\n"
    "          git clone --depth 1 \"$NATSFORM_SOURCE\" \"$RUNNER_TEMP/natsform\"\n"
    "          make -C \"$RUNNER_TEMP/natsform\" deps\n"
    "          make -C \"$RUNNER_TEMP/natsform\"\n"
    "          sudo make -C \"$RUNNER_TEMP/natsform\" install\n"
    "\n"
    "      - name: Validate\n"
    "        run: natsform validate\n"
    "\n"
    "      - name: What changes in the manifest\n"
    "        run: natsform diff \"origin/$GITHUB_BASE_REF..HEAD\" || [ $? = 1 ]\n"
    "\n"
    "      - name: Plan\n"
    "        if: env.NATS_URL != ''\n"
    "        env:\n"
    "          CREDENTIALS: ${{ secrets.NATS_CREDS }}\n"
    "        run: |\n"
    "          if [ -n \"$CREDENTIALS\" ]; then\n"
    "            (umask 077 && printf '%s\\n' \"$CREDENTIALS\" >\"$RUNNER_TEMP/nats.creds\")\n"
    "            export NATS_CREDS=\"$RUNNER_TEMP/nats.creds\"\n"
    "          fi\n"
    "          natsform plan\n";

static const char *folder_of(const struct session *session)
{
    return session->arguments.count ? session->arguments.items[0] : ".";
}

/* ---- names ---- */

/* Turns a folder's name into one that a project may have: lower case, with a '-' for other characters. */
static const char *plain_name(struct arena *arena, const char *text)
{
    char *name = arena_strdup(arena, text);
    char *to = name;
    for (; *text; text++) {
        bool letter = isalnum((unsigned char)*text) && (unsigned char)*text < 0x80;
        if (letter || *text == '_')
            *to++ = (char)tolower((unsigned char)*text);
        else if (to > name && to[-1] != '-')
            *to++ = '-';
    }
    while (to > name && to[-1] == '-')
        to--;
    *to = '\0';
    return *name ? name : USUAL_PROJECT;
}

/* The folder's name, links followed; of one that is not there yet, the name that it gets. */
static const char *folder_project(struct arena *arena, const char *folder)
{
    const char *real = path_real(arena, folder);
    const char *own = real ? path_name(real) : path_own_name(arena, folder);
    return plain_name(arena, own ? own : path_name(folder));
}

/* The stream's name, from its subject: "CHAT" for "chat.>". It is the first token that is no wildcard, in capital letters. */
static const char *stream_name(struct arena *arena, const struct wishes *wishes)
{
    const char *subject = wishes->subjects.items[0];
    while (*subject == '*' || *subject == '>' || *subject == '.' || *subject == '$')
        subject++;
    const char *token = arena_strndup(arena, subject, strcspn(subject, "."));
    char *name = arena_strdup(arena, plain_name(arena, *token ? token : wishes->project));
    for (char *at = name; *at; at++)
        *at = *at == '-' ? '_' : (char)toupper((unsigned char)*at);
    return name;
}

/* ---- the manifest ---- */

static void put(struct arena *arena, struct node *map, const char *key, const char *text, bool quoted)
{
    node_put(arena, map, key, node_scalar(arena, text, quoted));
}

static const char *row_name(const struct table *table, unsigned id)
{
    return table_field_by_id(table, id)->name;
}

/* The server gets limits, so that a growing stream does not fill the developer's disk. */
static struct node *make_servers(struct arena *arena, bool cluster)
{
    struct node *jetstream = node_map(arena);
    struct node *server = node_map(arena);
    struct node *servers = node_map(arena);
    if (cluster)
        put(arena, server, option_name(OPTION_NODES), arena_printf(arena, "%d", CLUSTER_NODES), false);
    put(arena, jetstream, option_name(OPTION_MAX_MEM), "256MiB", false);
    put(arena, jetstream, option_name(OPTION_MAX_FILE), "2GiB", false);
    option_put(arena, server, OPTION_JETSTREAM, jetstream);
    node_put(arena, servers, "dev", server);
    return servers;
}

static struct node *make_stream(struct arena *arena, const struct wishes *wishes)
{
    struct node *subjects = node_list(arena);
    struct node *stream = node_map(arena);
    struct node *consumer = node_map(arena);
    struct node *consumers = node_map(arena);
    for (size_t i = 0; i < wishes->subjects.count; i++)
        node_append(arena, subjects, node_scalar(arena, wishes->subjects.items[i], true));
    node_put(arena, stream, row_name(&stream_table, STREAM_SUBJECTS), subjects);
    put(arena, stream, row_name(&stream_table, STREAM_MAX_AGE), "7d", false);
    put(arena, stream, row_name(&stream_table, STREAM_MAX_BYTES), "256MiB", false);
    if (wishes->cluster)
        put(arena, stream, row_name(&stream_table, STREAM_NUM_REPLICAS),
            arena_printf(arena, "%d", CLUSTER_NODES), false);
    put(arena, consumer, row_name(&consumer_table, CONSUMER_ACK_POLICY), "explicit", true);
    put(arena, consumer, row_name(&consumer_table, CONSUMER_MAX_DELIVER), "5", false);
    node_put(arena, consumers, "processor", consumer);
    node_put(arena, stream, row_name(&stream_table, STREAM_CONSUMERS), consumers);
    return stream;
}

static void add_pair(struct arena *arena, struct strbuf *out, unsigned id, struct node *value)
{
    struct node *root = node_map(arena);
    node_put(arena, root, row_name(&manifest_table, id), value);
    yaml_write(out, root);
}

static const char *make_manifest(struct arena *arena, const struct wishes *wishes)
{
    struct strbuf out = {0};
    struct node *streams = node_map(arena);
    node_put(arena, streams, stream_name(arena, wishes), make_stream(arena, wishes));
    strbuf_adds(&out, introduction);
    add_pair(arena, &out, MANIFEST_PROJECT, node_scalar(arena, wishes->project, true));
    strbuf_addc(&out, '\n');
    add_pair(arena, &out, MANIFEST_SERVERS, make_servers(arena, wishes->cluster));
    strbuf_addc(&out, '\n');
    add_pair(arena, &out, MANIFEST_STREAMS, streams);
    return strbuf_move(&out, arena);
}

/* Reads the manifest from memory: it is checked before it is written. */
static int read_text(void *context, struct arena *arena, const char *path, struct source *ret_source,
                     const char **ret_error)
{
    const char *text = context;
    (void)ret_error;
    *ret_source = (struct source){.name = path, .text = arena_strdup(arena, text), .length = strlen(text)};
    return 0;
}

static int expand_nothing(void *context, struct arena *arena, const char *pattern, const char ***ret_paths,
                          size_t *ret_count, const char **ret_error)
{
    (void)context;
    (void)ret_error;
    *ret_paths = ARENA_ARRAY(arena, const char *, 1);
    (*ret_paths)[0] = pattern;
    *ret_count = 1;
    return 0;
}

/* Checks the new manifest like any other. So names and subjects that somebody typed need no checks of their own. */
static int check_manifest(struct session *session, const char *text)
{
    struct manifest_reader reader = {
        .read = read_text,
        .expand = expand_nothing,
        .context = arena_strdup(&session->arena, text),
        .lookup = session_lookup,
        .lookup_context = session,
    };
    struct diags diags SCOPED(diags_release) = {0};
    const char *path = MANIFEST_USUAL;
    struct manifest *manifest = manifest_load(&session->arena, &reader, &path, 1, &diags);
    if (manifest)
        planner_check(&session->arena, manifest,
                      &(struct target){.version = VERSION_UNKNOWN, .clustered = true}, &diags);
    for (size_t i = 0; i < diags.list.count; i++)
        if (diags.list.items[i]->code->severity == SEVERITY_ERROR)
            diag_error(&session->diags, &code_usage, (struct srcpos){0}, "no project can be made so: %s",
                       diags.list.items[i]->message);
    return session->diags.errors ? -1 : 0;
}

/* ---- questions ---- */

/*
 * Asks a question. Returns the typed line without blanks around it, or the default for an empty line. NULL at the end of
 * input.
 */
static const char *ask(struct session *session, const char *question, const char *usual)
{
    char answer[ANSWER_MOST];
    fprintf(session->err.file, "%s [%s]: ", question, usual);
    fflush(session->err.file);
    if (!fgets(answer, sizeof(answer), stdin)) {
        fputs("\nNothing was written.\n", session->err.file);
        return NULL;
    }
    size_t start = strspn(answer, " \t");
    size_t end = strlen(answer);
    while (end > start && isspace((unsigned char)answer[end - 1]))
        end--;
    return end > start ? arena_strndup(&session->arena, answer + start, end - start) : usual;
}

static void add_subject(struct session *session, struct wishes *wishes, const char *subject)
{
    struct option_list *list = &wishes->subjects;
    list->items =
        arena_grow(&session->arena, list->items, list->count, list->count + 1, sizeof(*list->items));
    list->items[list->count++] = subject;
}

/* Asks for everything that no option says, if there is a terminal. Returns -1 if the input ends. */
static int take_wishes(struct session *session, const char *folder, struct wishes *ret_wishes)
{
    const struct options *options = &session->options;
    bool asks = !options->yes && isatty(STDIN_FILENO);
    struct wishes wishes = {
        .project = options->project, .subjects = options->subjects, .cluster = options->cluster};
    if (!wishes.project)
        wishes.project = folder_project(&session->arena, folder);
    if (asks && !options->project && !(wishes.project = ask(session, "Project", wishes.project)))
        return -1;
    if (!wishes.subjects.count) {
        /* From the project's name as it was answered just now. */
        const char *subject =
            arena_printf(&session->arena, "%s.>", plain_name(&session->arena, wishes.project));
        if (asks && !(subject = ask(session, "Subjects of the first stream", subject)))
            return -1;
        add_subject(session, &wishes, subject);
    }
    if (asks && !options->cluster) {
        const char *answer = ask(session, "A cluster of three servers? y or n", "n");
        if (!answer)
            return -1;
        wishes.cluster = *answer == 'y' || *answer == 'Y';
    }
    *ret_wishes = wishes;
    return 0;
}

/* ---- files ---- */

static void add_file(struct session *session, struct exported *exported, const char *path, const char *text)
{
    VEC_PUSH(&session->arena, &exported->files, new_file(path, text));
}

/* An existing .gitignore stays as it is. That does no harm, because .natsform/ has a .gitignore of its own. */
static void add_gitignore(struct session *session, const char *folder, struct exported *exported)
{
    const char *path =
        strcmp(folder, ".") == 0 ? ".gitignore" : arena_printf(&session->arena, "%s/.gitignore", folder);
    struct source there;
    if (!file_exists(path))
        add_file(session, exported, ".gitignore", IGNORED "\n");
    else if (file_read(&session->arena, path, FILE_SMALL_MOST, &there, NULL) || !strstr(there.text, IGNORED))
        fprintf(session->told.file, "left as it is: %s; it may have the line '" IGNORED "'\n",
                conceal_name(path));
}

static int write_project(struct session *session, const char *folder, struct exported *exported)
{
    add_file(session, exported, ".github/workflows/natsform.yml", workflow);
    add_gitignore(session, folder, exported);
    if (exported_write(session, folder, exported))
        return EXIT_FAILED;
    bool here = strcmp(folder, ".") == 0;
    fprintf(session->out.file, "Next: %s%s%s'natsform up' boots the servers and applies the streams\n",
            here ? "" : "in ", here ? "" : conceal_name(folder), here ? "" : ", ");
    return EXIT_DONE;
}

/* ---- from a server ---- */

static bool has_replicas(const struct survey *survey)
{
    for (size_t i = 0; i < survey->streams.count; i++)
        if (node_get_number(survey->streams.items[i]->live.config,
                            row_name(&stream_table, STREAM_NUM_REPLICAS)) > 1)
            return true;
    return false;
}

/* Adds the project's name and servers to the main file of an export. */
static const char *complete_manifest(struct session *session, const struct exported *exported, bool cluster)
{
    struct arena *arena = &session->arena;
    const char *text = exported->files.items[0].text;
    /* The introduction brings that line itself. */
    const char *rest = strchr(text, '\n') + 1; /* behind the line for editors */
    struct strbuf out = {0};
    strbuf_adds(&out, introduction);
    if (!exported->project && session->options.project)
        add_pair(arena, &out, MANIFEST_PROJECT, node_scalar(arena, session->options.project, true));
    strbuf_adds(&out, rest);
    strbuf_addc(&out, '\n');
    add_pair(arena, &out, MANIFEST_SERVERS, make_servers(arena, cluster));
    return strbuf_move(&out, arena);
}

static int check_project(struct session *session, const struct exported *exported)
{
    const char *wanted = session->options.project;
    if (!wanted || !exported->project || strcmp(wanted, exported->project) == 0)
        return 0;
    struct diag *diag =
        diag_add(&session->diags, &code_usage, (struct srcpos){0},
                 "what the server holds is of project '%s', not '%s'", exported->project, wanted);
    diag_hint(&session->diags, diag, "without --project it is taken as it is");
    return -1;
}

static int init_from_live(struct account_run *account, void *context)
{
    struct session *session = account->session;
    struct exported exported;
    struct export_request request = {0};
    (void)context;
    const struct survey *survey = exported_read(account, &request, &exported);
    if (!survey || check_project(session, &exported))
        return -1;
    exported_tell(session, &exported);
    const char *text =
        complete_manifest(session, &exported, session->options.cluster || has_replicas(survey));
    exported.files.items[0] = new_file(exported.files.items[0].path, text);
    return write_project(session, folder_of(session), &exported);
}

static int init_anew(struct session *session, const char *folder)
{
    struct wishes wishes;
    struct exported exported = {.streams = 1, .consumers = 1};
    if (take_wishes(session, folder, &wishes))
        return EXIT_FAILED;
    const char *text = make_manifest(&session->arena, &wishes);
    if (check_manifest(session, text))
        return -1;
    add_file(session, &exported, MANIFEST_USUAL, text);
    return write_project(session, folder, &exported);
}

static int run(struct session *session)
{
    if (!*folder_of(session))
        return diag_error(&session->diags, &code_usage, (struct srcpos){0}, "the folder's name is empty");
    return session->options.from_live ? accounts_run_single(session, init_from_live)
                                      : init_anew(session, folder_of(session));
}

const struct command init_command = {
    .help =
        {
            .name = "init",
            .arguments = "[DIR]",
            .summary = "Begin a project: manifest, schema, CI workflow, .gitignore",
            .description =
                "Writes natsform.yaml with a server and a stream, the JSON Schema for editors, a GitHub Actions workflow "
                "that validates the manifest in every pull request and shows what would change, and a .gitignore. On a "
                "terminal it asks for what no option says. Anywhere else, and with --yes, it takes the defaults. Existing "
                "files are never touched: if one is in the way, nothing is written at all.\n\n"
                "With --from-live the manifest is what a server holds, as 'natsform export' writes it, plus a server on "
                "this machine to try changes on. With --project as well, the next 'natsform apply' of that manifest takes "
                "over what it names.",
            .examples =
                (const char *const[]){
                    "A project in this folder",
                    "natsform init && natsform up",
                    "Without questions",
                    "natsform init --yes --project shop --subject orders.new --subject orders.paid --cluster shop",
                    "Begin with what a server holds",
                    "natsform init --from-live --context prod prod",
                    NULL,
                },
            .options = OPTIONS_ALL | OPTIONS_INIT | OPTIONS_CONFIRM | OPTIONS_SERVER,
        },
    .most = 1,
    .run = run,
};
