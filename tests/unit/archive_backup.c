/*
 * Unit tests of archive/backup.h, with the backups in tests/backups: whole, cut off, with turned bits, and with files beside them that say
 * something else.
 */
#include "archive/backup.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "archive/digest.h"
#include "archive/s2.h"
#include "base/path.h"
#include "base/read.h"
#include "base/scope.h"
#include "base/write.h"
#include "support/said.h"
#include "support/scratch.h"
#include "unit/archive_made.h"
#include "unit/suites.h"

struct fixture {
    const char *version;
    const char *archive;
};

static const struct fixture fixtures[] = {
    {"2.9.10", BACKUP_TAR},
    {"2.10.27", BACKUP_TAR},
    {"2.15.1", BACKUP_ARC},
};
enum { FIXTURES = sizeof(fixtures) / sizeof(fixtures[0]), PLACES = 200 };

static struct source bytes_of(const char *folder, const char *name)
{
    struct source source;
    const char *path = path_in(test_arena(), folder, name);
    ck_assert_msg(file_read(test_arena(), path, 1024 * 1024, &source, NULL) == 0, "cannot read %s", path);
    return source;
}

static const char *folder_of(const struct fixture *fixture)
{
    const char *tests = getenv("NATSFORM_TESTS");
    ck_assert_ptr_nonnull(tests);
    return arena_printf(test_arena(), "%s/backups/%s", tests, fixture->version);
}

static void put(const char *folder, const char *name, const char *bytes, size_t size)
{
    const char *why = "";
    const struct new_file file = {.path = path_in(test_arena(), folder, name), .text = bytes, .length = size};
    ck_assert_msg(file_write(test_arena(), &file, FILE_REPLACES, &why) == 0, "%s: %s", file.path, why);
}

/* A copy of the fixture that may be changed. */
static const char *copy_of(const struct fixture *fixture)
{
    const char *folder = make_directory(test_directory(), "ORDERS");
    const char *from = folder_of(fixture);
    const struct source meta = bytes_of(from, BACKUP_META);
    const struct source archive = bytes_of(from, fixture->archive);
    put(folder, BACKUP_META, meta.text, meta.length);
    put(folder, fixture->archive, archive.text, archive.length);
    return folder;
}

/* As it is written today, and as it was before. */
static const enum digest_kind digests[] = {DIGEST_XXH128, DIGEST_SHA256};

static const char *own_with(enum digest_kind kind, const struct source *archive, const char *file,
                            const char *rest)
{
    return arena_printf(test_arena(),
                        "{\"format_version\": %d, \"stream\": \"ORDERS\", \"server_version\": \"2.15.1\","
                        " \"made\": \"2026-11-29T20:48:30Z\","
                        " \"archive\": {\"file\": \"%s\", \"bytes\": %zu, \"%s\": \"%s\"}%s}",
                        kind == DIGEST_SHA256 ? 1 : 2, file, archive->length, digest_key(kind),
                        digest_of(test_arena(), kind, archive->text, archive->length), rest);
}

static const char *own_of(const struct source *archive, const char *file, const char *rest)
{
    return own_with(DIGEST_XXH128, archive, file, rest);
}

static void put_text(const char *folder, const char *name, const char *text)
{
    put(folder, name, text, strlen(text));
}

/* What is said of the backup, without its folder; "" when it is whole. */
static const char *verify(const char *folder, struct backup_contents *ret_contents)
{
    struct arena arena SCOPED(arena_release);
    struct diags diags SCOPED(diags_release);
    struct backup backup;
    struct backup_contents contents;
    arena_init(&arena);
    diags_init(&diags);
    int failed = backup_open(&arena, folder, &backup, &diags) ||
                 backup_verify(&arena, &backup, ret_contents ? ret_contents : &contents, &diags);
    ck_assert_int_eq(failed, diags.errors != 0);
    ck_assert_uint_le(diags.list.count, 1);
    return diags.list.count ? arena_strdup(test_arena(), diags.list.items[0]->message) : "";
}

/* ---- whole ---- */

