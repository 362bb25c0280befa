/*
 * Writes an archive of the form that nats-server 2.15 and newer read, NATSARC1, of messages that were read one by one.
 *
 *     struct arc_writer *writer = arc_write_begin((struct s2_output){write, context}, state);
 *     failed = arc_write_message(writer, &message) || … || arc_write_end(writer);
 *     arc_writer_free(writer);
 */
#ifndef ARCHIVE_ARC_WRITE_H
#define ARCHIVE_ARC_WRITE_H

#include <stddef.h>
#include <stdint.h>

#include "archive/backup.h"
#include "archive/s2.h"

enum { ARC_NUMBER_MOST = 10 };

/* A number as entries have it: seven bits a byte, the lowest first. Returns how many bytes it takes. */
size_t arc_put_number(uint8_t *bytes, uint64_t number);

struct arc_writer;

/* All but the first and the last of these return 0, or what the output has returned. `state` is JSON, and counts no consumers. */
struct arc_writer *arc_write_begin(struct s2_output output, const char *state, int64_t time);
int arc_write_message(struct arc_writer *writer, const struct backup_message *message);
int arc_write_end(struct arc_writer *writer);
void arc_writer_free(struct arc_writer *writer); /* NULL is fine */

#endif
