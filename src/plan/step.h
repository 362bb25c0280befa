/*
 * Step: what is to be done to one object. How a step is made, compared and shown.
 */
#ifndef PLAN_STEP_H
#define PLAN_STEP_H

#include "field/check.h"
#include "manifest/manifest.h"
#include "plan/mark.h"
#include "plan/plan.h"
#include "server/live_object.h"

/*
 * ---- step ----
 * How one is made, and how it is shown. A bucket is planned as its stream; its label, the names of its fields and their
 * values are the bucket's own.
 */

/* For an object of a manifest, from `live` (NULL: there is none yet) to what the manifest says. */
struct step *step_new(struct arena *arena, enum action action, struct resource *resource,
                      struct object *live);
/* For an object that no manifest defines. It is copied, decoded, and shown as the bucket that it is, if it is one. */
struct step *step_of_live(struct arena *arena, enum action action, const struct live_object *live,
                          const struct target *target);
/* The same step from another live object on, not compared yet. */
struct step step_from(const struct step *step, struct object *live);

/* Its object, as it was read. */
struct live_object step_as_read(const struct step *step);

/* For qsort() of pointers: streams before consumers, each by name; of one name, by index. */
int step_compare(const void *left, const void *right);
void plan_add(struct arena *arena, struct plan *plan, struct step *step);

/* The table and the name under which people know the step's object. */
const struct table *step_kind(const struct step *step);
const char *step_shown_name(const struct step *step);

/* The step's live or wanted configuration as people know it; for a bucket it is made in the arena. NULL gives NULL. */
const struct object *step_shown(struct arena *arena, const struct step *step, const struct object *config);

/* "stream.ORDERS", "consumer.ORDERS.billing", "key_value.sessions". */
const char *step_address(struct arena *arena, const struct step *step);

/* The step cannot be done, for what the diagnostic says, which is about the step's object from now on. */
void step_refuse(struct diags *diags, struct step *step, struct diag *diag);

/* The stream that the step is about: the consumer's, or its own. */
const char *step_stream_name(const struct step *step);
/* The streams whose messages it destroys: that one, if it is there, and those that are drained. NULL behind the last one. */
const char *step_rescued(const struct step *step, size_t index);
/* Does the plan destroy messages that are to be backed up first? */
bool plan_rescues(const struct plan *plan);
/* Does a new object set what no later plan can take back? */
bool step_sets_for_good(const struct object *wanted);

/* A deleted stream takes the consumer along; and when all are known, by name, each once. */
void step_takes_along(struct arena *arena, struct step *stream, const char *consumer);
void step_sort_along(struct step *stream);

/* An adoption that changes settings is an update to people, and counted as one. */
enum action step_counts_as(const struct step *step);
/* How many steps count as such an action. */
size_t plan_count_of(const struct plan *plan, int action);

/* What the step changes of that field; NULL: nothing. By its id, `step` may be NULL. */
struct change *step_change(const struct step *step, const struct field *field);
struct change *step_change_by_id(const struct step *step, unsigned id);

/* Does the consumer want messages that it did not want before? */
bool step_wants_more(const struct step *consumer);

/*
 * ---- compare ----
 * Finds the differences between a wanted and a live object, row by row, and what the server's update rules say
 * about each.
 */

/* Fills step->changes and step->keep. Both objects must be normalised. Returns the number of changes. */
size_t compare_objects(struct arena *arena, struct step *step, const struct target *target);

/* Adds a difference: the field is lower than the default, and no limit of the server made it so. */
void compare_raised(struct arena *arena, struct step *step, const struct field *field,
                    const struct target *target);

/*
 * The same for an object that is to be adopted: compared as if it had the project's marks, while the step begins with
 * what was read. False, and nothing is done, if it has an owner from whom the plan does not take it.
 */
bool compare_adopting(struct arena *arena, struct step *step, const struct plan *plan);

/*
 * Is a live configuration, as the server sent it, certainly equal to what is wanted (which is normalised)? This is a
 * quick look without decoding the object, because most of what a plan reads is in sync. If it says false,
 * compare_objects() has to decide. *ret_unknown are names of settings that no row knows, NULL for none: they count as
 * no difference.
 */
bool compare_is_in_sync(struct arena *scratch, const struct object *wanted, const struct node *live,
                        struct instant now, const char **ret_unknown);

/*
 * Settings of a server newer than natsform. They are carried through updates as they are; the user learns their names once a plan.
 * `names` are separated by ", "; NULL: none.
 */
void unknown_add(struct map *unknown, const char *names);
void unknown_report(const struct map *unknown, const struct target *target, struct diags *diags);

/* Does a field keep the server from updating the object at all? */
bool compare_frozen(const struct object *live, uint32_t version);

/* Does the rule allow to change the field of an existing object from one value to the other? */
bool update_is_allowed(const struct update_rule *rule, const struct field *field, const struct value *before,
                       const struct value *after, bool clustered);

/*
 * What a stream's consumer limits and its existing consumers allow each other. A server refuses limits that a consumer
 * exceeds (error 10069), so a consumer that goes down with them has to go first; but until then it is under the old
 * limits.
 */
enum limits_order {
    LIMITS_ANY_ORDER,
    LIMITS_CONSUMER_FIRST,
    LIMITS_REFUSED, /* in no order */
};

/* A stream and one of its consumers, as they are and as they will be. */
struct limits_change {
    const struct object *stream_live;
    const struct object *stream_wanted;
    const struct object *consumer_live;
    const struct object *consumer_wanted;
};

/* If it is refused, *ret_field is the consumer's field that exceeds its limit. ret_field may be NULL. */
enum limits_order limits_order_of(const struct limits_change *change, uint32_t version,
                                  const struct field **ret_field);

#endif
