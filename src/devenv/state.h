/*
 * State: the record of what `up` has booted. It is in the folder .natsform/ beside the manifest, where a later `up`,
 * `down`, `status` or `logs` finds it. The manifest is not needed for that.
 *
 *     .natsform/up.json                    which nodes there are, and how each was last started
 *     .natsform/lock                       held while a command changes anything here
 *     .natsform/NODE/nats-server.conf      its configuration; only its owner may read it
 *     .natsform/NODE/pid                   pid, start time and program; the process writes it itself before it becomes nats-server, so
 *                                          `up` may be killed at any moment and no server is lost
 *     .natsform/NODE/log, .natsform/NODE/data
 *     .natsform/NODE/stores                the directories that it has had for its data elsewhere, one a line; relative to the
 *                                          manifest's folder if they are in it. Stays as long as there is data
 *
 * up.json is written before nodes are started, and again afterwards. So a node in it may not run, but every node that
 * runs is in it. If somebody removes the file or puts an older one in its place, the pid files still tell.
 */
#ifndef DEVENV_STATE_H
#define DEVENV_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/vec.h"
#include "generate/environment.h"
#include "syntax/node.h"

extern const struct diag_code code_environment;

/* A node as it was last started. */
struct upnode {
    const char *name;
    const char *server;          /* its server in the manifest */
    const char *address;         /* of this machine, where its ports are */
    int ports[LISTENERS];        /* 0: does not listen */
    const char *urls[LISTENERS]; /* URLs of these ports, without login; NULL: does not listen */
    bool jetstream;
    const char *program; /* the executable's path, or the container's image */
    const char *version; /* of nats-server; NULL: not known */
    const char *conf;    /* path of its configuration */
    const char *
        /* Of the configuration it runs with; "" when that is not sure, as after an interrupted start. */
        digest;
    const char *shape; /* digest of what its container is made of; NULL: it is none */
    const char *store; /* absolute path of store_dir; NULL: it has none, or a volume */
    const char
        *log; /* absolute path of its log_file on this machine; NULL: it logs to its output, or elsewhere */
    const char *log_elsewhere; /* in words, where it logs and nothing here can read; NULL: it does not */
    int64_t pid;               /* of processes; 0: it does not run */
    uint64_t born;             /* start time of the process, as the system counts it */
    /* Where its output, and its log_file, ended when this run started it; not in up.json. 0: this run has not. */
    int64_t output_from, log_from;
    bool lost; /* it is not in up.json, for example because that was removed; only its pid file tells of it */
};

/* The context of the nats CLI that `up` made. */
struct upcontext {
    const char *name;           /* NULL: none */
    const char *path;           /* of its file */
    VEC(const char *) before;   /* contexts that were selected before, the last one in front */
    const struct node *written; /* what is in the file, but for edits by hand; NULL: not known */
};

/* The folder in .natsform where messages are kept before a change destroys them. 'down' leaves it. */
#define STATE_BACKUPS "backups"

/* The one where it is written down what is about to be done to objects that are made anew. 'down' leaves it, too. */
#define STATE_JOURNAL "journal"

/* Is there something else in .natsform under that name, so that no server can have it? */
bool state_reserves(const char *name);

struct upstate {
    const char *root; /* folder of the manifest, absolute */
    /* Where that folder was when its servers were started, if it was moved since; NULL: here. Until all are started anew. */
    const char *moved_from;
    /*
     * The folder that this one is a copy of. What runs is that one's: nothing of it is in this state. NULL: it is no copy.
     */
    const char *original;
    bool shares;        /* its .natsform is the original's own, by a link */
    const char *folder; /* ROOT/.natsform */
    const char *runner; /* "processes", "docker": how it was started */
    const char *project;
    struct upcontext context;
    const struct node *connection; /* how clients connect, as in a context of the nats CLI; NULL: not known */
    VEC(struct upnode *) nodes;
    int lock; /* descriptor; -1: not held */
};

/*
 * Reads what there is below the folder of the manifest; nothing there is an empty state. Processes that up.json does not
 * name, and that run by their pid files, are there too. Returns 0, or -1 with code_environment when up.json or a pid
 * file cannot be read.
 */
int state_read(struct arena *arena, const char *root, struct upstate *ret_state, struct diags *diags);
/* Makes the folder .natsform, if it is not there, with a .gitignore for all of it. */
int state_make_folder(struct arena *arena, const char *folder, struct diags *diags);
/* Writes up.json, and makes the folder if it is not there. */
int state_write(struct arena *arena, const struct upstate *state, struct diags *diags);
/* Of a copy: removes what its original's servers are known by, so that nothing here names them any more. */
void state_forget_original(struct arena *arena, struct upstate *state);
/* Removes the state's files, except data and logs. */
void state_remove(struct arena *arena, const struct upstate *state);

/* Adds nodes that are not up but have left a log. */
void state_add_logs(struct arena *arena, struct upstate *state);
/* Adds nodes that are not up but have left anything. */
void state_add_left(struct arena *arena, struct upstate *state);

struct stores {
    VEC(const char *) list;
};

/* The directories that a node has had for its data, outside of .natsform/; absolute. */
void state_stores(struct arena *arena, const struct upstate *state, const char *node,
                  struct stores *ret_stores);

/* Forgets a node, but its data and its log; its folder goes if nothing is left in it. */
void state_forget_node(struct arena *arena, const struct upstate *state, const char *node);

/*
 * Keeps other commands from changing anything here, until state_unlock() or the end of the process, and of those that it
 * is starting. Waits a while for another one to end; then code_environment names it.
 */
int state_lock(struct arena *arena, struct upstate *state, struct diags *diags);
void state_unlock(struct upstate *state);

struct upnode *state_node(const struct upstate *state, const char *name); /* NULL: there is none */
/* ROOT/.natsform/NODE/FILE */
const char *state_path(struct arena *arena, const struct upstate *state, const char *node, const char *file);

#endif
