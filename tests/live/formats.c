/*
 * Files of other tools, on every server version: what they describe reaches the server, comes back as nothing left to do, and so does
 * what `convert` makes of them.
 *
 * tests/formats/ has files as the tools write them. Every field there is goes the way of the nats CLI too, as the server itself
 * prints it, and the way of NACK, by the rows' own names.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/vec.h"
#include "formats/foreign.h"
#include "kind/kinds.h"
#include "support/config.h"
#include "support/run.h"
#include "support/samples.h"
#include "support/scratch.h"
#include "support/suite.h"
#include "support/trip.h"

enum { ARGUMENTS_MOST = 64 };

/* ---- running with several files ---- */

struct files {
    const char *arguments[ARGUMENTS_MOST]; /* "-f", path, … */
    size_t count;
};

static void add_argument(struct files *files, const char *argument)
{
    ck_assert(files->count < ARGUMENTS_MOST - 8);
    files->arguments[files->count++] = argument;
}

static void add_file(struct files *files, const char *path)
{
    add_argument(files, "-f");
    add_argument(files, path);
}

static struct run run_with(const struct server_fixture *server, const char *command, const char *option,
                           const struct files *files)
{
    const char *arguments[ARGUMENTS_MOST] = {command};
    size_t count = 1;
    if (server) {
        arguments[count++] = "-s";
        arguments[count++] = server->url;
    }
    if (option)
        arguments[count++] = option;
    memcpy(arguments + count, files->arguments, files->count * sizeof(*arguments));
    arguments[count + files->count] = NULL;
    const struct run_options options = {.arguments = arguments};
    return run_natsform(&options);
}

static void must_be_in_sync_with(const struct server_fixture *server, const struct files *files)
{
    ck_assert_exit(run_with(server, "plan", "--detailed-exitcode", files), 0);
}

/* What convert prints plans as its source does, and is what it makes of itself. */
static const char *must_convert(const struct server_fixture *server, const struct files *files)
{
    struct run run = run_with(NULL, "convert", NULL, files);
    ck_assert_exit(run, 0);
    const char *path = manifest(run.out);
    must_be_in_sync(server, path);
    struct run again = RUN("convert", "-f", path);
    ck_assert_exit(again, 0);
    const char *without_comments = strncmp(run.out, "# ", 2) == 0 ? strstr(run.out, "\n\n") + 2 : run.out;
    ck_assert_str_eq(again.out, without_comments);
    return run.out;
}

/* ---- the files of tests/formats ---- */

static const struct sample_file {
    const char *name;
    const char *since;  /* first version that has all its fields; NULL: all */
    const char *stream; /* --stream */
    const char *before; /* a stream that has to be there */
} sample_files[] = {
    {.name = "nack-streams.yaml"},
    {.name = "nack-newer.yaml", .since = "2.12.0"},
    {.name = "nack-consumers.yaml"},
    {.name = "nack-buckets.yaml"},
    {.name = "nack-buckets-newer.yaml", .since = "2.11.0"},
    {.name = "nack-account.yaml"},
    {.name = "cli-stream.json"},
    {.name = "cli-stream-unnamed.json", .stream = "ORDERS"},
    {.name = "cli-stream-info.json"},
    {.name = "cli-consumer-info.json"},
    {.name = "cli-consumer.json", .stream = "ORDERS", .before = "ORDERS"},
    {.name = "api-list.json"},
    {.name = "terraform-state.json", .since = "2.10.0"},
    {.name = "terraform-old.json", .since = "2.10.0"},
    {.name = "terraform-plan.json"},
};
enum { SAMPLE_FILES = sizeof(sample_files) / sizeof(sample_files[0]) };

static const char *path_of(const char *name)
{
    const char *tests = getenv("NATSFORM_TESTS");
    return arena_printf(test_arena(), "%s/formats/%s", tests && tests[0] ? tests : "tests", name);
}

/* Paths in comments are those of the machine. */
static const char *without_folder(const char *text, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *folder = arena_strndup(test_arena(), path, (size_t)(slash - path) + 1);
    struct strbuf out = {0};
    for (const char *at = text; *at;) {
        if (strncmp(at, folder, strlen(folder)) == 0)
            at += strlen(folder);
        else
            strbuf_addc(&out, *at++);
    }
    const char *copy = arena_strdup(test_arena(), strbuf_text(&out));
    strbuf_release(&out);
    return copy;
}

