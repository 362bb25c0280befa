/* Unit tests of archive/s2.h and archive/highway.h. What Go's encoders make of real streams is in tests/backups. */
#include "archive/s2.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "archive/arc_write.h"
#include "archive/crc32c.h"
#include "archive/highway.h"
#include "support/scratch.h"
#include "unit/archive_made.h"
#include "unit/suites.h"

/* ---- blocks ---- */

struct block_case {
    const char *block; /* behind the length */
    size_t size;
    const char *unpacked; /* NULL: it cannot be unpacked */
};

#define BLOCK(bytes) (bytes), sizeof(bytes) - 1

static const struct block_case blocks[] = {
    {BLOCK("\x08"
           "abc"),
     "abc"},
    {BLOCK("\xf0\x02"
           "abc"),
     "abc"},
    {BLOCK("\xf4\x02\x00"
           "abc"),
     "abc"},
    {BLOCK("\xf8\x02\x00\x00"
           "abc"),
     "abc"},
    {BLOCK("\xfc\x02\x00\x00\x00"
           "abc"),
     "abc"},
    /* copies of one, two and four bytes of offset; the first one goes on in what it makes */
    {BLOCK("\x08"
           "abc\x05\x03"),
     "abcabcab"},
    {BLOCK("\x08"
           "abc\x06\x03\x00"),
     "abcab"},
    {BLOCK("\x08"
           "abc\x0b\x03\x00\x00\x00"),
     "abcabc"},
    /* the last offset once more: with the length in the tag, and in one byte */
    {BLOCK("\x08"
           "abc\x02\x03\x00\x01\x00"),
     "abcabcab"},
    {BLOCK("\x08"
           "abc\x02\x03\x00\x15\x00\x01"),
     "abcabcabcabca"},
    /* what is wrong: literals and copies beyond either end, an offset before the start, nothing to repeat */
    {BLOCK("\x0c"
           "abc"),
     NULL},
    {BLOCK("\xf0"), NULL},
    {BLOCK("\xfc\xff\xff\xff\xff"
           "abc"),
     NULL},
    {BLOCK("\x08"
           "abc\x05"),
     NULL},
    {BLOCK("\x08"
           "abc\x05\x04"),
     NULL},
    {BLOCK("\x08"
           "abc\x01\x00"),
     NULL},
    {BLOCK("\x08"
           "abc\x06\x00\x00"),
     NULL},
    {BLOCK("\x08"
           "abc\x0b\xff\xff\xff\xff"),
     NULL},
    {BLOCK("\x08"
           "abc\x02\x03\x00\x15\x00"),
     NULL},
};

START_TEST(blocks_unpack)
{
    const struct block_case *row = &blocks[_i];
    char unpacked[64] = "";
    size_t length = row->unpacked ? strlen(row->unpacked) : 9;
    int failed = s2_block_unpack((const uint8_t *)row->block, row->size, (uint8_t *)unpacked, length);
    ck_assert_int_eq(failed, row->unpacked ? 0 : -1);
    if (!row->unpacked)
        return;
    ck_assert_str_eq(unpacked, row->unpacked);
    /* Neither more nor less than the block says. */
    ck_assert_int_eq(s2_block_unpack((const uint8_t *)row->block, row->size, (uint8_t *)unpacked, length + 1),
                     -1);
    ck_assert_int_eq(s2_block_unpack((const uint8_t *)row->block, row->size, (uint8_t *)unpacked, length - 1),
                     -1);
}
END_TEST

/* Two and three bytes of length begin where the shorter ones end: 4 + 256 + 1, and 4 + 65536 + 2. */
START_TEST(long_repeats_unpack)
{
    static const char packed[] = "\x00"
                                 "x\x02\x01\x00\x19\x00\x01\x00\x1d\x00\x02\x00\x00";
    const size_t length = 1 + 1 + (4 + 256 + 1) + (4 + 65536 + 2);
    uint8_t *unpacked = ARENA_ARRAY(test_arena(), uint8_t, length);
    ck_assert_int_eq(s2_block_unpack((const uint8_t *)packed, sizeof(packed) - 1, unpacked, length), 0);
    size_t same = 0;
    while (same < length && unpacked[same] == 'x')
        same++;
    ck_assert_uint_eq(same, length);
}
END_TEST

/* ---- long blocks ---- */

/* What a block is made of, and what has to come out of it. Offsets are those of what there is, so that the blocks are right. */
struct making {
    struct strbuf packed, unpacked;
    uint32_t state;
    size_t offset;
};

static size_t below(struct making *making, size_t most)
{
    making->state = making->state * 1664525 + 1013904223;
    return (making->state >> 8) % most;
}

