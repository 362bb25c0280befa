/*
 * Traced: natsform, call by call. A test sees each call of natsform to the system by which something outside of it changes, or by which it
 * reads, right before it is made: there it may kill natsform, or do something to the world. So what is tested does not
 * depend on how fast a machine is.
 *
 *     struct traced ended = traced_run(folder, arguments, hook, context);
 *     ck_assert_int_eq(ended.exit_code, 1);
 *     ck_assert_contains(ended.said, "…");
 *
 * Linux alone has it (ptrace).
 */
#ifndef SUPPORT_TRACED_H
#define SUPPORT_TRACED_H

#include <stdbool.h>
#include <stddef.h>

struct traced_call {
    size_t number;    /* of those that are told, from 0 on */
    const char *name; /* "write", "link": without a kind's endings, such as "at" */
    const char
        *file;     /* what its descriptor is: a path, or "socket:[…]"; "" when its first argument is none */
    size_t length; /* of what is sent or written */
};

/* Natsform stands still while it is called, but for threads of a library. True: kill it now, and the call is never made. */
typedef bool traced_hook(void *context, const struct traced_call *call);

struct traced {
    bool killed;      /* by the hook */
    int exit_code;    /* if not */
    size_t calls;     /* that were told */
    const char *said; /* both of its outputs */
};

struct traced traced_run(const char *directory, const char *const *arguments, traced_hook *hook,
                         void *context);

/* Kills it before that call. What `killed` says is whether it came so far. */
struct traced traced_kill(const char *directory, const char *const *arguments, size_t number);

/*
 * The same for sure. Threads send when they come to it, so that another run may make a few calls fewer: then it is killed before an earlier one.
 * `again` makes the world as it was, before each try.
 */
void traced_kill_surely(const char *directory, const char *const *arguments, size_t number,
                        void (*again)(void *context), void *context);

#endif
