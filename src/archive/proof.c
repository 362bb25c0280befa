/*
 * Proving an archive while it is written; see proof.h. One thread has it synced, the other one walks behind it, in an arena of its own, so that the
 * disk does not wait for the processor, nor the other way round. All of them meet in the lock alone.
 */
#include "archive/proof.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "archive/verify.h"
#include "archive/worker.h"
#include "base/read.h"
#include "base/scope.h"

/* So much is synced at a time: less would have the disk wait for every piece, and what is left at the end takes as long as it is. */
enum { SPAN_BYTES = 32 * 1024 * 1024 };

struct proof {
    struct backup backup;
    struct growing growing;
    struct arena arena; /* of the walk, until it has ended */
    struct scan scan;
    struct backup_contents contents;
    int fd; /* for syncing */
    struct worker syncer, walker;
    pthread_mutex_t lock;
    pthread_cond_t has_written, has_synced; /* a span more; or what is wanted has changed */
    uint64_t written, synced;
    int error;      /* why no more can be synced; 0: it can */
    bool is_over;   /* nothing more is written */
    bool is_done;   /* the walk has ended */
    bool is_wanted; /* by anybody */
};

/* ---- syncing ---- */

/* With the lock. Is there nothing to sync any more, and will there be nothing? */
static bool is_synced(const struct proof *proof)
{
    return proof->error || !proof->is_wanted || (proof->is_over && proof->synced == proof->written);
}

/* With the lock, which it leaves while the disk writes. */
static void sync_span(struct proof *proof)
{
    while (!proof->is_over && proof->written < proof->synced + SPAN_BYTES)
        pthread_cond_wait(&proof->has_written, &proof->lock);
    if (is_synced(proof))
        return;
    uint64_t written = proof->written;
    pthread_mutex_unlock(&proof->lock);
    int error = fsync(proof->fd) ? errno : 0;
    pthread_mutex_lock(&proof->lock);
    proof->error = error;
    if (!error)
        proof->synced = written;
    pthread_cond_signal(&proof->has_synced);
}

static void *sync_all(void *context)
{
    struct proof *proof = context;
    pthread_mutex_lock(&proof->lock);
    while (!is_synced(proof))
        sync_span(proof);
    pthread_mutex_unlock(&proof->lock);
    return NULL;
}

/* ---- the walk ---- */

/* Returns `had` as well if nobody wants it any more, or the disk does not take it: then the archive ends early, and is damaged. */
static uint64_t wait_for_more(void *context, uint64_t had)
{
    struct proof *proof = context;
    pthread_mutex_lock(&proof->lock);
    while (proof->synced == had && !is_synced(proof)) {
        if (proof->syncer.is_there)
            pthread_cond_wait(&proof->has_synced, &proof->lock);
        else
            sync_span(proof);
    }
    int error = proof->error;
    uint64_t synced = proof->is_wanted && !error ? proof->synced : had;
    pthread_mutex_unlock(&proof->lock);
    if (error)
        scan_fault(&proof->scan, "cannot be kept: %s", errno_text(&proof->arena, error));
    return synced;
}

static void *walk(void *context)
{
    struct proof *proof = context;
    verify_walk(&proof->scan, &proof->backup, &proof->growing, &proof->contents);
    pthread_mutex_lock(&proof->lock);
    proof->is_done = true;
    pthread_mutex_unlock(&proof->lock);
    return NULL;
}

/* ---- the writer's side ---- */

struct proof *proof_begin(const struct backup *backup, const char *path)
{
    struct proof *proof = base_alloc(sizeof(*proof));
    *proof = (struct proof){.backup = *backup,
                            .growing = {.path = path, .wait = wait_for_more, .context = proof},
                            .is_wanted = true};
    arena_init(&proof->arena);
    proof->scan.arena = &proof->arena;
    proof->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    pthread_mutex_init(&proof->lock, NULL);
    pthread_cond_init(&proof->has_written, NULL);
    pthread_cond_init(&proof->has_synced, NULL);
    worker_start(&proof->syncer, sync_all, proof);
    worker_start(&proof->walker, walk, proof);
    return proof;
}

/* Nobody is woken for less than a span. */
void proof_written(struct proof *proof, uint64_t bytes)
{
    pthread_mutex_lock(&proof->lock);
    proof->written = bytes;
    if (bytes >= proof->synced + SPAN_BYTES)
        pthread_cond_signal(&proof->has_written);
    pthread_mutex_unlock(&proof->lock);
}

/* With the lock. */
static void wake_all(struct proof *proof)
{
    pthread_cond_signal(&proof->has_written);
    pthread_cond_signal(&proof->has_synced);
}

void proof_over(struct proof *proof, uint64_t bytes)
{
    pthread_mutex_lock(&proof->lock);
    proof->written = bytes;
    proof->is_over = true;
    wake_all(proof);
    pthread_mutex_unlock(&proof->lock);
}

bool proof_is_done(struct proof *proof)
{
    pthread_mutex_lock(&proof->lock);
    bool done = proof->is_done || !proof->walker.is_there;
    pthread_mutex_unlock(&proof->lock);
    return done;
}

static void end(struct proof *proof, bool is_wanted)
{
    pthread_mutex_lock(&proof->lock);
    proof->is_over = true;
    proof->is_wanted = is_wanted;
    wake_all(proof);
    pthread_mutex_unlock(&proof->lock);
    if (!proof->walker.is_there && is_wanted)
        walk(proof);
    worker_join(&proof->walker);
    worker_join(&proof->syncer);
}

/* Out of the thread's arena. */
static void copy_contents(struct arena *arena, const struct backup_contents *from, struct backup_contents *to)
{
    *to = *from;
    to->consumers.count = to->consumers.capacity = 0;
    to->subjects.count = to->subjects.capacity = 0;
    for (size_t i = 0; i < from->consumers.count; i++) {
        struct backup_consumer consumer = from->consumers.items[i];
        consumer.name = arena_strdup(arena, consumer.name);
        VEC_PUSH(arena, &to->consumers, consumer);
    }
    for (size_t i = 0; i < from->subjects.count; i++) {
        struct backup_subject subject = from->subjects.items[i];
        subject.name = arena_strdup(arena, subject.name);
        VEC_PUSH(arena, &to->subjects, subject);
    }
    to->first_time = arena_strdup(arena, from->first_time);
    to->last_time = arena_strdup(arena, from->last_time);
    to->digest = arena_strdup(arena, from->digest);
}

const char *proof_end(struct proof *proof, struct arena *arena, struct backup_contents *ret_contents)
{
    end(proof, true);
    if (proof->scan.fault)
        return arena_strdup(arena, proof->scan.fault);
    copy_contents(arena, &proof->contents, ret_contents);
    return NULL;
}

void proof_free(struct proof *proof)
{
    if (!proof)
        return;
    end(proof, false);
    close_fd(&proof->fd);
    arena_release(&proof->arena);
    pthread_cond_destroy(&proof->has_written);
    pthread_cond_destroy(&proof->has_synced);
    pthread_mutex_destroy(&proof->lock);
    free(proof);
}
