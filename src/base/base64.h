/* Base64: bytes as text, by the standard alphabet. */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include <stdbool.h>

#include "base/strbuf.h"

/* Appends the bytes that the text stands for, with or without padding; false when a character is not of the alphabet. */
bool base64_decode(struct strbuf *out, const char *text);

#endif