static void check_native(const struct sample_file *file, const char *text)
{
    const char *dot = strrchr(file->name, '.');
    const char *name = arena_printf(test_arena(), "%.*s.native", (int)(dot - file->name), file->name);
    text = without_folder(text, path_of(file->name));
    if (getenv("NATSFORM_FORMATS_WRITE"))
        write_file(path_of("."), name, text);
    ck_assert_str_eq(read_file(path_of(name)), text);
}

static void check_sample_file(const char *version, const struct sample_file *file)
{
    struct server_fixture *server = fixture_start(version, "server_tags: [ssd, big]\n");
    struct files files = {0};
    add_file(&files, path_of(file->name));
    if (file->stream) {
        add_argument(&files, "--stream");
        add_argument(&files, file->stream);
    }
    if (file->before)
        raw_create(server, file->before, NULL, config_read("subjects: [before.>]"));
    ck_assert_exit(run_with(server, "apply", "--yes", &files), 0);
    must_be_in_sync_with(server, &files);
    check_native(file, must_convert(server, &files));
    fixture_stop(server);
}

START_TEST(files_reach_the_server)
{
    uint32_t version = version_number(version_at(_i));
    for (size_t i = 0; i < SAMPLE_FILES; i++)
        if (!sample_files[i].since || version >= version_number(sample_files[i].since))
            check_sample_file(version_at(_i), &sample_files[i]);
}
END_TEST

/* ---- every field, as the server prints it ---- */

static struct server_fixture *start_with_samples(const char *version)
{
    struct server_fixture *server = fixture_start(version, NULL);
    must_apply(server, samples_manifest(version_number(version), NULL));
    return server;
}

START_TEST(every_field_of_info_json)
{
    struct server_fixture *server = start_with_samples(version_at(_i));
    const char *directory = test_directory();
    struct strbuf all = {0};
    struct files one_by_one = {0};
    struct files together = {0};
    for (size_t i = 0; i < sample_count; i++) {
        const char *info = info_text(server, samples[i].stream, samples[i].consumer);
        const char *name = arena_printf(test_arena(), "%zu.json", i);
        strbuf_addf(&all, "%s%s", i ? "," : "[", info);
        add_file(&one_by_one, write_file(directory, name, info));
    }
    strbuf_adds(&all, "]");
    add_file(&together, write_file(directory, "all.json", strbuf_text(&all)));
    strbuf_release(&all);
    must_be_in_sync_with(server, &one_by_one);
    must_be_in_sync_with(server, &together);
    ck_assert_str_eq(must_convert(server, &one_by_one), must_convert(server, &together));
    fixture_stop(server);
}
END_TEST

/* ---- every field, as NACK has it ---- */

static struct node *text_node(const char *text)
{
    return node_scalar(test_arena(), text, true);
}

static struct node *nack_object(const struct table *table, const struct node *config);

/* Nanoseconds as Go prints them, and choices in camelCase where the CRD has them so. */
static struct node *nack_value(const struct field *field, struct node *value)
{
    if (value->type == NODE_LIST) {
        struct node *list = node_list(test_arena());
        for (size_t i = 0; i < value->count; i++)
            node_append(test_arena(), list, nack_value(field, value->items[i]));
        return list;
    }
    if (value->type == NODE_MAP)
        return field->object ? nack_object(field->object, value) : value;
    if (field->type == FIELD_DURATION)
        return text_node(arena_printf(test_arena(), "%sns", value->text));
    if (field->id == CONSUMER_DELIVER_POLICY && strcmp(value->text, "by_start_sequence") == 0)
        return text_node("byStartSequence");
    if (field->id == CONSUMER_DELIVER_POLICY && strcmp(value->text, "by_start_time") == 0)
        return text_node("byStartTime");
    return value;
}

/* What the CRD has beside the object that it is part of. */
static bool is_flat(const struct field *field)
{
    return field->nack && strncmp(field->nack, "../", 3) == 0;
}

static bool is_left_out(const struct field *field)
{
    return field->nack && strcmp(field->nack, NOT_IN_NACK) == 0;
}

static struct node *nack_rest(const struct table *table, const struct node *config);

