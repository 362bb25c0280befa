/* Advisories; see advisory.h. Their keys and the subjects of requests are in tables here. */
#include "server/advisory.h"

#include <string.h>

#include "base/scope.h"
#include "base/text.h"
#include "field/field.h"
#include "server/server_state.h"
#include "syntax/json.h"

#define TYPES "io.nats.jetstream.advisory.v1."
#define SUBJECTS "$JS.EVENT.ADVISORY."

enum { NAME_MOST = 1024 };

const char *const advisory_subjects[ADVISORY_SUBJECTS] = {
    SUBJECTS "STREAM.CREATED.*",       SUBJECTS "STREAM.UPDATED.*",     SUBJECTS "STREAM.DELETED.*",
    SUBJECTS "CONSUMER.CREATED.*.*",   SUBJECTS "CONSUMER.DELETED.*.*", SUBJECTS "CONSUMER.PAUSE.*.*",
    [ADVISORY_AUDIT] = SUBJECTS "API",
};

const char *const advisory_tells[ADVISORY_SUBJECTS] = {
    "new streams",
    "updates of streams",
    "deletions of streams",
    "new consumers",
    "deletions of consumers",
    "pauses of consumers",
    [ADVISORY_AUDIT] = "who changes something, updates of consumers and purges",
};

/* ---- audits ---- */

/* Requests that change something. Behind the verb is the stream's name, and then the consumer's. */
static const struct {
    const char *verb;
    enum deed deed;
    bool consumer;
} requests[] = {
    {"STREAM.CREATE.", DEED_CREATED, false}, {"STREAM.UPDATE.", DEED_UPDATED, false},
    {"STREAM.DELETE.", DEED_DELETED, false}, {"STREAM.RESTORE.", DEED_RESTORED, false},
    {"STREAM.PURGE.", DEED_PURGED, false},   {"CONSUMER.DURABLE.CREATE.", DEED_PUT, true},
    {"CONSUMER.CREATE.", DEED_PUT, true},    {"CONSUMER.DELETE.", DEED_DELETED, true},
    {"CONSUMER.PAUSE.", DEED_PAUSED, true},
};

/* The index of the request on the subject; -1: it changes nothing. */
static int request_on(const char *subject, size_t length)
{
    static const char api[] = "$JS.API.";
    size_t head = strlen(api);
    if (length <= head || strncmp(subject, api, head) != 0)
        return -1;
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        size_t verb = strlen(requests[i].verb);
        if (length - head > verb && strncmp(subject + head, requests[i].verb, verb) == 0)
            return (int)i;
    }
    return -1;
}

/* Where `what` is in the data; NULL: nowhere. */
static const char *find(const char *data, size_t length, const char *what)
{
    size_t wanted = strlen(what);
    for (size_t i = 0; i + wanted <= length; i++)
        if (data[i] == what[0] && memcmp(data + i, what, wanted) == 0)
            return data + i;
    return NULL;
}

/*
 * Most of the audit is of requests that only read, natsform's own among them, and a page of a list is large. They are not worth
 * parsing. In a JSON string the quotes would be escaped, so this is the key itself.
 */
bool advisory_wants(const char *data, size_t length)
{
    static const char audit[] = "{\"type\":\"" TYPES "api_audit\"";
    static const char key[] = "\"subject\":\"";
    if (length < strlen(audit) || strncmp(data, audit, strlen(audit)) != 0)
        return true;
    const char *subject = find(data, length, key);
    return subject && request_on(subject + strlen(key), length - (size_t)(subject - data) - strlen(key)) >= 0;
}

/*
 * A user that may be a token is not told: nats-server 2.10 has the token itself there, and 2.15 "[REDACTED]". All of an account's clients log in by a
 * token if one does, except for those of WebSocket and MQTT, which have a login of their own.
 */
static const char *user_told(const struct server *server, const struct node *client)
{
    const char *user = node_get_text(client, "user"), *type = node_get_text(client, "client_type");
    bool may_be_token = server->identity.secret_user || strcmp(user, "[REDACTED]") == 0 ||
                        (server->identity.token && strcmp(user, server->identity.token) == 0) ||
                        (*type && strcmp(type, "nats") != 0);
    return may_be_token ? "" : user;
}

