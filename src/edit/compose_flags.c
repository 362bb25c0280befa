/*
 * The flags of nats-server in the command of a service; see compose_model.h. A row says which option a flag sets, and they are read as Go's
 * flag package reads them: with one dash or two, `-x=v` or `-x v`, and `-x=false` for switches.
 */
#include <string.h>

#include "base/suggest.h"
#include "edit/compose_model.h"

DIAG_CODE(
    code_unknown_flag, .name = "unknown-flag", CODE_WARNING,
    .doc =
        "The command of a service in a Compose file has a flag that no nats-server knows, or that starts no "
        "server.",
    .why = "nats-server would refuse it, or end at once, so nobody can say what was meant.",
    .example = "natsform import compose compose.yaml, with 'command: --jetstreem'",
    .remedy = "Mend the command; what the manifest has is the rest of it.");

enum flag_kind {
    FLAG_TEXT,
    FLAG_NUMBER,
    FLAG_SIZE,
    FLAG_SWITCH,
    FLAG_TRACE,     /* the option, and debug or trace_verbose as well */
    FLAG_JETSTREAM, /* a block that is there already stays */
    FLAG_STORE,
    FLAG_ROUTES,
    FLAG_CLUSTER, /* a URL to listen on, perhaps with a login */
    FLAG_LOGIN,   /* a secret of authorization */
    FLAG_CONF,
    FLAG_NOTHING, /* starts no server */
    FLAG_NOTHING_TEXT,
};

struct flag {
    const char *names[3];
    enum flag_kind kind;
    enum server_option block, option, more; /* NONE: the server's own, none */
};

