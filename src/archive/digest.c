/* SHA-256; see digest.h. */
#include "archive/digest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "archive/worker.h"
#include "base/read.h"

EVP_MD_CTX *digest_begin(void)
{
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    if (digest && EVP_DigestInit_ex(digest, EVP_sha256(), NULL) == 1)
        return digest;
    EVP_MD_CTX_free(digest);
    return NULL;
}

const char *digest_end(struct arena *arena, EVP_MD_CTX *digest)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (EVP_DigestFinal_ex(digest, bytes, &size) != 1)
        return "";
    char *text = arena_alloc(arena, 2 * (size_t)size + 1);
    *text = '\0';
    for (unsigned i = 0; i < size; i++)
        snprintf(text + 2 * (size_t)i, 3, "%02x", (unsigned)bytes[i]);
    return text;
}

const char *digest_of(struct arena *arena, const char *text, size_t length)
{
    EVP_MD_CTX *digest = digest_begin();
    if (!digest || EVP_DigestUpdate(digest, text, length) != 1) {
        EVP_MD_CTX_free(digest);
        return "";
    }
    const char *digits = digest_end(arena, digest);
    EVP_MD_CTX_free(digest);
    return digits;
}

/* ---- of a file ---- */

struct file_digest {
    const char *path;
    struct worker worker;
    struct arena arena; /* of the thread, until it has ended */
    const char *why;    /* it cannot be read */
    EVP_MD_CTX *digest;
    pthread_mutex_t lock;
    bool is_wanted; /* by anybody */
};

static bool is_wanted(struct file_digest *digest)
{
    pthread_mutex_lock(&digest->lock);
    bool wanted = digest->is_wanted;
    pthread_mutex_unlock(&digest->lock);
    return wanted;
}

static void add_pieces(struct file_digest *digest, const struct file_pieces *pieces)
{
    static const char no_digest[] = "OpenSSL has no SHA-256";
    char piece[64 * 1024];
    ssize_t got = 1;
    while (got > 0 && is_wanted(digest)) {
        got = file_pieces_read(pieces, piece, sizeof(piece));
        if (got < 0)
            digest->why = errno_text(&digest->arena, errno);
        else if (!digest->digest || EVP_DigestUpdate(digest->digest, piece, (size_t)got) != 1)
            digest->why = no_digest;
        if (digest->why)
            return;
    }
}

static void *add_file(void *context)
{
    struct file_digest *digest = context;
    struct file_pieces pieces;
    if (file_pieces_open(&digest->arena, digest->path, &pieces, &digest->why) == 0)
        add_pieces(digest, &pieces);
    file_pieces_close(&pieces);
    return NULL;
}

struct file_digest *file_digest_begin(const char *path)
{
    struct file_digest *digest = base_alloc(sizeof(*digest));
    *digest = (struct file_digest){.path = path, .digest = digest_begin(), .is_wanted = true};
    arena_init(&digest->arena);
    pthread_mutex_init(&digest->lock, NULL);
    worker_start(&digest->worker, add_file, digest);
    return digest;
}

const char *file_digest_end(struct file_digest *digest, struct arena *arena, const char **ret_why)
{
    if (!digest->worker.is_there)
        add_file(digest);
    worker_join(&digest->worker);
    *ret_why = digest->why ? arena_strdup(arena, digest->why) : NULL;
    return digest->why ? NULL : digest_end(arena, digest->digest);
}

void file_digest_free(struct file_digest *digest)
{
    if (!digest)
        return;
    pthread_mutex_lock(&digest->lock);
    digest->is_wanted = false;
    pthread_mutex_unlock(&digest->lock);
    worker_join(&digest->worker);
    EVP_MD_CTX_free(digest->digest);
    pthread_mutex_destroy(&digest->lock);
    arena_release(&digest->arena);
    free(digest);
}
