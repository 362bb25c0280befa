/* Listening; see listen.h. A mailbox of its own takes what comes, and copies of what the server says of permissions. */
#include "server/listen.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "server/connection.h"
#include "server/library.h"
#include "server/server_state.h"

struct listen {
    struct server *server;
    struct listening listening;
    struct mailbox *mailbox;
    struct letter *letters; /* taken out of the mailbox, and not handed out yet */
    struct letter *last;    /* handed out */
};

static int subscribe(struct listen *listener, struct diags *diags)
{
    struct server *server = listener->server;
    for (size_t i = 0; i < listener->listening.count; i++) {
        natsSubscription *subscription = NULL;
        natsStatus status = mailbox_subscribe(listener->mailbox, server->connection,
                                              listener->listening.subjects[i], &subscription);
        if (status != NATS_OK)
            return diag_error(diags, &code_unreachable, (struct srcpos){0},
                              "cannot subscribe to '%s' on %s: %s", listener->listening.subjects[i],
                              server->info.where, natsStatus_GetText(status));
        /* As those of lines: the server keeps it until its connection is closed. */
        VEC_PUSH(&server->arena, &server->lines, subscription);
    }
    return 0;
}

int listen_open(struct server *server, const struct listening *listening, struct listen **ret_listener,
                struct diags *diags)
{
    struct listen *listener = base_alloc(sizeof(*listener));
    *listener = (struct listen){.server = server, .listening = *listening, .mailbox = mailbox_new()};
    mailbox_bound(listener->mailbox, listening->most_bytes, listening->wants);
    mailbox_tell(server->mailbox, listener->mailbox);
    if (subscribe(listener, diags)) {
        listen_close(listener);
        return -1;
    }
    *ret_listener = listener;
    return 0;
}

/* As api_channel.c has it: Permissions Violation for Subscription to "$JS.EVENT.ADVISORY.API". */
static bool is_refusal_of(const char *text, const char *subject)
{
    size_t length = strlen(subject);
    const char *open = strstr(text, "Subscription to \"");
    const char *named = open ? strchr(open, '"') + 1 : NULL;
    return named && strncmp(named, subject, length) == 0 && named[length] == '"';
}

/* What a letter tells; HEARD_NOTHING if it is not about this listener. */
static struct heard read_letter(const struct listen *listener, const struct letter *letter)
{
    if (letter->kind == LETTER_MESSAGE)
        return (struct heard){.kind = HEARD_MESSAGE,
                              .data = natsMsg_GetData(letter->message),
                              .length = (size_t)natsMsg_GetDataLength(letter->message)};
    for (size_t i = 0; letter->kind == LETTER_VIOLATION && i < listener->listening.count; i++)
        if (is_refusal_of(letter->text, listener->listening.subjects[i]))
            return (struct heard){.kind = HEARD_REFUSED, .subject = i, .why = letter->text};
    return (struct heard){.kind = HEARD_NOTHING};
}

static void forget_last(struct listen *listener)
{
    letters_free(listener->last);
    listener->last = NULL;
}

struct heard listen_next(struct listen *listener, int64_t wait_ms)
{
    int64_t deadline = clock_ms() + wait_ms;
    struct heard heard = {.kind = HEARD_NOTHING};
    forget_last(listener);
    while (heard.kind == HEARD_NOTHING) {
        if (mailbox_has_dropped(listener->mailbox))
            return (struct heard){.kind = HEARD_GAP};
        if (!listener->letters)
            listener->letters = mailbox_take(listener->mailbox, deadline);
        if (!listener->letters)
            break;
        forget_last(listener);
        listener->last = listener->letters;
        listener->letters = listener->last->next;
        listener->last->next = NULL;
        heard = read_letter(listener, listener->last);
    }
    return heard;
}

void listen_close(struct listen *listener)
{
    if (!listener)
        return;
    struct server *server = listener->server;
    mailbox_tell(server->mailbox, NULL);
    /* Their threads end with this, and mailbox_free() waits for them. */
    for (size_t i = 0; i < server->lines.count; i++)
        natsSubscription_Unsubscribe(server->lines.items[i]);
    mailbox_free(listener->mailbox);
    letters_free(listener->letters);
    forget_last(listener);
    free(listener);
}
