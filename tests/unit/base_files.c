/* Unit tests of what all rooms read and write files with: base/path.h, read.h, write.h, folder.h, file_lock.h, temporary.h. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file_lock.h"
#include "base/folder.h"
#include "base/path.h"
#include "base/read.h"
#include "base/scope.h"
#include "base/temporary.h"
#include "base/write.h"
#include "suites.h"
#include "support/patience.h"
#include "support/said.h"
#include "support/scratch.h"

static const char *at(const char *folder, const char *name)
{
    return path_in(test_arena(), folder, name);
}

static const char *reason(int error)
{
    return errno_text(test_arena(), error);
}

/* ---- what is no file ---- */

START_TEST(pipes_are_written_into_and_not_replaced)
{
    const char *why = NULL;
    const char *pipe = at(test_directory(), "pipe");
    const struct new_file file = new_file(pipe, "text\n");
    struct stat info;
    ck_assert_int_eq(mkfifo(pipe, 0600), 0);
    ck_assert(file_takes(pipe) && file_takes("-") && file_takes("/dev/null") && !file_takes("."));
    ck_assert_int_eq(file_write(test_arena(), &file, FILE_INTO | FILE_REPLACES, &why), -1);
    ck_assert_str_eq(why, "nobody reads it");
    int reader SCOPED(close_fd) = open(pipe, O_RDONLY | O_NONBLOCK);
    ck_assert_int_eq(file_write(test_arena(), &file, FILE_INTO | FILE_REPLACES, &why), 0);
    char text[8] = "";
    ck_assert_int_eq(read(reader, text, sizeof(text)), 5);
    ck_assert_str_eq(text, "text\n");
    ck_assert_int_eq(file_write(test_arena(), &file, FILE_REPLACES, &why), -1);
    ck_assert_str_eq(why, "it is a named pipe");
    ck_assert(stat(pipe, &info) == 0 && S_ISFIFO(info.st_mode));
}
END_TEST

/* What somebody wrote is read, also while he holds the pipe open and until he closes it. */
START_TEST(pipes_are_read_to_their_end)
{
    struct source source;
    const char *why = NULL;
    const char *pipe = at(test_directory(), "pipe");
    ck_assert_int_eq(mkfifo(pipe, 0600), 0);
    ck_assert_int_eq(file_read(test_arena(), pipe, FILE_SMALL_MOST, &source, &why), ENXIO);
    ck_assert_str_eq(why, "nobody writes into it");
    ck_assert_int_eq(file_read_start(test_arena(), pipe, FILE_SMALL_MOST, &source, &why), ENXIO);
    pid_t writer = fork();
    if (writer == 0)
        _exit(execlp("sh", "sh", "-c", "{ echo one; echo two; } >\"$0\"", pipe, (char *)NULL));
    AWAIT(file_read(test_arena(), pipe, FILE_SMALL_MOST, &source, &why) == 0);
    ck_assert_str_eq(source.text, "one\ntwo\n");
    ck_assert_int_eq(waitpid(writer, NULL, 0), writer);
}
END_TEST

/* ---- paths ---- */

static const struct {
    const char *path, *folder, *name, *beside;
} parts[] = {
    {"a/b/c", "a/b", "c", "a/b/x"}, {"c", ".", "c", "x"}, {"/c", "/", "c", "/x"},
    {"a/", "a", "", "a/x"},         {"", ".", "", "x"},
};

START_TEST(paths_are_taken_apart)
{
    ck_assert_str_eq(path_folder(test_arena(), parts[_i].path), parts[_i].folder);
    ck_assert_str_eq(path_name(parts[_i].path), parts[_i].name);
    ck_assert_str_eq(path_beside(test_arena(), parts[_i].path, "x"), parts[_i].beside);
}
END_TEST

START_TEST(paths_are_put_together)
{
    struct arena *arena = test_arena();
    ck_assert_str_eq(path_in(arena, "a", "b"), "a/b");
    ck_assert_str_eq(path_in(arena, "/", "b"), "/b");
    ck_assert_str_eq(path_from(arena, "a", "././b"), "a/b");
    ck_assert_str_eq(path_from(arena, "a", "/b"), "/b");
    ck_assert(path_is_below("/a/b", "/a") && path_is_below("/a", "/a") && path_is_below("/a", "/"));
    ck_assert(!path_is_below("/ab", "/a") && !path_is_below("/", "/a") && !path_is_below("a", "/"));
}
END_TEST

