/*
 * Proving an archive while it is written; see proof.h. The walk runs in the thread, in an arena of its own; both meet in the lock alone.
 */
#include "archive/proof.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "archive/verify.h"
#include "base/read.h"
#include "base/scope.h"

/* So much is synced at a time: less would have the disk wait for every piece. */
enum { SPAN_BYTES = 64 * 1024 * 1024 };

struct proof {
    struct backup backup;
    struct growing growing;
    struct arena arena; /* of the thread, until it has ended */
    struct scan scan;
    struct backup_contents contents;
    int fd; /* for syncing */
    pthread_t thread;
    bool has_thread; /* else the walk is made at the end */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint64_t written;
    bool is_over;   /* nothing more is written */
    bool is_done;   /* the walk has ended */
    bool is_wanted; /* by anybody */
};

/* ---- the thread ---- */

/* Returns `had` as well if nobody wants it any more, or the disk does not take it: then the archive ends early, and is damaged. */
static uint64_t wait_for_more(void *context, uint64_t had)
{
    struct proof *proof = context;
    pthread_mutex_lock(&proof->lock);
    while (!proof->is_over && proof->written < had + SPAN_BYTES)
        pthread_cond_wait(&proof->changed, &proof->lock);
    uint64_t written = proof->is_wanted ? proof->written : had;
    pthread_mutex_unlock(&proof->lock);
    if (written == had)
        return had;
    if (fsync(proof->fd) == 0)
        return written;
    scan_fault(&proof->scan, "cannot be kept: %s", errno_text(&proof->arena, errno));
    return had;
}

static void *run(void *context)
{
    struct proof *proof = context;
    verify_walk(&proof->scan, &proof->backup, &proof->growing, &proof->contents);
    pthread_mutex_lock(&proof->lock);
    proof->is_done = true;
    pthread_mutex_unlock(&proof->lock);
    return NULL;
}

/* ---- the writer's side ---- */

/* Signals are for the other threads. */
static bool start(struct proof *proof)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = pthread_create(&proof->thread, NULL, run, proof) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

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
    pthread_cond_init(&proof->changed, NULL);
    proof->has_thread = start(proof);
    return proof;
}

void proof_written(struct proof *proof, uint64_t bytes)
{
    pthread_mutex_lock(&proof->lock);
    proof->written = bytes;
    pthread_cond_signal(&proof->changed);
    pthread_mutex_unlock(&proof->lock);
}

void proof_over(struct proof *proof, uint64_t bytes)
{
    pthread_mutex_lock(&proof->lock);
    proof->written = bytes;
    proof->is_over = true;
    pthread_cond_signal(&proof->changed);
    pthread_mutex_unlock(&proof->lock);
}

bool proof_is_done(struct proof *proof)
{
    pthread_mutex_lock(&proof->lock);
    bool done = proof->is_done || !proof->has_thread;
    pthread_mutex_unlock(&proof->lock);
    return done;
}

static void end(struct proof *proof, bool is_wanted)
{
    pthread_mutex_lock(&proof->lock);
    proof->is_over = true;
    proof->is_wanted = is_wanted;
    pthread_cond_signal(&proof->changed);
    pthread_mutex_unlock(&proof->lock);
    if (proof->has_thread)
        pthread_join(proof->thread, NULL);
    else if (is_wanted)
        run(proof);
    proof->has_thread = false;
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
    to->sha256 = arena_strdup(arena, from->sha256);
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
    pthread_cond_destroy(&proof->changed);
    pthread_mutex_destroy(&proof->lock);
    free(proof);
}
