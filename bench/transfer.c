/*
 * What a backup and a restore cannot be faster than: the same archive between the same server and a client that does nothing with it. No file
 * is written, nothing is unpacked, no digest is made, and what is there afterwards is not looked at.
 *
 * usage: bench_transfer fill URL BYTES      makes stream BENCH, of so many bytes
 *        bench_transfer read URL            a snapshot of it, each piece acknowledged and thrown away
 *        bench_transfer write URL FOLDER    a restore of it, of backup.json and the archive in that folder
 *        bench_transfer drop URL            deletes it
 */
#include <nats/nats.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * What serves it best, as measured: pieces as large as servers make and take, and nats.c's reads as natsform has them. natsform itself takes smaller pieces,
 * for the sake of slow lines.
 */
enum {
    TIMEOUT_MS = 60000,
    PIECE_BYTES = 1024 * 1024,
    UNDER_WAY_MOST = 8,
    BUFFER_BYTES = 64 * 1024,
    MESSAGE_BYTES = 4096
};

#define STREAM "BENCH"

struct peer {
    natsConnection *connection;
    natsSubscription *replies;
};

static void must(const char *what, natsStatus status)
{
    if (status == NATS_OK)
        return;
    fprintf(stderr, "bench_transfer: %s: %s\n", what, natsStatus_GetText(status));
    exit(1);
}

static natsMsg *request(struct peer *peer, const char *subject, const char *body)
{
    natsMsg *reply = NULL;
    must(subject, natsConnection_RequestString(&reply, peer->connection, subject, body, TIMEOUT_MS));
    if (strstr(natsMsg_GetData(reply), "\"error\":{")) {
        fprintf(stderr, "bench_transfer: %.300s\n", natsMsg_GetData(reply));
        exit(1);
    }
    return reply;
}

static natsMsg *next(struct peer *peer)
{
    natsMsg *message = NULL;
    must("no reply", natsSubscription_NextMsg(&message, peer->replies, TIMEOUT_MS));
    return message;
}

/* ---- fill ---- */

/* Half of it can be packed, as with texts; the other half cannot. */
static void make_text(char text[MESSAGE_BYTES], unsigned *state)
{
    for (int i = 0; i < MESSAGE_BYTES; i++) {
        *state = *state * 1664525 + 1013904223;
        text[i] = (char)(i % 64 < 32 ? (unsigned)('a' + i % 26) : *state >> 24);
    }
}

static void fill(struct peer *peer, long long bytes)
{
    enum { WINDOW = 256 };
    unsigned state = 1;
    char text[MESSAGE_BYTES];
    long long under_way = 0;
    natsMsg_Destroy(request(peer, "$JS.API.STREAM.CREATE." STREAM,
                            "{\"name\":\"" STREAM "\",\"subjects\":[\"bench.>\"],\"storage\":\"file\"}"));
    must("subscribe", natsConnection_SubscribeSync(&peer->replies, peer->connection, "_INBOX.bench.fill"));
    for (long long at = 0; at < bytes || under_way; at += MESSAGE_BYTES) {
        if (at < bytes) {
            make_text(text, &state);
            must("publish", natsConnection_PublishRequest(peer->connection, "bench.messages",
                                                          "_INBOX.bench.fill", text, MESSAGE_BYTES));
            under_way++;
        }
        if (under_way == WINDOW || at >= bytes) {
            natsMsg_Destroy(next(peer));
            under_way--;
        }
    }
}

/* ---- read ---- */

static void read_snapshot(struct peer *peer)
{
    char body[128];
    long long bytes = 0;
    int length = -1;
    must("subscribe", natsConnection_SubscribeSync(&peer->replies, peer->connection, "_INBOX.bench.read"));
    must("limits", natsSubscription_SetPendingLimits(peer->replies, -1, -1));
    snprintf(body, sizeof(body), "{\"deliver_subject\":\"_INBOX.bench.read\",\"chunk_size\":%d}",
             PIECE_BYTES);
    natsMsg_Destroy(request(peer, "$JS.API.STREAM.SNAPSHOT." STREAM, body));
    while (length) {
        natsMsg *piece = next(peer);
        length = natsMsg_GetDataLength(piece);
        bytes += length;
        if (length && natsMsg_GetReply(piece))
            must("acknowledge", natsConnection_Publish(peer->connection, natsMsg_GetReply(piece), "", 0));
        natsMsg_Destroy(piece);
    }
    printf("%lld\n", bytes);
}

