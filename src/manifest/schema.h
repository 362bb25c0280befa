/*
 * Schema: makes the JSON Schema of a manifest from the tables, for completion, hover documentation and validation in editors.
 */
#ifndef MANIFEST_SCHEMA_H
#define MANIFEST_SCHEMA_H

#include "syntax/node.h"

struct node *schema_of_manifest(struct arena *arena);

#endif