static struct node *parse(struct arena *arena, const char *text, size_t length)
{
    struct diags unheard SCOPED(diags_release) = {0};
    diags_init(&unheard);
    struct node *node = json_read(arena, text, length, NULL, &unheard);
    return node && node->type == NODE_MAP ? node : NULL;
}

/* The next token of the subject, which moves on behind it; NULL: there is none. */
static const char *next_token(struct arena *arena, const char **subject)
{
    size_t length = strcspn(*subject, ".");
    if (!length || length > NAME_MOST)
        return NULL;
    const char *token = arena_strndup(arena, *subject, length);
    *subject += length + ((*subject)[length] == '.');
    return token;
}

static bool read_audit(struct arena *arena, const struct server *server, const struct node *root,
                       struct advisory *advisory)
{
    const char *subject = node_get_text(root, "subject"), *response = node_get_text(root, "response");
    const struct node *reply = parse(arena, response, strlen(response));
    const struct node *client = node_get(root, "client");
    int request = request_on(subject, strlen(subject));
    if (request < 0 || !reply || node_get(reply, "error"))
        return false;
    subject += strlen("$JS.API.") + strlen(requests[request].verb);
    advisory->is_audit = true;
    advisory->deed = requests[request].deed;
    advisory->stream = next_token(arena, &subject);
    if (requests[request].consumer)
        advisory->consumer = next_token(arena, &subject);
    if (advisory->deed == DEED_PUT) { /* one that the server has named is named in the reply alone */
        const char *name = node_get_text(reply, "name");
        advisory->consumer = *name && strlen(name) <= NAME_MOST ? name : advisory->consumer;
        advisory->is_ephemeral = !*node_get_text(node_get(reply, "config"), "durable_name");
    }
    advisory->client = (struct client_told){.user = user_told(server, client),
                                            .name = node_get_text(client, "name"),
                                            .host = node_get_text(client, "host"),
                                            .account = node_get_text(client, "acc")};
    return advisory->stream && (advisory->consumer || !requests[request].consumer);
}

/* ---- actions ---- */

static bool read_action(const struct node *root, bool consumer, struct advisory *advisory)
{
    static const struct {
        const char *word;
        enum deed deed;
    } actions[] = {{"create", DEED_CREATED}, {"modify", DEED_UPDATED}, {"delete", DEED_DELETED}};
    const char *action = node_get_text(root, "action");
    advisory->stream = node_get_text(root, "stream");
    advisory->consumer = consumer ? node_get_text(root, "consumer") : NULL;
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        advisory->deed = actions[i].deed;
        if (strcmp(action, actions[i].word) == 0)
            return true;
    }
    return false;
}

bool advisory_read(struct arena *arena, const struct server *server, const struct heard *heard,
                   struct advisory *ret_advisory)
{
    const struct node *root = parse(arena, heard->data, heard->length);
    const char *type = node_get_text(root, "type");
    struct advisory advisory = {.client = {"", "", "", ""}};
    const char *domain = server->info.domain ? server->info.domain : "";
    bool read = false;
    /* Over leafnodes those of other domains come, too (nats-server 2.9.10, 2.10.27 and 2.15.1). */
    if (!text_begins(type, TYPES) || strcmp(node_get_text(root, "domain"), domain) != 0)
        return false;
    type += strlen(TYPES);
    if (strcmp(type, "api_audit") == 0) {
        read = read_audit(arena, server, root, &advisory);
    } else if (strcmp(type, "stream_action") == 0 || strcmp(type, "consumer_action") == 0) {
        read = read_action(root, *type == 'c', &advisory);
    } else if (strcmp(type, "consumer_pause") == 0) {
        read_action(root, true, &advisory);
        advisory.deed = DEED_PAUSED;
        read = true;
    }
    size_t length = advisory.stream ? strlen(advisory.stream) : 0;
    bool named = length && length <= NAME_MOST &&
                 (!advisory.consumer || (*advisory.consumer && strlen(advisory.consumer) <= NAME_MOST));
    if (read && named)
        *ret_advisory = advisory;
    return read && named;
}