static const struct {
    const char *path, *clean;
} untidy[] = {
    {"a/./b//c/", "a/b/c"},
    {"a/../b", "b"},
    {"a/b/..", "a"},
    {"../a/../b", "../b"},
    {"a/../../b", "../b"},
    {"..", ".."},
    {".", "."},
    {"", "."},
    {"/", "/"},
    {"/../a/./b/..", "/a"},
    {"...", "..."},
    {"..a", "..a"},
    {"a/..", "."},
};

START_TEST(paths_are_cleaned)
{
    ck_assert_str_eq(path_clean(test_arena(), untidy[_i].path), untidy[_i].clean);
}
END_TEST

static const struct {
    const char *from, *to, *between;
} ways[] = {
    {"deploy", ".", ".."},
    {".", ".", "."},
    {"deploy/prod", "deploy/./tls", "../tls"},
    {"/srv/a", "/srv/b/c", "../b/c"},
    {"./deploy", "x/y", "../x/y"},
};

START_TEST(paths_lead_from_one_to_another)
{
    ck_assert_str_eq(path_between(test_arena(), ways[_i].from, ways[_i].to), ways[_i].between);
}
END_TEST

START_TEST(names_where_they_are)
{
    struct arena *arena = test_arena();
    ck_assert_str_eq(path_own_name(arena, "."), path_name(path_folder(arena, path_absolute(arena, "x"))));
    ck_assert_str_eq(path_own_name(arena, "x/./y/"), "y");
    ck_assert_ptr_null(path_own_name(arena, "../x"));
    ck_assert_ptr_null(path_own_name(arena, "/"));
    ck_assert_str_eq(path_between(arena, "a", "../x"), path_absolute(arena, "../x"));
}
END_TEST

/* ---- reading ---- */

START_TEST(reads_up_to_the_most)
{
    const char *path = write_file(test_directory(), "file", "12345");
    struct source file = {0};
    const char *why = NULL;
    ck_assert_int_eq(file_read(test_arena(), path, 5, &file, &why), 0);
    ck_assert_str_eq(file.text, "12345");
    ck_assert_uint_eq(file.length, 5);
    ck_assert_str_eq(file.name, path);
    ck_assert_int_eq(file_read(test_arena(), path, 4, &file, &why), EFBIG);
    ck_assert_str_eq(why, reason(EFBIG));
    ck_assert_int_eq(file_read_start(test_arena(), path, 4, &file, &why), 0);
    ck_assert_str_eq(file.text, "1234");
    ck_assert_uint_eq(file.length, 4);
}
END_TEST

START_TEST(what_cannot_be_read_has_a_reason)
{
    const char *folder = test_directory();
    struct source file;
    struct diags diags = {0};
    const char *why = NULL;
    ck_assert_int_eq(file_read(test_arena(), folder, 9, &file, &why), EISDIR);
    ck_assert_str_eq(why, "is a directory");
    ck_assert_int_eq(file_read(test_arena(), at(folder, "none"), 9, &file, NULL), ENOENT);
    ck_assert_int_eq(file_read_told(test_arena(), at(folder, "none"), 9, &file, &diags), -1);
    ck_assert_str_eq(said(&diags),
                     arena_printf(test_arena(), "file: cannot read '%s': no such file or directory\n",
                                  at(folder, "none")));
    ck_assert_int_eq(file_read_told(test_arena(), write_file(folder, "long", "12"), 1, &file, &diags), -1);
    diags_release(&diags);
}
END_TEST

/* Files of /proc have no size, and pipes none either. */
START_TEST(reads_what_has_no_size)
{
    enum { LONG = 200 * 1024 };
    struct source file;
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        char text[LONG];
        memset(text, 'x', sizeof(text));
        close(ends[0]);
        for (size_t done = 0; done < sizeof(text);)
            done += (size_t)write(ends[1], text + done, sizeof(text) - done);
        _exit(0);
    }
    close(ends[1]);
    const char *path = arena_printf(test_arena(), "/dev/fd/%d", ends[0]);
    ck_assert_int_eq(file_read(test_arena(), path, LONG, &file, NULL), 0);
    ck_assert_uint_eq(file.length, LONG);
    ck_assert_uint_eq(strspn(file.text, "x"), LONG);
    close(ends[0]);
    waitpid(child, NULL, 0);
}
END_TEST

