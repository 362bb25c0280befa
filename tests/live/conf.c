/*
 * Configurations as real servers read them. Each text goes through `nats-server -t` of every version and through conf_read(): they
 * have to agree on who takes it, and where the newest server takes it, the digest that it prints has to be that of our tree.
 * What conf_write() writes, they all read as what was meant.
 */
#include <check.h>
#include <ctype.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "field/field.h"
#include "support/run.h"
#include "support/said.h"
#include "support/scratch.h"
#include "support/server_fixture.h"
#include "support/suite.h"
#include "support/trip.h"
#include "syntax/conf.h"

enum { FILES_MOST = 3, ENV_MOST = 4 };

/* ---- what a server says ---- */

struct verdict {
    bool takes;         /* the text; the options in it may be wrong */
    const char *digest; /* NULL unless it is right in all, and the server prints one */
    const char *said;
};

static bool is_of_text(const char *said)
{
    static const char *const marks[] = {"Parse error",           "config is invalid",  "variable reference",
                                        "error parsing include", "out of the range",   "expected ",
                                        "stack overflow",        "unknown field \"}\""};
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
        if (strstr(said, marks[i]))
            return true;
    return false;
}

static struct verdict ask(const char *version, const char *path, const char *const *env)
{
    struct run run = run_natsform(&(struct run_options){
        .program = server_binary(version),
        .arguments = (const char *const[]){"-t", "-c", path, NULL},
        .env = env,
    });
    struct verdict verdict = {.takes = run.exit_code == 0 || !is_of_text(run.err), .said = run.err};
    const char *digest = strstr(run.err, "(sha256:");
    if (run.exit_code == 0 && digest)
        verdict.digest = arena_strndup(test_arena(), digest + 1, strcspn(digest + 1, ")"));
    ck_assert_msg(run.exit_code == 0 || run.exit_code == 1 || strstr(run.err, "stack overflow"),
                  "%s: exit %d\n%s", version, run.exit_code, run.err);
    return verdict;
}

/* ---- the digest that servers from 2.11 on print: of Go's JSON of what they read ---- */

static void add_json_text(struct strbuf *out, const char *text)
{
    static const char names[] = "\"\\\n\r\t\b\f";
    static const char letters[] = "\"\\nrtbf";
    strbuf_addc(out, '"');
    for (; *text; text++) {
        const char *name = strchr(names, *text);
        if (name)
            strbuf_addf(out, "\\%c", letters[name - names]);
        else if ((unsigned char)*text < 0x20 || strchr("<>&", *text))
            strbuf_addf(out, "\\u%04x", (unsigned char)*text);
        else if (strncmp(text, "\xE2\x80\xA8", 3) == 0 || strncmp(text, "\xE2\x80\xA9", 3) == 0)
            strbuf_addf(out, "\\u20%02x", (unsigned char)*(text += 2) - 0x80);
        else
            strbuf_addc(out, *text);
    }
    strbuf_addc(out, '"');
}

/* As the shortest fraction; the tests have none that needs an exponent. */
static void add_json_number(struct strbuf *out, const char *text)
{
    size_t length = strlen(text);
    if (strchr(text, '.')) {
        while (text[length - 1] == '0')
            length--;
        length -= text[length - 1] == '.';
    }
    strbuf_add(out, text, length);
}

static int compare_keys(const void *a, const void *b)
{
    return strcmp(((const struct member *)a)->key, ((const struct member *)b)->key);
}

static void add_json(struct strbuf *out, const struct node *node)
{
    if (node->type == NODE_SCALAR && node->quoted) {
        add_json_text(out, node->text);
    } else if (node->type == NODE_SCALAR) {
        add_json_number(out, node->text);
    } else if (node->type == NODE_LIST) {
        for (size_t i = 0; i < node->count; i++) {
            strbuf_addc(out, i ? ',' : '[');
            add_json(out, node->items[i]);
        }
        strbuf_adds(out, node->count ? "]" : "[]");
    } else {
        if (node->count)
            qsort(node->members, node->count, sizeof(*node->members), compare_keys);
        for (size_t i = 0; i < node->count; i++) {
            strbuf_addc(out, i ? ',' : '{');
            add_json_text(out, node->members[i].key);
            strbuf_addc(out, ':');
            add_json(out, node->members[i].value);
        }
        strbuf_adds(out, node->count ? "}" : "{}");
    }
}

