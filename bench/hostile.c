/*
 * Hostile manifests (tests/support/hostile.h), each by half and whole, to see how what it takes grows.
 *
 * usage: bench_hostile FOLDER     writes FOLDER/NUMBER-half.yaml and FOLDER/NUMBER-whole.yaml, and prints "NUMBER NAME" of each
 */
#include <stdio.h>

#include "support/hostile.h"

static int write_one(const char *folder, size_t number, const char *size, int tenths)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/%zu-%s.yaml", folder, number, size);
    FILE *file = fopen(path, "wb");
    if (file)
        hostile_texts[number].make(file, tenths);
    if (file && fclose(file) == 0)
        return 0;
    perror(path);
    return 1;
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 64;
    for (size_t i = 0; i < hostile_count; i++) {
        if (write_one(argv[1], i, "half", HOSTILE_WHOLE / 2) || write_one(argv[1], i, "whole", HOSTILE_WHOLE))
            return 1;
        printf("%zu %s\n", i, hostile_texts[i].name);
    }
    return 0;
}
