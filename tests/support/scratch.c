/* Memory and files of a test; see scratch.h. */
#include "support/scratch.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "support/guardian.h"

struct arena *test_arena(void)
{
    static struct arena arena;
    return &arena;
}

/* One guarded directory a process, and the test's own ones in it. */
static const char *base_directory(void)
{
    static const char *base;
    static pid_t owner;
    if (owner == getpid())
        return base;
    const char *parent = getenv("TMPDIR");
    char *path = arena_printf(test_arena(), "%s/natsform-XXXXXX", parent && parent[0] ? parent : "/tmp");
    ck_assert_msg(mkdtemp(path) != NULL, "no directory '%s': %s", path, strerror(errno));
    guardian_start(path);
    base = path;
    owner = getpid();
    return base;
}

const char *test_directory(void)
{
    static unsigned count;
    return make_directory(base_directory(), arena_printf(test_arena(), "%u", ++count));
}

const char *write_file(const char *directory, const char *name, const char *text)
{
    const char *path = arena_printf(test_arena(), "%s/%s", directory, name);
    FILE *file = fopen(path, "wb");
    ck_assert_msg(file != NULL, "cannot write '%s': %s", path, strerror(errno));
    size_t written = fwrite(text, 1, strlen(text), file);
    ck_assert_msg(fclose(file) == 0 && written == strlen(text), "cannot write '%s': %s", path,
                  strerror(errno));
    return path;
}

const char *read_file(const char *path)
{
    struct strbuf text = {0};
    char chunk[4096];
    size_t got = 0;
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "cannot read '%s': %s", path, strerror(errno));
    while ((got = fread(chunk, 1, sizeof(chunk), file)) > 0)
        strbuf_add(&text, chunk, got);
    fclose(file);
    const char *copy = arena_strndup(test_arena(), strbuf_text(&text), text.length);
    strbuf_release(&text);
    return copy;
}

const char *make_directory(const char *directory, const char *name)
{
    char *path = arena_printf(test_arena(), "%s/%s", directory, name);
    for (char *slash = path + strlen(directory); slash; slash = strchr(slash + 1, '/')) {
        char byte = *slash;
        if (slash == path)
            continue;
        *slash = '\0';
        ck_assert_msg(mkdir(path, 0700) == 0 || errno == EEXIST, "cannot make '%s': %s", path,
                      strerror(errno));
        *slash = byte;
    }
    ck_assert_msg(mkdir(path, 0700) == 0 || errno == EEXIST, "cannot make '%s': %s", path, strerror(errno));
    return path;
}
