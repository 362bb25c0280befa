/*
 * libarchive, loaded when it is first needed (base/library.h). Each of its functions is called as a member, without the
 * prefix: libarchive()->read_new() is archive_read_new(). One that is not used yet is added to the list.
 */
#ifndef ARCHIVE_LIBARCHIVE_H
#define ARCHIVE_LIBARCHIVE_H

#include <archive.h>
#include <archive_entry.h>

/* clang-format off */
#define ARCHIVE_CALLS(CALL) \
    CALL(entry_filetype) CALL(entry_hardlink) CALL(entry_pathname) CALL(entry_pathname_utf8) CALL(entry_sparse_count) \
    CALL(error_string) CALL(filter_bytes) CALL(read_data) CALL(read_data_block) CALL(read_data_skip) CALL(read_free) \
    CALL(read_new) CALL(read_next_header) CALL(read_open) CALL(read_support_format_tar) CALL(set_error)
/* clang-format on */

struct archive_calls {
#define CALL(name) __typeof__(archive_##name) *(name);
    ARCHIVE_CALLS(CALL)
#undef CALL
};

/* After libarchive_load() alone. */
const struct archive_calls *libarchive(void);

/* Returns 0, or -1 with a reason, which stands until the thread's next call. */
int libarchive_load(const char **ret_reason);

#endif
