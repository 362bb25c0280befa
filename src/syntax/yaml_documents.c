/*
 * Documents without markers; see yaml_documents.h. To libyaml only the first document may begin without '---'. It keeps in
 * `state` what may come next, and has looked at the next token when a document ends without a marker.
 */
#include "syntax/yaml_documents.h"

#include <stdbool.h>
#include <string.h>

void yaml_next_document(yaml_parser_t *parser, const struct source *source)
{
    const char *first = source->text + strspn(source->text, " \t\r\n");
    const yaml_token_t *next = parser->token_available ? parser->tokens.head : NULL;
    bool json = *first == '{' || *first == '[';
    if (json && next && parser->state == YAML_PARSE_DOCUMENT_START_STATE &&
        (next->type == YAML_FLOW_MAPPING_START_TOKEN || next->type == YAML_FLOW_SEQUENCE_START_TOKEN))
        parser->state = YAML_PARSE_IMPLICIT_DOCUMENT_START_STATE;
}
