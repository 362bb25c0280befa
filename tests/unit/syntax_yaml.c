/* Unit tests of the YAML reader: syntax/yaml.h, yaml_read(). */
#include "syntax/yaml.h"

#include <stdlib.h>
#include <string.h>

#include "unit/render.h"
#include "unit/suites.h"

/* A text and what becomes of it, rendered. */
struct yaml_case {
    const char *text;
    const char *expected;
};

static struct arena arena;
static struct diags diags;
static struct source source;
static struct documents documents;
static struct strbuf out;

static void setup(void)
{
    arena_init(&arena);
    diags_init(&diags);
}

static void teardown(void)
{
    strbuf_release(&out);
    diags_release(&diags);
    arena_release(&arena);
}

static int read_bytes(const char *text, size_t length)
{
    source = (struct source){"x.yaml", text, length};
    return yaml_read(&arena, &source, &diags, &documents);
}

static int read_text(const char *text)
{
    return read_bytes(text, strlen(text));
}

/* What is in quotes is a string whatever it looks like; documents are parted by ' --- '. */
static const struct yaml_case accepted[] = {
    {"# only a comment\n", ""},
    {"---\n"
     "---\n",
     ""},
    {"a: 1\n"
     "---\n"
     "---\n"
     "- b\n"
     "...\n"
     "---\n"
     "\"c\"\n",
     "{a: 1} --- [b] --- \"c\""},
    {"a: no\n"
     "b: on\n"
     "c: \"true\"\n"
     "d: 'null'\n"
     "e: ~\n"
     "f:\n"
     "g: \"\"\n"
     "h: 0x1F\n",
     "{a: no, b: on, c: \"true\", d: \"null\", e: ~, f: , g: \"\", h: 0x1F}"},
    {"a: 9007199254740993\n"
     "b: 1e15\n"
     "c: 1.0\n"
     "d: \"1\"\n",
     "{a: 9007199254740993, b: 1e15, c: 1.0, d: \"1\"}"},
    {"a: |\n"
     "  x\n"
     "  y\n"
     "b: >-\n"
     "  x\n"
     "  y\n"
     "c: |+\n"
     "  x\n"
     "\n",
     "{a: \"x\n"
     "y\n"
     "\", b: \"x y\", c: \"x\n"
     "\n"
     "\"}"},
    {"a: plain\n"
     "  goes on\n"
     "b: \"double\n"
     "  \\\n"
     "  \\u00e9\\x41\\n\"\n"
     "c: 'it''s'\n",
     "{a: plain goes on, b: \"double \303\251A\n"
     "\", c: \"it's\"}"},
    {"a: !!str 1\n"
     "b: !!int \"2\"\n"
     "c: !!map {}\n"
     "d: !!seq []\n"
     "e: !!str\n"
     "f: !!bool true\n"
     "g: !!null ''\n",
     "{a: \"1\", b: 2, c: {}, d: [], e: \"\", f: true, g: }"},
    {"subjects: [chat.>, user.*, \"*.x\", '>', $JS.EVENT.>]\n",
     "{subjects: [chat.>, user.*, \"*.x\", \">\", $JS.EVENT.>]}"},
    {"{\"a\":[1,{\"b\":null}],\"c\":\"d\\/\"}", "{a: [1, {b: null}], c: \"d/\"}"},
    {"{\n"
     "\t\"a\": [\n"
     "\t\t1\n"
     "\t]\n"
     "}\n",
     "{a: [1]}"},
    {"a: &x {p: 1}\n"
     "b: *x\n"
     "c: [*x, *x]\n",
     "{a: {p: 1}, b: {p: 1}, c: [{p: 1}, {p: 1}]}"},
    {"a: &x 1\n"
     "b: *x\n"
     "c: &x 2\n"
     "d: *x\n"
     "*x : e\n",
     "{a: 1, b: 1, c: 2, d: 2, 2: e}"},
    {"base: &b {p: 1, q: 2}\n"
     "m: {q: 9, <<: *b, r: 3}\n",
     "{base: {p: 1, q: 2}, m: {q: 9, r: 3, p: 1}}"},
    {"a: &a {p: 1, q: 1}\n"
     "b: &b {q: 2, r: 2}\n"
     "m: {<<: [*a, *b], s: 3}\n",
     "{a: {p: 1, q: 1}, b: {q: 2, r: 2}, m: {s: 3, p: 1, q: 1, r: 2}}"},
    {"m: {<<: {p: 1}, \"<<\": 2}\n", "{m: {<<: 2, p: 1}}"},
    {"a: &a {<<: &b {x: 1}, y: 2}\n"
     "c: {<<: [*a, *b]}\n",
     "{a: {y: 2, x: 1}, c: {y: 2, x: 1}}"},
    {"m: {<<: []}\n"
     "n: {<<: {}}\n",
     "{m: {}, n: {}}"},
    {"? a\n"
     "? b\n"
     ": 1\n",
     "{a: , b: 1}"},
    {"\"\": 1\n"
     "~: 2\n"
     "1: 3\n",
     "{: 1, ~: 2, 1: 3}"},
    {"a: [b: c, d]\n", "{a: [{b: c}, d]}"},
    {"- - a\n"
     "  - b\n"
     "-\n"
     "- c: d\n"
     "  e: f\n",
     "[[a, b], , {c: d, e: f}]"},
    {"%YAML 1.2\n"
     "---\n"
     "a\n",
     "a"},
    {"\357\273\277a: 1\n", "{a: 1}"},
    {"\357\273\277", ""},
    {"a: 1\015\n"
     "b: |\015\n"
     "  x\015\n",
     "{a: 1, b: \"x\n"
     "\"}"},
    {"a: \"\360\237\230\200\\U0001F600\\N\"\n", "{a: \"\360\237\230\200\360\237\230\200\302\205\"}"},
    {"a: http://x:80/?q#f # comment\n"
     "b: a#b\n",
     "{a: http://x:80/?q#f, b: a#b}"},
    {"a: {b:1, c: d}\n", "{a: {b:1: , c: d}}"},
    {"filter: >\n"
     "next: 1\n",
     "{filter: \"\", next: 1}"},
    {"{\"a\": 1}\n"
     "{\"b\": 2}\n",
     "{a: 1} --- {b: 2}"},
    {"{\"a\": 1}{\"b\": [2]} [3] []\n"
     "---\n"
     "{\"c\": 4}\n",
     "{a: 1} --- {b: [2]} --- [3] --- [] --- {c: 4}"},
    {" [\"x\", {\"a\": \"}\"}]\n\n{\n\t\"b\": 2\n}", "[\"x\", {a: \"}\"}] --- {b: 2}"},
};