/* Of a list, layers add items to those below. So it is in one of them whole. */
static bool is_left_whole(const struct field *field, const struct node *value)
{
    bool left = false;
    for (size_t i = 0; field->object && value->type == NODE_LIST && i < value->count; i++)
        left |= nack_rest(field->object, value->items[i])->count > 0;
    return left;
}

/* What NACK cannot say of an object, as a manifest has it: for a layer above. */
static struct node *nack_rest(const struct table *table, const struct node *config)
{
    struct node *rest = node_map(test_arena());
    for (size_t i = 0; i < config->count; i++) {
        const struct field *field = table_field(table, config->members[i].key);
        struct node *value = config->members[i].value;
        struct node *part = NULL;
        if (is_left_out(field) || is_left_whole(field, value))
            part = value;
        else if (field->object && value->type == NODE_MAP)
            part = nack_rest(field->object, value);
        if (part && (part->type == NODE_SCALAR || part->count))
            node_put(test_arena(), rest, field->name, part);
    }
    return rest;
}

static struct node *nack_object(const struct table *table, const struct node *config)
{
    struct node *spec = node_map(test_arena());
    for (size_t i = 0; i < config->count; i++) {
        const struct field *field = table_field(table, config->members[i].key);
        if (is_left_out(field) || is_left_whole(field, config->members[i].value))
            continue;
        struct node *value = nack_value(field, config->members[i].value);
        bool flat = false;
        for (size_t j = 0; field->object && field->shape == SHAPE_ONE && j < field->object->count; j++)
            flat |= is_flat(&field->object->fields[j]);
        for (size_t j = 0; flat && j < value->count; j++)
            node_put(test_arena(), spec, value->members[j].key, value->members[j].value);
        if (!flat)
            node_put(test_arena(), spec, foreign_name(test_arena(), DIALECT_NACK, field), value);
    }
    return spec;
}

static struct node *nack_resource(const struct sample *sample, uint32_t version)
{
    struct node *config = sample_config(sample, version);
    struct node *spec = nack_object(sample_table(sample), config);
    struct node *resource = config_read(
        arena_printf(test_arena(), "apiVersion: jetstream.nats.io/v1beta2, kind: %s, metadata: {name: x}",
                     sample->consumer ? "Consumer" : "Stream"));
    if (!sample->consumer) {
        node_put(test_arena(), spec, "name", text_node(sample->stream));
        if (!node_get(config, "storage"))
            node_put(test_arena(), spec, "storage", text_node("file"));
    } else {
        node_put(test_arena(), spec, "streamName", text_node(sample->stream));
        node_put(test_arena(), spec, "durableName", text_node(sample->consumer));
        if (!node_get(config, "ack_wait"))
            node_put(test_arena(), spec, "ackWait", text_node("0s"));
    }
    node_put(test_arena(), resource, "spec", spec);
    return resource;
}

START_TEST(every_field_of_nack)
{
    uint32_t version = version_number(version_at(_i));
    struct server_fixture *server = start_with_samples(version_at(_i));
    struct node *list = config_read("apiVersion: v1, kind: List");
    struct node *items = node_list(test_arena());
    struct node *above = node_map(test_arena()), *streams = node_map(test_arena());
    struct files files = {0};
    for (size_t i = 0; i < sample_count; i++) {
        if (samples[i].consumer && strcmp(samples[i].consumer, "passing") == 0) /* NACK's are all durable */
            continue;
        node_append(test_arena(), items, nack_resource(&samples[i], version));
        struct node *rest = nack_rest(sample_table(&samples[i]), sample_config(&samples[i], version));
        if (rest->count)
            node_put(test_arena(), streams, samples[i].stream, rest);
    }
    node_put(test_arena(), list, "items", items);
    node_put(test_arena(), above, "streams", streams);
    add_file(&files, write_file(test_directory(), "list.json", config_json(list)));
    add_file(&files, write_file(test_directory(), "above.json", config_json(above)));
    must_be_in_sync_with(server, &files);
    must_convert(server, &files);
    fixture_stop(server);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = files_reach_the_server, .each_version = true},
        {.test = every_field_of_info_json, .each_version = true},
        {.test = every_field_of_nack, .each_version = true},
    };
    return suite_run("formats", tests, sizeof(tests) / sizeof(tests[0]));
}