static const char *digest_of(const struct node *root)
{
    struct strbuf json = {0};
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    char text[2 * EVP_MAX_MD_SIZE + 1];
    add_json(&json, node_copy(test_arena(), root));
    strbuf_addc(&json, '\n');
    ck_assert_int_eq(EVP_Digest(strbuf_text(&json), json.length, hash, &length, EVP_sha256(), NULL), 1);
    for (unsigned i = 0; i < length; i++)
        snprintf(text + (size_t)i * 2, 3, "%02x", hash[i]);
    strbuf_release(&json);
    return arena_printf(test_arena(), "sha256:%s", text);
}

/* ---- what we say ---- */

struct text_case {
    const char *text;
    const char *env[ENV_MOST];     /* NAME=value */
    const char *files[FILES_MOST]; /* "name\ntext" */
    bool stricter; /* servers take it, and for something that nobody means: an error of ours */
    bool crashes;  /* servers run out of stack, which takes them a gigabyte: only ours is asked */
};

static int read_beside(void *context, struct arena *arena, const char *path, struct source *ret_source,
                       const char **ret_error)
{
    (void)context;
    (void)arena;
    const char *text = fopen(path, "r") ? read_file(path) : NULL;
    *ret_error = "there is none";
    if (text)
        *ret_source = (struct source){arena_strdup(test_arena(), path), text, strlen(text)};
    return text ? 0 : -1;
}

static const char *look_up(void *context, const char *name)
{
    const struct text_case *row = context;
    size_t length = strlen(name);
    for (size_t i = 0; i < ENV_MOST && row->env[i]; i++)
        if (strncmp(row->env[i], name, length) == 0 && row->env[i][length] == '=')
            return row->env[i] + length + 1;
    return NULL;
}

static const char *write_case(const struct text_case *row)
{
    const char *directory = test_directory();
    for (size_t i = 0; i < FILES_MOST && row->files[i]; i++) {
        const char *end = strchr(row->files[i], '\n');
        write_file(directory, arena_strndup(test_arena(), row->files[i], (size_t)(end - row->files[i])),
                   end + 1);
    }
    return write_file(directory, "server.conf", row->text);
}

struct reading {
    struct source source;
    struct diags diags;
    struct conf conf;
    bool taken;
    const char *said;
};

static struct reading *read_case(const struct text_case *row, const char *path)
{
    struct reading *reading = ARENA_NEW(test_arena(), struct reading);
    struct text_case copy = *row;
    const struct conf_world world = {.read = read_beside, .lookup = look_up, .context = &copy};
    reading->source = (struct source){path, row->text, strlen(row->text)};
    diags_init(&reading->diags);
    reading->taken = conf_read(test_arena(), &reading->source, &world, &reading->diags, &reading->conf) == 0;
    reading->said = said(&reading->diags);
    return reading;
}

/* Of the servers whose reading of configurations is natsform's own. */
static bool is_newest(const char *version)
{
    return version_number(version) >= VERSION(2, 15, 0);
}

/* Who takes it, by what was said. */
static bool we_say(const struct reading *reading, const char *version)
{
    for (size_t i = 0; !reading->taken && i < reading->diags.list.count; i++) {
        const struct diag *diag = reading->diags.list.items[i];
        for (size_t j = 0; strcmp(version, "2.9.10") == 0 && j < diag->related.count; j++)
            if (strstr(diag->related.items[j].message, "nats-server 2.9 takes it"))
                return true;
    }
    if (!reading->taken)
        return false;
    if (is_newest(version))
        return true;
    return !strstr(reading->said, "nats-server before 2.15 refuses") &&
           (strcmp(version, "2.9.10") != 0 || !strstr(reading->said, "nats-server 2.9 refuses"));
}

