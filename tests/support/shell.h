/*
 * Shell: what a test's story needs from other programs, above all a Git repository. Commits made here have the same ids
 * everywhere: author, date and configuration are fixed.
 */
#ifndef SUPPORT_SHELL_H
#define SUPPORT_SHELL_H

/* Runs lines of sh in the directory, and fails the test when one of them fails. */
void run_shell(const char *directory, const char *script);

#endif
