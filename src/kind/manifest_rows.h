/*
 * The manifest's own rows: everything around the objects that JetStream knows. The ids stand in the order of the rows.
 */
#ifndef KIND_MANIFEST_ROWS_H
#define KIND_MANIFEST_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "field/field.h"
#include "field/value.h"

enum manifest_field {
    MANIFEST_PROJECT = 1,
    MANIFEST_INCLUDE,
    MANIFEST_CONNECTION,
    MANIFEST_CONNECTIONS,
    MANIFEST_DEFAULTS,
    MANIFEST_STREAMS,
    MANIFEST_KEY_VALUES,
    MANIFEST_OBJECT_STORES,
    MANIFEST_REMOVED,
    MANIFEST_BACKUP,
    MANIFEST_SERVERS,
};

enum connection_row {
    CONNECTION_CONTEXT = 1,
    CONNECTION_URL,
    CONNECTION_USER,
    CONNECTION_PASSWORD,
    CONNECTION_TOKEN,
    CONNECTION_CREDS,
    CONNECTION_NKEY,
    CONNECTION_TLS,
    CONNECTION_DOMAIN,
    CONNECTION_API_PREFIX,
    CONNECTION_INBOX_PREFIX,
    CONNECTION_TIMEOUT,
    CONNECTION_EXPECT,
};

enum tls_row {
    TLS_CA = 1,
    TLS_CERT,
    TLS_KEY,
    TLS_FIRST,
};

enum expect_row {
    EXPECT_CLUSTER = 1,
    EXPECT_SERVER_NAME,
    EXPECT_ACCOUNT,
    EXPECT_DOMAIN,
};

enum defaults_row {
    DEFAULTS_STREAM = 1,
    DEFAULTS_CONSUMER,
    DEFAULTS_KEY_VALUE,
    DEFAULTS_OBJECT_STORE,
};

enum removed_row {
    REMOVED_STREAMS = 1,
    REMOVED_CONSUMERS,
    REMOVED_KEY_VALUES,
    REMOVED_OBJECT_STORES,
};

enum removed_stream_row {
    REMOVED_NAME = 1,
    REMOVED_DELETE,
};

enum removed_consumer_row {
    REMOVED_CONSUMER_STREAM = 1,
    REMOVED_CONSUMER_NAME,
    REMOVED_CONSUMER_DELETE,
};

enum backup_row {
    BACKUP_DIR = 1,
};

extern const struct table manifest_table;

/*
 * ---- names ----
 * Their keys in maps, and names that natsform uses for itself.
 */

/* The key of a consumer in maps: "STREAM CONSUMER". Names have no blanks. */
const char *resource_key(struct arena *arena, const char *stream, const char *consumer);

/* Is it a lock's stream (apply/lock.h)? No plan, export or prune shows those. */
#define LOCK_STREAM_PREFIX "natsform_lock_"
#define LOCK_SUBJECT_PREFIX "$natsform.lock."

static inline bool stream_name_is_reserved(const char *name)
{
    return strncmp(name, LOCK_STREAM_PREFIX, strlen(LOCK_STREAM_PREFIX)) == 0;
}

/*
 * ---- lint ----
 * The warnings and notes that an object has switched off, by their codes.
 */

struct diag_codes {
    const struct diag_code **items;
    size_t count;
    size_t capacity;
};

/*
 * The codes that an object of a manifest has ignored; NULL when it has none. What is no code, or is one that cannot be
 * ignored, is reported.
 */
const struct diag_codes *lint_read(struct arena *arena, const struct object *declared, struct diags *diags);

/* `ignored` may be NULL. */
bool lint_ignores(const struct diag_codes *ignored, const struct diag_code *code);
/* Forgets those of the diagnostics from `first` on that are ignored. */
void lint_forget(const struct diag_codes *ignored, struct diags *diags, size_t first);

/*
 * ---- connection ----
 * Where the server is and who we are. A row for each has its names wherever one can be given: a flag, a variable of
 * the environment, the manifest's `connection`, a context of the nats CLI, a resource of NACK. How the layers are laid over each other is
 * in server/connection.h.
 */

struct object;

/* What the process's environment answers: getenv(), or a test's table. NULL when it is not set. */
typedef const char *environment_lookup(void *context, const char *name);

