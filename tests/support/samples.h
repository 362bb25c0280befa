/*
 * Samples: objects that have every field between them, in the wire's units, in the order in which they can be created.
 */
#ifndef SUPPORT_SAMPLES_H
#define SUPPORT_SAMPLES_H

#include <stdint.h>

#include "field/field.h"
#include "syntax/node.h"

/* Nanoseconds of whole seconds, behind a number. */
#define SECONDS "000000000"

struct sample {
    const char *stream;
    const char *consumer; /* NULL: the stream itself */
    const char *config;   /* as config_read() takes it, without the name */
};

extern const struct sample samples[];
extern const size_t sample_count;

const struct table *sample_table(const struct sample *sample);
/* The part of it that a server of that version knows. */
struct node *sample_config(const struct sample *sample, uint32_t version);

/* All of them as a manifest, streams with their consumers; the path. `project` may be NULL. */
const char *samples_manifest(uint32_t version, const char *project);

#endif