/* A map in which servers take any key: what is in it is in the digest. */
#define ANY(members) "resolver: {type: mem, dir: '.', " members "}\n"

static const struct text_case text_cases[] = {
    /* shape */
    {.text = ""},
    {.text = "# nothing\n// at all"},
    {.text = "port: 4222"},
    {.text = "port 4222\n"},
    {.text = "port = 4222; debug: true, trace = false\nlogtime\ttrue\n"},
    {.text = "{port: 4222}"},
    {.text = "{\n  \"port\": 4222,\n  \"cluster\": {\"name\": \"x\"}\n}\n"},
    {.text = "{{port: 4222}}"},
    {.text = "{\n{\nport: 4222\n}\n}\n"},
    {.text = "{port: 4222}\n{debug: true}"},
    {.text = "{\nport: 4222\n}\n{\ndebug: true\n}\n"},
    {.text = "{ port: 4222\n"},
    {.text = "{ port: 4222"},
    {.text = "{ port: 4222 } debug: true"},
    {.text = "{ port: 4222\n} # the end"},
    {.text = "{ port: 4222\n} # the end\n debug: true"},
    {.text = "{ port: 4222, # a\n # b\n debug: true }"},
    {.text = "{ {port: 4222}, debug: true }"},
    {.text = "{ {port: 4222} debug: true }"},
    {.text = "port: 4222 }"},
    {.text = "port: 4222 }}\n"},
    {.text = "port: 4222\n}\n"},
    {.text = "port: 4222\n}\n}\n", .stricter = true},
    {.text = "port: 4222\n} debug: true\n"},
    {.text = "port"},
    {.text = "port: 4222\ndebug\n"},
    {.text = "port: 4222\n{debug"},
    {.text = "port: 4222,, debug: true"},
    {.text = ANY("a: 1,, b: 2")},
    {.text = ANY("a: 1; b: 2,")},
    {.text = ANY(", a: 1")},
    {.text = "port: 4222;\n;debug: true\n", .stricter = true},
    {.text = "cluster {name: x}\nport: 4222"},
    {.text = "cluster {name: x} port: 4222"},
    {.text = "cluster {name: x}, port: 4222"},
    {.text = "cluster {name: x}; port: 4222"},
    {.text = "cluster\n{\nname: x\n}\n"},
    {.text = "cluster:\n{\nname: x\n}\n"},
    {.text = "cluster\n:{\nname: x\n}\n"},
    {.text = "cluster{\n  name: x\n}\n"},
    {.text = "port:\n4222"},
    {.text = "port\n4222"},
    {.text = "port\n\n\n 4222"},
    {.text = ANY("a:\n\n 1, b\n2, c\n:\n3")},
    {.text = ANY("a\n{x: 1}, b:\n[\n1\n]\n")},
    {.text = "port:"},
    {.text = "server_name: "},
    {.text = ANY("a:"), .stricter = true},
    {.text = ANY("a: , b: 1")},
    {.text = ANY("a "), .stricter = true},
    {.text =
         "server_name: x\r\nport: 4222\r\nresolver: {\r\n type: mem\r\n dir: '.'\r\n b: [\r\n 1\r\n 2\r\n]}\r\n"},
    {.text = "\xEF\xBB\xBFport: 4222\n", .stricter = true},
    {.text = "port\xC2\xA0"
             "4222"},
    {.text = "server_name:\xC2\xA0x\n"},
    {.text = "\xC2\x85port: 4222\v\f\n"},
    {.text = "\vport\f:4222\n"},
    {.text = "PORT: 4222\nDebug: true\n"},
    {.text = "accounts: {a: {}, A: {}}"},
    {.text = "port: 4222\nport: 4223\n"},
    {.text = "cluster {name: x}\ncluster {port: 4333}\n"},
    {.text = "= 1"},
    {.text = ": 1"},
    {.text = ANY("= 1")},
    {.text = ANY("]: 1")},
    {.text = "port: 4222)"},
    {.text = "port: 4222 4223"},
    {.text = "server_name: a b"},
    {.text = "cluster {name: x"},
    {.text = "cluster {name: x\n"},
    {.text = "cluster {name"},
    {.text = "resolver: {type: mem, dir: '.', a: [1\n"},
    /* comments */
    {.text = "# a\nport: 4222 # b\n// c\ndebug: true // d\n"},
    {.text = "port: 4222# c\n"},
    {.text = "port: 4222// c\n"},
    {.text = "server_name: a#b\n"},
    {.text = "server_name: a//b\n"},
    {.text = "# \xE9 is not UTF-8\nport: 4222\n"},
    {.text = "/ port: 4222"},
    {.text = "port: 4222 / \n", .stricter = true},
    {.text = ANY("a: 1 # x\n b: [ # y\n 1 # z\n # w\n 2 // v\n ] // u\n # t\n")},
    {.text = ANY("# c\n a: # b\n 1")},
    {.text = ANY("# { a: 1\n")},
    /* words and strings */
    {.text = ANY("a: abc, b: 'abc', c: \"abc\", d: a-b_c.d*e>f, e: a'")},
    {.text =
         ANY("a: true, b: YES, c: On, d: 'true', e: \"on\", f: OFF, g: no, h: False, i: trues, j: true'")},
    {.text = ANY("a: \"\\t\\n\\r\\\"\\\\\\x41\\x7f\", b: '\\t', c: a\\tb\\x20c, d: \\x24X")},
    {.text = ANY("a: \"\\u0041\"")},
    {.text = ANY("a: \"\\/\"")},
    {.text = ANY("a: \"\\'\"")},
    {.text = ANY("a: \"\\x4\"")},
    {.text = ANY("a: \"\\x4g\"")},
    {.text = ANY("a: x\\y")},
    {.text = ANY("a: \"two\nlines\ttab\", b: 'two\nlines'")},
    {.text = ANY("a: \"x\"y")},
    {.text = ANY("a: 'x'y")},
    {.text = ANY("a: x'y")},
    {.text = ANY("a: \"it's\", b: 'say \"x\"', c: \"$X\", d: '$X', e: a$X")},
    {.text = ANY("a: \"open")},
    {.text = ANY("a: 'open")},
    {.text = "server_name: \"open"},
    {.text = "server_name: 'open"},
    {.text = "\"open: 1"},
    {.text = ANY("a: \"\xC3\xA9 \xF0\x9F\x98\x80 \xE2\x80\xA8 <&>\", \xC3\xA9: 1")},
    {.text = ANY(
         "a: null, b: ~, c: +5, d: 1_000, e: 0x10, f: http://x:1/y, g: a=b, h: a:b, i: a{b, j: a[b, k: (x")},
    {.text = ANY(
         "\"k 1\": 1, 'k\"2': 2, \"a\\\\b\": 3, \"\": 4, 'x\ny': 5, k'6: 7, k\"8: 9, include: 'x', \"include\": 1, b\"c'd: 1")},
    {.text = ANY("a/b: 1, a#b: 2, a,b: 3, a}b: 4, $SYS: 5, -x: 6, 9: 7, .x: 8, (y: 9")},
    {.text = "accounts: { $SYS: {}, \"$X\": {} }"},
    {.text = "accounts: { a{ : {} }"},
    {.text = "accounts: { a{: {} }"},
    /* numbers */
    {.text = ANY("a: 1, b: -1, c: 007, d: 0, e: 9223372036854775807, f: -9223372036854775808, g: -007")},
    {.text = ANY("a: -0")},
    {.text = ANY("a: 9223372036854775808")},
    {.text = ANY("a: -9223372036854775809")},
    {.text = ANY("a: 100000000000000000000000000000000000000000")},
    {.text = ANY("a: 1k, b: 1K, c: 1m, d: 1G, e: 1t, f: 1P, g: 1e, h: -1k, i: 001k")},
    {.text = ANY("a: 1kb, b: 1Ki, c: 1KiB, d: 1Kb, e: 1mB, f: 1gib, g: 1TI, h: 1pB, i: 1eb, j: -2KiB")},
    {.text = ANY("a: 1 GB")},
    {.text = ANY("a: 1.5GB")},
    {.text = ANY("a: 1Kbi"), .stricter = true},
    {.text = ANY("a: [1Kbb, 2 ]"), .stricter = true},
    {.text = ANY("a: 10EB"), .stricter = true},
    {.text = ANY("a: 10e"), .stricter = true},
    {.text = ANY("a: 1.5, b: -0.25, c: 10.0, d: 0.001")},
    {.text = ANY("a: .5")},
    {.text = ANY("a: 5.")},
    {.text = ANY("a: 5.x")},
    {.text = ANY("a: 1.5s")},
    {.text = ANY("a: 0.5x")},
    {.text = ANY("a: 1.5.x")},
    {.text = ANY("a: 1.2.3, b: 10.0.0.1:4222, c: 1.2.3-4, d: 10.0.0.0-10.0.0.9")},
    {.text = ANY("a: 1.2.3-rc")},
    {.text = ANY("a: 2024-01-01T00:00:00Z")},
    {.text = ANY("a: 2024-02-30T00:00:00Z")},
    {.text = ANY("a: 2023-02-29T00:00:00Z")},
    {.text = ANY("a: 2024-02-29T23:59:59Z")},
    {.text = ANY("a: 2024-01-01T24:00:00Z")},
    {.text = ANY("a: 2024-01-01")},
    {.text = ANY("a: 12-34")},
    {.text = ANY("a: 12345-6")},
    {.text = ANY("a: 2m, b: 10s, c: 10ms, d: 1h30m, e: 3k, f: 5x, g: 1kx, h: -1kx, i: 5%, j: 5\"x")},
    {.text = ANY("a: 4e2x9")},
    {.text = ANY("a: 1k5, b: 1kb5, c: 10m5s, d: 0K1abc, e: -1k5, f: 1k5'")},
    {.text = ANY("a: 1k5\\x41")},
    {.text = ANY("a: 1\\x41, b: 1k\\x41, c: 1', d: 1k'")},
    {.text = ANY("a: -abc")},
    {.text = ANY("a: -.5")},
    {.text = ANY("a: -")},
    {.text = ANY("a: -5x")},
    {.text = ANY("a: -1.5.2")},
    {.text = ANY("a: 5]")},
    {.text = ANY("a: [1, 2]")},
    {.text = ANY("a: [1, 2 ]")},
    {.text = ANY("a: [2]]")},
    {.text = ANY("a: [1k], b: [1.5], c: [-1], d: [1.2.3], e: [10s], f: [true], g: [x]")},
    /* lists */
    {.text = ANY("a: []")},
    {.text = ANY("a: [ x, 'y', {z: 1}, [w] ]")},
    {.text = ANY("a: [\nx\ny,\nz,\n]")},
    {.text = ANY("a: [,x]")},
    {.text = ANY("a: [x,,y]")},
    {.text = ANY("a: [x y]")},
    {.text = ANY("a: [\"x\" \"y\"]")},
    {.text = ANY("a: [{b: 1} {c: 2}]")},
    {.text = ANY("a: [{b: 1}\n{c: 2}]")},
    {.text = ANY("a: [x; y]")},
    {.text = ANY("a: [(\nx\n)\n]")},
    {.text = ANY("a [x], b[y]")},
    {.text = ANY("a: [x] b: [y]")},
    {.text = ANY("a: {x: 1} b: {y: 2}")},
    /* block strings */
    {.text = ANY("a: (\nabc\n)\n")},
    {.text = ANY("a: (x\n # no comment \"\\q\n)\nb: 1")},
    {.text = ANY("a: ()\n)\n")},
    {.text = ANY("a: (\nabc\n )\n")},
    {.text = ANY("a: (abc)")},
    {.text = ANY("a: (\r\nabc\r\n)\r\n")},
    {.text = ANY("a: (\nabc\n) , b: 1")},
    {.text = "include x.conf\n" ANY("a: $X"), .files = {"x.conf\nX: (\nabc\n)"}},
    /* variables */
    {.text = "X: 1\n" ANY("a: $X, b: [$X, $X ], c: '$X', d: x$X")},
    {.text = "X: {y: [1\n2\n]}\n" ANY("a: $X")},
    {.text = ANY("X: 1, a: $X, b: {a: 2, c: $a, d: {e: $X}}")},
    {.text = ANY("a: $X, X: 1")},
    {.text = "X: 1\nX: 2\n" ANY("a: $X")},
    {.text = ANY("a: $x"), .env = {"x=1"}},
    {.text = ANY("a: $X"), .env = {"x=1"}},
    {.text = ANY("a: $X-1"), .env = {"X=1"}},
    {.text = ANY("a: $X-1"), .env = {"X-1=1"}},
    {.text = ANY("a: ${X}"), .env = {"X=1"}},
    {.text = ANY("a: $SYS")},
    {.text = ANY("a: $")},
    {.text = ANY("a: $2a$11$abc/def., b: '$2b$11$abc'")},
    {.text = ANY("a: $2b$11$abc")},
    {.text = ANY("a: $X, b: $X"), .env = {"X=text"}},
    {.text = ANY("a: $X"), .env = {"X="}},
    {.text = ANY("a: $X"), .env = {"X=1234"}},
    {.text = ANY("a: $X"), .env = {"X=\"1234\""}},
    {.text = ANY("a: $X"), .env = {"X='a b'"}},
    {.text = ANY("a: $X"), .env = {"X=yes"}},
    {.text = ANY("a: $X"), .env = {"X=64MB"}},
    {.text = ANY("a: $X"), .env = {"X=a b"}},
    {.text = ANY("a: $X"), .env = {"X=-x"}},
    {.text = ANY("a: $X"), .env = {"X=[x"}},
    {.text = ANY("a: $X"), .env = {"X=(x"}},
    {.text = ANY("a: $X"), .env = {"X=a'b"}},
    {.text = ANY("a: $X"), .env = {"X=a\\b"}},
    {.text = ANY("a: $X"), .env = {"X=a,b"}},
    {.text = ANY("a: $X"), .env = {"X=a;b"}},
    {.text = ANY("a: $X"), .env = {"X=a\nb"}},
    {.text = ANY("a: $X"), .env = {"X=a\n"}},
    {.text = ANY("a: $X"), .env = {"X=a#b"}},
    {.text = ANY("a: $X"), .env = {"X=a # b"}},
    {.text = ANY("a: $X"), .env = {"X={a: 1, b: [x]}"}},
    {.text = ANY("a: $X"), .env = {"X=[x, y]"}},
    {.text = ANY("a: $X"), .env = {"X=$Y", "Y=z"}},
    {.text = "Y: 1\n" ANY("a: $X, b: $Y"), .env = {"X=$Y"}},
    {.text = ANY("a: $X"), .env = {"X=$X"}, .crashes = true},
    {.text = ANY("a: $X"), .env = {"X=$Y", "Y=[$X]"}, .crashes = true},
    {.text = ANY("a: $X"), .env = {"X=1.5.x"}},
    {.text = ANY("a: $X"), .env = {"X=4e2x9"}},
    {.text = ANY("a: $X"), .env = {"X=}"}},
    {.text = ANY("a: $X"), .env = {"X=\"open"}},
    /* includes */
    {.text = "include x.conf\nport: 4222\n", .files = {"x.conf\ndebug: true\n"}},
    {.text = "include 'x.conf'\n", .files = {"x.conf\ndebug: true\n"}},
    {.text = "include \"./x.conf\"; port: 4222\n", .files = {"x.conf\ndebug: true\n"}},
    {.text = "INCLUDE /x.conf\n", .files = {"x.conf\ndebug: true\n"}},
    {.text = "include ../x.conf\n", .files = {"x.conf\ndebug: true\n"}},
    {.text = "include y/../x.conf\n", .files = {"x.conf\ndebug: true\n"}},
    {.text = "include \t x.conf", .files = {"x.conf\ndebug: true\n"}},
    {.text = "include: x.conf", .files = {"x.conf\ndebug: true\n"}},
    {.text = "include : x.conf", .files = {"x.conf\ndebug: true\n"}},
    {.text = "include x.conf port: 4222\n", .files = {"x.conf\ndebug: true\n"}},
    {.text = "include 9.conf\n", .files = {"9.conf\ndebug: true\n"}},
    {.text = "include\nx.conf\n", .files = {"x.conf\ndebug: true\n"}},
    {.text = "include missing.conf\n"},
    {.text = "port: 4222\ninclude x.conf\n", .files = {"x.conf\nport: 4333\n"}},
    {.text = "include x.conf\nport: 4222\n", .files = {"x.conf\nport: 4333\n"}},
    {.text = ANY("include x.conf, a: 1"), .files = {"x.conf\nb: 2\n"}},
    {.text = ANY("include x.conf\n a: $b"), .files = {"x.conf\nb: 2\n"}},
    {.text = ANY("include x.conf\n a: 1"), .files = {"x.conf\nb: 2\n"}},
    {.text = "X: 1\ninclude x.conf\n", .files = {"x.conf\nport: $X\n"}},
    {.text = "include x.conf\n", .files = {"x.conf\ninclude y.conf\n", "y.conf\nport: 4222\n"}},
    {.text = "include x.conf\n", .files = {"x.conf\nport: [\n"}},
    {.text = "include x.conf\n" ANY("a: $X"), .files = {"x.conf\nX: $Y\n"}, .env = {"Y=1"}},
    {.text = ANY("a: [\ninclude x.conf\n]"), .files = {"x.conf\nb: 2\n"}},
    {.text = "include x.conf\n", .files = {"x.conf\ninclude x.conf\n"}, .crashes = true},
    {.text = "include x.conf\n", .files = {"x.conf\ninclude ./server.conf\n"}, .crashes = true},
};

