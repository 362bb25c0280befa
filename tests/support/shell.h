/*
 * Shell: what a test's story needs from other programs, above all a Git repository. Commits made here have the same ids
 * everywhere: author, date and configuration are fixed.
 */
#ifndef SUPPORT_SHELL_H
#define SUPPORT_SHELL_H

/* Runs lines of sh in the directory, and fails the test when one of them fails. */
void run_shell(const char *directory, const char *script);

/*
 * Words of sh that run natsform as a user who may write nothing of the folder's: a test of root's needs another user for that. The folder
 * has to be where such a user may go.
 */
const char *shell_natsform_of_a_user(const char *folder);

/* From here on, mounts are of the test's process alone, and gone with it. */
void shell_begin_mounts(void);

#endif
