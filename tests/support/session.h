/*
 * Session: a page of docs/ as a terminal shows it: its commands are taken out of the page and typed in order, in the world that
 * tests/pages has for it, with a network and processes of its own, so that everything listens where it does on a user's machine.
 *
 * Every indented block of the page is either commands and what they print, each command behind "$ ", or a manifest, which is
 * natsform.yaml from there on. A line "…" stands for any lines.
 */
#ifndef SUPPORT_SESSION_H
#define SUPPORT_SESSION_H

struct session {
    const char *page; /* its path from the project's root */
    unsigned short columns;
    const char *const *answers; /* to the questions, in this order, NULL-terminated; may be NULL */
    const char *
        watched; /* the last line of `natsform watch`, behind which Ctrl and C end it; $HOME/watching is there once it watches */
};

/* Each command behind its prompt, and what it printed; what differs from run to run is always the same. Fails the test if a command does. */
const char *session_play(const struct session *session);

/* That the page shows just that, line by line. With GOLDEN=renew the page is written anew. */
void session_check_page(const struct session *session, const char *played);

/* That the page names no command between backticks that is no part of one that is run: it would never be tried. */
void session_check_words(const struct session *session);

/* Of the world in which a page's commands are run. */
const char *const *session_environment(const char *home);

#endif
