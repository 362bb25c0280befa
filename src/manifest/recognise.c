/* What tells a manifest from any other file; see recognise.h. */
#include "manifest/recognise.h"

#include <string.h>

#include "kind/kinds.h"
#include "manifest/manifest.h"

static bool is_in_name(char byte)
{
    return byte == '_' || byte == '-' || (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
           (byte >= 'A' && byte <= 'Z');
}

/* `streams:`, `"streams" :` */
static bool has_key(const char *text, const char *key)
{
    size_t length = strlen(key);
    for (const char *at = strstr(text, key); at; at = strstr(at + 1, key)) {
        const char *behind = at + length;
        behind += *behind == '"' || *behind == '\'';
        if ((at == text || !is_in_name(at[-1])) && behind[strspn(behind, " \t")] == ':')
            return true;
    }
    return false;
}

bool recognise_text(const char *text)
{
    bool found = strstr(text, "jetstream") || strstr(text, "subjects");
    for (size_t i = 0; !found && i < manifest_table.count; i++)
        found = has_key(text, manifest_table.fields[i].name);
    return found;
}

bool recognise_document(const struct node *document)
{
    bool found = false;
    for (size_t i = 0; document->type == NODE_MAP && !found && i < document->count; i++) {
        const char *key = document->members[i].key;
        found = strncmp(key, EXTENSION_PREFIX, strlen(EXTENSION_PREFIX)) == 0 ||
                table_field(&manifest_table, key) || table_suggest(&manifest_table, key);
    }
    return found || (document->type == NODE_MAP && document->count == 0);
}
