/*
 * Taking server URLs apart; see connection_url.h. nats.c could do it, but it does not decode %40 and the
 * like in user info, and repeats passwords in its messages.
 */
#include "server/connection_url.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/number.h"
#include "base/vec.h"

enum { DEFAULT_PORT = 4222 };

struct url_list {
    VEC(struct server_url) urls;
};

static int hex_digit(char digit)
{
    if (isdigit((unsigned char)digit))
        return digit - '0';
    return tolower((unsigned char)digit) - 'a' + 10;
}

/* Of user info; a '%' that begins no escape stands for itself. */
static const char *percent_decode(struct arena *arena, const char *text, size_t length)
{
    char *out = arena_alloc(arena, length + 1);
    size_t end = 0;
    for (size_t i = 0; i < length; i++) {
        bool escape = text[i] == '%' && i + 2 < length && isxdigit((unsigned char)text[i + 1]) &&
                      isxdigit((unsigned char)text[i + 2]);
        if (escape) {
            out[end++] = (char)(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
            i += 2;
        } else {
            out[end++] = text[i];
        }
    }
    return out;
}

static void split_user_info(struct arena *arena, const char *text, size_t length, struct server_url *url)
{
    const char *colon = memchr(text, ':', length);
    size_t user = colon ? (size_t)(colon - text) : length;
    url->user = percent_decode(arena, text, user);
    if (colon)
        url->password = percent_decode(arena, colon + 1, length - user - 1);
}

/*
 * The URL as somebody may show it, without its user info. What is no port may be a password: somebody has left the host
 * out.
 */
static const char *shown_url(struct arena *arena, const char *text)
{
    const char *slashes = strstr(text, "://");
    const char *at = strrchr(text, '@');
    size_t scheme = slashes && (!at || slashes < at) ? (size_t)(slashes + 3 - text) : 0;
    const char *rest = at ? at + 1 : text + scheme;
    size_t host = rest[0] == '[' ? strcspn(rest, "]") : 0;
    host += strcspn(rest + host, ":");
    bool is_port = !rest[host] || !rest[host + 1 + strspn(rest + host + 1, "0123456789")];
    return is_port ? arena_printf(arena, "%.*s%s", (int)scheme, text, rest)
                   : arena_printf(arena, "%.*s%.*s:…", (int)scheme, text, (int)host, rest);
}

static const char *place(struct arena *arena, const char *url, const char *from)
{
    return from ? arena_printf(arena, "'%s' (%s)", url, from) : arena_printf(arena, "'%s'", url);
}

static int refuse(struct arena *arena, const char *text, const char *from, const char *what,
                  struct diags *diags)
{
    struct diag *diag = diag_add(diags, &code_usage, (struct srcpos){0}, "server URL %s %s",
                                 place(arena, shown_url(arena, text), from), what);
    diag_hint(diags, diag, "URLs look like nats://host:4222 or tls://host:4222");
    return -1;
}

/*
 * "nats://me:a,b@host": is it one URL with a comma in its password, or two, the second with a token? Nothing of either is
 * shown, and no host that may be a part of a password is asked for.
 */
static bool is_ambiguous(const char *piece, size_t length, bool is_first)
{
    return !is_first && memchr(piece, '@', length) && !memchr(piece, '/', length);
}

static int refuse_comma(struct arena *arena, const char *from, struct diags *diags)
{
    struct diag *diag =
        diag_add(diags, &code_usage, (struct srcpos){0}, "the server URL%s has a ',' in front of its '@'",
                 from ? arena_printf(arena, " (%s)", from) : "");
    diag_hint(diags, diag,
              "in a user name or password, write '%%2C'; where another URL begins, write its nats://");
    return -1;
}

/* Host and port: "host", "host:4222", "[::1]:4222". Returns what is wrong, or NULL. */
static const char *split_host(struct arena *arena, const char *text, struct server_url *url)
{
    bool brackets = text[0] == '[';
    const char *end = brackets ? strchr(text, ']') : text + strcspn(text, ":/");
    uint64_t port = DEFAULT_PORT;
    if (!end)
        return "has an address without its closing bracket";
    url->host = arena_strndup(arena, text + brackets, (size_t)(end - text) - brackets);
    end += brackets;
    if (*end == ':') {
        size_t digits = strcspn(end + 1, "/");
        const char *number = arena_strndup(arena, end + 1, digits);
        if (!number_parse_u64(number, &port) || port == 0 || port > 65535)
            return "has no valid port";
        end += 1 + digits;
    }
    if (!url->host[0])
        return "names no host";
    if (*end && strcmp(end, "/") != 0)
        return "has something after the port";
    url->port = (int)port;
    return NULL;
}

static const char *parse_url(struct arena *arena, const char *text, struct server_url *url)
{
    const char *slashes = strstr(text, "://");
    const char *rest = slashes ? slashes + 3 : text;
    size_t scheme = slashes ? (size_t)(slashes - text) : 0;
    url->tls = scheme == 3 && strncasecmp(text, "tls", 3) == 0;
    if ((scheme == 2 || scheme == 3) && strncasecmp(text, "wss", scheme) == 0)
        return "is a WebSocket URL, which natsform cannot use";
    if (slashes && !url->tls && !(scheme == 4 && strncasecmp(text, "nats", 4) == 0))
        return "has an unknown scheme";
    /* The last one: a password may have '@' in it, as it is or as %40. */
    const char *at = strrchr(rest, '@');
    if (at) {
        split_user_info(arena, rest, (size_t)(at - rest), url);
        rest = at + 1;
    }
    const char *fault = split_host(arena, rest, url);
    if (!fault)
        url->text = arena_printf(arena, strchr(url->host, ':') ? "%s://[%s]:%d" : "%s://%s:%d",
                                 url->tls ? "tls" : "nats", url->host, url->port);
    return fault;
}

int server_urls_parse(struct arena *arena, const char *text, const char *from, struct server_url **ret_urls,
                      size_t *ret_count, struct diags *diags)
{
    struct url_list list = {0};
    const char *cursor = text;
    while (*cursor) {
        size_t length = strcspn(cursor, ",");
        const char *start = cursor + strspn(cursor, " \t\r\n");
        const char *end = cursor + length;
        while (end > start && isspace((unsigned char)end[-1]))
            end--;
        cursor += length + (cursor[length] == ',');
        /* Commas too many do no harm. */
        if (end <= start)
            continue;
        if (is_ambiguous(start, (size_t)(end - start), list.urls.count == 0))
            return refuse_comma(arena, from, diags);
        struct server_url url = {0};
        const char *one = arena_strndup(arena, start, (size_t)(end - start));
        const char *fault = parse_url(arena, one, &url);
        if (fault)
            return refuse(arena, one, from, fault, diags);
        url.where =
            from ? arena_printf(arena, "'%s' (%s)", url.text, from) : arena_printf(arena, "'%s'", url.text);
        VEC_PUSH(arena, &list.urls, url);
    }
    if (!list.urls.count)
        return refuse(arena, text, from, "names no server", diags);
    *ret_urls = list.urls.items;
    *ret_count = list.urls.count;
    return 0;
}
