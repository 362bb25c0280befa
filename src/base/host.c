/* Tells addresses of machines from names; see host.h. */
#include "base/host.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <string.h>

enum { HOST_MOST = 253, LABEL_MOST = 63 };

bool host_is_address(const char *host)
{
    unsigned char bytes[16];
    return inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

bool host_is_loopback(const char *host)
{
    return strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 ||
           (strncmp(host, "127.", 4) == 0 && host_is_address(host));
}

/* With '_', which no host of the Internet has, but names of services and containers. */
bool host_is_name(const char *host)
{
    size_t length = strlen(host), label = 0;
    if (length > HOST_MOST)
        return false;
    for (size_t i = 0; i < length; i++) {
        char c = host[i];
        bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                    (c == '-' && label > 0);
        if (c == '.' && label > 0)
            label = 0;
        else if (!fits || ++label > LABEL_MOST)
            return false;
    }
    return label > 0;
}

const char *host_in_url(struct arena *arena, const char *host)
{
    return strchr(host, ':') && host[0] != '[' ? arena_printf(arena, "[%s]", host) : host;
}
