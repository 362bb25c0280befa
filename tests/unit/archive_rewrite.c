/*
 * Unit tests of archive/rewrite.h and archive/rename.h: the backup of nats-server 2.15 in tests/backups with fewer messages and with other subjects, verified
 * again as a backup is.
 */
#include "archive/rewrite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/read.h"
#include "base/scope.h"
#include "base/write.h"
#include "support/said.h"
#include "support/scratch.h"
#include "unit/suites.h"

/* ---- subjects ---- */

struct rename_case {
    const char *rename;
    const char *subject; /* or a filter */
    const char *becomes; /* NULL: it is not covered; of a rename that is refused, what is wrong */
};

static const struct rename_case renames[] = {
    {"orders.>=old.>", "orders.eu.new", "old.eu.new"},
    {"orders.>=old.>", "orders", NULL},
    {"orders.>=old.>", "orders.*.new", "old.*.new"},
    {"orders.>=old.>", "orders.>", "old.>"},
    {"orders.>=old.>", ">", NULL},
    {"orders=old", "orders", "old"},
    {"orders.*.*=$2.orders.{{wildcard(1)}}", "orders.eu.new", "new.orders.eu"},
    {"orders.*.*={{ wildcard(1) }}.x", "orders.eu.new", NULL},
    {"orders.*.>={{wildcard(1)}}.all.>", "orders.eu.new.7", "eu.all.new.7"},
    {"orders.*.>=all.{{wildcard(1)}}.>", "orders.*.new.*", "all.*.new.*"},
    {"orders.*.*=x.$1.$1", "orders.a.b", "x.a.a"},
    {">=copy.>", "a.b", "copy.a.b"},
    {"a*=b", "a*", "b"},
};

static const struct rename_case bad_renames[] = {
    {"orders", "", "has no '=' between the subject and what becomes of it"},
    {"orders=", "", "has no subject behind the '='"},
    {"=orders", "", "has '', which is no subject"},
    {"orders..x=y", "", "has 'orders..x', which is no subject"},
    {"orders.>=y", "", "must end in '>', as 'orders.>' does"},
    {"orders.*=y.$2", "", "has '$2', and 'orders.*' has 1 '*'"},
    {"orders.*=y.{{partition(3,1)}}", "",
     "has '{{partition(3,1)}}': {{wildcard(1)}} is the only function for this"},
    {"orders.*=y.*", "", "has a '*': write $1 or {{wildcard(1)}} for what the source's first one stands for"},
};

START_TEST(subjects_are_renamed)
{
    const struct rename_case *row = &renames[_i];
    struct rename rename;
    struct strbuf text SCOPED(strbuf_release) = {0};
    const char *fault = rename_parse(test_arena(), row->rename, &rename);
    if (fault) {
        ck_assert_ptr_null(row->becomes);
        return;
    }
    ck_assert(rename_subject(&rename, row->subject, &text) == (row->becomes != NULL));
    ck_assert_str_eq(strbuf_text(&text), row->becomes ? row->becomes : "");
}
END_TEST

START_TEST(bad_renames_are_told)
{
    struct rename rename;
    const char *fault = rename_parse(test_arena(), bad_renames[_i].rename, &rename);
    ck_assert_ptr_nonnull(fault);
    ck_assert_str_eq(fault, bad_renames[_i].becomes);
}
END_TEST

struct filter_case {
    const char *renames[2];
    const char *filter, *becomes;
};

static const struct filter_case filters[] = {
    {{"a.>=b.>"}, "a.1", "b.1"},
    {{"a.>=b.>"}, "c.>", "c.>"},
    {{"a.1=b"}, "a.*", NULL},
    {{"a.1=a.2"}, "a.*", "a.*"},
    {{"a.1=b.1"}, ">", ">"},
    {{"a.1=x", "a.>=y.>"}, "a.1", "x"},
    {{"a.1=x", "a.>=y.>"}, "a.2", "y.2"},
    {{"a.1=x", "a.>=y.>"}, "a.*", NULL},
};

START_TEST(filters_follow_their_messages)
{
    const struct filter_case *row = &filters[_i];
    struct rewrite_terms terms = {0};
    for (size_t i = 0; i < 2 && row->renames[i]; i++) {
        struct rename rename;
        ck_assert_ptr_null(rename_parse(test_arena(), row->renames[i], &rename));
        VEC_PUSH(test_arena(), &terms.renames, rename);
    }
    const char *becomes = rewrite_filter(test_arena(), &terms, row->filter);
    ck_assert((becomes != NULL) == (row->becomes != NULL));
    if (becomes)
        ck_assert_str_eq(becomes, row->becomes);
}
END_TEST

