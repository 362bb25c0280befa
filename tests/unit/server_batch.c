/* Unit tests of server/batch.h: what two advisories tell of one deed becomes one, whichever comes first. */
#include "server/batch.h"

#include <string.h>

#include "base/strbuf.h"
#include "support/scratch.h"
#include "unit/suites.h"

#define BOB .client = {"bob", "", "", ""}
#define NOBODY .client = {"", "", "", ""}

enum { HEARD_MOST = 4 };

struct batch_case {
    struct advisory heard[HEARD_MOST];
    size_t earlier; /* so many of them were told before */
    const char *told;
};

static const struct batch_case cases[] = {
    {{{.stream = "S", .deed = DEED_CREATED, NOBODY},
      {.stream = "S", .deed = DEED_CREATED, .is_audit = true, BOB}},
     0,
     "S created by bob\n"},
    {{{.stream = "S", .deed = DEED_UPDATED, .is_audit = true, BOB},
      {.stream = "S", .deed = DEED_UPDATED, NOBODY}},
     0,
     "S updated by bob\n"},
    /* a restore makes the stream */
    {{{.stream = "S", .deed = DEED_RESTORED, .is_audit = true, BOB},
      {.stream = "S", .deed = DEED_CREATED, NOBODY}},
     0,
     "S restored by bob\n"},
    {{{.stream = "S", .deed = DEED_CREATED, NOBODY},
      {.stream = "S", .deed = DEED_RESTORED, .is_audit = true, BOB}},
     0,
     "S restored by bob\n"},
    /* a request that puts a consumer creates it, if that is announced, or else updates it */
    {{{.stream = "S", .consumer = "c", .deed = DEED_PUT, .is_audit = true, BOB},
      {.stream = "S", .consumer = "c", .deed = DEED_CREATED, NOBODY}},
     0,
     "S c created by bob\n"},
    {{{.stream = "S", .consumer = "c", .deed = DEED_PUT, .is_audit = true, BOB}}, 0, "S c updated by bob\n"},
    /* of another object */
    {{{.stream = "S", .consumer = "c", .deed = DEED_DELETED, NOBODY},
      {.stream = "S", .consumer = "d", .deed = DEED_DELETED, .is_audit = true, BOB},
      {.stream = "T", .deed = DEED_DELETED, .is_audit = true, BOB}},
     0,
     "S c deleted by \nS d deleted by bob\nT deleted by bob\n"},
    /* twice is twice */
    {{{.stream = "S", .deed = DEED_UPDATED, NOBODY},
      {.stream = "S", .deed = DEED_UPDATED, NOBODY},
      {.stream = "S", .deed = DEED_UPDATED, .is_audit = true, BOB},
      {.stream = "S", .deed = DEED_UPDATED, .is_audit = true, BOB}},
     0,
     "S updated by bob\nS updated by bob\n"},
    {{{.stream = "S", .deed = DEED_DELETED, .is_audit = true, BOB},
      {.stream = "S", .deed = DEED_CREATED, .is_audit = true, BOB},
      {.stream = "S", .deed = DEED_DELETED, NOBODY},
      {.stream = "S", .deed = DEED_CREATED, NOBODY}},
     0,
     "S deleted by bob\nS created by bob\n"},
    /* what completes something that was told is not told again, and what does not, is */
    {{{.stream = "S", .deed = DEED_UPDATED, NOBODY},
      {.stream = "S", .deed = DEED_UPDATED, .is_audit = true, BOB}},
     1,
     ""},
    {{{.stream = "S", .deed = DEED_UPDATED, NOBODY}, {.stream = "S", .deed = DEED_UPDATED, NOBODY}},
     1,
     "S updated by \n"},
    /* nor is it completed twice: the second audit is of another deed, of which nothing else tells */
    {{{.stream = "S", .consumer = "c", .deed = DEED_CREATED, NOBODY},
      {.stream = "S", .consumer = "c", .deed = DEED_PUT, .is_audit = true, BOB},
      {.stream = "S", .consumer = "c", .deed = DEED_PUT, .is_audit = true, BOB}},
     1,
     "S c updated by bob\n"},
};

static const char *told_of(const struct batch *batch)
{
    static const char *const words[] = {[DEED_CREATED] = "created",
                                        [DEED_UPDATED] = "updated",
                                        [DEED_DELETED] = "deleted",
                                        [DEED_RESTORED] = "restored"};
    const char *text = "";
    for (size_t i = 0; i < batch->list.count; i++) {
        const struct touched *touched = &batch->list.items[i];
        text = arena_printf(test_arena(), "%s%s%s%s %s by %s\n", text, touched->stream,
                            touched->consumer ? " " : "", touched->consumer ? touched->consumer : "",
                            words[touched->deed], touched->audited ? touched->by.user : "");
    }
    return text;
}

START_TEST(one_deed)
{
    const struct batch_case *row = &cases[_i];
    struct batch earlier = {0}, batch = {0};
    for (size_t i = 0; i < HEARD_MOST && row->heard[i].stream; i++) {
        if (i < row->earlier)
            batch_add(&earlier, &batch, &row->heard[i], 1);
        else
            batch_add(&batch, &earlier, &row->heard[i], 2);
    }
    batch_end(&batch);
    ck_assert_str_eq(told_of(&batch), row->told);
    batch_release(&batch);
    batch_release(&earlier);
}
END_TEST

/* There is an end to what anybody can have it keep. */
START_TEST(too_many)
{
    struct batch earlier = {0}, batch = {0};
    for (int i = 0; i <= BATCH_MOST; i++) {
        ck_assert(!batch.is_full);
        const struct advisory advisory = {
            .stream = arena_printf(test_arena(), "S%d", i), .deed = DEED_DELETED, NOBODY};
        batch_add(&batch, &earlier, &advisory, i);
    }
    ck_assert(batch.is_full);
    ck_assert_uint_eq(batch.list.count, BATCH_MOST);
    ck_assert_int_eq(batch.first_ms, 0);
    batch_reset(&batch);
    ck_assert(!batch.is_full && !batch.list.count);
    batch_release(&batch);
    batch_release(&earlier);
}
END_TEST

Suite *server_batch_suite(void)
{
    Suite *suite = suite_create("server_batch");
    TCase *tests = tcase_create("batch");
    tcase_add_loop_test(tests, one_deed, 0, sizeof(cases) / sizeof(cases[0]));
    tcase_add_test(tests, too_many);
    suite_add_tcase(suite, tests);
    return suite;
}