START_TEST(fixtures_are_whole)
{
    const struct fixture *fixture = &fixtures[_i];
    struct diags diags SCOPED(diags_release);
    struct backup backup;
    struct backup_contents contents;
    diags_init(&diags);
    ck_assert_int_eq(backup_open(test_arena(), folder_of(fixture), &backup, &diags), 0);
    ck_assert_int_eq(backup_verify(test_arena(), &backup, &contents, &diags), 0);
    ck_assert_str_eq(said(&diags), "");
    ck_assert_str_eq(backup.stream, "ORDERS");
    ck_assert_ptr_null(backup.server_version);
    ck_assert_ptr_null(backup.own);
    ck_assert_int_eq(backup.is_new_format, strcmp(fixture->archive, BACKUP_ARC) == 0);
    ck_assert_uint_eq(contents.messages, 56);
    ck_assert_uint_eq(contents.bytes, node_get_number(backup.state, "bytes"));
    ck_assert_uint_eq(contents.first_seq, 3);
    ck_assert_uint_eq(contents.last_seq, 60);
    ck_assert_uint_eq(contents.consumers.count, 2);
    const struct backup_consumer *consumers = contents.consumers.items;
    size_t billing = strcmp(consumers[0].name, "billing") == 0 ? 0 : 1;
    ck_assert_str_eq(consumers[billing].name, "billing");
    ck_assert_str_eq(consumers[!billing].name, "lager_\303\244");
    ck_assert_uint_eq(consumers[billing].ack_floor, 7);
    ck_assert_uint_eq(consumers[billing].delivered, 9);
    ck_assert_uint_eq(consumers[billing].pending, 2);
    if (!backup.is_new_format)
        return;
    ck_assert_uint_eq(contents.subject_count, 25);
    ck_assert_uint_eq(contents.subjects.count, 20);
    ck_assert(contents.subjects_are_all);
    ck_assert_str_eq(contents.subjects.items[0].name, "orders.10");
    ck_assert_uint_eq(contents.subjects.items[0].messages, 3);
}
END_TEST

/* ---- cut off ---- */

START_TEST(what_is_cut_off_is_found)
{
    const struct fixture *fixture = &fixtures[_i / 2];
    const char *folder = copy_of(fixture);
    const struct source archive = bytes_of(folder, fixture->archive);
    if (_i % 2)
        put_text(folder, BACKUP_OWN, own_of(&archive, fixture->archive, ""));
    for (size_t i = 0; i < PLACES; i++) {
        size_t length = archive.length * i / PLACES;
        put(folder, fixture->archive, archive.text, length);
        ck_assert_msg(*verify(folder, NULL), "%s, cut off after %zu bytes, is called whole", fixture->version,
                      length);
    }
    put(folder, fixture->archive, archive.text, archive.length - 1);
    ck_assert(*verify(folder, NULL));
}
END_TEST

/* ---- turned bits ---- */

static const char *unpacked(const char *bytes, size_t size, size_t *ret_length)
{
    struct scan scan = {.arena = test_arena()};
    struct memory memory = {bytes, size};
    struct s2_reader *reader = s2_open(&scan, (struct s2_input){memory_read, &memory});
    struct strbuf text = {0};
    char piece[4096];
    ssize_t got;
    while ((got = s2_read(reader, piece, sizeof(piece))) > 0)
        strbuf_add(&text, piece, (size_t)got);
    s2_close(reader);
    *ret_length = text.length;
    return strbuf_move(&text, test_arena());
}

/*
 * No checksum finds a bit by which a copy comes from another place that holds the same bytes: then nothing is lost, and that is checked here. With
 * natsform.json these are found as well.
 */
