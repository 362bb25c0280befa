/*
 * Trips: manifests that go to a server and come back as nothing left to do.
 *
 * Every helper fails the test, with what natsform said, when it is otherwise.
 */
#ifndef SUPPORT_TRIP_H
#define SUPPORT_TRIP_H

#include <check.h>
#include <stdbool.h>
#include <stdint.h>

#include "support/config.h"

/* The version of that index, and a version as a number. */
const char *version_at(int index);
/* Is that one of the points that this version takes? All versions together take each of them; see suite_takes(). */
bool version_takes(int index, int point);
/* The same among the versions from `since` on and before `until`; 0: from the first, to the last. */
bool version_takes_of(int index, int point, uint32_t since, uint32_t until);
bool version_is_in(uint32_t version, uint32_t since, uint32_t until);
uint32_t version_number(const char *version);

/* A manifest of that text; the path. */
const char *manifest(const char *text);

void must_apply(const struct server_fixture *server, const char *path);
void must_be_in_sync(const struct server_fixture *server, const char *path);
/* Applies it; the plan after that is empty, and another apply does nothing. */
void must_round_trip(const struct server_fixture *server, const char *path);

/* Creates an object raw; `consumer` may be NULL. */
void must_create(const struct server_fixture *server, const char *stream, const char *consumer,
                 const char *config);
/* What the server has: the raw text of its answer. */
const char *info_text(const struct server_fixture *server, const char *stream, const char *consumer);

/* The same at a URL, such as a relay's: the apply ends well; so many objects are in sync, and nothing is said about them. */
void apply_at(const char *path, const char *url);
void assert_in_sync_at(const char *path, const char *url, size_t count);

#endif