START_TEST(reads)
{
    ck_assert_int_eq(read_text(accepted[_i].text), 0);
    for (size_t i = 0; i < documents.count; i++) {
        strbuf_adds(&out, i ? " --- " : "");
        render_node(&out, documents.items[i]);
    }
    ck_assert_str_eq(strbuf_text(&out), accepted[_i].expected);
    ck_assert_uint_eq(diags.list.count, 0);
}
END_TEST

static const struct yaml_case placed[] = {
    {"{\"a\": 1}\n  {\"b\": 2}", "{a@1:2+3: 1@1:7+1}@1:1+0 --- {b@2:4+3: 2@2:9+1}@2:3+0"},
    {"a: 1\n"
     "long_key: \"quoted\"\n",
     "{a@1:1+1: 1@1:4+1, long_key@2:1+8: \"quoted\"@2:11+8}@1:1+0"},
    {"a:\n"
     "  - x\n"
     "  - 'it''s'\n"
     "b: {c: d, e: [f]}\n",
     "{a@1:1+1: [x@2:5+1, \"it's\"@3:5+7]@2:3+0, b@4:1+1: {c@4:5+1: d@4:8+1, e@4:11+1: [f@4:15+1]@4:14+0}@4:4+0}@1:1+0"},
    {"\303\251\303\251: \342\202\254\342\202\254\n",
     "{\303\251\303\251@1:1+2: \342\202\254\342\202\254@1:5+2}@1:1+0"},
    {"a: |\n"
     "  x\n"
     "b: two\n"
     "  lines\n",
     "{a@1:1+1: \"x\n"
     "\"@1:4+0, b@3:1+1: two lines@3:4+0}@1:1+0"},
    {"a:\n"
     "b: \"\"\n"
     "c: [[], {}]\n",
     "{a@1:1+1: @1:3+0, b@2:1+1: \"\"@2:4+2, c@3:1+1: [[]@3:5+0, {}@3:9+0]@3:4+0}@1:1+0"},
    {"a: &x !!str value\n"
     "b: *x\n"
     "c: !!map\n"
     "  d: e\n"
     "f: &y # why\n"
     "  [g]\n"
     "h: &z\n",
     "{a@1:1+1: \"value\"@1:13+5, b@2:1+1: \"value\"@1:13+5, c@3:1+1: {d@4:3+1: e@4:6+1}@4:3+0, f@5:1+1: [g@6:4+1]@6:3+0, h@7:1+1: @7:4+2}@1:1+0"},
    {"\357\273\277a: b\015\n"
     "c: d\015\n",
     "{a@1:1+1: b@1:4+1, c@2:1+1: d@2:4+1}@1:1+0"},
    {"a: \"x\342\200\250y\"\n"
     "b: z\n",
     "{a@1:1+1: \"x\342\200\250y\"@1:4+5, b@2:1+1: z@2:4+1}@1:1+0"},
    {"a: 1\015b: 2\n"
     "c: 3\n",
     "{a@1:1+1: 1@1:4+1, b@1:6+1: 2@1:9+1, c@2:1+1: 3@2:4+1}@1:1+0"},
    {"? a\n"
     ": b\n"
     "? c\n",
     "{a@1:3+1: b@2:3+1, c@3:3+1: @4:1+0}@1:1+0"},
    {"<<: {p: q}\n"
     "r: s\n",
     "{r@2:1+1: s@2:4+1, p@1:6+1: q@1:9+1}@1:1+0"},
    {"- &a b\n"
     "- *a\n"
     "- {*a : c}\n",
     "[b@1:6+1, b@1:6+1, {b@3:4+2: c@3:9+1}@3:3+0]@1:1+0"},
};