START_TEST(turned_bits_are_found)
{
    const struct fixture *fixture = &fixtures[_i / 2];
    const char *folder = copy_of(fixture);
    const struct source archive = bytes_of(folder, fixture->archive);
    char *changed = arena_strndup(test_arena(), archive.text, archive.length);
    size_t length;
    size_t length_now;
    size_t harmless = 0;
    const char *text = unpacked(archive.text, archive.length, &length);
    if (_i % 2)
        put_text(folder, BACKUP_OWN, own_of(&archive, fixture->archive, ""));
    for (size_t i = 0; i < PLACES; i++) {
        size_t at = archive.length * i / PLACES;
        changed[at] = (char)(changed[at] ^ 1 << (i % 8));
        put(folder, fixture->archive, changed, archive.length);
        if (!*verify(folder, NULL)) {
            const char *now = unpacked(changed, archive.length, &length_now);
            ck_assert_msg(length == length_now && memcmp(text, now, length) == 0,
                          "%s: bit %zu of byte %zu changes what it unpacks to, and is not found",
                          fixture->version, i % 8, at);
            harmless++;
        }
        changed[at] = archive.text[at];
    }
    if (_i % 2)
        ck_assert_uint_eq(harmless, 0);
    printf("%s: of %d turned bits, %zu are not found and change nothing\n", fixture->version, PLACES,
           harmless);
}
END_TEST

/*
 * Between two chunks no checksum tells that more was to come, nor that one in the middle has become a chunk that readers pass over: of as many
 * chunks as there can be, each is such a place.
 */
START_TEST(gaps_between_chunks_are_found)
{
    const struct fixture *fixture = &fixtures[_i / 2];
    const char *name = _i % 2 ? "sNaPpY" : "S2sTwO";
    const char *folder = copy_of(fixture);
    const struct source archive = bytes_of(folder, fixture->archive);
    const size_t piece = strcmp(fixture->archive, BACKUP_TAR) == 0 ? 512 : 29;
    enum { HEADER = 10, CHUNK_HEADER = 8 };
    size_t length;
    struct strbuf packed = {0};
    const char *text = unpacked(archive.text, archive.length, &length);
    made_stream(&packed, name);
    for (size_t at = 0; at < length; at += piece)
        made_plain(&packed, text + at, length - at < piece ? length - at : piece);
    put(folder, fixture->archive, packed.text, packed.length);
    ck_assert_str_eq(verify(folder, NULL), "");
    for (size_t at = HEADER; at < packed.length; at += piece + CHUNK_HEADER) {
        put(folder, fixture->archive, packed.text, at);
        ck_assert_msg(*verify(folder, NULL), "%s, cut off after %zu bytes, is called whole", fixture->version,
                      at);
        packed.text[at] = (char)0x81;
        put(folder, fixture->archive, packed.text, packed.length);
        packed.text[at] = 0x01;
        const char *wanted = arena_printf(
            test_arena(), "the chunk at byte %zu is damaged: it is of a kind that there is not", at);
        ck_assert_str_eq(verify(folder, NULL), wanted);
    }
    strbuf_release(&packed);
}
END_TEST

/* ---- made by hand ---- */

struct made_case {
    const char *state;
    struct {
        const char *name;
        uint64_t sequence;
        const char *payload;
    } entries[6];
    const char *said;
};

#define STATE(messages, first, last, consumers)                                                              \
    "{\"messages\":" #messages ",\"bytes\":9,\"first_seq\":" #first ",\"last_seq\":" #last                   \
    ",\"consumer_count\":" #consumers "}"
#define CONSUMER "{\"config\":{\"name\":\"c\"},\"state\":{\"ack_floor\":{\"stream_seq\":1}}}"
#define END_ENTRY                                                                                            \
    {                                                                                                        \
        "", 0, ""                                                                                            \
    }
#define CHUNK ", in the chunk at byte 10, "