static void make_literal(struct making *making, size_t length)
{
    strbuf_addc(&making->packed, (char)((length <= 60 ? length - 1 : 60) << 2));
    if (length > 60)
        strbuf_addc(&making->packed, (char)(length - 1));
    for (size_t i = 0; i < length; i++) {
        char byte = (char)below(making, 256);
        strbuf_addc(&making->packed, byte);
        strbuf_addc(&making->unpacked, byte);
    }
}

static void add_number(struct making *making, size_t number, int bytes)
{
    for (int i = 0; i < bytes; i++)
        strbuf_addc(&making->packed, (char)(number >> (8 * i)));
}

/* Kinds 1 to 3 as the tags have them, and 0: the last offset once more. */
static void make_copy(struct making *making, int kind, size_t length)
{
    size_t most = making->unpacked.length < 2047 ? making->unpacked.length : 2047;
    if (!making->offset)
        kind = 2;
    if (kind)
        making->offset = 1 + below(making, below(making, 2) ? most : most < 40 ? most : 40);
    if (kind <= 1 && length >= 4 && length <= 11) {
        strbuf_addc(&making->packed, (char)((making->offset >> 3 & 0xe0) | (length - 4) << 2 | 1));
        add_number(making, making->offset, 1);
    } else if (!kind && length > 11) {
        strbuf_addc(&making->packed, 5 << 2 | 1);
        strbuf_addc(&making->packed, 0);
        add_number(making, length - 8, 1);
    } else {
        strbuf_addc(&making->packed, (char)((length - 1) << 2 | (kind == 3 ? 3 : 2)));
        add_number(making, making->offset, kind == 3 ? 4 : 2);
    }
    for (size_t i = 0; i < length; i++)
        strbuf_addc(&making->unpacked, making->unpacked.text[making->unpacked.length - making->offset]);
}

/* Away from their ends, blocks are unpacked in larger steps than at them. Neither reads nor writes a byte too many. */
START_TEST(long_blocks_unpack)
{
    struct making making = {.state = (uint32_t)_i};
    make_literal(&making, 1 + below(&making, 200));
    for (int i = 0; i < 300; i++) {
        int kind = (int)below(&making, 6);
        if (kind > 3)
            make_literal(&making, 1 + below(&making, kind == 4 ? 40 : 200));
        else
            make_copy(&making, kind, 1 + below(&making, 64));
        size_t size = making.packed.length, length = making.unpacked.length;
        uint8_t *packed = malloc(size), *unpacked = malloc(length);
        memcpy(packed, making.packed.text, size);
        ck_assert_int_eq(s2_block_unpack(packed, size, unpacked, length), 0);
        ck_assert_mem_eq(unpacked, making.unpacked.text, length);
        ck_assert_int_eq(s2_block_unpack(packed, size, unpacked, length - 1), -1);
        ck_assert_int_eq(s2_block_unpack(packed, size - 1, unpacked, length), -1);
        free(packed);
        free(unpacked);
    }
    strbuf_release(&making.packed);
    strbuf_release(&making.unpacked);
}
END_TEST

/* Processors that have an instruction for it come to the same sum as those that have none, in lanes or not. */
START_TEST(sums_are_the_same_by_all_ways)
{
    static uint8_t bytes[200 * 1024];
    struct crc32c sums;
    struct making making = {0};
    crc32c_init(&sums);
    struct crc32c by_table = sums;
    by_table.has_instruction = false;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)below(&making, 256);
    for (size_t size = 1; size < sizeof(bytes); size = size * 3 / 2 + 1)
        ck_assert_uint_eq(crc32c_masked(&sums, bytes, size), crc32c_masked(&by_table, bytes, size));
    /* As RFC 3720 has it of 32 zeros: 0x8a9136aa, and then masked. */
    memset(bytes, 0, 32);
    ck_assert_uint_eq(crc32c_masked(&by_table, bytes, 32), 0x0fd7fffa);
}
END_TEST

/* ---- streams ---- */

static const char *unpack(const struct strbuf *packed, uint64_t *ret_uncovered)
{
    struct arena *arena = test_arena();
    struct scan scan = {.arena = arena};
    struct memory memory = {strbuf_text(packed), packed->length};
    struct s2_reader *reader = s2_open(&scan, (struct s2_input){memory_read, &memory});
    struct strbuf text = {0};
    char piece[7];
    ssize_t got;
    while ((got = s2_read(reader, piece, sizeof(piece))) > 0)
        strbuf_add(&text, piece, (size_t)got);
    if (ret_uncovered)
        *ret_uncovered = s2_uncovered(reader);
    ck_assert_int_eq(got < 0, scan.fault != NULL);
    s2_close(reader);
    return scan.fault ? scan.fault : strbuf_move(&text, arena);
}

