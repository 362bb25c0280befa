/*
 * Questions: asked on the terminal one after the other, until an answer can be used.
 *
 *     struct question question = {.text = "Project", .usual = "shop", .take = take_name, .context = &wishes};
 *     if (question_ask(session, &question))
 *         … the input has ended …
 */
#ifndef CMD_QUESTIONS_H
#define CMD_QUESTIONS_H

#include "cmd/session.h"

/* Takes an answer, which has no blanks around it and is not empty. Returns NULL, or why it cannot be used. */
typedef const char *question_take(void *context, const char *answer);

struct question {
    const char *note;  /* a line above it; NULL: none */
    const char *text;  /* without the default and the colon */
    const char *usual; /* what an empty line stands for */
    question_take *take;
    void *context;
};

/* Is there somebody to ask, and are questions wanted? */
bool questions_wanted(const struct session *session);
/* Asks on standard error, again after each answer that cannot be used. Returns 0, or -1 if the input ends before. */
int question_ask(struct session *session, const struct question *question);
/* A question_take for y, yes, n and no, in any case; the context is a bool. */
const char *question_take_yes(void *context, const char *answer);

#endif