START_TEST(places)
{
    ck_assert_int_eq(read_text(placed[_i].text), 0);
    for (size_t i = 0; i < documents.count; i++) {
        strbuf_adds(&out, i ? " --- " : "");
        render_positions(&out, documents.items[i]);
    }
    ck_assert_str_eq(strbuf_text(&out), placed[_i].expected);
}
END_TEST

static const struct yaml_case rejected[] = {
    {"subjects: [*.orders]\n", "1:12+8 syntax: '*' begins an alias, which '*.orders' is not\n"
                               "  hint: quote a subject or other text: '*.orders'\n"},
    {"subjects: [*, a]\n", "1:12+1 syntax: '*' begins an alias, which '*' is not\n"
                           "  hint: quote a subject or other text: '*'\n"},
    {"subjects: [a, *orders]\n", "1:15+7 syntax: alias '*orders' refers to no anchor '&orders' above it\n"
                                 "  hint: if it is text, such as a subject, quote it: '*orders'\n"},
    {"a: &orders 1\n"
     "b: *order\n",
     "2:4+6 syntax: alias '*order' refers to no anchor '&order' above it\n"
     "  hint: did you mean '*orders'?\n"},
    {"a: &b.c x\n", "1:4+4 syntax: '&' begins an anchor, which '&b.c' is not\n"
                    "  hint: quote a subject or other text: '&b.c'\n"},
    {"subjects: [>]\n", "1:12+1 syntax: a plain value cannot begin with '>'\n"
                        "  hint: quote it: '>'\n"},
    {"filter: >.foo\n"
     "b: c\n",
     "1:9+5 syntax: '>' begins a block of text, which starts on the next line\n"
     "  hint: quote a subject or other text: '>.foo'\n"},
    {"a: @x\n", "1:4+2 syntax: a plain value cannot begin with '@'\n"
                "  hint: quote it: '@x'\n"},
    {"- `x`\n", "1:3+3 syntax: a plain value cannot begin with '`'\n"
                "  hint: quote it: '`x`'\n"},
    {"a: %x\n", "1:4+2 syntax: a plain value cannot begin with '%'\n"
                "  hint: quote it: '%x'\n"},
    {"a:\n"
     "\tb: c\n",
     "2:1+1 syntax: a tab is used for indentation\n"
     "  hint: indent by spaces\n"},
    {"a:\n"
     "  b: c\n"
     " \td: e\n",
     "3:2+1 syntax: a tab is used for indentation\n"
     "  hint: indent by spaces\n"},
    {"a: x\n"
     "\tb: c\n",
     "2:1+1 syntax: a tab is used for indentation\n"
     "  hint: indent by spaces\n"},
    {"a: |\n"
     "  x\n"
     "\ty\n",
     "3:1+1 syntax: a tab is used for indentation\n"
     "  hint: indent by spaces\n"},
    {"a: b: c\n", "1:5+1 syntax: a ':' is not allowed here\n"
                  "  hint: quote a value that has ': ' in it\n"},
    {"a: b\n"
     "   c: d\n",
     "2:5+1 syntax: a ':' is not allowed here\n"
     "  hint: check the indentation: the line continues the value above it\n"},
    {"storage:file\n"
     "b: c\n",
     "2:2+1 syntax: a ':' is not allowed here\n"
     "  hint: there is no ': ' behind the key on the line above\n"},
    {"a: 1\n"
     "storage:file\n"
     "b: c\n",
     "2:1+12 syntax: no ': ' after a key in 'storage:file'\n"
     "  hint: put a space behind the ':'\n"},
    {"a: 1\n"
     "foo bar\n"
     "c: 3\n",
     "2:1+7 syntax: no ': ' after a key in 'foo bar'\n"
     "  hint: write 'key: value'; indent a line that continues the one above\n"},
    {"a: 1\n"
     "\"long\n"
     " key\": 2\n",
     "2:1+5 syntax: no ': ' after a key in '\"long'\n"
     "  hint: write 'key: value'; indent a line that continues the one above\n"},
    {"a: \"x\n"
     "b: c\n",
     "1:4+1 syntax: the quote is never closed\n"
     "  hint: a quote inside is written '' in single quotes, and \\\" in double quotes\n"},
    {"a: 'x\n", "1:4+1 syntax: the quote is never closed\n"
                "  hint: a quote inside is written '' in single quotes, and \\\" in double quotes\n"},
    {"a: \"x\n"
     "---\n"
     "b\n",
     "2:1+1 syntax: a document begins or ends inside quotes\n"
     "  note 1:4+1: the quote begins here\n"},
    {"a: [x, y\n"
     "b: c\n",
     "2:2+1 syntax: ',' or ']' is missing\n"
     "  note 1:4+1: the list begins here\n"},
    {"a: [x, y\n", "1:4+1 syntax: '[' is never closed\n"},
    {"a: {x: [1]\n", "1:4+1 syntax: '{' is never closed\n"},
    {"a: [[1],\n", "1:4+0 syntax: '[' is never closed\n"},
    {"a: {x: 1 y: 2}\n", "1:11+1 syntax: ',' or '}' is missing\n"
                         "  note 1:4+1: the map begins here\n"},
    {"a: {b:}\n", "1:6+1 syntax: a ':' without a space behind it ends a key only after a quote\n"
                  "  hint: put a space behind the ':', or quote the text\n"},
    {"a: \"x\" y\n", "1:8+1 syntax: a key was expected here\n"
                     "  note 1:1+1: the map begins here\n"
                     "  hint: check the indentation, and that nothing follows a closing quote or bracket\n"},
    {"- a\n"
     "b: c\n",
     "2:1+1 syntax: the list goes on, but not with '- '\n"
     "  note 1:1+1: the list begins here\n"
     "  hint: check the indentation\n"},
    {" a: 1\n"
     "b: 2\n",
     "2:1+1 syntax: the document has ended before this\n"
     "  hint: check the indentation; a further document begins with '---'\n"},
    {"{a: 1}\n"
     "b: 2\n",
     "2:1+1 syntax: the document has ended before this\n"
     "  hint: check the indentation; a further document begins with '---'\n"},
    {"{\"a\": 1},\n"
     "{\"b\": 2}\n",
     "1:9+1 syntax: a comma stands behind the document\n"
     "  hint: put all of them between '[' and ']', or take the comma out: documents of JSON may stand one behind the other\n"},
    {"a: \"\\q\"\n", "1:5+1 syntax: unknown escape in double quotes\n"
                     "  hint: in single quotes a backslash is an ordinary character\n"},
    {"a: \"\\x1\"\n", "1:7+1 syntax: the escape needs more hexadecimal digits\n"},
    {"a: \"\\ud83d\"\n",
     "1:7+1 syntax: the escape is not a Unicode character\n"
     "  hint: write the character itself; halves of a surrogate pair are no characters\n"},
    {"a: \"\\0\"\n", "1:4+4 encoding: a NUL character in a string\n"},
    {"a: - b\n", "1:4+1 syntax: a list entry is not allowed here\n"
                 "  hint: begin the list on a line of its own, or write '[a, b]'\n"},
    {"a: ? b\n", "1:4+1 syntax: a '?' key is not allowed here\n"},
    {"a: [1,,2]\n", "1:7+1 syntax: a value is missing here\n"},
    {"a: ]\n", "1:4+1 syntax: a value is missing here\n"},
    {"%foo\n"
     "---\n"
     "a\n",
     "1:5+1 syntax: found unknown directive name\n"
     "  note 1:1+1: while scanning a directive\n"},
    {"%YAML 2.0\n"
     "---\n"
     "a\n",
     "1:1+1 syntax: only YAML 1.1 and 1.2 can be read\n"},
    {"%YAML 1.2\n"
     "%YAML 1.2\n"
     "---\n"
     "a\n",
     "2:1+1 syntax: found duplicate %YAML directive\n"},
    {"a: !<x y\n", "1:7+1 syntax: did not find the expected '>'\n"
                   "  note 1:4+1: while scanning a tag\n"},
    {"a: 1\n"
     "b: 2\n"
     "a: 3\n"
     "\"b\": 4\n"
     "a: 5\n",
     "3:1+1 duplicate-key: duplicate key 'a'\n"
     "  note 1:1+1: first defined here\n"
     "4:1+3 duplicate-key: duplicate key 'b'\n"
     "  note 2:1+1: first defined here\n"
     "5:1+1 duplicate-key: duplicate key 'a'\n"
     "  note 1:1+1: first defined here\n"},
    {"a: {b: 1, b: 2}\n", "1:11+1 duplicate-key: duplicate key 'b'\n"
                          "  note 1:5+1: first defined here\n"},
    {"a: 1\n"
     "a: {c: 1, c: 2}\n",
     "2:1+1 duplicate-key: duplicate key 'a'\n"
     "  note 1:1+1: first defined here\n"
     "2:11+1 duplicate-key: duplicate key 'c'\n"
     "  note 2:5+1: first defined here\n"},
    {"x: &x {<<: {a: 1}, <<: {b: 2}}\n", "1:20+2 duplicate-key: duplicate key '<<'\n"
                                         "  note 1:8+2: first defined here\n"},
    {"a: {{ .Values.x }}\n",
     "1:5+0 syntax: a key must be a string, not a map\n"
     "  hint: a template with '{{ }}' has to be rendered first; quote it if it is text\n"},
    {"? [a]\n"
     ": b\n",
     "1:3+0 syntax: a key must be a string, not a list\n"},
    {"? {a: b}\n"
     ": {c: d, c: e}\n",
     "1:3+0 syntax: a key must be a string, not a map\n"
     "2:10+1 duplicate-key: duplicate key 'c'\n"
     "  note 2:4+1: first defined here\n"},
    {"x: !foo 1\n"
     "y: !Ref [a]\n"
     "z: &a !<tag:x.org,1:y> b\n",
     "1:4+4 syntax: unknown tag '!foo'\n"
     "  hint: leave the tag out; if it is text, quote it\n"
     "2:4+4 syntax: unknown tag '!Ref'\n"
     "  hint: leave the tag out; if it is text, quote it\n"
     "3:7+11 syntax: unknown tag 'tag:x.org,1:y'\n"
     "  hint: leave the tag out; if it is text, quote it\n"},
    {"a: !!map 3\n"
     "b: !!str [x]\n"
     "c: !!set {a}\n"
     "d: ! x\n",
     "1:4+5 syntax: tag '!!map' does not fit a scalar\n"
     "  hint: leave the tag out; if it is text, quote it\n"
     "2:4+5 syntax: tag '!!str' does not fit a list\n"
     "  hint: leave the tag out; if it is text, quote it\n"
     "3:4+5 syntax: unknown tag '!!set'\n"
     "  hint: leave the tag out; if it is text, quote it\n"
     "4:4+1 syntax: unknown tag '!'\n"
     "  hint: leave the tag out; if it is text, quote it\n"},
    {"a: &x [*x]\n", "1:8+2 syntax: alias '*x' stands inside what it refers to\n"},
    {"a: &x {b: {c: *x}}\n", "1:15+2 syntax: alias '*x' stands inside what it refers to\n"},
    {"a: *x\n"
     "---\n"
     "b: &x 1\n"
     "---\n"
     "c: *x\n",
     "1:4+2 syntax: alias '*x' refers to no anchor '&x' above it\n"
     "  hint: if it is text, such as a subject, quote it: '*x'\n"
     "5:4+2 syntax: alias '*x' refers to no anchor '&x' above it\n"
     "  hint: if it is text, such as a subject, quote it: '*x'\n"},
    {"<<: 3\n"
     "a: 1\n",
     "1:5+1 syntax: '<<' takes a map or a list of maps, not a number\n"
     "  hint: a key of that name has to be quoted: '\"<<\"'\n"},
    {"<<: [{a: 1},\n"
     "     2]\n",
     "1:5+0 syntax: '<<' takes a map or a list of maps, not a list\n"
     "  note 2:6+1: in the list, this is not a map\n"
     "  hint: a key of that name has to be quoted: '\"<<\"'\n"},
    {"a: &a [1]\n"
     "b: {<<: *a}\n",
     "2:9+2 syntax: '<<' takes a map or a list of maps, not a list\n"
     "  note 1:8+1: in the list, this is not a map\n"
     "  hint: a key of that name has to be quoted: '\"<<\"'\n"},
    {"a: \377\n", "1:4+1 encoding: byte 0xFF is not valid UTF-8\n"
                  "  hint: save the text as UTF-8\n"},
    {"\303\251: \303(\n", "1:4+1 encoding: byte 0xC3 is not valid UTF-8\n"
                          "  hint: save the text as UTF-8\n"},
    {"a: 1\n"
     "b: \007\n",
     "2:4+1 encoding: control byte 0x07\n"},
    {"\303\251: \302\200\n", "1:4+1 encoding: control character U+0080\n"},
    {"a: \"\303\251 \302\205\"\n", "1:7+1 encoding: control character U+0085\n"
                                   "  hint: write \"\\N\" in double quotes for it\n"},
    {"\357\273\277a: 1\n"
     "a: 2\n",
     "2:1+1 duplicate-key: duplicate key 'a'\n"
     "  note 1:1+1: first defined here\n"},
    {"\357\273\277a: \302\200\n", "1:4+1 encoding: control character U+0080\n"},
    {"\377\376a", "1:1+1 encoding: byte 0xFF is not valid UTF-8\n"
                  "  hint: the text seems to be UTF-16; save it as UTF-8\n"},
    {"\303\251: {\303\251: @x}\n", "1:8+2 syntax: a plain value cannot begin with '@'\n"
                                   "  hint: quote it: '@x'\n"},
    {"a: 1\015\n"
     "a: 2\015\n",
     "2:1+1 duplicate-key: duplicate key 'a'\n"
     "  note 1:1+1: first defined here\n"},
    {"a: 1\015a: 2\n", "1:6+1 duplicate-key: duplicate key 'a'\n"
                       "  note 1:1+1: first defined here\n"},
    {"a: \"x\342\200\250y\"\n"
     "a: 2\n",
     "2:1+1 duplicate-key: duplicate key 'a'\n"
     "  note 1:1+1: first defined here\n"},
    {"a: 1\n"
     "a: 2\n"
     "b: [\n",
     "2:1+1 duplicate-key: duplicate key 'a'\n"
     "  note 1:1+1: first defined here\n"
     "3:4+0 syntax: '[' is never closed\n"},
    {"a: [x, ${A}.>]\n", "1:8+2 syntax: a variable between brackets needs quotes\n"
                         "  hint: write [\"${NAME}\"], or use a line for each entry\n"},
    {"a: {b: ${A}}\n", "1:8+2 syntax: a variable between brackets needs quotes\n"
                       "  hint: write [\"${NAME}\"], or use a line for each entry\n"},
    {"a: [x{y}]\n", "1:6+1 syntax: ',' or ']' is missing\n"
                    "  note 1:4+1: the list begins here\n"},
};

