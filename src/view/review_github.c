/* Reviews as annotations of GitHub; see review.h. */
#include "view/review.h"

#include <string.h>

#include "base/path.h"

enum { SHOWN_MOST = 10 }; /* of each kind, in a step */

static const struct {
    const char *severity, *command;
} kinds[] = {{"error", "error"}, {"warning", "warning"}, {"note", "notice"}};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

/* As the runner reads it back. A property ends with a comma or a colon, too. */
static void print_escaped(FILE *out, const char *text, bool is_property)
{
    for (; *text; text++)
        if (strchr("%\r\n", *text) || (is_property && strchr(":,", *text)))
            fprintf(out, "%%%02X", (unsigned char)*text);
        else
            fputc(*text, out);
}

static void print_property(FILE *out, char before, const char *name, const char *value)
{
    fprintf(out, "%c%s=", before, name);
    print_escaped(out, value, true);
}

/* GitHub wants it from the root of the repository. */
static void print_file(const struct review *review, FILE *out, const char *file)
{
    const char *folder = *file == '/' ? "" : review->folder;
    print_property(out, ',', "file",
                   *folder ? path_clean(review->arena, path_in(review->arena, folder, file)) : file);
}

static void print_finding(const struct review *review, FILE *out, const char *command,
                          const struct node *finding)
{
    const char *file = node_get_text(finding, "file"), *line = node_get_text(finding, "line");
    const char *hint = node_get_text(finding, "hint");
    fprintf(out, "::%s", command);
    print_property(out, ' ', "title", node_get_text(finding, "code"));
    if (*file)
        print_file(review, out, file);
    if (*file && *line) {
        print_property(out, ',', "line", line);
        print_property(out, ',', "col", node_get_text(finding, "column"));
    }
    fputs("::", out);
    print_escaped(out, node_get_text(finding, "message"), false);
    if (*hint) {
        fputs("%0Ahint: ", out);
        print_escaped(out, hint, false);
    }
    fputc('\n', out);
}

/* Returns how many are not shown. */
static size_t print_kind(const struct review *review, FILE *out, size_t kind, size_t most)
{
    const struct node *list = node_get(review->document, "diagnostics");
    size_t shown = 0, left = 0;
    for (size_t i = 0; list && i < list->count; i++) {
        if (strcmp(node_get_text(list->items[i], "severity"), kinds[kind].severity) != 0)
            continue;
        if (shown < most)
            print_finding(review, out, kinds[kind].command, list->items[i]);
        shown < most ? shown++ : left++;
    }
    return left;
}

void review_github(const struct review *review, FILE *out)
{
    size_t left = 0;
    for (size_t i = 0; i < KINDS; i++) {
        bool is_last = i + 1 == KINDS; /* there is one more of these, if anything is left */
        size_t more = left || review_count(review, kinds[i].severity) > SHOWN_MOST;
        left += print_kind(review, out, i, is_last && more ? SHOWN_MOST - 1 : SHOWN_MOST);
    }
    if (left)
        fprintf(out,
                "::notice title=natsform::and %zu more, which the log of this step and 'natsform %s' show\n",
                left, review->command);
}