START_TEST(chunks_make_a_stream)
{
    struct strbuf packed = {0};
    uint64_t uncovered;
    made_stream(&packed, "S2sTwO");
    made_plain(&packed, "hello, ", 7);
    made_chunk(&packed, 0xfe, "?????", 5);
    made_chunk(&packed, 0x99, "", 0);
    made_plain(&packed, "", 0);
    made_stream(&packed, "sNaPpY"); /* one behind the other is one stream, as readers of Snappy have it */
    made_plain(&packed, "world", 5);
    ck_assert_str_eq(unpack(&packed, &uncovered), "hello, world");
    ck_assert_uint_eq(uncovered, 5);
    strbuf_release(&packed);
}
END_TEST

struct stream_case {
    const char *name;
    int kind;
    size_t size;
    const char *fault;
};

/* The chunk stands behind an S2 stream's beginning. */
static const struct stream_case bad_chunks[] = {
    {"S2sTwO", 0x80, 3, "the chunk at byte 10 is damaged: it is of a kind that there is not"},
    {"S2sTwO", 0x02, 3, "the chunk at byte 10 is damaged: it is of a kind that there is not"},
    {"S2sTwO", 0x01, 3, "the chunk at byte 10 is damaged: it has a length that no chunk can have"},
    {"S2sTwO", 0x00, 3, "the chunk at byte 10 is damaged: it has a length that no chunk can have"},
    {"S2sTwO", 0x00, 5 * 1024 * 1024,
     "the chunk at byte 10 is damaged: it has a length that no chunk can have"},
    {"S2sTwO", 0x01, 4 * 1024 * 1024 + 5,
     "the chunk at byte 10 is damaged: it has a length that no chunk can have"},
    {"sNaPpY", 0x01, 64 * 1024 + 5,
     "the chunk at byte 10 is damaged: it has a length that no chunk can have"},
    {"S2sTwO", 0xff, 5,
     "the chunk at byte 10 is damaged: it has a length that no chunk of its kind can have"},
    {"S2sTwO", 0xff, 6, "the chunk at byte 10 begins no stream of S2 or Snappy"},
    {"S2sTwO", 0x01, 9, "the chunk at byte 10 is damaged: its checksum does not match its data"},
    /* 'zzzz' and then a length of five bytes */
    {"S2sTwO", 0x00, 12,
     "the chunk at byte 10 is damaged: it claims to unpack to more than a block can have"},
};

START_TEST(bad_chunks_are_told)
{
    const struct stream_case *row = &bad_chunks[_i];
    struct strbuf packed = {0};
    char *bytes = ARENA_ARRAY(test_arena(), char, row->size + 1);
    memset(bytes, row->kind ? 'z' : '\xff', row->size);
    made_stream(&packed, row->name);
    made_chunk(&packed, row->kind, bytes, row->size);
    ck_assert_str_eq(unpack(&packed, NULL), row->fault);
    strbuf_release(&packed);
}
END_TEST

/* A claim alone is not believed: nothing is read, or reserved, but what is there. */
START_TEST(what_is_cut_off_is_told)
{
    struct strbuf packed = {0};
    ck_assert_str_eq(unpack(&packed, NULL), "is empty");
    strbuf_adds(&packed, "hello");
    ck_assert_str_eq(unpack(&packed, NULL), "is no stream of S2 or Snappy: it does not begin like one");
    strbuf_reset(&packed);
    made_stream(&packed, "S2sTwO");
    strbuf_add(&packed, "\x00\x00\x30", 3);
    ck_assert_str_eq(unpack(&packed, NULL), "ends at byte 13, inside the chunk that begins at byte 10");
    strbuf_add(&packed, "\x00zzzz", 5);
    ck_assert_str_eq(unpack(&packed, NULL), "ends at byte 18, inside the chunk that begins at byte 10");
    strbuf_reset(&packed);
    made_stream(&packed, "S2sTwO");
    strbuf_add(&packed, "\xfe\xff\xff\xff padding", 12);
    ck_assert_str_eq(unpack(&packed, NULL), "ends at byte 22, inside the chunk that begins at byte 10");
    strbuf_release(&packed);
}
END_TEST

/* ---- writing ---- */

static int gather(void *context, const void *bytes, size_t size)
{
    strbuf_add(context, bytes, size);
    return 0;
}

