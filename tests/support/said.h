/*
 * What was said: diagnostics as text, so that a test asserts all of them at once.
 */
#ifndef SUPPORT_SAID_H
#define SUPPORT_SAID_H

#include "base/diag.h"

/*
 * In the order of being added, each so:
 *
 *     timeout: server 'nats://127.0.0.1:4222' does not answer within 5s
 *       hint: ...
 */
const char *said(const struct diags *diags);

#endif