static const struct made_case made[] = {
    {STATE(1, 1, 1, 1), {{"consumers/c", 0, CONSUMER}, {"s", 1, "x"}, END_ENTRY}, ""},
    {STATE(0, 0, 0, 0), {END_ENTRY}, ""},
    {STATE(0, 8, 7, 0), {END_ENTRY}, ""},
    {STATE(2, 3, 9, 0), {{"s", 3, "x"}, {"s", 9, ""}, END_ENTRY}, ""},
    {STATE(2, 3, 9, 0),
     {{"s", 3, "x"}, END_ENTRY},
     "has 1 message fewer than the stream had when the backup began"},
    /* the end */
    {STATE(1, 1, 1, 0), {{"s", 1, "x"}}, "ends inside entry 3: the rest was cut off"},
    {STATE(1, 1, 1, 0),
     {{"s", 1, "x"}, END_ENTRY, {"s", 2, "x"}},
     "goes on behind its end, which is entry 3"},
    {STATE(1, 1, 1, 0), {END_ENTRY, END_ENTRY}, "goes on behind its end, which is entry 2"},
    /* messages */
    {STATE(1, 1, 2, 0),
     {{"s", 1, "x"}, {"s", 2, "x"}, END_ENTRY},
     "has 2 messages, and backup.json counts 1"},
    {STATE(2, 1, 2, 0),
     {{"s", 2, "x"}, {"s", 1, "x"}, END_ENTRY},
     "entry 3" CHUNK "is message 1, behind message 2"},
    {STATE(2, 1, 2, 0),
     {{"s", 2, "x"}, {"s", 2, "x"}, END_ENTRY},
     "entry 3" CHUNK "is message 2, behind message 2"},
    {STATE(1, 3, 9, 0),
     {{"s", 2, "x"}, END_ENTRY},
     "entry 2" CHUNK "is message 2, and the stream has 3 to 9"},
    {STATE(1, 3, 9, 0),
     {{"s", 10, "x"}, END_ENTRY},
     "entry 2" CHUNK "is message 10, and the stream has 3 to 9"},
    {STATE(1, 1, 1, 0), {{"s", 0, "x"}, END_ENTRY}, "entry 2" CHUNK "is neither a message nor the end"},
    /* consumers */
    {STATE(1, 1, 1, 1),
     {{"s", 1, "x"}, END_ENTRY},
     "entry 2" CHUNK "is no consumer, and 'state.json' counts more of them"},
    {STATE(1, 1, 1, 0),
     {{"consumers/c", 0, CONSUMER}, END_ENTRY},
     "entry 2" CHUNK "is neither a message nor the end"},
    {STATE(0, 1, 0, 2),
     {{"consumers/c", 0, CONSUMER}, {"consumers/c", 0, CONSUMER}, END_ENTRY},
     "holds consumer 'c' twice"},
    {STATE(0, 1, 0, 1),
     {{"consumers/d", 0, CONSUMER}, END_ENTRY},
     "entry 2" CHUNK "is a consumer whose configuration has another name"},
    {STATE(0, 1, 0, 1),
     {{"consumers/c", 0, "{\"config\":{}}"}, END_ENTRY},
     "entry 2" CHUNK "has no configuration, or no state, of its consumer"},
    {STATE(0, 1, 0, 1), {{"consumers/c", 0, "[]"}, END_ENTRY}, "entry 2 is a list, and no map"},
    /* the state */
    {STATE(1, 0, 0, 0), {END_ENTRY}, "state.json has numbers that contradict each other"},
    {STATE(3, 1, 2, 0), {END_ENTRY}, "state.json has numbers that contradict each other"},
    {STATE(0, 9, 7, 0), {END_ENTRY}, "state.json has numbers that contradict each other"},
};

/* A folder with that archive, and backup.json with that state. */
static const char *made_backup(const char *state, const struct strbuf *archive, const char *rest)
{
    const char *folder = test_directory();
    struct strbuf packed = {0};
    made_stream(&packed, "S2sTwO");
    made_plain(&packed, archive->text, archive->length);
    put(folder, BACKUP_ARC, packed.text, packed.length);
    put_text(folder, BACKUP_META,
             arena_printf(test_arena(), "{\"config\":{\"name\":\"ORDERS\"},\"state\":%s%s}", state, rest));
    strbuf_release(&packed);
    return folder;
}

static void make(const struct made_case *row, struct strbuf *archive)
{
    size_t last = sizeof(row->entries) / sizeof(row->entries[0]);
    strbuf_adds(archive, "NATSARC1");
    made_entry(archive, "state.json", 0, row->state);
    while (last && !row->entries[last - 1].name)
        last--;
    for (size_t i = 0; i < last; i++)
        made_entry(archive, row->entries[i].name, row->entries[i].sequence, row->entries[i].payload);
}

