/*
 * Compose model: what the files that import a Compose file share; see compose_import.h.
 *
 * Texts of the Compose file are in natsform's spelling of variables from the start (compose_text.c), because most of them end
 * in a manifest. A scalar with a variable in it is marked as broken, which keeps others from taking it for a value.
 */
#ifndef EDIT_COMPOSE_MODEL_H
#define EDIT_COMPOSE_MODEL_H

#include "edit/compose_import.h"
#include "kind/server_options.h"

/* What a server can listen for: its names in the options, and the port by custom. */
enum door {
    DOOR_CLIENT,
    DOOR_MONITOR,
    DOOR_CLUSTER,
    DOOR_GATEWAY,
    DOOR_LEAFNODES,
    DOOR_WEBSOCKET,
    DOOR_MQTT,
    DOORS,
};

struct door_row {
    enum server_option block; /* NONE: the server itself */
    enum server_option port, listen;
    int usual;
};

extern const struct door_row door_rows[DOORS];

/* Where a server listens: in its container, and on this machine. */
struct place {
    bool listens;
    bool invented;    /* the service says nothing of it; natsform needs it */
    bool published;   /* to the host */
    int inside;       /* the port in the container; 0: not known */
    const char *host; /* the address on this machine */
    const char *port; /* as the manifest has it */
    int number;       /* that port as a number; 0: not known, -1: any */
};

/* Something of the host, or a text, at a path of the container. */
struct mount {
    const char *target;
    const char *source;        /* on the host, as seen from the Compose file's folder; NULL: none */
    const struct node *inside; /* the text itself: the content of one of Compose's configs; NULL: none */
    const char *volume;        /* a named volume; NULL: none */
};

struct published {
    struct srcpos pos;
    const char *host; /* the address; NULL: all */
    const char *port; /* as the manifest has it; NULL: any */
    int number, inside;
    const char *inside_text;
    bool used;
};

struct service {
    const char *name;
    struct srcpos pos;
    const struct node *node;
    size_t nodes;
    VEC(struct mount) mounts;
    VEC(struct published) ports;
    bool host_network;     /* its ports are those of the machine */
    bool own_conf;         /* it has the image's own configuration */
    const char *conf_path; /* in the container; NULL: it has no configuration file */
    const char *conf_host; /* the same on the host; NULL: it is not there */
    struct srcpos conf_pos;
    struct conf conf; /* the options by their own names */
    struct place places[DOORS];
    struct service *first; /* of those that became one server; itself when it is alone */
    size_t index;          /* among them */
    const char *server;    /* what that server is called in the manifest */
};

struct composing {
    struct arena *arena;
    const struct compose_world *world;
    const struct node *document;
    struct diags *diags;
    struct compose_imported *imported;
    struct service *services;
    size_t count;
    const char
        *quiet; /* what a variable without a value is while nothing is to be said of it; NULL: an error */
};

/* Adds a line for people. */
void compose_remark(struct composing *composing, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* ---- compose_text.c: variables, and command lines ---- */

/* Rewrites the variables of all scalars to natsform's spelling. */
void compose_spell(struct arena *arena, struct node *node);
/* Has the text a variable in it? */
bool text_has_variable(const char *text);
/* The text with its variables' values. NULL with a diagnostic at `pos` when one has none. */
const char *compose_resolve(struct composing *composing, struct srcpos pos, const char *text);
/* The same without a word: what has no value is empty. Never NULL. */
const char *compose_guess(struct composing *composing, const char *text);
/* The same for the text of a whole configuration: there, what has no value becomes a variable of the configuration. */
const char *compose_content(struct composing *composing, const char *text);
/* Is it one variable without a default, and nothing else? */
bool text_is_variable(const char *text);
/* A scalar for a configuration: as it is when it has variables, else as a plain text. */
struct node *compose_scalar(struct composing *composing, struct srcpos pos, const char *text, bool quoted);

struct word {
    const char *text;
    struct srcpos pos;
};

struct words {
    VEC(struct word) list;
};

/* Adds the words of a text, divided as a shell does it, or those of a list. Variables are not divided. */
void compose_words(struct arena *arena, const struct node *node, struct words *words);
void compose_split(struct arena *arena, struct srcpos pos, const char *text, struct words *words);
/* The parts between the bytes `at` that are not in a variable or in brackets. */
size_t compose_parts(struct arena *arena, const char *text, char at, const char **parts, size_t most);

/* ---- compose_service.c: what a service says ---- */

/* Does the service run nats-server? */
bool service_is_server(struct composing *composing, const struct node *service);
void service_read(struct composing *composing, struct service *service);
/* The last mount whose target is the path or a folder above it; NULL: none. *ret_rest is what is below the target. */
const struct mount *service_mount(const struct service *service, const char *path, const char **ret_rest);
/* Its path on the host, as seen from the Compose file's folder; NULL: it is not there. */
const char *service_host_path(struct arena *arena, const struct service *service, const char *path);
/* A path that is seen from the Compose file's folder, for reading it here. */
const char *compose_here(struct composing *composing, const char *path);
/* Has it a command of its own, or is it the image's? */
bool service_has_command(const struct service *service);
/* The value of a variable in the container, as the Compose file has it; NULL: not set. "" means the environment's own. */
const struct node *service_variable(struct composing *composing, const struct service *service,
                                    const char *name);
/* Puts natsform's own keys for the image in front. */
void service_put_image(struct composing *composing, const struct service *service, struct node *server);

/* ---- compose_conf.c: its configuration ---- */

/* Reads the configuration file and the flags. Returns 0, or -1 with diagnostics. */
int service_read_conf(struct composing *composing, struct service *service);

/* ---- compose_flags.c: flags of nats-server ---- */

struct flags {
    struct words words;
    struct word conf; /* the configuration file; its text is NULL when there is none */
};

/* The flags of a service, without the program. */
void service_flags(struct composing *composing, const struct service *service, struct flags *ret_flags);
/* Lays them over the options. Without `root` they are only looked through, for the configuration file. */
void flags_lay(struct composing *composing, struct flags *flags, struct node *root);

/* ---- compose_places.c: who listens where, and who is one cluster ---- */

void compose_publish(struct composing *composing);
void compose_fold(struct composing *composing);
void compose_give_ports(struct composing *composing);
/* Takes away addresses that are told to others, and lead into Docker's network. */
void compose_drop_advertised(struct composing *composing, struct service *service);
/* Does another service have a route to it? */
bool compose_is_routed_to(const struct composing *composing, const struct service *service);
/* Turns the addresses of services in URLs into those on this machine. */
void compose_follow(struct composing *composing, struct node *server);

#endif