/* In chunks, whose data comes out again as it went in. */
START_TEST(what_is_written_is_read)
{
    struct strbuf written = {0}, packed = {0};
    for (size_t i = 0; i < 3 * 64 * 1024 + 17; i++)
        strbuf_addc(&written, (char)(i * i >> 7));
    struct s2_writer *writer = s2_write_begin((struct s2_output){gather, &packed});
    for (size_t at = 0, size = 1; at < written.length; at += size, size = size * 2 + 1) {
        size = size < written.length - at ? size : written.length - at;
        ck_assert_int_eq(s2_write(writer, written.text + at, size), 0);
    }
    ck_assert_int_eq(s2_write_end(writer), 0);
    s2_writer_free(writer);
    struct scan scan = {.arena = test_arena()};
    struct memory memory = {.text = packed.text, .left = packed.length};
    struct s2_reader *reader = s2_open(&scan, (struct s2_input){memory_read, &memory});
    struct strbuf unpacked = {0};
    char piece[1000];
    ssize_t got;
    while ((got = s2_read(reader, piece, sizeof(piece))) > 0)
        strbuf_add(&unpacked, piece, (size_t)got);
    ck_assert_msg(got == 0, "%s", scan.fault);
    ck_assert_uint_eq(unpacked.length, written.length);
    ck_assert_mem_eq(unpacked.text, written.text, written.length);
    s2_close(reader);
    strbuf_release(&unpacked);
    strbuf_release(&packed);
    strbuf_release(&written);
}
END_TEST

/* Entry by entry what is made by hand. */
START_TEST(archives_are_written)
{
    struct strbuf entries = {0}, wanted = {0}, written = {0};
    strbuf_adds(&entries, "NATSARC1");
    made_entry(&entries, "state.json", 0, "{}");
    made_entry(&entries, "a.b", 300, "hello");
    made_entry(&entries, "", 0, "");
    made_stream(&wanted, "sNaPpY");
    made_plain(&wanted, entries.text, entries.length);
    struct arc_writer *writer = arc_write_begin((struct s2_output){gather, &written}, "{}", -1);
    const struct backup_message message = {.subject = "a.b",
                                           .sequence = 300,
                                           .time = -1,
                                           .headers = "",
                                           .data = "hello",
                                           .data_length = strlen("hello")};
    ck_assert_int_eq(arc_write_message(writer, &message), 0);
    ck_assert_int_eq(arc_write_end(writer), 0);
    arc_writer_free(writer);
    ck_assert_uint_eq(written.length, wanted.length);
    ck_assert_mem_eq(written.text, wanted.text, wanted.length);
    strbuf_release(&entries);
    strbuf_release(&wanted);
    strbuf_release(&written);
}
END_TEST

/* ---- HighwayHash ---- */

/* From the vectors that its authors publish: the key and the data are 0, 1, 2, and so on. */
static const uint64_t sums[] = {
    0x907a56de22c26e53, 0x7eab43aac7cddd78, 0xb8d0569ab0b53d62, 0x5c6befab8a463d80,
    0xf205a46893007eda, 0x2b8a1668e4a94541, 0xbd4ccc325befca6f, 0x4d02ae1738f59482,
};

START_TEST(highway_is_highway)
{
    uint8_t bytes[64];
    struct highway hash;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)i;
    for (size_t i = 0; i < sizeof(sums) / sizeof(sums[0]); i++) {
        highway_begin(&hash, bytes);
        highway_add(&hash, bytes, i);
        ck_assert_uint_eq(highway_end(&hash), sums[i]);
    }
    /* In pieces it is the same. */
    for (size_t cut = 0; cut <= sizeof(bytes); cut++) {
        struct highway whole;
        highway_begin(&whole, bytes);
        highway_add(&whole, bytes, sizeof(bytes));
        highway_begin(&hash, bytes);
        highway_add(&hash, bytes, cut);
        highway_add(&hash, bytes + cut, sizeof(bytes) - cut);
        ck_assert_uint_eq(highway_end(&hash), highway_end(&whole));
    }
}
END_TEST

Suite *archive_s2_suite(void)
{
    Suite *suite = suite_create("archive_s2");
    TCase *tests = tcase_create("archive_s2");
    tcase_add_loop_test(tests, blocks_unpack, 0, sizeof(blocks) / sizeof(blocks[0]));
    tcase_add_test(tests, long_repeats_unpack);
    tcase_add_loop_test(tests, long_blocks_unpack, 0, 20);
    tcase_add_test(tests, sums_are_the_same_by_all_ways);
    tcase_add_test(tests, chunks_make_a_stream);
    tcase_add_loop_test(tests, bad_chunks_are_told, 0, sizeof(bad_chunks) / sizeof(bad_chunks[0]));
    tcase_add_test(tests, what_is_cut_off_is_told);
    tcase_add_test(tests, what_is_written_is_read);
    tcase_add_test(tests, archives_are_written);
    tcase_add_test(tests, highway_is_highway);
    suite_add_tcase(suite, tests);
    return suite;
}