START_TEST(the_order_of_entries_is_checked)
{
    const struct made_case *row = &made[_i];
    struct strbuf archive = {0};
    make(row, &archive);
    ck_assert_str_eq(verify(made_backup(row->state, &archive, ""), NULL), row->said);
    strbuf_release(&archive);
}
END_TEST

/* Of what the CLI edits, the state inside is from before; backup.json has the right one, and says that it was edited. */
START_TEST(edited_backups_have_two_states)
{
    static const char *const inside[] = {STATE(0, 1, 0, 0), STATE(9, 1, 9, 0)};
    static const char edit[] = ",\"edit\":{\"options\":[]}";
    for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++) {
        const struct made_case row = {inside[i], {{"s", 4, "x"}, {"s", 7, "x"}, END_ENTRY}, ""};
        struct strbuf archive = {0};
        make(&row, &archive);
        ck_assert_str_eq(verify(made_backup(STATE(2, 4, 7, 0), &archive, edit), NULL), "");
        ck_assert_str_eq(verify(made_backup(STATE(1, 4, 7, 0), &archive, edit), NULL),
                         "has 2 messages, and backup.json counts 1");
        ck_assert_str_eq(verify(made_backup(STATE(2, 4, 6, 0), &archive, edit), NULL),
                         "entry 3" CHUNK "is message 7, and the stream has 4 to 6");
        strbuf_release(&archive);
    }
    struct strbuf archive = {0};
    make(&(struct made_case){.state = STATE(0, 1, 2, 0), .entries = {END_ENTRY}}, &archive);
    ck_assert_str_eq(
        verify(made_backup(STATE(0, 1, 3, 0), &archive, ""), NULL),
        "is of another backup than backup.json: it has 0 messages (1..2), and that says 0 (1..3)");
    strbuf_release(&archive);
}
END_TEST

/* As the server counts: 22 + 8 bytes beside subject and text in a file, and 16 in memory. */
START_TEST(bytes_are_counted_as_the_server_does)
{
    const struct made_case row = {STATE(2, 1, 2, 0), {{"s", 1, "x"}, {"s", 2, "xyz"}, END_ENTRY}, ""};
    struct strbuf archive = {0};
    struct backup_contents contents;
    make(&row, &archive);
    const char *folder = made_backup(row.state, &archive, "");
    ck_assert_str_eq(verify(folder, &contents), "");
    ck_assert_uint_eq(contents.bytes, 30 + 2 + 30 + 4);
    put_text(folder, BACKUP_META,
             "{\"config\":{\"name\":\"ORDERS\",\"storage\":\"memory\"},\"state\":" STATE(2, 1, 2, 0) "}");
    ck_assert_str_eq(verify(folder, &contents), "");
    ck_assert_uint_eq(contents.bytes, 16 + 2 + 16 + 4);
    strbuf_release(&archive);
}
END_TEST

/* Claims of an entry, and what is there: nothing is reserved for the rest. */
START_TEST(claims_are_not_believed)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *said;
    } claims[] = {
        {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10, "ends inside entry 2: the rest was cut off"},
        {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10, "entry 2" CHUNK "has a number of more than 64 bits"},
        {"\x80\x80\x80\x01\x01\x01\x00\x00", 8, "entry 2" CHUNK "has a name of more than 1 MiB"},
        {"\x01\x01\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x00s", 15,
         "entry 2" CHUNK "claims a size that nothing has"},
        {"\x01\x01\x01\x00\xff\xff\xff\xff\xff\xff\xff\xff\x7fs", 14,
         "ends inside entry 2: the rest was cut off"},
        {"\x01\x01\x01\x00\x00\x00", 6, "entry 2" CHUNK "has a zero byte in its name"},
    };
    for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++) {
        struct strbuf archive = {0};
        make(&(struct made_case){.state = STATE(1, 1, 1, 0)}, &archive);
        strbuf_add(&archive, claims[i].bytes, claims[i].size);
        ck_assert_str_eq(verify(made_backup(STATE(1, 1, 1, 0), &archive, ""), NULL), claims[i].said);
        strbuf_release(&archive);
    }
}
END_TEST

/* ---- the files beside it ---- */