/* ---- archives ---- */

static struct source bytes_of(const char *name)
{
    struct source source;
    const char *tests = getenv("NATSFORM_TESTS");
    ck_assert_ptr_nonnull(tests);
    const char *path = arena_printf(test_arena(), "%s/backups/2.15.1/%s", tests, name);
    ck_assert_msg(file_read(test_arena(), path, 1024 * 1024, &source, NULL) == 0, "cannot read %s", path);
    return source;
}

static void put(const char *folder, const char *name, const char *bytes, size_t size)
{
    const char *why = "";
    const struct new_file file = {.path = path_in(test_arena(), folder, name), .text = bytes, .length = size};
    ck_assert_msg(file_write(test_arena(), &file, FILE_REPLACES, &why) == 0, "%s: %s", file.path, why);
}

static void open_fixture(struct backup *ret_backup)
{
    const char *folder = make_directory(test_directory(), "ORDERS");
    const struct source meta = bytes_of(BACKUP_META), archive = bytes_of(BACKUP_ARC);
    struct diags diags SCOPED(diags_release) = {0};
    put(folder, BACKUP_META, meta.text, meta.length);
    put(folder, BACKUP_ARC, archive.text, archive.length);
    ck_assert_msg(backup_open(test_arena(), folder, ret_backup, &diags) == 0, "%s", said(&diags));
}

/* What is written anew is a backup again, with what was counted; `piece` is how much is asked for at once. */
static struct backup_contents written(const struct rewrite *rewrite, size_t piece)
{
    struct diags diags SCOPED(diags_release) = {0};
    struct strbuf bytes = {0};
    char buffer[200000];
    int64_t got;
    struct rewriter *rewriter = rewriter_open(rewrite, &diags);
    ck_assert_ptr_nonnull(rewriter);
    while ((got = rewriter_next(rewriter, buffer, piece)) > 0)
        strbuf_add(&bytes, buffer, (size_t)got);
    ck_assert_int_eq(got, 0);
    rewriter_close(rewriter);
    /* Its state is another one than backup.json's, as that of `nats backup edit`. */
    const char *folder = make_directory(test_directory(), "anew");
    const struct source meta = bytes_of(BACKUP_META);
    put(folder, BACKUP_ARC, strbuf_text(&bytes), bytes.length);
    const char *edited = arena_printf(test_arena(), "{\"edit\": {},%s", strchr(meta.text, '{') + 1);
    put(folder, BACKUP_META, edited, strlen(edited));
    strbuf_release(&bytes);
    struct backup backup;
    struct backup_contents contents;
    int failed = backup_open(test_arena(), folder, &backup, &diags) ||
                 backup_verify(test_arena(), &backup, &contents, &diags);
    ck_assert_msg(!failed, "%s", said(&diags));
    return contents;
}

static uint64_t messages_of(const struct backup_contents *contents, const char *subject)
{
    for (size_t i = 0; i < contents->subjects.count; i++)
        if (strcmp(contents->subjects.items[i].name, subject) == 0)
            return contents->subjects.items[i].messages;
    return 0;
}

static const struct backup_consumer *consumer_of(const struct backup_contents *contents, const char *name)
{
    for (size_t i = 0; i < contents->consumers.count; i++)
        if (strcmp(contents->consumers.items[i].name, name) == 0)
            return &contents->consumers.items[i];
    ck_abort_msg("no consumer %s", name);
}

static void count(struct rewrite *rewrite)
{
    struct diags diags SCOPED(diags_release) = {0};
    ck_assert_msg(rewrite_count(rewrite, &diags) == 0, "%s", said(&diags));
}

START_TEST(all_of_it_stays)
{
    static const size_t pieces[] = {1, 7, 128 * 1024};
    struct backup backup;
    const struct rewrite_terms terms = {0};
    open_fixture(&backup);
    struct rewrite rewrite = {.arena = test_arena(), .backup = &backup, .terms = &terms};
    ck_assert(!rewrite_is_wanted(&terms));
    count(&rewrite);
    ck_assert_uint_eq(rewrite.messages, 56);
    ck_assert_uint_eq(rewrite.first_seq, 3);
    ck_assert_uint_eq(rewrite.last_seq, 60);
    const struct backup_contents contents = written(&rewrite, pieces[_i]);
    ck_assert_uint_eq(contents.messages, 56);
    ck_assert_uint_eq(contents.bytes, rewrite.bytes);
    ck_assert_uint_eq(messages_of(&contents, "orders.10"), 3);
    ck_assert_uint_eq(consumer_of(&contents, "billing")->ack_floor, 7);
    ck_assert_uint_eq(consumer_of(&contents, "billing")->pending, 2);
}
END_TEST

