/* Reads base64; see base64.h. */
#include "base/base64.h"

#include <stdint.h>
#include <string.h>

static int value_of(char digit)
{
    if (digit >= 'A' && digit <= 'Z')
        return digit - 'A';
    if (digit >= 'a' && digit <= 'z')
        return digit - 'a' + 26;
    if (digit >= '0' && digit <= '9')
        return digit - '0' + 52;
    return digit == '+' ? 62 : digit == '/' ? 63 : -1;
}

bool base64_decode(struct strbuf *out, const char *text)
{
    uint32_t bits = 0;
    int held = 0;
    for (; *text && *text != '='; text++) {
        int value = value_of(*text);
        if (value < 0)
            return false;
        bits = bits << 6 | (uint32_t)value;
        held += 6;
        if (held >= 8) {
            held -= 8;
            strbuf_addc(out, (char)(bits >> held & 0xff));
        }
    }
    return text[strspn(text, "=")] == '\0';
}
