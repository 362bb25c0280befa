/*
 * Documents of JSON, one behind the other without a marker, as several runs of a program print them into one file, and jq.
 */
#ifndef SYNTAX_YAML_DOCUMENTS_H
#define SYNTAX_YAML_DOCUMENTS_H

#include <yaml.h>

#include "base/source.h"

/* After the end of a document: if the text is JSON and another '{' or '[' follows, a further document begins there. */
void yaml_next_document(yaml_parser_t *parser, const struct source *source);

#endif
