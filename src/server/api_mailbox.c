/*
 * The queue between nats.c's threads and ours; see api_mailbox.h.
 *
 * Why a callback and not natsSubscription_NextMsg(): that one swallows a "no responders" message and returns
 * a status without saying which request it was for (3.4.1 to 3.13), and it cannot be woken by a violation of
 * permissions. The callback costs nothing that could be measured.
 */
#include "server/api_mailbox.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/arena.h"

struct mailbox {
    pthread_mutex_t lock;
    pthread_cond_t changed; /* a letter came, or an owner left */
    struct letter *first;
    struct letter **last;
    int owners;        /* threads of nats.c that may still call */
    bool is_abandoned; /* by its one reader: the last owner destroys it */
};

/* Far more than it takes. A thread that hangs must not keep the command from ending. */
enum { LEAVE_MOST_MS = 2000 };

struct mailbox *mailbox_new(void)
{
    struct mailbox *mailbox = base_alloc(sizeof(*mailbox));
    pthread_mutex_init(&mailbox->lock, NULL);
    pthread_cond_init(&mailbox->changed, NULL);
    mailbox->last = &mailbox->first;
    return mailbox;
}

void letters_free(struct letter *letters)
{
    while (letters) {
        struct letter *next = letters->next;
        natsMsg_Destroy(letters->message);
        free(letters);
        letters = next;
    }
}

/* pthread_cond_timedwait() by the wall clock, for want of a portable other; an early end is looked at again. */
static void wait_ms(struct mailbox *mailbox, int64_t ms)
{
    struct timespec until = {0};
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_cond_timedwait(&mailbox->changed, &mailbox->lock, &until);
}

/* ---- owners ---- */

static void destroy(struct mailbox *mailbox)
{
    letters_free(mailbox->first);
    pthread_cond_destroy(&mailbox->changed);
    pthread_mutex_destroy(&mailbox->lock);
    free(mailbox);
}

static void take_part(struct mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    mailbox->owners++;
    pthread_mutex_unlock(&mailbox->lock);
}

/* A thread of nats.c will not call again. */
static void leave(struct mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    bool is_last = --mailbox->owners == 0;
    bool is_abandoned = mailbox->is_abandoned;
    pthread_cond_signal(&mailbox->changed);
    pthread_mutex_unlock(&mailbox->lock);
    if (is_last && is_abandoned)
        destroy(mailbox);
}

/*
 * Waits for nats.c's threads to leave, which takes them well under a millisecond: a message that is freed after
 * nats_Close() is never freed by it.
 */
void mailbox_free(struct mailbox *mailbox)
{
    if (!mailbox)
        return;
    int64_t deadline = clock_ms() + LEAVE_MOST_MS;
    pthread_mutex_lock(&mailbox->lock);
    while (mailbox->owners > 0 && clock_ms() < deadline)
        wait_ms(mailbox, deadline - clock_ms());
    mailbox->is_abandoned = mailbox->owners > 0;
    bool is_last = !mailbox->is_abandoned;
    pthread_mutex_unlock(&mailbox->lock);
    if (is_last)
        destroy(mailbox);
}

static void put(struct mailbox *mailbox, enum letter_kind kind, natsMsg *message, const char *text)
{
    struct letter *letter = base_alloc(sizeof(*letter));
    letter->kind = kind;
    letter->message = message;
    snprintf(letter->text, sizeof(letter->text), "%s", text ? text : "");
    pthread_mutex_lock(&mailbox->lock);
    *mailbox->last = letter;
    mailbox->last = &letter->next;
    pthread_cond_signal(&mailbox->changed);
    pthread_mutex_unlock(&mailbox->lock);
}

/* ---- what nats.c calls, in threads of its own ---- */

static void on_message(natsConnection *connection, natsSubscription *subscription, natsMsg *message,
                       void *closure)
{
    (void)connection;
    (void)subscription;
    put(closure, LETTER_MESSAGE, message, NULL);
}

static void on_complete(void *closure)
{
    leave(closure);
}

void mailbox_on_error(natsConnection *connection, natsSubscription *subscription, natsStatus status,
                      void *closure)
{
    (void)connection;
    (void)subscription;
    /* The thread's own last error is that of this call; the connection's may be a later one already. */
    if (status == NATS_NOT_PERMITTED)
        put(closure, LETTER_VIOLATION, NULL, nats_GetLastError(NULL));
}

void mailbox_on_closed(natsConnection *connection, void *closure)
{
    const char *reason = NULL;
    if (natsConnection_GetLastError(connection, &reason) == NATS_OK)
        reason = NULL;
    put(closure, LETTER_CLOSED, NULL, reason);
    leave(closure);
}

/* ---- what our thread calls ---- */

void mailbox_connected(struct mailbox *mailbox)
{
    take_part(mailbox);
}

natsStatus mailbox_subscribe(struct mailbox *mailbox, natsConnection *connection, const char *subject,
                             natsSubscription **ret_subscription)
{
    natsStatus status = natsConnection_Subscribe(ret_subscription, connection, subject, on_message, mailbox);
    if (status != NATS_OK)
        return status;
    take_part(mailbox);
    status = natsSubscription_SetOnCompleteCB(*ret_subscription, on_complete, mailbox);
    if (status != NATS_OK) /* the connection is gone already, and the subscription with it */
        leave(mailbox);
    /* A page of 256 streams can be large, and none may be dropped: API_WINDOW bounds what is under way. */
    return natsSubscription_SetPendingLimits(*ret_subscription, -1, -1);
}

struct letter *mailbox_take(struct mailbox *mailbox, int64_t deadline)
{
    pthread_mutex_lock(&mailbox->lock);
    while (!mailbox->first) {
        int64_t left = deadline - clock_ms();
        if (left <= 0)
            break;
        wait_ms(mailbox, left);
    }
    struct letter *letters = mailbox->first;
    mailbox->first = NULL;
    mailbox->last = &mailbox->first;
    pthread_mutex_unlock(&mailbox->lock);
    return letters;
}