START_TEST(test_agreed)
{
    const struct text_case *row = &text_cases[_i];
    size_t count;
    const char *const *versions = server_versions(&count);
    const char *path = write_case(row);
    struct reading *reading = read_case(row, path);
    ck_assert(!row->crashes || !reading->taken);
    for (size_t i = 0; i < count && !row->crashes; i++) {
        struct verdict verdict = ask(versions[i], path, row->env);
        bool ours = we_say(reading, versions[i]);
        bool right = verdict.takes == ours || (row->stricter && verdict.takes && !reading->taken);
        ck_assert_msg(right, "%s %s\n%s\n--- it said\n%s--- we said\n%s", versions[i],
                      verdict.takes ? "takes" : "refuses", row->text, verdict.said, reading->said);
        bool newest = is_newest(versions[i]) && reading->taken;
        ck_assert_msg(verdict.digest || !newest || !strstr(row->text, "resolver:"), "no digest of\n%s\n%s",
                      row->text, verdict.said);
        if (verdict.digest && reading->taken)
            ck_assert_msg(strcmp(verdict.digest, digest_of(reading->conf.root)) == 0,
                          "%s reads it otherwise\n%s", versions[i], row->text);
    }
    diags_release(&reading->diags);
}
END_TEST

/* ---- what we write ---- */