START_TEST(rejects)
{
    ck_assert_int_eq(read_text(rejected[_i].text), -1);
    render_diags(&out, &diags);
    ck_assert_str_eq(strbuf_text(&out), rejected[_i].expected);
}
END_TEST

START_TEST(nul_byte)
{
    static const char text[] = "a: 1\nb: \0\n";
    ck_assert_int_eq(read_bytes(text, sizeof(text) - 1), -1);
    render_diags(&out, &diags);
    ck_assert_str_eq(strbuf_text(&out), "2:4+1 encoding: NUL byte\n  hint: save the text as UTF-8\n");
}
END_TEST

START_TEST(utf_16)
{
    static const char text[] = "a\0:\0 \0"
                               "1\0";
    ck_assert_int_eq(read_bytes(text, sizeof(text) - 1), -1);
    render_diags(&out, &diags);
    ck_assert_str_eq(strbuf_text(&out),
                     "1:2+1 encoding: NUL byte\n  hint: the text seems to be UTF-16; save it as UTF-8\n");
}
END_TEST

/* What stands before the fault is read, and what follows a fault of meaning too. */
START_TEST(keeps_what_could_be_read)
{
    ck_assert_int_eq(read_text("a: 1\na: 2\nb: *x\n---\nc: {d: !e f}\n---\ng: [\n"), -1);
    ck_assert_uint_eq(diags.errors, 4);
    ck_assert_uint_eq(documents.count, 2);
    render_node(&out, documents.items[0]);
    render_node(&out, documents.items[1]);
    ck_assert_str_eq(strbuf_text(&out), "{a: 1, b: null}{c: {d: f}}");
}
END_TEST