/* ---- write ---- */

static FILE *open_archive(const char *folder)
{
    static const char *const names[] = {"stream.arc.s2", "stream.tar.s2"};
    char path[4096];
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        FILE *file = fopen(path, "rb");
        if (file)
            return file;
    }
    perror(path);
    exit(1);
}

static void begin_restore(struct peer *peer, const char *folder, char *to, size_t size)
{
    static char body[64 * 1024];
    snprintf(body, sizeof(body), "%s/backup.json", folder);
    FILE *file = fopen(body, "rb");
    size_t length = file ? fread(body, 1, sizeof(body) - 1, file) : 0;
    if (!length || fclose(file)) {
        perror(folder);
        exit(1);
    }
    body[length] = '\0';
    natsMsg *reply = request(peer, "$JS.API.STREAM.RESTORE." STREAM, body);
    const char *found = strstr(natsMsg_GetData(reply), "\"deliver_subject\":\"");
    if (!found) {
        fprintf(stderr, "bench_transfer: %.300s\n", natsMsg_GetData(reply));
        exit(1);
    }
    snprintf(to, size, "%s", found + strlen("\"deliver_subject\":\""));
    to[strcspn(to, "\"")] = '\0';
    natsMsg_Destroy(reply);
}

static void write_restore(struct peer *peer, const char *folder)
{
    static char piece[PIECE_BYTES];
    char to[256];
    long long under_way = 0;
    size_t length = 1;
    FILE *file = open_archive(folder);
    must("subscribe", natsConnection_SubscribeSync(&peer->replies, peer->connection, "_INBOX.bench.write"));
    begin_restore(peer, folder, to, sizeof(to));
    while (length || under_way) {
        if (length) {
            length = fread(piece, 1, sizeof(piece), file);
            must("publish", natsConnection_PublishRequest(peer->connection, to, "_INBOX.bench.write", piece,
                                                          (int)length));
            under_way++;
        }
        if (under_way == UNDER_WAY_MOST || !length) {
            natsMsg_Destroy(next(peer));
            under_way--;
        }
    }
    fclose(file);
}

static void connect_to(struct peer *peer, const char *url)
{
    natsOptions *options = NULL;
    must("options", natsOptions_Create(&options));
    must("options", natsOptions_SetURL(options, url));
    must("options", natsOptions_SetIOBufSize(options, BUFFER_BYTES));
    must(url, natsConnection_Connect(&peer->connection, options));
    natsOptions_Destroy(options);
}

int main(int argc, char **argv)
{
    struct peer peer = {0};
    bool fills = argc == 4 && strcmp(argv[1], "fill") == 0;
    bool writes = argc == 4 && strcmp(argv[1], "write") == 0;
    bool reads = argc == 3 && strcmp(argv[1], "read") == 0;
    bool drops = argc == 3 && strcmp(argv[1], "drop") == 0;
    if (!fills && !writes && !reads && !drops) {
        fputs("usage: bench_transfer fill URL BYTES | read URL | write URL FOLDER | drop URL\n", stderr);
        return 64;
    }
    connect_to(&peer, argv[2]);
    if (fills)
        fill(&peer, atoll(argv[3]));
    else if (writes)
        write_restore(&peer, argv[3]);
    else if (reads)
        read_snapshot(&peer);
    else
        natsMsg_Destroy(request(&peer, "$JS.API.STREAM.DELETE." STREAM, ""));
    natsSubscription_Destroy(peer.replies);
    natsConnection_Destroy(peer.connection);
    nats_Close();
    return 0;
}
