/*
 * Proof: verifies an archive while it is written, so that a large one does not take its time twice. Two threads follow the
 * writer: one has what was written synced to the disk, the other reads that back, and checks it as `backup verify` does.
 *
 *     struct proof *proof = proof_begin(&backup, spool.temporary);
 *     … write … proof_written(proof, bytes); …
 *     proof_over(proof, bytes);
 *     … until proof_is_done(proof) …
 *     const char *fault = proof_end(proof, arena, &contents);
 *     proof_free(proof);
 *
 * What is proved is the file. That it has the very bytes that were to be written, the caller sees by their digest.
 */
#ifndef ARCHIVE_PROOF_H
#define ARCHIVE_PROOF_H

#include "archive/backup.h"

struct proof;

/*
 * Of the archive that the backup will have, which stands under another name as yet. The backup, whose `own` is NULL, is copied, and what it
 * points to stays until proof_free().
 */
struct proof *proof_begin(const struct backup *backup, const char *path);
/* So many bytes have been written by now. */
void proof_written(struct proof *proof, uint64_t bytes);
/* That is all that is written. */
void proof_over(struct proof *proof, uint64_t bytes);
/* Would proof_end() not wait any more? */
bool proof_is_done(struct proof *proof);
/* Nothing more will come: waits for the end. NULL: it is whole, and the contents, with its digest, are in the arena; else what is wrong. */
const char *proof_end(struct proof *proof, struct arena *arena, struct backup_contents *ret_contents);
/* Ends it, wherever it is. NULL is fine. */
void proof_free(struct proof *proof);

#endif