START_TEST(one_subject_under_another_name)
{
    struct backup backup;
    struct rewrite_terms terms = {0};
    struct rename rename;
    open_fixture(&backup);
    ck_assert_ptr_null(rename_parse(test_arena(), "orders.*=old.$1.x", &rename));
    VEC_PUSH(test_arena(), &terms.renames, rename);
    VEC_PUSH(test_arena(), &terms.subjects, "orders.10");
    VEC_PUSH(test_arena(), &terms.subjects, "orders.0");
    struct rewrite rewrite = {.arena = test_arena(), .backup = &backup, .terms = &terms};
    ck_assert(rewrite_is_wanted(&terms));
    count(&rewrite);
    ck_assert_uint_eq(rewrite.messages, 5);
    ck_assert_uint_eq(rewrite.renamed, 5);
    ck_assert_uint_eq(rewrite.last_seq, 60);
    const struct backup_contents contents = written(&rewrite, 100);
    ck_assert_uint_eq(contents.messages, 5);
    ck_assert_uint_eq(contents.bytes, rewrite.bytes);
    ck_assert_uint_eq(messages_of(&contents, "old.10.x"), 3);
    ck_assert_uint_eq(messages_of(&contents, "old.0.x"), 2);
}
END_TEST

/* Sequences stay; floors before the first one go there, as far as is known what was acknowledged. */
START_TEST(from_a_sequence_on)
{
    struct backup backup;
    struct rewrite_terms terms = {.from_sequence = 9};
    open_fixture(&backup);
    struct rewrite rewrite = {.arena = test_arena(), .backup = &backup, .terms = &terms};
    count(&rewrite);
    ck_assert_uint_eq(rewrite.first_seq, 9);
    const struct backup_contents contents = written(&rewrite, 100);
    ck_assert_uint_eq(contents.messages, rewrite.messages);
    ck_assert_uint_eq(consumer_of(&contents, "billing")->ack_floor, 8);
    ck_assert_uint_eq(consumer_of(&contents, "billing")->delivered, 9);
    ck_assert_uint_eq(consumer_of(&contents, "billing")->pending, 1);
    /* The same by the time of that message. */
    terms = (struct rewrite_terms){.has_time = true, .from_time = rewrite.first_time};
    struct rewrite by_time = {.arena = test_arena(), .backup = &backup, .terms = &terms};
    count(&by_time);
    ck_assert_uint_eq(by_time.first_seq, 9);
    ck_assert_uint_eq(by_time.messages, rewrite.messages);
}
END_TEST

START_TEST(damage_is_told)
{
    struct backup backup;
    const struct rewrite_terms terms = {.from_sequence = 9};
    struct diags diags SCOPED(diags_release) = {0};
    open_fixture(&backup);
    const struct source archive = bytes_of(BACKUP_ARC);
    put(backup.folder, BACKUP_ARC, archive.text, archive.length / 2);
    struct rewrite rewrite = {.arena = test_arena(), .backup = &backup, .terms = &terms};
    ck_assert_int_eq(rewrite_count(&rewrite, &diags), -1);
    ck_assert_ptr_nonnull(strstr(said(&diags), "inside the chunk that begins at byte"));
}
END_TEST

Suite *archive_rewrite_suite(void)
{
    Suite *suite = suite_create("archive_rewrite");
    TCase *tests = tcase_create("archive_rewrite");
    tcase_add_loop_test(tests, subjects_are_renamed, 0, sizeof(renames) / sizeof(renames[0]));
    tcase_add_loop_test(tests, bad_renames_are_told, 0, sizeof(bad_renames) / sizeof(bad_renames[0]));
    tcase_add_loop_test(tests, filters_follow_their_messages, 0, sizeof(filters) / sizeof(filters[0]));
    tcase_add_loop_test(tests, all_of_it_stays, 0, 3);
    tcase_add_test(tests, one_subject_under_another_name);
    tcase_add_test(tests, from_a_sequence_on);
    tcase_add_test(tests, damage_is_told);
    suite_add_tcase(suite, tests);
    return suite;
}