/* Errors of another text are not this one's. */
START_TEST(result_is_of_this_text)
{
    diag_error(&diags, &code_range, (struct srcpos){0}, "earlier");
    ck_assert_int_eq(read_text("a: 1\n"), 0);
    ck_assert_int_eq(read_text(""), 0);
    ck_assert_uint_eq(documents.count, 0);
}
END_TEST

/* Aliases share their nodes; merged members share their values. */
START_TEST(aliases_share)
{
    ck_assert_int_eq(read_text("a: &x {p: [1]}\nb: *x\nc: {<<: *x}\n"), 0);
    const struct node *root = documents.items[0];
    ck_assert_ptr_eq(node_get(root, "a"), node_get(root, "b"));
    ck_assert_ptr_ne(node_get(root, "a"), node_get(root, "c"));
    ck_assert_ptr_eq(node_get(node_get(root, "a"), "p"), node_get(node_get(root, "c"), "p"));
}
END_TEST

/* Limits. */

static void repeat(struct strbuf *text, const char *part, size_t count)
{
    for (size_t i = 0; i < count; i++)
        strbuf_adds(text, part);
}

static void expect_limit(const struct strbuf *text, const char *expected)
{
    struct strbuf shown = {0};
    ck_assert_int_eq(read_bytes(strbuf_text(text), text->length), -1);
    render_diags(&shown, &diags);
    ck_assert_str_eq(strbuf_text(&shown), expected);
    strbuf_release(&shown);
}

