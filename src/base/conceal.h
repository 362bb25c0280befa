/*
 * Conceal: secrets that are told by their looks, whatever field they stand in: keys and certificates as PEM, the text of a
 * credentials file, nkey seeds, JWTs, hashes of bcrypt, data: with base64, logins in URLs, and what follows "password=". Somebody may give
 * one where the path of a file is wanted, and a message about the path must not show it.
 *
 * Every text of a diagnostic goes through conceal_message() (diag.c), every line that is shown with it through
 * conceal_find() (view/diagnostics.c).
 */
#ifndef BASE_CONCEAL_H
#define BASE_CONCEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/source.h"

struct stretch {
    size_t start;
    size_t end; /* behind its last byte */
};

/* The first stretch from `from` on that looks like a secret. False: there is none. */
bool conceal_find(const char *text, size_t length, size_t from, struct stretch *ret_stretch);

/* Is the value one that no message quotes: does a part of it look like a secret, or has it several lines? */
bool conceal_is_needed(const char *value);

/* How the name of a file is shown: "(secret)" if that is needed. */
const char *conceal_name(const char *name);

/* The message with "(secret)" for what looks like one, and for what has several lines in quotes; or the same text. */
const char *conceal_message(struct arena *arena, const char *message);

/* Does the word, or a word of the text, sound like the name of a secret: "passwort", "NATS_TOKEN"? */
bool conceal_is_name(const char *text, size_t length);

/* Does the line, or the key that ends the line above, sound so? Then no message quotes a part of it. */
bool conceal_is_named(const struct source *source, uint32_t line);

/* Is the value a secret itself, where it could be the path of a file with one: PEM, the text of a credentials file, a seed? */
bool conceal_is_content(const char *value);

#endif
