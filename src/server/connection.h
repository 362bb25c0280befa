/*
 * Connection: where the server is and who we are, found as the nats CLI finds it.
 *
 * Settings come in layers, the first that names a thing wins: flags, environment (NATS_URL, NATS_CREDS, …),
 * the manifest's `connection`, the nats CLI context that one of these names, what `up` has booted in the manifest's
 * folder, the context that is selected, and nats://127.0.0.1:4222. Settings that belong together come from one layer: who we are
 * (user, password, token, creds, nkey, JWT), the client certificate with its key, domain with API prefix.
 * Which setting is called what in which layer is in kind/manifest_rows.c.
 *
 *     struct connection_settings flags = {.url = …, .lookup = lookup, .lookup_context = context};
 *     struct connection_settings settings;
 *     if (connection_find(&arena, &flags, manifest, &settings, diags))
 *         return -1;
 *     if (server_connect(&settings, &server, diags))
 *         return -1;
 */
#ifndef SERVER_CONNECTION_H
#define SERVER_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/diag.h"
#include "field/value.h"
#include "kind/manifest_rows.h"
#include "manifest/manifest.h"

/*
 * ---- connection url ----
 * Nats://user:password@host:port, one or more by commas, taken apart so that user info never
 * reaches a message.
 */

/* Where the server is if nothing says it. */
#define SERVER_USUAL_URL "nats://127.0.0.1:4222"

struct server_url {
    const char
        *text; /* "nats://host:port", for messages and for connecting: no user info, nothing left out */
    const char *where; /* the same with who named it, for messages: "'nats://host:port' (NATS_URL)" */
    const char *host;  /* without the brackets of an IPv6 address */
    int port;
    bool tls;             /* scheme tls:// */
    const char *user;     /* percent-decoded; NULL when there is none */
    const char *password; /* the same; a user without one is a token */
};

/*
 * "host", "host:port", "nats://…" and "tls://…"; the port is 4222 unless given. Spaces around a URL are
 * skipped, and empty ones between commas. Returns -1 with a diagnostic when one is malformed, has another
 * scheme, or there is none. `from` says who named it; NULL: nobody says.
 */
int server_urls_parse(struct arena *arena, const char *text, const char *from, struct server_url **ret_urls,
                      size_t *ret_count, struct diags *diags);

/* ---- connection ---- */

extern const struct diag_code code_context;
extern const struct diag_code code_credentials;
extern const struct diag_code code_unreachable;
extern const struct diag_code code_timeout;

/*
 * Fills what is not set in `settings` from `below`. Groups come whole, but a password completes a user of another layer, and a seed a
 * JWT, if the layers do not name two.
 */
void connection_overlay(struct connection_settings *settings, const struct connection_settings *below);

/* The environment's layer. Empty variables are not set. */
int connection_from_environment(struct arena *arena, environment_lookup *lookup, void *context,
                                struct connection_settings *ret_settings, struct diags *diags);

/*
 * Reads the context file that `name` means: a path when it has a slash or ends in ".json", else that context
 * of the nats CLI, in the folder `context` of contexts_find(). With a NULL name, the one
 * selected in nats/context.txt, where nothing selected is no error and gives empty settings. A missing context
 * is an error that lists those there are. Keys that natsform has no use for are ignored, except those without
 * which the connection would be another one (nsc, socks_proxy).
 */
int connection_from_context(struct arena *arena, const char *name, environment_lookup *lookup, void *context,
                            struct connection_settings *ret_settings, struct diags *diags);

/*
 * Lays a context below what the manifest says. If that names a server, too, which is none of the context's, the login that comes along goes
 * elsewhere, and there is a warning.
 */
void connection_overlay_context(struct arena *arena, struct connection_settings *settings,
                                const struct connection_settings *context, struct diags *diags);
/* Has anything come into the settings, of what says who we are, that had not been said? */
bool connection_brings_login(const struct connection_settings *settings,
                             const struct connection_settings *said);