/* As `nats-server --help` lists them (2.9.10, 2.10.27, 2.15.1), and those that it does not list. */
static const struct flag rows[] = {
    {{"a", "addr", "net"}, FLAG_TEXT, OPTION_NONE, OPTION_HOST, OPTION_NONE},
    {{"p", "port"}, FLAG_NUMBER, OPTION_NONE, OPTION_PORT, OPTION_NONE},
    {{"n", "name", "server_name"}, FLAG_TEXT, OPTION_NONE, OPTION_SERVER_NAME, OPTION_NONE},
    {{"P", "pid"}, FLAG_TEXT, OPTION_NONE, OPTION_PID_FILE, OPTION_NONE},
    {{"m", "http_port"}, FLAG_NUMBER, OPTION_NONE, OPTION_HTTP_PORT, OPTION_NONE},
    {{"ms", "https_port"}, FLAG_NUMBER, OPTION_NONE, OPTION_HTTPS_PORT, OPTION_NONE},
    {{"c", "config"}, FLAG_CONF, OPTION_NONE, OPTION_NONE, OPTION_NONE},
    {{"t"}, FLAG_NOTHING, OPTION_NONE, OPTION_NONE, OPTION_NONE},
    {{"sl", "signal"}, FLAG_NOTHING_TEXT, OPTION_NONE, OPTION_NONE, OPTION_NONE},
    {{"h", "help"}, FLAG_NOTHING, OPTION_NONE, OPTION_NONE, OPTION_NONE},
    {{"v", "version"}, FLAG_NOTHING, OPTION_NONE, OPTION_NONE, OPTION_NONE},
    {{"help_tls"}, FLAG_NOTHING, OPTION_NONE, OPTION_NONE, OPTION_NONE},
    {{"client_advertise"}, FLAG_TEXT, OPTION_NONE, OPTION_CLIENT_ADVERTISE, OPTION_NONE},
    {{"ports_file_dir"}, FLAG_TEXT, OPTION_NONE, OPTION_PORTS_FILE_DIR, OPTION_NONE},
    {{"l", "log"}, FLAG_TEXT, OPTION_NONE, OPTION_LOG_FILE, OPTION_NONE},
    {{"T", "logtime"}, FLAG_SWITCH, OPTION_NONE, OPTION_LOGTIME, OPTION_NONE},
    {{"logtime_utc"}, FLAG_SWITCH, OPTION_NONE, OPTION_LOGTIME_UTC, OPTION_NONE},
    {{"s", "syslog"}, FLAG_SWITCH, OPTION_NONE, OPTION_SYSLOG, OPTION_NONE},
    {{"r", "remote_syslog"}, FLAG_TEXT, OPTION_NONE, OPTION_REMOTE_SYSLOG, OPTION_NONE},
    {{"D", "debug"}, FLAG_SWITCH, OPTION_NONE, OPTION_DEBUG, OPTION_NONE},
    {{"V", "trace"}, FLAG_SWITCH, OPTION_NONE, OPTION_TRACE, OPTION_NONE},
    {{"VV"}, FLAG_TRACE, OPTION_NONE, OPTION_TRACE, OPTION_TRACE_VERBOSE},
    {{"DV"}, FLAG_TRACE, OPTION_NONE, OPTION_TRACE, OPTION_DEBUG},
    {{"DVV"}, FLAG_TRACE, OPTION_NONE, OPTION_TRACE_VERBOSE, OPTION_DEBUG},
    {{"log_size_limit"}, FLAG_SIZE, OPTION_NONE, OPTION_LOG_SIZE_LIMIT, OPTION_NONE},
    {{"max_traced_msg_len"}, FLAG_SIZE, OPTION_NONE, OPTION_MAX_TRACED_MSG_LEN, OPTION_NONE},
    {{"js", "jetstream"}, FLAG_JETSTREAM, OPTION_NONE, OPTION_JETSTREAM, OPTION_NONE},
    {{"sd", "store_dir"}, FLAG_STORE, OPTION_NONE, OPTION_STORE_DIR, OPTION_NONE},
    {{"user"}, FLAG_LOGIN, OPTION_AUTHORIZATION, OPTION_USER, OPTION_NONE},
    {{"pass"}, FLAG_LOGIN, OPTION_AUTHORIZATION, OPTION_PASSWORD, OPTION_NONE},
    {{"auth"}, FLAG_LOGIN, OPTION_AUTHORIZATION, OPTION_TOKEN, OPTION_NONE},
    {{"tls"}, FLAG_SWITCH, OPTION_NONE, OPTION_NONE, OPTION_NONE},
    {{"tlscert"}, FLAG_TEXT, OPTION_TLS, OPTION_CERT_FILE, OPTION_NONE},
    {{"tlskey"}, FLAG_TEXT, OPTION_TLS, OPTION_KEY_FILE, OPTION_NONE},
    {{"tlscacert"}, FLAG_TEXT, OPTION_TLS, OPTION_CA_FILE, OPTION_NONE},
    {{"tlsverify"}, FLAG_SWITCH, OPTION_TLS, OPTION_VERIFY, OPTION_NONE},
    {{"routes"}, FLAG_ROUTES, OPTION_CLUSTER, OPTION_ROUTES, OPTION_NONE},
    {{"cluster", "cluster_listen"}, FLAG_CLUSTER, OPTION_CLUSTER, OPTION_LISTEN, OPTION_NONE},
    {{"cluster_name"}, FLAG_TEXT, OPTION_CLUSTER, OPTION_NAME, OPTION_NONE},
    {{"no_advertise"}, FLAG_SWITCH, OPTION_CLUSTER, OPTION_NO_ADVERTISE, OPTION_NONE},
    {{"cluster_advertise"}, FLAG_TEXT, OPTION_CLUSTER, OPTION_ADVERTISE, OPTION_NONE},
    {{"connect_retries"}, FLAG_NUMBER, OPTION_CLUSTER, OPTION_CONNECT_RETRIES, OPTION_NONE},
    {{"profile"}, FLAG_NUMBER, OPTION_NONE, OPTION_PROF_PORT, OPTION_NONE},
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static const struct flag *find_flag(const char *name)
{
    for (size_t i = 0; i < ROWS; i++)
        for (size_t j = 0; j < 3 && rows[i].names[j]; j++)
            if (strcmp(rows[i].names[j], name) == 0)
                return &rows[i];
    return NULL;
}

/* ---- the words ---- */

static bool is_program(const char *text)
{
    const char *slash = strrchr(text, '/');
    return strcmp(slash ? slash + 1 : text, "nats-server") == 0;
}

/* "sh -c 'exec nats-server -js'": the whole command is one word. */
static void open_scripts(struct arena *arena, const struct words *words, struct words *opened)
{
    for (size_t i = 0; i < words->list.count; i++) {
        const struct word *word = &words->list.items[i];
        if (strstr(word->text, "nats-server") && strpbrk(word->text, " \t\n"))
            compose_split(arena, word->pos, word->text, opened);
        else
            VEC_PUSH(arena, &opened->list, *word);
    }
}

/* What ends a command in a script of a shell. */
static bool ends_command(const char *text)
{
    static const char *const ends[] = {"&&", "||", ";", "|", "&", ">", ">>", "2>&1"};
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (strcmp(text, ends[i]) == 0)
            return true;
    return false;
}

static void keep_flags(struct arena *arena, const struct words *words, size_t from, struct words *kept)
{
    for (size_t i = from; i < words->list.count && !ends_command(words->list.items[i].text); i++)
        VEC_PUSH(arena, &kept->list, words->list.items[i]);
}

/* A variable in the place of a flag may have several: "${ARGS:--js -m 8222}". */
static void open_variables(struct composing *composing, const struct words *words, struct words *opened)
{
    for (size_t i = 0; i < words->list.count; i++) {
        const struct word *word = &words->list.items[i];
        bool opens = strncmp(word->text, "${", 2) == 0 && compose_guess(composing, word->text)[0] == '-' &&
                     text_has_variable(word->text);
        if (opens)
            compose_split(composing->arena, word->pos, compose_guess(composing, word->text), opened);
        else
            VEC_PUSH(composing->arena, &opened->list, *word);
    }
}

void service_flags(struct composing *composing, const struct service *service, struct flags *ret_flags)
{
    struct arena *arena = composing->arena;
    struct words command = {0};
    struct words opened = {0};
    struct words kept = {0};
    compose_words(arena, node_get(service->node, "entrypoint"), &command);
    compose_words(arena, node_get(service->node, "command"), &command);
    open_scripts(arena, &command, &opened);
    size_t from = 0;
    while (from < opened.list.count && !is_program(opened.list.items[from].text))
        from++;
    /* Without the program's name, the flags are for the image's own entry point. */
    from = from < opened.list.count ? from + 1 : 0;
    keep_flags(arena, &opened, from, &kept);
    *ret_flags = (struct flags){0};
    open_variables(composing, &kept, &ret_flags->words);
}

/* ---- laying them over the options ---- */

struct laying {
    struct composing *composing;
    struct node *root; /* NULL: nothing is laid */
    struct flags *flags;
};

static void put(const struct laying *laying, struct node *map, enum server_option option, struct node *value)
{
    option_put(laying->composing->arena, map, option, value);
}

static struct node *block_of(const struct laying *laying, enum server_option option)
{
    if (option == OPTION_NONE)
        return laying->root;
    struct node *block = option_get(laying->root, option);
    if (!block || block->type != NODE_MAP) {
        block = node_map(laying->composing->arena);
        put(laying, laying->root, option, block);
    }
    return block;
}

static struct node *plain(const struct laying *laying, const struct word *value)
{
    return compose_scalar(laying->composing, value->pos, value->text, false);
}

static struct node *text(const struct laying *laying, const struct word *value)
{
    return compose_scalar(laying->composing, value->pos, value->text, true);
}

/* A default, or another part of the text, may be a secret, so only a variable without one stays. */
static struct node *secret(const struct laying *laying, const struct word *value)
{
    const char *resolved = NULL;
    if (text_has_variable(value->text) && !text_is_variable(value->text)) {
        resolved = compose_resolve(laying->composing, value->pos, value->text);
        struct node *node = node_scalar(laying->composing->arena, resolved ? resolved : "", true);
        node->pos = value->pos;
        return node;
    }
    return text(laying, value);
}

/* What the flag says, as `host` and `port`: the two are one to a configuration, and each flag sets one of them. */
static void divide_listen(const struct laying *laying, struct node *map, enum server_option listen,
                          enum server_option port)
{
    struct node *said = option_get(map, listen);
    const char *at = said && said->type == NODE_SCALAR ? strrchr(said->text, ':') : NULL;
    struct arena *arena = laying->composing->arena;
    if (!said || said->type != NODE_SCALAR)
        return;
    struct node *number = node_scalar(arena, at ? at + 1 : said->text, false);
    number->pos = said->pos;
    if (at && at > said->text) {
        struct node *host =
            node_scalar(arena, arena_strndup(arena, said->text, (size_t)(at - said->text)), true);
        host->pos = said->pos;
        put(laying, map, OPTION_HOST, host);
    }
    option_remove(map, listen);
    put(laying, map, port, number);
}

static void lay_number(const struct laying *laying, const struct flag *flag, const struct word *value)
{
    if (flag->option == OPTION_HTTP_PORT)
        option_remove(laying->root, OPTION_HTTP);
    if (flag->option == OPTION_HTTPS_PORT)
        option_remove(laying->root, OPTION_HTTPS);
    if (flag->option == OPTION_PORT)
        divide_listen(laying, laying->root, OPTION_LISTEN, OPTION_PORT);
    put(laying, block_of(laying, flag->block), flag->option, plain(laying, value));
}

static void lay_text(const struct laying *laying, const struct flag *flag, const struct word *value)
{
    if (flag->option == OPTION_HOST)
        divide_listen(laying, laying->root, OPTION_LISTEN, OPTION_PORT);
    put(laying, block_of(laying, flag->block), flag->option, text(laying, value));
}

static void lay_routes(const struct laying *laying, const struct word *value)
{
    struct arena *arena = laying->composing->arena;
    struct node *routes = node_list(arena);
    const char *parts[64];
    size_t count = compose_parts(arena, value->text, ',', parts, sizeof(parts) / sizeof(parts[0]));
    for (size_t i = 0; i < count; i++) {
        const char *url = parts[i] + strspn(parts[i], " ");
        struct word word = {url, value->pos};
        if (*url)
            node_append(arena, routes, strchr(url, '@') ? secret(laying, &word) : text(laying, &word));
    }
    put(laying, block_of(laying, OPTION_CLUSTER), OPTION_ROUTES, routes);
}

static void lay_login(const struct laying *laying, struct node *cluster, const struct word *value,
                      const char *login)
{
    struct arena *arena = laying->composing->arena;
    struct node *block = node_map(arena);
    const char *colon = strchr(login, ':');
    size_t length = colon ? (size_t)(colon - login) : strlen(login);
    struct word user = {arena_strndup(arena, login, length), value->pos};
    struct word password = {colon ? colon + 1 : "", value->pos};
    put(laying, block, OPTION_USER, text(laying, &user));
    put(laying, block, OPTION_PASSWORD, secret(laying, &password));
    put(laying, cluster, OPTION_AUTHORIZATION, block);
}

/* "nats://user:password@0.0.0.0:6222". A URL without a login takes that of the configuration away, as nats-server does. */
static void lay_cluster(const struct laying *laying, const struct word *value)
{
    struct arena *arena = laying->composing->arena;
    struct node *cluster = block_of(laying, OPTION_CLUSTER);
    const char *scheme = strstr(value->text, "://");
    const char *host = scheme ? scheme + 3 : value->text;
    const char *at = strrchr(host, '@');
    option_remove(cluster, OPTION_AUTHORIZATION);
    if (at)
        lay_login(laying, cluster, value, arena_strndup(arena, host, (size_t)(at - host)));
    host = at ? at + 1 : host;
    struct word listen = {arena_strndup(arena, host, strcspn(host, "/")), value->pos};
    option_remove(cluster, OPTION_HOST);
    option_remove(cluster, OPTION_PORT);
    put(laying, cluster, OPTION_LISTEN, text(laying, &listen));
}

static void lay_store(const struct laying *laying, const struct word *value)
{
    struct node *block = option_get(laying->root, OPTION_JETSTREAM);
    bool inside = block && block->type == NODE_MAP && !option_get(laying->root, OPTION_STORE_DIR);
    put(laying, inside ? block : laying->root, OPTION_STORE_DIR, text(laying, value));
}

static void lay_switch(const struct laying *laying, const struct flag *flag, const struct word *value)
{
    const struct node *there = option_get(laying->root, OPTION_JETSTREAM);
    bool off = option_is_off(&(struct node){.type = NODE_SCALAR, .text = value->text}) ||
               strcmp(value->text, "0") == 0 || strcasecmp(value->text, "f") == 0;
    struct word truth = {off ? "false" : "true", value->pos};
    if (flag->option == OPTION_NONE)
        return;
    /* Neither does "-js=false" switch off what the configuration switches on, nor "-js" take its block away. */
    if (flag->kind == FLAG_JETSTREAM && (off || (there && there->type == NODE_MAP)))
        return;
    put(laying, block_of(laying, flag->block), flag->option, plain(laying, &truth));
    if (flag->more != OPTION_NONE)
        put(laying, laying->root, flag->more, plain(laying, &truth));
}

static void lay(const struct laying *laying, const struct flag *flag, const struct word *value)
{
    if (flag->kind == FLAG_CONF)
        laying->flags->conf = *value;
    if (!laying->root || flag->kind == FLAG_CONF)
        return;
    switch (flag->kind) {
    case FLAG_TEXT:
        lay_text(laying, flag, value);
        return;
    case FLAG_NUMBER:
    case FLAG_SIZE:
        lay_number(laying, flag, value);
        return;
    case FLAG_STORE:
        lay_store(laying, value);
        return;
    case FLAG_ROUTES:
        lay_routes(laying, value);
        return;
    case FLAG_CLUSTER:
        lay_cluster(laying, value);
        return;
    case FLAG_LOGIN:
        put(laying, block_of(laying, flag->block), flag->option,
            flag->option == OPTION_USER ? text(laying, value) : secret(laying, value));
        return;
    default:
        lay_switch(laying, flag, value);
    }
}

/* ---- going through ---- */

static bool takes_value(const struct flag *flag)
{
    return flag->kind != FLAG_SWITCH && flag->kind != FLAG_TRACE && flag->kind != FLAG_JETSTREAM &&
           flag->kind != FLAG_NOTHING;
}

static void tell_unknown(const struct laying *laying, const struct word *word, const char *name)
{
    struct suggestion near = {.wanted = name};
    if (!laying->root)
        return;
    struct diag *diag = diag_add(laying->composing->diags, &code_unknown_flag, word->pos,
                                 "nats-server has no flag '-%s': it is left out", name);
    /* A long word may be anything, even a secret. */
    diag->secret = true;
    for (size_t i = 0; i < ROWS; i++)
        for (size_t j = 0; j < 3 && rows[i].names[j]; j++)
            suggestion_consider(&near, rows[i].names[j]);
    if (near.best)
        diag_hint(laying->composing->diags, diag, "did you mean '-%s'?", near.best);
}

static void tell_nothing(const struct laying *laying, const struct word *word, const char *name)
{
    if (laying->root)
        diag_add(laying->composing->diags, &code_unknown_flag, word->pos,
                 "with '-%s' nats-server does something and ends: it is left out", name)
            ->secret = true;
}

static const struct word *word_at(const struct flags *flags, size_t index)
{
    return index < flags->words.list.count ? &flags->words.list.items[index] : NULL;
}

/* Takes the flag at `index`. Returns how many words it has. */
static size_t take_flag(const struct laying *laying, size_t index)
{
    const struct word *word = word_at(laying->flags, index);
    const char *name = word->text + strspn(word->text, "-");
    const char *equals = strchr(name, '=');
    const struct word *next = word_at(laying->flags, index + 1);
    struct word value = {equals ? equals + 1 : "true", word->pos};
    name = arena_strndup(laying->composing->arena, name, equals ? (size_t)(equals - name) : strlen(name));
    const struct flag *flag = find_flag(name);
    bool has_next = !equals && next && (flag ? takes_value(flag) : *next->text != '-');
    if (has_next)
        value = *next;
    if (!flag)
        tell_unknown(laying, word, name);
    else if (flag->kind == FLAG_NOTHING || flag->kind == FLAG_NOTHING_TEXT)
        tell_nothing(laying, word, name);
    else if (equals || has_next || !takes_value(flag))
        lay(laying, flag, &value);
    else if (laying->root)
        diag_add(laying->composing->diags, &code_unknown_flag, word->pos,
                 "'-%s' needs a value, and has none: it is left out", name)
            ->secret = true;
    return has_next ? 2 : 1;
}

/* A setting that counts only with JetStream on: nats-server -sd alone does not switch it on. */
static void settle_store(struct node *root)
{
    if (!option_get(root, OPTION_JETSTREAM))
        option_remove(root, OPTION_STORE_DIR);
}

void flags_lay(struct composing *composing, struct flags *flags, struct node *root)
{
    const struct laying laying = {composing, root, flags};
    const struct word *word;
    for (size_t i = 0; (word = word_at(flags, i));) {
        if (*word->text == '-' && word->text[1]) {
            i += take_flag(&laying, i);
            continue;
        }
        /* Go's flags end here, and nats-server does not start. */
        if (root && *word->text)
            diag_add(composing->diags, &code_unknown_flag, word->pos,
                     "nats-server takes no arguments but flags: a word of this is left out")
                ->secret = true;
        i++;
    }
    if (root)
        settle_store(root);
}