/*
 * Every string is NULL when it is not set. Nothing here is ever shown but the URL (without user info), names
 * and paths. Credentials may be references, as in nats CLI contexts: creds, nkey and the files of TLS are a path,
 * file://PATH, env://NAME, data:;base64,TEXT or the file's text; password, token, JWT and seed are the secret itself,
 * env://NAME or data:.
 * In paths '~' and $VAR are expanded.
 */
struct connection_settings {
    const char *context;  /* name of a nats CLI context, or path of a context file */
    const char *url;      /* one or more, by commas; NULL is nats://127.0.0.1:4222 */
    const char *url_from; /* who named the URL, for messages, such as "NATS_URL"; comes with it */
    const char *who_from; /* the same of who we are, such as "--user" */
    /* The same of the password, or the seed, where that was given alone, and is of another layer; NULL: it was not. */
    const char *secret_from;
    const char *user; /* without a password it is a token, as for the nats CLI */
    const char *password;
    const char *token;
    const char *creds;
    const char *nkey;
    const char *user_jwt;
    const char *user_seed;
    const char *cert;
    const char *key;
    const char *ca;
    const char *domain;     /* JetStream domain: API prefix $JS.<domain>.API */
    const char *api_prefix; /* JetStream API prefix, without the last dot; wins over domain */
    const char *inbox_prefix;
    bool tls_first;
    bool no_context; /* the context that is selected takes no part */
    const char
        *lender; /* the selected context that fills up what stands beside another URL; NULL: none does */
    bool lends_for_tls; /* who we are is from there, and its own URL asks for TLS: not to be sent in clear */
    const char *called; /* what the connection is called at the server; NULL: natsform */
    int64_t timeout_ms; /* of connecting and of each request; 0 is SETTINGS_TIMEOUT_MS */
    environment_lookup *lookup; /* for env://NAME, '~' and $VAR; NULL: they are not expanded */
    void *lookup_context;
    const struct object
        *declared; /* the manifest's section, which knows where its values stand; NULL: there is none */
};

enum { SETTINGS_TIMEOUT_MS = 5000 };

enum setting_id {
    SETTING_URL,
    SETTING_CONTEXT,
    SETTING_CREDS,
    SETTING_NKEY,
    SETTING_USER,
    SETTING_PASSWORD,
    SETTING_TOKEN,
    SETTING_USER_JWT,
    SETTING_USER_SEED,
    SETTING_CA,
    SETTING_CERT,
    SETTING_KEY,
    SETTING_DOMAIN,
    SETTING_API_PREFIX,
    SETTING_INBOX_PREFIX,
    SETTING_TIMEOUT,
    SETTING_TLS_FIRST,
    SETTINGS
};

enum setting_type {
    SETTING_TEXT, /* const char *, as the next two */
    SETTING_PATH,
    SETTING_SECRET,
    SETTING_DURATION, /* int64_t milliseconds */
    SETTING_FLAG,     /* bool */
};

/* Settings of which a layer sets all or none: those of a layer displace those of the same group below it. */
enum setting_group {
    GROUP_NONE,
    GROUP_IDENTITY,
    GROUP_CERTIFICATE,
    GROUP_API,
};

struct setting {
    size_t offset; /* into struct connection_settings */
    enum setting_type type;
    enum setting_group group;
    enum setting_id completes; /* it says nothing by itself, as a password without its user; 0: it does */
    unsigned field;            /* its row in `connection` of a manifest, or else 0 */
    unsigned tls;              /* its row in `tls` of that, or else 0 */
    const char *env;           /* NULL: there is no such name, as for the next two */
    const char *context;       /* key in a context file of the nats CLI */
    const char *nack;          /* key in the spec of a resource; of one with `tls`, in the spec's `tls` */
    struct {
        const char *name; /* without the dashes; NULL: there is no flag */
        char letter;      /* 0: none */
        const char *argument, *doc;
    } flag;
};

/* In the order in which help shows the flags. */
extern const struct setting connection_rows[SETTINGS];

bool setting_is_set(const struct connection_settings *settings, const struct setting *row);
/* The text of a setting that is one, or NULL. */
const char *setting_text(const struct connection_settings *settings, const struct setting *row);
/* `value` is where something of the row's type is. */
void setting_set(struct connection_settings *settings, const struct setting *row, const void *value);
void setting_copy(struct connection_settings *settings, const struct setting *row,
                  const struct connection_settings *from);

/* Has the document a manifest's keys alone? Then no other tool has to be asked about it. */
bool manifest_is_native(const struct node *document);

#endif