START_TEST(longest_text)
{
    repeat(&out, "# 3456789abcdef\n", YAML_MOST_BYTES / 16 - 1);
    strbuf_adds(&out, "a:  \xC3\xA9\xC3\xA9\xC3\xA9"
                      "89012\n");
    ck_assert_uint_eq(out.length, YAML_MOST_BYTES);
    ck_assert_int_eq(read_bytes(out.text, out.length), 0);
    out.text[out.length - 1] = '3';
    strbuf_addc(&out, '4');
    expect_limit(&out, "1048576:14+1 limit: the text is longer than 16777216 bytes\n");
}
END_TEST

static const struct yaml_case depths[] = {
    {"[", "1:65+0 limit: nested more than 64 levels deep\n"},
    {"{a: ", "1:257+0 limit: nested more than 64 levels deep\n"},
    {"- ", "1:129+0 limit: nested more than 64 levels deep\n"},
};

START_TEST(deepest_nesting)
{
    repeat(&out, depths[_i].text, 64);
    read_bytes(out.text, out.length);
    ck_assert(!diags_have(&diags, &code_limit));
    diags_release(&diags);
    repeat(&out, depths[_i].text, 100000);
    expect_limit(&out, depths[_i].expected);
}
END_TEST

START_TEST(deepest_aliases)
{
    strbuf_adds(&out, "- &a1 []\n");
    for (int i = 2; i <= 100; i++)
        strbuf_addf(&out, "- &a%d [*a%d]\n", i, i - 1);
    expect_limit(&out, "64:9+4 limit: nested more than 64 levels deep\n");
}
END_TEST

