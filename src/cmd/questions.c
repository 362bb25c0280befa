/*
 * Questions on the terminal; see questions.h. A line is read to its end, however long it is: the rest of one must not
 * be taken for the answer to the next question.
 */
#include "cmd/questions.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define ANSWER_MOST_TEXT "1024"
enum { ANSWER_MOST = 1024 };

/* A typed line. */
struct answer {
    char text[ANSWER_MOST + 1];
    size_t length;
    const char *fault; /* NULL: it can be looked at */
};

/* Returns -1 if there is none. What stands before the end of the input is a line too. */
static int read_line(struct answer *ret_answer)
{
    int c = 0;
    *ret_answer = (struct answer){0};
    while ((c = fgetc(stdin)) != EOF && c != '\n') {
        if (c == '\0')
            ret_answer->fault = "it has a NUL in it";
        else if (ret_answer->length == ANSWER_MOST)
            ret_answer->fault = "it is longer than " ANSWER_MOST_TEXT " bytes";
        else
            ret_answer->text[ret_answer->length++] = (char)c;
    }
    return c == EOF && ret_answer->length == 0 ? -1 : 0;
}

/* The answer without blanks around it. */
static const char *trimmed(struct answer *answer)
{
    static const char blanks[] = " \t\r\f\v";
    while (answer->length && strchr(blanks, answer->text[answer->length - 1]))
        answer->length--;
    answer->text[answer->length] = '\0';
    return answer->text + strspn(answer->text, blanks);
}

bool questions_wanted(const struct session *session)
{
    return !session->options.yes && isatty(STDIN_FILENO);
}

/* Within the width of the terminal. */
static void say(const struct session *session, const char *before, const char *text)
{
    struct page page;
    page_begin(&page, &session->err);
    fputs(before, page.style.file);
    style_safe(&page.style, text);
    fputc('\n', page.style.file);
    page_end(&page);
}

static int ask_once(struct session *session, const struct question *question, const char **ret_fault)
{
    struct answer answer;
    struct page page;
    FILE *file = session->err.file;
    page_begin(&page, &session->err);
    fputs(question->text, page.style.file);
    fputs(" [", page.style.file);
    style_safe(&page.style, question->usual);
    fputs("]:", page.style.file);
    page_end(&page);
    fputc(' ', file);
    fflush(file);
    if (read_line(&answer)) {
        fputs("\nNothing was written.\n", file);
        return -1;
    }
    const char *text = trimmed(&answer);
    *ret_fault = answer.fault ? answer.fault
                              : question->take(question->context,
                                               arena_strdup(&session->arena, *text ? text : question->usual));
    return 0;
}

int question_ask(struct session *session, const struct question *question)
{
    const char *fault = NULL;
    if (question->note)
        say(session, "", question->note);
    do {
        if (ask_once(session, question, &fault))
            return -1;
        if (fault)
            say(session, "Please answer again: ", fault);
    } while (fault);
    return 0;
}

const char *question_take_yes(void *context, const char *answer)
{
    bool *taken = context;
    bool yes = strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0;
    bool no = strcasecmp(answer, "n") == 0 || strcasecmp(answer, "no") == 0;
    if (!yes && !no)
        return "it is neither yes nor no";
    *taken = yes;
    return NULL;
}
