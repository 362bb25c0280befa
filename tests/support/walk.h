/*
 * Walk: a pair of manifests that is being played on a server: its messages and consumers in use, and the stranger who edits.
 *
 * What is chosen at random comes from the pair's own numbers, so that a seed plays the same again.
 */
#ifndef SUPPORT_WALK_H
#define SUPPORT_WALK_H

#include "base/strbuf.h"
#include "support/content.h"
#include "support/pair.h"
#include "support/server_fixture.h"
#include "support/traffic.h"

/* A message that was delivered, and is not acknowledged. */
struct walk_delivery {
    unsigned stream, token;
    const char *reply;
};

struct walk {
    const struct server_fixture *server;
    bool clustered; /* it is one of three */
    natsConnection *connection;
    struct pair *pair;
    const char *path; /* of the second manifest */
    unsigned moment;
    unsigned id;        /* of the last message */
    unsigned edits;     /* of the stranger */
    unsigned id_edited; /* messages among these */
    bool asked, answered, edited_at_look;
    unsigned in_flight[PAIR_STREAMS]; /* of the stream and its consumers: looked at, and not changed yet */
    struct content before[PAIR_STREAMS], after[PAIR_STREAMS];
    struct pair_side edited; /* the limits that the stranger has set, beside both manifests */
    struct traffic *traffic;
    VEC(struct walk_delivery) unacked;
    const char *url; /* of the server, or of the relay before it */
    const char *relay_url;
    struct walk **current; /* of the relay's hook */
    struct strbuf story;
    struct strbuf problems;
};

/* A line of what happened, and one of what must not be. */
void walk_tell(struct walk *walk, const char *format, ...) __attribute__((format(printf, 2, 3)));
void walk_complain(struct walk *walk, const char *format, ...) __attribute__((format(printf, 2, 3)));

const char *walk_stream_name(const struct walk *walk, unsigned stream);
void walk_read(struct walk *walk, struct content *ret_contents);

/* Publishes some messages to the stream, or to all if it is PAIR_STREAMS. */
void walk_publish(struct walk *walk, const char *who, unsigned stream);
/* Publishes one to each subject that the second manifest gives the stream, or one that it copies. Returns how many were acknowledged. */
unsigned walk_publish_each(struct walk *walk, unsigned stream);
/* Some messages are delivered, and most of these acknowledged. */
void walk_consume(struct walk *walk);
/* Acknowledges a message that walk_consume() has left so. */
void walk_acknowledge(struct walk *walk, const struct walk_delivery *delivery);
/* The stranger does something to the stream, if it is there; `before` has what there is to be kept from then on. */
void walk_edit(struct walk *walk, unsigned stream);

#endif