/* Texts that mean something to somebody: to the servers' reader, to a shell, to YAML. */
static const char *const hostile[] = {
    "",
    " ",
    "\"",
    "'",
    "\\",
    "\\\"",
    "\"\n}\nport: 1\n{\"",
    "'}]) # // ; , $X ${X} $$ %d",
    "$2a$11$abcdefghijklmnopqrstuu",
    "$2b$11$abcdefghijklmnopqrstuu",
    "$SYS",
    "line\nbreak\r\n\ttab",
    "\x01\x02\x1b[31m\x7f",
    "\\x41\\n\\u0041",
    "1e9",
    "4e2x9",
    "007",
    "-1",
    "1.5",
    "yes",
    "TRUE",
    "null",
    "~",
    "2024-01-01T00:00:00Z",
    "1KB",
    "include x",
    "(\nblock\n)\n",
    "\xC3\xA9\xE2\x80\xA8\xC2\x85\xEF\xBB\xBF\xF0\x9F\x98\x80",
    "{{wildcard(1)}}",
    "<&>",
    "a=b:c",
};
enum { HOSTILE = sizeof(hostile) / sizeof(hostile[0]) };

static struct node *text_node(const char *text)
{
    return node_scalar(test_arena(), text, true);
}

/* Every hostile text as a value, an item and, where that can be said, a key. */
static struct node *hostile_map(void)
{
    struct node *root = node_map(test_arena());
    struct node *any = node_map(test_arena());
    struct node *list = node_list(test_arena());
    struct node *keys = node_map(test_arena());
    node_put(test_arena(), any, "type", text_node("mem"));
    node_put(test_arena(), any, "dir", text_node("."));
    for (size_t i = 0; i < HOSTILE; i++) {
        bool control = false;
        for (const char *at = hostile[i]; *at; at++)
            control |= iscntrl((unsigned char)*at) != 0;
        node_put(test_arena(), any, arena_printf(test_arena(), "v%zu", i), text_node(hostile[i]));
        node_append(test_arena(), list, text_node(hostile[i]));
        if (!control && !(strchr(hostile[i], '"') && strchr(hostile[i], '\'')))
            node_put(test_arena(), keys, hostile[i], node_scalar(test_arena(), "1", false));
    }
    node_put(test_arena(), keys, "it's\"bare", node_scalar(test_arena(), "-0.5", false));
    node_put(test_arena(), any, "list", list);
    node_put(test_arena(), any, "keys", keys);
    node_put(test_arena(), any, "nothing", node_map(test_arena()));
    node_put(test_arena(), any, "none", node_list(test_arena()));
    node_put(test_arena(), root, "resolver", any);
    return root;
}

