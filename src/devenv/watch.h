/*
 * Watch: waits until files change. Linux tells of changes (inotify). Elsewhere the files are looked at every now and then.
 */
#ifndef DEVENV_WATCH_H
#define DEVENV_WATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct watch;

/* Watches files, folders and patterns, beginning with their present state. They need not exist yet. Never returns NULL. */
struct watch *watch_new(struct arena *arena, const char *const *paths, size_t count);
void watch_release(struct watch *watch);

/* Waits until something has changed and then stayed the same for a moment: true. False if `ended` returned true. */
bool watch_wait(struct watch *watch, bool (*ended)(void *context), void *context);

/* A path that has changed the last time that something had; "" if nothing has yet. */
const char *watch_changed_path(const struct watch *watch);

/* Has anything changed since the last call, or since watch_new()? */
bool watch_changed(struct watch *watch);

#endif