START_TEST(totals_of_another_backup_are_told)
{
    const char *folder = copy_of(&fixtures[_i]);
    const struct source meta = bytes_of(folder, BACKUP_META);
    char *changed = arena_strndup(test_arena(), meta.text, meta.length);
    char *messages = strstr(changed, "\"messages\": 56");
    ck_assert_ptr_nonnull(messages);
    messages[strlen("\"messages\": 5")] = '8'; /* 58 */
    put(folder, BACKUP_META, changed, meta.length);
    ck_assert_str_eq(
        verify(folder, NULL),
        strcmp(fixtures[_i].archive, BACKUP_ARC) == 0
            ? "is of another backup than backup.json: it has 56 messages (3..60), and that says 58 (3..60)"
            : "has blocks with 56 messages, and backup.json counts 58");
    char *name = strstr(changed, "\"name\": \"ORDERS\"");
    ck_assert_ptr_nonnull(name);
    name[strlen("\"name\": \"")] = 'B';
    put(folder, BACKUP_META, changed, meta.length);
    if (strcmp(fixtures[_i].archive, BACKUP_TAR) == 0)
        ck_assert_str_eq(verify(folder, NULL), "is of stream 'ORDERS', and backup.json is of 'BRDERS'");
}
END_TEST

START_TEST(consumers_that_are_left_out_are_named)
{
    const struct fixture *fixture = &fixtures[_i];
    const char *folder = copy_of(fixture);
    const struct source archive = bytes_of(folder, fixture->archive);
    struct backup_contents contents;
    put_text(folder, BACKUP_OWN,
             own_of(&archive, fixture->archive,
                    ", \"consumers\": [{\"name\": \"billing\"}, {\"name\": \"memory\", \"ack_floor\": "
                    "{\"stream_seq\": 7}, \"num_ack_pending\": 4}]"));
    struct diags diags SCOPED(diags_release);
    struct backup backup;
    diags_init(&diags);
    ck_assert_int_eq(backup_open(test_arena(), folder, &backup, &diags), 0);
    ck_assert_str_eq(backup.server_version, "2.15.1");
    ck_assert_int_eq(backup_verify(test_arena(), &backup, &contents, &diags), 0);
    ck_assert_str_eq(said(&diags), "");
    ck_assert_uint_eq(contents.consumers.count, 3);
    const struct backup_consumer *consumer = &contents.consumers.items[2];
    ck_assert_str_eq(consumer->name, "memory");
    ck_assert(!consumer->is_in_archive && contents.consumers.items[0].is_in_archive);
    ck_assert_uint_eq(consumer->ack_floor, 7);
    ck_assert_uint_eq(consumer->pending, 4);
}
END_TEST

struct own_case {
    const char *from, *to; /* in natsform.json */
    const char *said;
};

static const struct own_case owns[] = {
    {"_version\": 2", "_version\": 3", "is of a form that this natsform does not know"},
    {"_version\": 2", "_version\": 0", "is of a form that this natsform does not know"},
    {"ORDERS", "OTHERS", "is of stream 'OTHERS', and backup.json is of 'ORDERS'"},
    {"stream.arc.s2", "stream.tar.s2", "is about 'stream.tar.s2', and here is 'stream.arc.s2'"},
    {"\"xxh128\": \"", "\"xxh129\": \"",
     "is not the file that natsform.json is about: its checksum is another, though all that it unpacks to is in order"},
    {"\"xxh128\": \"", "\"sha256\": \"",
     "is not the file that natsform.json is about: its checksum is another, though all that it unpacks to is in order"},
    {"\"bytes\": 2", "\"bytes\": 3", "has 2071 bytes, and natsform.json says 3071"},
    {"{\"format", "[\"format", "not valid JSON at byte 18: expected a comma or a closing bracket"},
};

START_TEST(the_own_file_is_checked)
{
    const struct own_case *row = &owns[_i];
    const struct fixture *fixture = &fixtures[FIXTURES - 1];
    const char *folder = copy_of(fixture);
    const struct source archive = bytes_of(folder, fixture->archive);
    char *own = arena_strdup(test_arena(), own_of(&archive, fixture->archive, ""));
    char *at = strstr(own, row->from);
    ck_assert_ptr_nonnull(at);
    memcpy(at, row->to, strlen(row->to));
    put_text(folder, BACKUP_OWN, own);
    ck_assert_str_eq(verify(folder, NULL), row->said);
}
END_TEST

