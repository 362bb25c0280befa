/*
 * The one list of diagnostic codes. Each has a name (shown in brackets and taken by `natsform explain`), a
 * severity and a line of documentation; each is asserted by a test.
 */
#ifndef BASE_CODES_H
#define BASE_CODES_H

#include <stdbool.h>
#include <stddef.h>

enum severity {
    SEVERITY_ERROR,
    SEVERITY_WARNING,
    SEVERITY_NOTE,
};

enum diag_code {
    /* reading text */
    DIAG_FILE,
    DIAG_ENCODING,
    DIAG_SYNTAX,
    DIAG_LIMIT,
    DIAG_DUPLICATE_KEY,
    DIAG_VARIABLE,
    /* the shape of a manifest */
    DIAG_UNKNOWN_KEY,
    DIAG_WRONG_TYPE,
    DIAG_MISSING_UNIT,
    DIAG_RANGE,
    DIAG_CHOICE,
    DIAG_REQUIRED,
    DIAG_NAME,
    DIAG_SUBJECT,
    DIAG_TIME,
    DIAG_CONFLICT,
    DIAG_DEFINED_TWICE,
    DIAG_CONNECTION,
    DIAG_SERVER_OWNED,
    DIAG_IMPLIED,
    DIAG_TRANSFORM,
    /* between objects: the rules */
    DIAG_SUBJECT_OVERLAP,
    DIAG_RESERVED_SUBJECT,
    DIAG_REPUBLISH_LOOP,
    DIAG_ORIGIN,
    DIAG_ORIGIN_CYCLE,
    DIAG_WORKQUEUE,
    DIAG_DELIVER_LOOP,
    DIAG_FILTER,
    DIAG_CONSUMER_LIMIT,
    DIAG_REPLICAS,
    /* servers to run */
    DIAG_TOPOLOGY,
    DIAG_PORT,
    DIAG_SERVER_LISTENER,
    DIAG_SERVER_CLUSTER,
    DIAG_SERVER_ACCOUNT,
    DIAG_SERVER_LOGIN,
    DIAG_SERVER_LIMIT,
    DIAG_SERVER_TLS,
    DIAG_SERVER_SHARED,
    DIAG_SERVER_PASSWORD,
    DIAG_SERVER_NO_JETSTREAM,
    DIAG_SERVER_UNBOUNDED,
    /* files of other tools */
    DIAG_FORMAT,
    DIAG_CRD_DEFAULT,
    DIAG_NOT_HERE,
    DIAG_LEFT_OUT,
    /* what a server allows */
    DIAG_UNSUPPORTED,
    DIAG_ACCOUNT_LIMIT,
    DIAG_SERVER_REFUSED,
    DIAG_IMMUTABLE,
    DIAG_MISSING_STREAM,
    DIAG_MISSING_ORIGIN,
    DIAG_CYCLE,
    DIAG_FOREIGN,
    DIAG_PROTECTED,
    DIAG_PRUNE,
    DIAG_STALE_PLAN,
    DIAG_PLAN_FILE,
    DIAG_DATA_LOSS,
    DIAG_EXPECTED_CLUSTER,
    DIAG_NOT_FOUND,
    DIAG_EXISTS,
    DIAG_NOT_PULLED,
    /* configurations of nats-server */
    DIAG_CONF_MISREAD,
    DIAG_OLDER_SERVERS,
    /* what a server takes, and people hardly mean */
    DIAG_WITHOUT_EFFECT,
    DIAG_MATCHES_NOTHING,
    DIAG_COPIED_TWICE,
    DIAG_LITERAL_WILDCARD,
    DIAG_REPUBLISH_CIRCLE,
    DIAG_REPUBLISH_STORED,
    DIAG_DELIVERS_INTO_STREAM,
    DIAG_GONE_WHEN_DELIVERED,
    DIAG_LIMIT_BYPASSED,
    DIAG_DURABLE_EXPIRES,
    DIAG_ACK_WAIT_SHORT,
    DIAG_NEVER_REMOVED,
    DIAG_REPLICAS_EVEN,
    DIAG_NAMES_DIFFER_IN_CASE,
    DIAG_MIRROR_INCOMPLETE,
    DIAG_NEEDS_CLUSTER,
    DIAG_CHANGE_WITHOUT_EFFECT,
    /* talking to a server */
    DIAG_CONTEXT,
    DIAG_CREDENTIALS,
    DIAG_UNREACHABLE,
    DIAG_TIMEOUT,
    DIAG_NO_JETSTREAM,
    DIAG_PERMISSION,
    DIAG_API,
    DIAG_REPLY,
    DIAG_ECHO,
    DIAG_UNKNOWN_OUTCOME,
    DIAG_SENT_AGAIN,
    DIAG_LOCKED,
    DIAG_LOCK,
    DIAG_LOCK_LOST,
    DIAG_LOCK_LEFT,
    DIAG_INTERRUPTED,
    /* running servers of one's own */
    DIAG_ENVIRONMENT,
    DIAG_NO_NATS_SERVER,
    DIAG_PORT_TAKEN,
    DIAG_STORE,
    DIAG_NOT_STARTED,
    DIAG_NOT_READY,
    DIAG_NO_ANSWER,
    /* running the command */
    DIAG_REVISION,
    DIAG_USAGE,
    DIAG_COUNT
};

struct diag_code_info {
    const char *name;
    enum severity severity;
    int exit_code; /* what a run ends with when this is the worst that happened; 0 for warnings */
    bool lint;     /* an object may have it ignored */
    const char *doc;
};

extern const struct diag_code_info diag_codes[DIAG_COUNT];

/* The code of that name, or DIAG_COUNT. */
enum diag_code diag_code_by_name(const char *name);

#endif