/* Each map is as deep as the first, however many were merged into it on the way. */
START_TEST(merges_nest_no_deeper)
{
    strbuf_adds(&out, "- &a1 {k1: [x]}\n");
    for (int i = 2; i <= 200; i++)
        strbuf_addf(&out, i % 2 ? "- &a%d {<<: *a%d, k%d: 1}\n" : "- &a%d {<<: [*a%d], k%d: 1}\n", i, i - 1,
                    i);
    ck_assert_int_eq(read_bytes(out.text, out.length), 0);
    const struct node *last = documents.items[0]->items[199];
    ck_assert_uint_eq(last->count, 200);
    ck_assert_str_eq(last->members[0].key, "k200");
    ck_assert_str_eq(last->members[199].key, "k1");
}
END_TEST

/* A text has no NUL at its end. Here it looks like blanks to a reader of bytes; memory checkers see one that reads on. */
START_TEST(ends_where_it_ends)
{
    static const char *const texts[] = {"\xEF\xBB\xBB", "\xEF\xBB\xBF ", "\n"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        char *text = memcpy(malloc(strlen(texts[i])), texts[i], strlen(texts[i]));
        ck_assert_int_eq(read_bytes(text, strlen(texts[i])), 0);
        ck_assert_uint_eq(documents.count, i == 0);
        free(text);
    }
}
END_TEST

