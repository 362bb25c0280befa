/*
 * Hosts: the addresses and names of machines, as texts.
 */
#ifndef BASE_HOST_H
#define BASE_HOST_H

#include <stdbool.h>

#include "base/arena.h"

/* Is it a numeric address, such as "10.0.0.1" or "fd00::1"? An IPv6 address has no brackets. */
bool host_is_address(const char *host);
/* Does it lead to this machine itself: "localhost", "127.0.0.2", "::1"? */
bool host_is_loopback(const char *host);
/* Could it be a name of the DNS, of a service or of a container? Numeric addresses of IPv4 look like one, too. */
bool host_is_name(const char *host);

/* The host as a URL and `listen` have it: an IPv6 address gets brackets, if it has none. */
const char *host_in_url(struct arena *arena, const char *host);

#endif
