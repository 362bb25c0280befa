/* The lifecycle that streams and consumers share: natsform's own keys, never on the wire. */
#include "kind/kinds.h"

#include "base/row.h"

static const struct field lifecycle_fields[] = {
    ROW(.name = "prevent_destroy", .id = LIFECYCLE_PREVENT_DESTROY, .type = FIELD_BOOL, .flags = FIELD_OURS,
        .doc = "Refuses every plan that would delete the object."),
    ROW(.name = "ignore", .id = LIFECYCLE_IGNORE, .type = FIELD_TEXT, .shape = SHAPE_LIST,
        .flags = FIELD_OURS,
        .doc = "Fields that are set at creation and then left as they are on the server.",
        .example = "[num_replicas]"),
};

const struct table lifecycle_table = {
    .noun = "lifecycle",
    .doc = "How natsform treats the object.",
    TABLE_FIELDS(lifecycle_fields),
};
