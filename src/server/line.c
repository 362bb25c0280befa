/* Lines; see line.h. */
#include "server/line.h"

#include <stdio.h>
#include <string.h>
#ifdef __GLIBC__
#    include <malloc.h>
#endif

#include "base/number.h"
#include "base/scope.h"
#include "server/server_state.h"

DIAG_CODE(
    code_transfer, .name = "transfer", CODE_ERROR(EXIT_FAILED),
    .doc = "A stream's archive did not come whole, or did not get to the server whole.",
    .why = "Half of an archive is worth nothing: what was written of it is removed again.",
    .example = "a server that is stopped in the middle of a backup",
    .remedy =
        "See what the message says, and run the command again: it goes on with the streams that are left.");

/* A server that makes a large archive may need longer for a piece than for a reply. */
enum { SILENT_LEAST_MS = 30000 };

void line_close(struct line *line)
{
    mailbox_free(line->mailbox);
    strbuf_release(&line->inbox);
}

/*
 * Pieces come and go by the thousand. Left to itself, glibc gives their memory back each time, and the system clears it before it is had again:
 * a third of the system's time. Others do not.
 */
static void keep_memory(void)
{
#ifdef __GLIBC__
    mallopt(M_TRIM_THRESHOLD, 16 * 1024 * 1024);
    mallopt(M_MMAP_THRESHOLD, 1024 * 1024);
#endif
}

int line_open(struct server *server, struct line *ret_line, struct diags *diags)
{
    char unique[64] = "";
    natsInbox *inbox = NULL;
    *ret_line = (struct line){.server = server};
    keep_memory();
    if (natsInbox_Create(&inbox) != NATS_OK)
        return diag_error(diags, &code_transfer, (struct srcpos){0}, "cannot receive archives");
    /* What is behind "_INBOX." */
    snprintf(unique, sizeof(unique), "%s", strrchr((const char *)inbox, '.') + 1);
    natsInbox_Destroy(inbox);
    strbuf_addf(&ret_line->inbox, "%s.%s", server->inbox_prefix ? server->inbox_prefix : "_INBOX", unique);
    ret_line->silent_ms = server->timeout_ms > SILENT_LEAST_MS ? server->timeout_ms : SILENT_LEAST_MS;
    ret_line->mailbox = mailbox_new();
    return 0;
}

natsSubscription *line_listen(struct line *line, const char *last, struct diags *diags)
{
    struct strbuf subject SCOPED(strbuf_release) = {0};
    natsSubscription *subscription = NULL;
    strbuf_addf(&subject, "%s.%s", strbuf_text(&line->inbox), last);
    natsStatus status =
        mailbox_subscribe(line->mailbox, line->server->connection, strbuf_text(&subject), &subscription);
    if (status != NATS_OK)
        diag_error(diags, &code_transfer, (struct srcpos){0}, "cannot receive archives: %s",
                   natsStatus_GetText(status));
    else
        VEC_PUSH(&line->server->arena, &line->server->lines, subscription);
    return subscription;
}

/* The server keeps it until its connection is closed, as a thread of nats.c may be about to hand it a message. */
void line_unlisten(natsSubscription **subscription)
{
    natsSubscription_Unsubscribe(*subscription);
    *subscription = NULL;
}

void line_letters_free(struct letter **letters)
{
    letters_free(*letters);
}

int64_t line_number(const struct line *line, natsMsg *message)
{
    const char *subject = natsMsg_GetSubject(message);
    int64_t number = -1;
    if (strncmp(subject, strbuf_text(&line->inbox), line->inbox.length) != 0 ||
        !number_parse_i64(subject + line->inbox.length + 1, &number))
        return -1;
    return number;
}