/*
 * The same of a context that was read already; `label` is what messages call it. And the other way: the context that has
 * these settings.
 */
int connection_read_context(const struct node *context, const char *label,
                            struct connection_settings *ret_settings, struct diags *diags);
struct node *connection_context(struct arena *arena, const struct connection_settings *settings);

/*
 * A layer must not have both a domain and an API prefix: each says where JetStream is. `name` tells what a row is called in that
 * layer, and `label` what the layer is. Returns 0, or -1 with code_usage.
 */
typedef const char *setting_name(const struct setting *row);
int connection_check_api(const struct connection_settings *layer, setting_name *name, const char *label,
                         struct diags *diags);

/*
 * Where the nats CLI has its contexts: XDG_CONFIG_HOME comes first, then the home of the password database, and HOME for a
 * user who is not in that. HOME may be another one under sudo and in containers.
 */
struct contexts_place {
    const char *folder; /* $XDG_CONFIG_HOME/nats or ~/.config/nats; NULL: there is no home */
    const char *other;  /* the same below HOME, if that is another one; else NULL */
};

struct contexts_place contexts_find(struct arena *arena, environment_lookup *lookup, void *context);
/* The same; each may be NULL or "". `recorded` is the home of the password database. */
struct contexts_place contexts_place_of(struct arena *arena, const char *xdg, const char *recorded,
                                        const char *home);
/* Notes once that contexts are not where HOME leads, if that is so. */
void contexts_note(const struct contexts_place *place, struct diags *diags);
struct context_names {
    VEC(const char *) list; /* in alphabetical order */
};

/* The contexts in that folder. */
struct context_names contexts_names(struct arena *arena, const char *folder);
/* The name of the context that is selected there, in its context.txt; NULL: none. */
const char *contexts_selected(struct arena *arena, const char *folder);
/* The one before that, in previous-context.txt, to which 'nats context previous' goes back; NULL: none. */
const char *contexts_previous(struct arena *arena, const char *folder);

/* Do flags, the environment or the manifest (which may be NULL) name a server? Then nothing below them says where it is. */
bool connection_is_named(const struct connection_settings *flags, const struct manifest *manifest);

/* Do they say who we are, also in the URL? And do both say the same? The login of a URL comes first. */
bool connection_logs_in(const struct connection_settings *settings);
bool connection_same_login(struct arena *arena, const struct connection_settings *one,
                           const struct connection_settings *other);

/*
 * All layers together; `flags` has the lookup too. `manifest`, and what is `booted`, may be NULL. Strings are referenced.
 *
 * As for the nats CLI, the context that is merely selected fills up what stands beside a URL of flags or the environment; then it is the
 * settings' lender. It takes no part where the manifest alone names the server: its secrets go to no host that the user has not named.
 */
int connection_resolve(struct arena *arena, const struct connection_settings *flags,
                       const struct connection_settings *manifest, const struct connection_settings *booted,
                       struct connection_settings *ret_settings, struct diags *diags);

/*
 * The same with the `connection` of a manifest, or of the account that it is a part for; `manifest` may be NULL.
 * Relative paths in a manifest are relative to the working directory, like those of flags.
 */
int connection_find(struct arena *arena, const struct connection_settings *flags,
                    const struct manifest *manifest, const struct connection_settings *booted,
                    struct connection_settings *ret_settings, struct diags *diags);

/*
 * The same for servers that natsform has just booted: the manifest's `connection`, and below it `base`, unless the
 * connection leads elsewhere. Flags and the environment may be about other servers, so they do not count. A context
 * counts only if the manifest names it.
 */
int connection_find_booted(struct arena *arena, const struct manifest *manifest,
                           const struct connection_settings *base, struct connection_settings *ret_settings,
                           struct diags *diags);

/* What the manifest expects of the server, by the rows of enum expect_row; NULL: nothing. */
const struct object *connection_expected(const struct manifest *manifest);

#endif
