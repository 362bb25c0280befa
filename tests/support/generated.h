/*
 * Generated: manifests that `generate` is tested with, and nats-server's own check of what it wrote for them.
 */
#ifndef SUPPORT_GENERATED_H
#define SUPPORT_GENERATED_H

struct topology {
    const char *name;
    const char *manifest;
};

enum { TOPOLOGIES = 10 };
extern const struct topology topologies[TOPOLOGIES];

/* `nats-server -t` of that version takes every configuration in the folder, where `generate all` was run. */
void generated_must_pass(const char *folder, const char *version);

#endif