/* By other programs: `printf abc | xxh128sum`, and sha256sum. */
START_TEST(digests_are_what_others_make)
{
    ck_assert_str_eq(digest_of(test_arena(), DIGEST_XXH128, "", 0), "99aa06d3014798d86001c324468d497f");
    ck_assert_str_eq(digest_of(test_arena(), DIGEST_XXH128, "abc", 3), "06b05ab6733a618578af5f94892f3950");
    ck_assert_str_eq(digest_of(test_arena(), DIGEST_SHA256, "abc", 3),
                     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
END_TEST

/* A change of backup.json that contradicts nothing else. Those of an earlier natsform have no digest of it. */
START_TEST(the_other_file_has_a_digest)
{
    enum digest_kind kind = digests[_i];
    const struct fixture *fixture = &fixtures[FIXTURES - 1];
    const char *folder = copy_of(fixture);
    const struct source archive = bytes_of(folder, fixture->archive), meta = bytes_of(folder, BACKUP_META);
    char *changed = arena_strdup(test_arena(), meta.text);
    const char *rest = arena_printf(
        test_arena(), ", \"backup\": {\"file\": \"backup.json\", \"bytes\": %zu, \"%s\": \"%s\"}",
        meta.length, digest_key(kind), digest_of(test_arena(), kind, meta.text, meta.length));
    memcpy(strstr(changed, "\"max_msgs\""), "\"max_msgz\"", strlen("\"max_msgz\""));
    put_text(folder, BACKUP_OWN, own_with(kind, &archive, fixture->archive, rest));
    ck_assert_str_eq(verify(folder, NULL), "");
    put_text(folder, BACKUP_META, changed);
    ck_assert_str_eq(verify(folder, NULL),
                     "is about another backup.json: its checksum is not that of the one here");
    put_text(folder, BACKUP_OWN, own_of(&archive, fixture->archive, ""));
    ck_assert_str_eq(verify(folder, NULL), "");
}
END_TEST

/* ---- folders ---- */

START_TEST(folders_are_what_they_hold)
{
    const char *folder = copy_of(&fixtures[2]);
    const char *parent = path_folder(test_arena(), folder);
    struct diags diags SCOPED(diags_release);
    struct backup_folders found;
    diags_init(&diags);
    ck_assert_int_eq(backup_find(test_arena(), folder, &found, &diags), 0);
    ck_assert_uint_eq(found.list.count, 1);
    make_directory(parent, "nothing");
    make_directory(parent, "ANOTHER");
    put_text(path_in(test_arena(), parent, "ANOTHER"), BACKUP_META, "");
    ck_assert_int_eq(backup_find(test_arena(), parent, &found, &diags), 0);
    ck_assert_uint_eq(found.list.count, 2);
    ck_assert_str_eq(path_name(found.list.items[0]), "ANOTHER");
    ck_assert_str_eq(path_name(found.list.items[1]), "ORDERS");
    ck_assert_str_eq(said(&diags), "");
    ck_assert_int_eq(backup_find(test_arena(), path_in(test_arena(), parent, "nothing"), &found, &diags), -1);
    ck_assert_int_eq(backup_find(test_arena(), path_in(test_arena(), parent, "gone"), &found, &diags), -1);
    ck_assert_uint_eq(diags.errors, 2);
    ck_assert_ptr_eq(diags.list.items[0]->code, &code_no_backup);
}
END_TEST

START_TEST(what_is_unfinished_is_told)
{
    const char *folder = copy_of(&fixtures[2]);
    const struct source meta = bytes_of(folder, BACKUP_META);
    put(folder, BACKUP_META, "", 0); /* as the CLI leaves it */
    ck_assert_str_eq(verify(folder, NULL), "is empty: the backup was not finished");
    put_text(folder, BACKUP_META, "{\"config\": {}}");
    ck_assert_str_eq(verify(folder, NULL), "names no stream in its 'config'");
    put_text(folder, BACKUP_META, "{\"config\": {\"name\": \"ORDERS\"}}");
    ck_assert_str_eq(verify(folder, NULL), "has no 'state' of the stream");
    put_text(folder, BACKUP_META, "[]");
    ck_assert_str_eq(verify(folder, NULL), "is no map");
    ck_assert_int_eq(remove(path_in(test_arena(), folder, BACKUP_META)), 0);
    ck_assert_str_eq(verify(folder, NULL), "has no backup.json beside it: the backup was not finished");
    put(folder, BACKUP_META, meta.text, meta.length);
    put_text(folder, BACKUP_TAR, "");
    ck_assert_str_eq(verify(folder, NULL),
                     "holds both stream.arc.s2 and stream.tar.s2: only one can be the backup");
    ck_assert_int_eq(remove(path_in(test_arena(), folder, BACKUP_ARC)), 0);
    ck_assert_str_eq(verify(folder, NULL), "is empty");
    ck_assert_int_eq(remove(path_in(test_arena(), folder, BACKUP_TAR)), 0);
    ck_assert_str_eq(verify(folder, NULL),
                     "has no archive beside it, neither stream.arc.s2 nor stream.tar.s2");
    make_directory(folder, BACKUP_ARC);
    ck_assert_str_eq(verify(folder, NULL), "cannot be read: is a directory");
}
END_TEST

/* An archive of the one format under the name of the other. */
START_TEST(formats_are_told_apart)
{
    const char *folder = copy_of(&fixtures[2]);
    const struct source arc = bytes_of(folder, BACKUP_ARC);
    const struct source tar = bytes_of(folder_of(&fixtures[1]), BACKUP_TAR);
    put(folder, BACKUP_ARC, tar.text, tar.length);
    ck_assert_str_eq(verify(folder, NULL),
                     "is no archive of a nats-server 2.15 or newer: it does not begin with 'NATSARC1'");
    ck_assert_int_eq(remove(path_in(test_arena(), folder, BACKUP_ARC)), 0);
    put(folder, BACKUP_TAR, arc.text, arc.length);
    ck_assert(strncmp(verify(folder, NULL), "is no whole tar", 15) == 0);
}
END_TEST

Suite *archive_backup_suite(void)
{
    Suite *suite = suite_create("archive_backup");
    TCase *tests = tcase_create("archive_backup");
    TCase *damage = tcase_create("damage");
    tcase_add_loop_test(tests, fixtures_are_whole, 0, FIXTURES);
    tcase_add_loop_test(damage, what_is_cut_off_is_found, 0, 2 * FIXTURES);
    tcase_add_loop_test(damage, turned_bits_are_found, 0, 2 * FIXTURES);
    tcase_add_loop_test(damage, gaps_between_chunks_are_found, 0, 2 * FIXTURES);
    tcase_add_loop_test(tests, the_order_of_entries_is_checked, 0, sizeof(made) / sizeof(made[0]));
    tcase_add_test(tests, edited_backups_have_two_states);
    tcase_add_test(tests, bytes_are_counted_as_the_server_does);
    tcase_add_test(tests, claims_are_not_believed);
    tcase_add_loop_test(tests, totals_of_another_backup_are_told, 0, FIXTURES);
    tcase_add_loop_test(tests, consumers_that_are_left_out_are_named, 0, FIXTURES);
    tcase_add_loop_test(tests, the_own_file_is_checked, 0, sizeof(owns) / sizeof(owns[0]));
    tcase_add_test(tests, digests_are_what_others_make);
    tcase_add_loop_test(tests, the_other_file_has_a_digest, 0, sizeof(digests) / sizeof(digests[0]));
    tcase_add_test(tests, folders_are_what_they_hold);
    tcase_add_test(tests, what_is_unfinished_is_told);
    tcase_add_test(tests, formats_are_told_apart);
    /* Thousands of archives: valgrind would take minutes. */
    tcase_set_tags(damage, "large");
    suite_add_tcase(suite, tests);
    suite_add_tcase(suite, damage);
    return suite;
}
