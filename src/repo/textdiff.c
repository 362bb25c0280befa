/* Unified diffs by libgit2; see textdiff.h. Texts are compared as texts, even if libgit2 would take them for binary. */
#include "repo/textdiff.h"

#include <string.h>

#include "base/scope.h"
#include "repo/libgit2.h"

struct printer {
    textdiff_line *line;
    void *context;
};

static int on_line(const git_diff_delta *delta, const git_diff_hunk *hunk, const git_diff_line *line,
                   void *payload)
{
    const struct printer *printer = payload;
    (void)delta;
    (void)hunk;
    switch (line->origin) {
    case GIT_DIFF_LINE_CONTEXT:
    case GIT_DIFF_LINE_ADDITION:
    case GIT_DIFF_LINE_DELETION:
        printer->line(printer->context, line->origin, line->content, line->content_len);
        break;
    case GIT_DIFF_LINE_HUNK_HDR:
        printer->line(printer->context, '@', line->content, line->content_len);
        break;
    /* The caller writes the file's header itself; the note about a missing newline at the end does not occur. */
    default:
        break;
    }
    return 0;
}

static void free_patch(git_patch **patch)
{
    if (*patch)
        git()->patch_free(*patch);
}

int textdiff(const char *before, size_t before_length, const char *after, size_t after_length,
             textdiff_line *line, void *context)
{
    struct printer printer = {.line = line, .context = context};
    git_patch *patch SCOPED(free_patch) = NULL;
    git_diff_options options;
    const char *reason;
    if (libgit2_start(&reason))
        return -1;
    git()->diff_options_init(&options, GIT_DIFF_OPTIONS_VERSION);
    options.flags = GIT_DIFF_FORCE_TEXT;
    int failed = git()->patch_from_buffers(&patch, before, before_length, "before", after, after_length,
                                           "after", &options);
    if (!failed)
        failed = git()->patch_print(patch, on_line, &printer);
    /* Freed before libgit2 is shut down; at the end of the scope it would be too late. */
    git()->patch_free(patch);
    patch = NULL;
    git()->libgit2_shutdown();
    return failed ? -1 : 0;
}