START_TEST(alias_bomb)
{
    strbuf_adds(&out, "a: &a [x, x, x, x, x, x, x, x, x]\n");
    for (int name = 'b'; name <= 'z'; name++)
        strbuf_addf(&out, "%c: &%c [*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c]\n", name, name, name - 1, name - 1,
                    name - 1, name - 1, name - 1, name - 1, name - 1, name - 1, name - 1);
    /* a has 10 nodes, b 91, c 820, d 7,381, e 66,430 */
    expect_limit(&out, "5:23+2 limit: aliases make 52595 keys and values out of 53\n"
                       "  hint: use fewer aliases, or 'defaults' for what many objects have in common\n");
    ck_assert_uint_lt(arena.total, 1024 * 1024);
}
END_TEST

START_TEST(alias_bomb_of_text)
{
    strbuf_adds(&out, "- &a ");
    repeat(&out, "0123456789abcdef", 64 * 1024);
    strbuf_adds(&out, "\n");
    repeat(&out, "- *a\n", 1000);
    /* 1 MiB counts as 16,385 nodes */
    expect_limit(&out, "21:3+2 limit: aliases make 344086 keys and values out of 16406\n"
                       "  hint: use fewer aliases, or 'defaults' for what many objects have in common\n");
}
END_TEST

START_TEST(most_values)
{
    strbuf_addc(&out, '[');
    repeat(&out, "1,", YAML_MOST_NODES - 1);
    strbuf_adds(&out, "]");
    ck_assert_int_eq(read_bytes(out.text, out.length), 0);
    ck_assert_uint_eq(documents.items[0]->count, YAML_MOST_NODES - 1);
    out.text[out.length - 1] = '2';
    strbuf_addc(&out, ']');
    expect_limit(&out, "1:4000000+1 limit: more than 2000000 keys and values, counting aliases in full\n"
                       "  hint: split the file, or use fewer aliases\n");
}
END_TEST

/* Many keys in one map take no longer than other text. Nobody reads as many duplicates: the last one says so. */
START_TEST(many_keys)
{
    enum { KEYS = 100000 };
    for (int i = 0; i < KEYS; i++)
        strbuf_addf(&out, "key%d: %d\n", i, i);
    ck_assert_int_eq(read_bytes(out.text, out.length), 0);
    const struct node *map = documents.items[0];
    ck_assert_uint_eq(map->count, KEYS);
    ck_assert_str_eq(map->members[KEYS - 1].key, "key99999");
    for (int i = 0; i < KEYS; i++)
        strbuf_addf(&out, "key%d: %d\n", i, i);
    ck_assert_int_eq(read_bytes(out.text, out.length), -1);
    ck_assert_uint_eq(diags.errors, DIAGS_MOST);
    const struct diag *last = diags.list.items[DIAGS_MOST - 1];
    ck_assert_str_eq(last->message, "too many problems; the rest of the text is not read");
    ck_assert_uint_eq(last->pos.line, KEYS + DIAGS_MOST - 1);
    ck_assert_uint_eq(diags.list.items[0]->pos.line, KEYS + 1);
    ck_assert_uint_eq(diags.list.items[0]->related.items[0].pos.line, 1);
}
END_TEST

#define COUNT(cases) ((int)(sizeof(cases) / sizeof((cases)[0])))

Suite *syntax_yaml_suite(void)
{
    Suite *suite = suite_create("syntax/yaml");
    TCase *tests = tcase_create("read");
    TCase *limits = tcase_create("limits");
    TCase *large = tcase_create("large");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, reads, 0, COUNT(accepted));
    tcase_add_loop_test(tests, places, 0, COUNT(placed));
    tcase_add_loop_test(tests, rejects, 0, COUNT(rejected));
    tcase_add_test(tests, nul_byte);
    tcase_add_test(tests, utf_16);
    tcase_add_test(tests, keeps_what_could_be_read);
    tcase_add_test(tests, result_is_of_this_text);
    tcase_add_test(tests, aliases_share);
    suite_add_tcase(suite, tests);
    tcase_add_checked_fixture(limits, setup, teardown);
    tcase_add_loop_test(limits, deepest_nesting, 0, COUNT(depths));
    tcase_add_test(limits, deepest_aliases);
    tcase_add_test(limits, merges_nest_no_deeper);
    tcase_add_test(limits, ends_where_it_ends);
    tcase_add_test(limits, alias_bomb);
    tcase_add_test(limits, alias_bomb_of_text);
    suite_add_tcase(suite, limits);
    tcase_add_checked_fixture(large, setup, teardown);
    tcase_set_tags(large, "large");
    tcase_add_test(large, longest_text);
    tcase_add_test(large, most_values);
    tcase_add_test(large, many_keys);
    suite_add_tcase(suite, large);
    return suite;
}
