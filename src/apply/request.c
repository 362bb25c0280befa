/*
 * From a step to API requests; see request.h. The configuration in a request is encoded by field/encode.c. Here is
 * only what the API wants around it; names of keys are those of the API's messages.
 */
#include "apply/request.h"

#include "field/encode.h"
#include "kind/kinds.h"
#include "syntax/json.h"

/* Verbs and reply types by kind of request, for streams and consumers. */
static const struct {
    const char *verb;
    const char *type;
} words[][2] = {
    [REQUEST_CREATE] = {{"STREAM.CREATE", "stream_create_response"},
                        {"CONSUMER.CREATE", "consumer_create_response"}},
    /* Consumers have no request of their own for updates: a create of one that exists changes it. */
    [REQUEST_UPDATE] = {{"STREAM.UPDATE", "stream_update_response"},
                        {"CONSUMER.CREATE", "consumer_create_response"}},
    [REQUEST_PAUSE] = {{0}, {"CONSUMER.PAUSE", "consumer_pause_response"}},
    [REQUEST_DELETE] = {{"STREAM.DELETE", "stream_delete_response"},
                        {"CONSUMER.DELETE", "consumer_delete_response"}},
    [REQUEST_READ] = {{"STREAM.INFO", "stream_info_response"}, {"CONSUMER.INFO", "consumer_info_response"}},
    [REQUEST_READ_STREAM] = {{0}, {"STREAM.INFO", "stream_info_response"}},
};

/*
 * nats-server 2.9 ignores `action`. From 2.10 on it keeps a create from becoming an update if somebody else was faster,
 * and the other way round.
 */
static struct node *consumer_envelope(struct arena *arena, const struct step *step, struct node *config,
                                      enum request_kind kind)
{
    struct node *envelope = node_map(arena);
    node_put_text(arena, envelope, "stream_name", step->stream);
    node_put(arena, envelope, "config", config);
    node_put_text(arena, envelope, "action", kind == REQUEST_CREATE ? "create" : "update");
    return envelope;
}

static struct node *pause_body(struct arena *arena, const struct step *step)
{
    const struct field *field = table_field_by_id(step->table, CONSUMER_PAUSE_UNTIL);
    const struct value *until = object_value_of(step->wanted, field);
    struct node *body = node_map(arena);
    if (until->type == VALUE_TIME) /* without pause_until, the request resumes the consumer */
        node_put(arena, body, field->name, value_encode(arena, field, until, FORM_WIRE));
    return body;
}

static struct node *body_of(struct arena *arena, const struct request *request)
{
    const struct step *step = request->step;
    enum request_kind kind = request->kind;
    struct node *config;
    if (kind == REQUEST_PAUSE)
        return pause_body(arena, step);
    if (kind != REQUEST_CREATE && kind != REQUEST_UPDATE)
        return NULL;
    config = kind == REQUEST_CREATE ? object_encode_create(arena, step->wanted)
                                    : object_encode_update(arena, step->wanted, request->live, step->keep);
    object_encode_revision(arena, step->table, config, request->revision);
    return step->stream ? consumer_envelope(arena, step, config, kind) : config;
}

void request_build(struct arena *arena, const struct request *request, struct strbuf *body,
                   struct api_request *ret_request)
{
    const struct step *step = request->step;
    struct node *node = body_of(arena, request);
    bool consumer = step->stream != NULL;
    strbuf_reset(body);
    if (node)
        json_write(body, node, false);
    ret_request->verb = words[request->kind][consumer].verb;
    ret_request->type = words[request->kind][consumer].type;
    if (request->kind == REQUEST_READ_STREAM)
        ret_request->name = step->stream;
    else
        ret_request->name = consumer ? arena_printf(arena, "%s.%s", step->stream, step->name) : step->name;
    ret_request->body = node ? strbuf_text(body) : NULL;
    ret_request->length = node ? body->length : 0;
}