/* In a process of its own: its standard input is used up. */
START_TEST(standard_input_is_read_once)
{
    const char *path = write_file(test_directory(), "input", "streams: {}\n");
    pid_t child = fork();
    if (child == 0) {
        struct source file = {0};
        const char *why = "";
        int fd = open(path, O_RDONLY);
        bool first = dup2(fd, STDIN_FILENO) == 0 &&
                     file_read_start(test_arena(), "-", 100, &file, &why) == 0 &&
                     strcmp(file.text, "streams: {}\n") == 0 && strcmp(file.name, "<stdin>") == 0;
        bool again = file_read_start(test_arena(), "-", 100, &file, &why) == EBADF &&
                     strcmp(why, "standard input was read already") == 0;
        _exit(!first ? 1 : !again ? 2 : fcntl(STDIN_FILENO, F_GETFD) < 0 ? 3 : 0);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

/* ---- writing ---- */

static mode_t mode_of(const char *path)
{
    struct stat info;
    ck_assert_int_eq(stat(path, &info), 0);
    return info.st_mode & 0777;
}

static int put(const char *path, const char *text, bool secret, int how)
{
    const struct new_file file = {.path = path, .text = text, .length = strlen(text), .secret = secret};
    const char *why = NULL;
    return file_write(test_arena(), &file, how, &why);
}

static size_t names_in(const char *folder)
{
    DIR *names SCOPED(close_directory) = opendir(folder);
    size_t count = 0;
    while (folder_next(names))
        count++;
    return count;
}

START_TEST(new_files_replace_nothing)
{
    const char *folder = test_directory(), *path = at(folder, "a");
    ck_assert_int_eq(put(path, "one", false, 0), 0);
    ck_assert_int_eq(put(path, "two", false, 0), -1);
    ck_assert_str_eq(read_file(path), "one");
    ck_assert_int_eq(put(at(folder, "b/c/d"), "three", false, 0), -1);
    ck_assert_int_eq(put(at(folder, "b/c/d"), "three", false, FILE_FOLDERS), 0);
    ck_assert_str_eq(read_file(at(folder, "b/c/d")), "three");
    ck_assert_uint_eq(names_in(folder), 2);
}
END_TEST

START_TEST(replaced_files_keep_their_mode)
{
    const char *folder = test_directory(), *path = write_file(folder, "a", "one");
    ck_assert_int_eq(chmod(path, 0640), 0);
    ck_assert_int_eq(symlink("a", at(folder, "link")), 0);
    ck_assert_int_eq(put(at(folder, "link"), "two", false, FILE_REPLACES), 0);
    ck_assert_str_eq(read_file(path), "two");
    ck_assert_uint_eq(mode_of(path), 0640);
    ck_assert_int_eq(put(path, "three", true, FILE_REPLACES), 0);
    ck_assert_uint_eq(mode_of(path), 0600);
    ck_assert_uint_eq(names_in(folder), 2);
}
END_TEST

static enum file_place judge(const char *text, size_t length)
{
    return length && *text == '#' ? PLACE_OWN : PLACE_FOREIGN;
}

static enum file_place look(const char *path, const char *text, bool secret)
{
    const struct new_file file = {.path = path, .text = text, .length = strlen(text), .secret = secret};
    struct diags diags = {0};
    enum file_place place = PLACE_EDITED;
    ck_assert_int_eq(file_look(test_arena(), &file, judge, &place, &diags), 0);
    return place;
}

START_TEST(places_are_looked_at)
{
    const char *folder = test_directory(), *path = write_file(folder, "a", "# one");
    ck_assert_int_eq(look(at(folder, "b"), "x", false), PLACE_FREE);
    ck_assert_int_eq(look(path, "# one", false), PLACE_SAME);
    ck_assert_int_eq(look(path, "# one", true), PLACE_READABLE);
    ck_assert_int_eq(chmod(path, 0600), 0);
    ck_assert_int_eq(look(path, "# one", true), PLACE_SAME);
    ck_assert_int_eq(look(path, "# two", false), PLACE_OWN);
    ck_assert_int_eq(look(write_file(folder, "c", "mine"), "# two", false), PLACE_FOREIGN);
}
END_TEST

/* ---- what is there for a moment ---- */

/* Makes one in a process that ends without moving or removing it. */
static void leave_behind(enum temporary kind, const char *folder, int count)
{
    pid_t child = fork();
    if (child == 0) {
        const char *path;
        for (int i = 0; i < count; i++)
            if (temporary_make(test_arena(), kind, folder, &path) < 0)
                _exit(1);
        _exit(0);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    ck_assert_uint_eq(names_in(folder), (size_t)count);
}

START_TEST(the_next_write_removes_what_was_left)
{
    const char *folder = test_directory();
    leave_behind(TEMPORARY_FILE, folder, 3);
    ck_assert_int_eq(put(at(folder, "a"), "one", false, 0), 0);
    ck_assert_uint_eq(names_in(folder), 1);
    ck_assert_str_eq(read_file(at(folder, "a")), "one");
}
END_TEST

START_TEST(what_is_in_use_stays)
{
    const char *folder = test_directory(), *first, *second;
    int held = temporary_make(test_arena(), TEMPORARY_FOLDER, folder, &first);
    ck_assert_int_ge(held, 0);
    ck_assert_uint_eq(mode_of(first), 0700);
    write_file(first, "inside", "");
    temporary_drop(test_arena(), TEMPORARY_FOLDER, folder);
    int other = temporary_make(test_arena(), TEMPORARY_FOLDER, folder, &second);
    ck_assert_int_ge(other, 0);
    ck_assert_str_ne(first, second);
    ck_assert(file_exists(at(first, "inside")));
    close(held);
    temporary_drop(test_arena(), TEMPORARY_FOLDER, folder);
    ck_assert(!file_exists(first) && file_exists(second));
    close(other);
    const char *again = test_directory();
    leave_behind(TEMPORARY_FOLDER, again, 2);
    temporary_drop(test_arena(), TEMPORARY_FOLDER, again);
    ck_assert_uint_eq(names_in(again), 0);
}
END_TEST

/* A file that got its name and was not moved yet when its writer was killed has two: only one goes. */
START_TEST(what_has_its_name_keeps_its_text)
{
    const char *folder = test_directory(), *path = write_file(folder, "a", "one");
    ck_assert_int_eq(link(path, at(folder, ".natsform-new-0")), 0);
    ck_assert_int_eq(put(at(folder, "b"), "two", false, 0), 0);
    ck_assert_str_eq(read_file(path), "one");
    ck_assert_uint_eq(names_in(folder), 2);
}
END_TEST

/* ---- locks ---- */

START_TEST(one_holds_a_lock)
{
    const char *path = at(test_directory(), "lock");
    int fd = -1, other = -1;
    ck_assert_int_eq(file_lock(path, false, 0, &fd), -1);
    ck_assert_int_eq(errno, ENOENT);
    ck_assert_int_eq(file_lock(path, true, 0, &fd), 0);
    ck_assert_int_eq(file_lock_sign(fd, "me\n"), 0);
    ck_assert_str_eq(read_file(path), "me\n");
    ck_assert_int_eq(file_lock(path, true, 0, &other), 1);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert(!file_is_at(fd, path));
    ck_assert_int_eq(file_lock(path, true, 0, &other), 0); /* of another file by now */
    close(fd);
    close(other);
}
END_TEST

Suite *base_files_suite(void)
{
    Suite *suite = suite_create("base/files");
    TCase *tests = tcase_create("files");
    tcase_add_loop_test(tests, paths_are_taken_apart, 0, (int)(sizeof(parts) / sizeof(parts[0])));
    tcase_add_test(tests, paths_are_put_together);
    tcase_add_loop_test(tests, paths_are_cleaned, 0, (int)(sizeof(untidy) / sizeof(untidy[0])));
    tcase_add_loop_test(tests, paths_lead_from_one_to_another, 0, (int)(sizeof(ways) / sizeof(ways[0])));
    tcase_add_test(tests, names_where_they_are);
    tcase_add_test(tests, pipes_are_written_into_and_not_replaced);
    tcase_add_test(tests, pipes_are_read_to_their_end);
    tcase_add_test(tests, reads_up_to_the_most);
    tcase_add_test(tests, what_cannot_be_read_has_a_reason);
    tcase_add_test(tests, reads_what_has_no_size);
    tcase_add_test(tests, standard_input_is_read_once);
    tcase_add_test(tests, new_files_replace_nothing);
    tcase_add_test(tests, replaced_files_keep_their_mode);
    tcase_add_test(tests, places_are_looked_at);
    tcase_add_test(tests, the_next_write_removes_what_was_left);
    tcase_add_test(tests, what_is_in_use_stays);
    tcase_add_test(tests, what_has_its_name_keeps_its_text);
    tcase_add_test(tests, one_holds_a_lock);
    suite_add_tcase(suite, tests);
    return suite;
}
