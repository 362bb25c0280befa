/*
 * libgit2, loaded when it is first needed (base/library.h). Each of its functions is called as a member, without the
 * prefix: git()->blob_free(blob) is git_blob_free(blob). One that is not used yet is added to the list.
 *
 *     if (libgit2_start(&reason))
 *         return diag_error(…, "libgit2 cannot start: %s", reason);
 *     …
 *     git()->libgit2_shutdown();
 */
#ifndef REPO_LIBGIT2_H
#define REPO_LIBGIT2_H

#include <git2.h>
#include <git2/sys/transport.h>

/* clang-format off */
#define GIT_CALLS(CALL) \
    CALL(blob_free) CALL(blob_lookup) CALL(blob_rawcontent) CALL(blob_rawsize) CALL(buf_dispose) \
    CALL(commit_free) CALL(commit_lookup) CALL(config_free) CALL(config_get_multivar_foreach) \
    CALL(config_open_default) CALL(credential_userpass_plaintext_new) CALL(diff_options_init) \
    CALL(error_last) CALL(error_set_str) CALL(fetch_options_init) CALL(libgit2_init) CALL(libgit2_opts) \
    CALL(libgit2_shutdown) CALL(merge_base) CALL(object_free) CALL(object_id) CALL(object_lookup) \
    CALL(object_peel) CALL(odb_add_disk_alternate) CALL(odb_foreach) CALL(odb_free) CALL(odb_hash) \
    CALL(odb_read_header) CALL(oid_cpy) CALL(oid_equal) CALL(oid_fromstr) CALL(oid_tostr) \
    CALL(patch_free) CALL(patch_from_buffers) CALL(patch_print) CALL(reference_dwim) \
    CALL(reference_free) CALL(reference_list) CALL(reference_name_is_valid) \
    CALL(reference_symbolic_create) CALL(remote_connect_ext) CALL(remote_connect_options_init) \
    CALL(remote_create_options_init) CALL(remote_create_with_opts) CALL(remote_default_branch) \
    CALL(remote_download) CALL(remote_free) CALL(remote_prune) CALL(remote_update_tips) \
    CALL(repository_discover) CALL(repository_free) CALL(repository_head_unborn) CALL(repository_init) \
    CALL(repository_is_empty) CALL(repository_is_shallow) CALL(repository_odb) \
    CALL(repository_open_bare) CALL(repository_open_ext) CALL(repository_workdir) CALL(revparse_single) \
    CALL(strarray_dispose) CALL(transport_smart) CALL(tree_entry_byindex) CALL(tree_entry_byname) \
    CALL(tree_entry_bypath) CALL(tree_entry_filemode) CALL(tree_entry_free) CALL(tree_entry_id) \
    CALL(tree_entry_name) CALL(tree_entrycount) CALL(tree_free) CALL(tree_lookup)
/* clang-format on */

struct git_calls {
#define CALL(name) __typeof__(git_##name) *(name);
    GIT_CALLS(CALL)
#undef CALL
};

/* After libgit2_start() alone. */
const struct git_calls *git(void);

/*
 * Loads and initialises it. Whoever started it calls libgit2_shutdown() as often. Returns 0, or -1 with a reason, which stands until
 * the next call.
 */
int libgit2_start(const char **ret_reason);

#endif
