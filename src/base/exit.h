/*
 * The one table of exit codes, stable between releases.
 */
#ifndef BASE_EXIT_H
#define BASE_EXIT_H

enum exit_code {
    EXIT_DONE = 0,         /* done, or in sync */
    EXIT_FAILED = 1,       /* failed; `diff`: there are differences */
    EXIT_CHANGES = 2,      /* `plan --detailed-exitcode`: changes; `diff`: failed */
    EXIT_REFUSED = 3,      /* refused for safety */
    EXIT_USAGE = 64,       /* wrong options or arguments */
    EXIT_MANIFEST = 65,    /* bad manifest */
    EXIT_UNREACHABLE = 69, /* server unreachable */
    EXIT_LOCKED = 75,      /* locked by another run */
};

#endif
