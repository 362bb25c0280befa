/* Seals: any text is whole when it is sealed and edited when a byte of it is another one; any bytes can be looked at. */
#include <stdint.h>
#include <string.h>

#include "fuzz/promise.h"
#include "generate/file_mark.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    arena_init(&arena);
    const char *bytes = arena_strndup(&arena, (const char *)data, size);
    const char *text = arena_strdup(&arena, bytes); /* up to the first NUL */
    const struct seal_style *style = size % 2 ? &seal_xml : &seal_hash;
    char *sealed = arena_strdup(&arena, seal_add(&arena, style, text));
    size_t length = strlen(sealed);
    seal_check(bytes, size);
    require(seal_check(sealed, length) == PLACE_OWN, "what is sealed is whole");
    if (*text) {
        sealed[length - 1] ^= 1;
        require(seal_check(sealed, length) == PLACE_EDITED, "another byte is an edit");
    }
    arena_release(&arena);
    return 0;
}
