/*
 * The JSON Schema of a manifest, from the field tables: completion, hover documentation and validation in editors.
 */
#ifndef KIND_SCHEMA_H
#define KIND_SCHEMA_H

#include "syntax/node.h"

struct node *schema_of_manifest(struct arena *arena);

#endif
