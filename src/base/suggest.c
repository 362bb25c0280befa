/*
 * Edit distance with transpositions; see suggest.h. Of the usual table of distances between all beginnings of the two words only
 * three rows are kept: a swap of two letters looks two rows back.
 */
#include "base/suggest.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/*
 * The rows of the table are on the stack. Names of fields and options are shorter; longer words are no typing errors of
 * them.
 */
enum { LONGEST = 64 };

/* 'max-age' and 'Max_Age' are no farther from 'max_age' than the name itself. */
static char folded(char byte)
{
    return byte == '-' ? '_' : (char)tolower((unsigned char)byte);
}

static void fold(char *to, const char *word)
{
    while ((*to++ = folded(*word)))
        word++;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Of two folded words; a distance above `most` may be told as any other one above it. */
static size_t distance(const char *a, size_t a_length, const char *b, size_t b_length, size_t most)
{
    size_t rows[3][LONGEST + 1];
    if (a_length > b_length + most || b_length > a_length + most)
        return most + 1;
    for (size_t j = 0; j <= b_length; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3];
        const size_t *higher = rows[(i + 1) % 3];
        size_t nearest = row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], higher[j - 2] + 1);
            nearest = least(nearest, row[j]);
        }
        if (nearest > most + 1) /* a swap may still take one from it */
            return nearest;
    }
    return rows[a_length % 3][b_length];
}

/* 'max_msgs_total' for 'max_msgs': whoever adds a word to a name probably means that name. */
static bool begins_with_words(const char *wanted, const char *name, size_t length)
{
    return strncmp(wanted, name, length) == 0 && folded(wanted[length]) == '_';
}

void suggestion_consider(struct suggestion *near, const char *name)
{
    size_t wanted_length = strlen(near->wanted);
    size_t name_length = strlen(name);
    if (wanted_length > LONGEST || name_length > LONGEST || wanted_length == 0)
        return;
    size_t longer = wanted_length > name_length ? wanted_length : name_length;
    char wanted_folded[LONGEST + 1] = "";
    char name_folded[LONGEST + 1] = "";
    fold(wanted_folded, near->wanted);
    fold(name_folded, name);
    size_t found = distance(wanted_folded, wanted_length, name_folded, name_length, longer / 3);
    if (wanted_length >= 3 && strncmp(near->wanted, name, wanted_length) == 0)
        found = 1;
    else if (name_length >= 3 && begins_with_words(near->wanted, name, name_length))
        found = least(found, longer / 3);
    /* Of equally near names the first one stays, so the order of the table decides. */
    if (found > longer / 3 || (near->best && found >= near->distance))
        return;
    near->best = name;
    near->distance = found;
}
