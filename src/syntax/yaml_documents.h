/*
 * Documents of JSON, one behind the other without a marker, as several runs of a program print them into one file, and jq.
 *
 * To libyaml only the first document may begin without '---'. It keeps in `state` what may come next, and has looked at the next
 * token when a document ends without a marker.
 */
#ifndef SYNTAX_YAML_DOCUMENTS_H
#define SYNTAX_YAML_DOCUMENTS_H

#include <string.h>
#include <yaml.h>

#include "base/source.h"

/* The first character that is not blank, nor of a byte order mark; 0: none. The text need not end with a NUL. */
static inline char yaml_first_character(const struct source *source)
{
    size_t at = 0;
    while (at < source->length && source->text[at] && strchr("\xef\xbb\xbf \t\r\n", source->text[at]))
        at++;
    return at < source->length ? source->text[at] : 0;
}

/* After the end of a document: if the text is JSON and another '{' or '[' follows, a further document begins there. */
static inline void yaml_next_document(yaml_parser_t *parser, const struct source *source)
{
    char first = yaml_first_character(source);
    const yaml_token_t *next = parser->token_available ? parser->tokens.head : NULL;
    if ((first == '{' || first == '[') && next && parser->state == YAML_PARSE_DOCUMENT_START_STATE &&
        (next->type == YAML_FLOW_MAPPING_START_TOKEN || next->type == YAML_FLOW_SEQUENCE_START_TOKEN))
        parser->state = YAML_PARSE_IMPLICIT_DOCUMENT_START_STATE;
}

#endif
