/*
 * Watch: waits until files change. Told by the system where it can (inotify); looked at every now and then elsewhere.
 */
#ifndef DEVENV_WATCH_H
#define DEVENV_WATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct watch;

/* Of files, folders and patterns; those that are not there may come. Everything is as it is now. NULL never. */
struct watch *watch_new(struct arena *arena, const char *const *paths, size_t count);
void watch_release(struct watch *watch);

/* Returns true when something changed since it was made and then was quiet for a moment; false when `interrupted` said so. */
bool watch_wait(struct watch *watch, bool (*interrupted)(void));

/* Did anything change since it was made, or asked the last time? */
bool watch_changed(struct watch *watch);

#endif