static const char *written(const struct node *map)
{
    struct strbuf text = {0};
    struct diags diags;
    diags_init(&diags);
    ck_assert_msg(conf_write(&text, map, &diags) == 0, "%s", said(&diags));
    const char *copy = arena_strndup(test_arena(), strbuf_text(&text), text.length);
    strbuf_release(&text);
    diags_release(&diags);
    return copy;
}

START_TEST(test_written)
{
    size_t count;
    const char *const *versions = server_versions(&count);
    struct node *map = hostile_map();
    const struct text_case row = {.text = written(map)};
    const char *path = write_case(&row);
    struct reading *reading = read_case(&row, path);
    ck_assert_msg(reading->taken && !*reading->said, "%s", reading->said);
    ck_assert_str_eq(digest_of(reading->conf.root), digest_of(map));
    for (size_t i = 0; i < count; i++) {
        struct verdict verdict = ask(versions[i], path, NULL);
        ck_assert_msg(verdict.takes, "%s: %s", versions[i], verdict.said);
        ck_assert_msg(verdict.digest || !is_newest(versions[i]), "%s", verdict.said);
        if (verdict.digest)
            ck_assert_str_eq(verdict.digest, digest_of(map));
    }
    diags_release(&reading->diags);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = test_agreed, .times = sizeof(text_cases) / sizeof(text_cases[0])},
        {.test = test_written},
    };
    return suite_run("conf", tests, sizeof(tests) / sizeof(tests[0]));
}
