/* The list of diagnostic codes; see codes.h. */
#include "base/codes.h"

#include <string.h>

#include "base/exit.h"
#include "base/row.h"

#define ERROR(exit) .severity = SEVERITY_ERROR, .exit_code = (exit)
#define WARNING .severity = SEVERITY_WARNING, .exit_code = EXIT_DONE
#define NOTE .severity = SEVERITY_NOTE, .exit_code = EXIT_DONE

const struct diag_code_info diag_codes[DIAG_COUNT] = {
    [DIAG_FILE] = ROW(.name = "file", ERROR(EXIT_MANIFEST), .doc = "A file cannot be read."),
    [DIAG_ENCODING] = ROW(.name = "encoding", ERROR(EXIT_MANIFEST),
                          .doc = "The text is not UTF-8, or holds a NUL or another control byte."),
    [DIAG_SYNTAX] =
        ROW(.name = "syntax", ERROR(EXIT_MANIFEST), .doc = "The text is not well-formed YAML or JSON."),
    [DIAG_LIMIT] =
        ROW(.name = "limit", ERROR(EXIT_MANIFEST),
            .doc =
                "The text is larger, deeper or more often aliased than a manifest may be, or has too many faults to tell."),
    [DIAG_DUPLICATE_KEY] =
        ROW(.name = "duplicate-key", ERROR(EXIT_MANIFEST),
            .doc = "A key stands twice in one map; YAML readers would silently keep one of them."),
    [DIAG_VARIABLE] = ROW(.name = "variable", ERROR(EXIT_MANIFEST),
                          .doc = "A ${variable} is not set, was declared required, or is not well-formed."),
    [DIAG_UNKNOWN_KEY] = ROW(.name = "unknown-key", ERROR(EXIT_MANIFEST), .doc = "No field has this name."),
    [DIAG_WRONG_TYPE] = ROW(.name = "wrong-type", ERROR(EXIT_MANIFEST),
                            .doc = "The value has another type than the field takes."),
    [DIAG_MISSING_UNIT] =
        ROW(.name = "missing-unit", ERROR(EXIT_MANIFEST),
            .doc = "A duration needs a unit, such as 30s; a bare number could be anything."),
    [DIAG_RANGE] =
        ROW(.name = "range", ERROR(EXIT_MANIFEST), .doc = "The value is outside what the field may hold."),
    [DIAG_CHOICE] = ROW(.name = "choice", ERROR(EXIT_MANIFEST),
                        .doc = "The value is not one of those that the field knows."),
    [DIAG_REQUIRED] =
        ROW(.name = "required", ERROR(EXIT_MANIFEST), .doc = "A field that must be given is missing."),
    [DIAG_NAME] = ROW(.name = "name", ERROR(EXIT_MANIFEST),
                      .doc = "A name is empty, too long, or has a byte that servers do not allow in it."),
    [DIAG_SUBJECT] = ROW(.name = "subject", ERROR(EXIT_MANIFEST), .doc = "Not a valid subject."),
    [DIAG_TIME] = ROW(.name = "time", ERROR(EXIT_MANIFEST),
                      .doc = "Not a point in time of RFC 3339, such as 2026-01-31T12:00:00Z."),
    [DIAG_CONFLICT] = ROW(.name = "conflict", ERROR(EXIT_MANIFEST),
                          .doc = "Two fields that exclude each other, or one without another that it needs."),
    [DIAG_DEFINED_TWICE] = ROW(.name = "defined-twice", ERROR(EXIT_MANIFEST),
                               .doc = "Two included files define the same object."),
    [DIAG_CONNECTION] =
        ROW(.name = "connection", ERROR(EXIT_MANIFEST),
            .doc = "An object names a connection that is not defined, or one that leads nowhere."),
    [DIAG_SERVER_OWNED] =
        ROW(.name = "server-owned", ERROR(EXIT_MANIFEST),
            .doc = "The field or metadata key belongs to the server or to natsform itself."),
    [DIAG_IMPLIED] = ROW(.name = "implied", WARNING, .lint = true,
                         .doc = "The server sets this field to another value because of a second field."),
    [DIAG_TRANSFORM] =
        ROW(.name = "transform", ERROR(EXIT_MANIFEST),
            .doc =
                "A destination of subjects that no server can make out of the source, or not one of that version."),
    [DIAG_SUBJECT_OVERLAP] = ROW(.name = "subject-overlap", ERROR(EXIT_MANIFEST),
                                 .doc = "Two streams of an account would store the same subject."),
    [DIAG_RESERVED_SUBJECT] =
        ROW(.name = "reserved-subject", ERROR(EXIT_MANIFEST),
            .doc =
                "A stream would take in what servers say to each other, or requests of the JetStream API."),
    [DIAG_REPUBLISH_LOOP] = ROW(.name = "republish-loop", ERROR(EXIT_MANIFEST),
                                .doc = "A stream would store again what it publishes again."),
    [DIAG_ORIGIN] =
        ROW(.name = "origin", ERROR(EXIT_MANIFEST),
            .doc = "A mirror or source does not fit the stream that it copies from, or stands twice."),
    [DIAG_ORIGIN_CYCLE] = ROW(.name = "origin-cycle", ERROR(EXIT_MANIFEST),
                              .doc = "Mirrors and sources lead back to the stream that they start from."),
    [DIAG_WORKQUEUE] =
        ROW(.name = "workqueue", ERROR(EXIT_MANIFEST),
            .doc = "Consumers of a work queue acknowledge explicitly, deliver all, and share no subject."),
    [DIAG_DELIVER_LOOP] = ROW(.name = "deliver-loop", ERROR(EXIT_MANIFEST),
                              .doc = "A push consumer would deliver into the stream that it reads."),
    [DIAG_FILTER] =
        ROW(.name = "filter", ERROR(EXIT_MANIFEST),
            .doc =
                "A consumer filters on subjects that its stream does not have, which servers before 2.10 refuse."),
    [DIAG_CONSUMER_LIMIT] = ROW(.name = "consumer-limit", ERROR(EXIT_MANIFEST),
                                .doc = "A consumer goes beyond what its stream allows its consumers."),
    [DIAG_REPLICAS] =
        ROW(.name = "replicas", ERROR(EXIT_MANIFEST), .doc = "More replicas than there can be."),
    [DIAG_WITHOUT_EFFECT] = ROW(.name = "without-effect", WARNING, .lint = true,
                                .doc = "The server takes the field and never looks at it."),
    [DIAG_MATCHES_NOTHING] = ROW(.name = "matches-nothing", WARNING, .lint = true,
                                 .doc = "A filter or source subject matches no subject of its stream."),
    [DIAG_COPIED_TWICE] = ROW(.name = "copied-twice", WARNING, .lint = true,
                              .doc = "Two sources copy the same messages of one stream."),
    [DIAG_LITERAL_WILDCARD] = ROW(.name = "literal-wildcard", WARNING, .lint = true,
                                  .doc = "A '*' or '>' inside a longer token is an ordinary character."),
    [DIAG_REPUBLISH_CIRCLE] =
        ROW(.name = "republish-circle", WARNING, .lint = true,
            .doc =
                "Republished messages come back, through other streams, to the one that republishes them."),
    [DIAG_REPUBLISH_STORED] = ROW(.name = "republish-stored", NOTE, .lint = true,
                                  .doc = "Another stream stores what this one republishes."),
    [DIAG_DELIVERS_INTO_STREAM] =
        ROW(.name = "delivers-into-stream", WARNING, .lint = true,
            .doc = "A stream stores what a push consumer delivers, as often as it is delivered."),
    [DIAG_GONE_WHEN_DELIVERED] =
        ROW(.name = "gone-when-delivered", WARNING, .lint = true,
            .doc =
                "A message is removed from an interest stream as soon as it was sent, whether it arrived or not."),
    [DIAG_LIMIT_BYPASSED] =
        ROW(.name = "limit-bypassed", WARNING, .lint = true,
            .doc = "An unlimited value passes the limit that the stream sets for its consumers."),
    [DIAG_DURABLE_EXPIRES] =
        ROW(.name = "durable-expires", WARNING, .lint = true,
            .doc = "A durable consumer is removed when nobody uses it, because of its stream's limits."),
    [DIAG_ACK_WAIT_SHORT] =
        ROW(.name = "ack-wait-short", WARNING, .lint = true,
            .doc = "Messages are delivered again before a client can have acknowledged them."),
    [DIAG_NEVER_REMOVED] = ROW(.name = "never-removed", NOTE, .lint = true,
                               .doc = "Messages that ran out of deliveries stay in a work queue for good."),
    [DIAG_REPLICAS_EVEN] = ROW(.name = "replicas-even", WARNING, .lint = true,
                               .doc = "An even number of replicas survives no more failures than one less."),
    [DIAG_NAMES_DIFFER_IN_CASE] = ROW(.name = "names-differ-in-case", NOTE, .lint = true,
                                      .doc = "Two names are the same but for upper and lower case."),
    [DIAG_MIRROR_INCOMPLETE] =
        ROW(.name = "mirror-incomplete", WARNING, .lint = true,
            .doc =
                "Before nats-server 2.11.5 a bucket's mirror may refuse what its origin took, and stop or go on without it."),
    [DIAG_NEEDS_CLUSTER] =
        ROW(.name = "needs-cluster", WARNING, .lint = true,
            .doc = "The server takes the value without a cluster, and does nothing with it."),
    [DIAG_CHANGE_WITHOUT_EFFECT] =
        ROW(.name = "change-without-effect", WARNING, .lint = true,
            .doc = "The server takes the change of an existing object, and nothing becomes different."),
    [DIAG_TOPOLOGY] = ROW(.name = "topology", ERROR(EXIT_MANIFEST),
                          .doc = "Servers that cannot stand to each other as the manifest says."),
    [DIAG_PORT] = ROW(.name = "port", ERROR(EXIT_MANIFEST),
                      .doc = "Two listeners want one port, or there is none left."),
    [DIAG_SERVER_LISTENER] =
        ROW(.name = "server-listener", ERROR(EXIT_MANIFEST),
            .doc = "A server would not open one of its listeners, or takes nobody there."),
    [DIAG_SERVER_CLUSTER] = ROW(.name = "server-cluster", ERROR(EXIT_MANIFEST),
                                .doc = "Servers of a cluster, or clusters, would not come together."),
    [DIAG_SERVER_ACCOUNT] = ROW(.name = "server-account", ERROR(EXIT_MANIFEST),
                                .doc = "A server's options name an account or a user that is not there."),
    [DIAG_SERVER_LOGIN] =
        ROW(.name = "server-login", ERROR(EXIT_MANIFEST), .doc = "A server would not know who may log in."),
    [DIAG_SERVER_LIMIT] = ROW(.name = "server-limit", ERROR(EXIT_MANIFEST),
                              .doc = "Two limits of a server contradict each other, or one has no meaning."),
    [DIAG_SERVER_TLS] = ROW(.name = "server-tls", ERROR(EXIT_MANIFEST),
                            .doc = "A listener has TLS and no certificate, which no client gets past."),
    [DIAG_SERVER_SHARED] =
        ROW(.name = "server-shared", ERROR(EXIT_MANIFEST),
            .doc = "Two servers share what only one can have: a name or a folder of streams."),
    [DIAG_SERVER_PASSWORD] = ROW(.name = "server-password", WARNING,
                                 .doc = "A password that a server takes for something else than was meant."),
    [DIAG_SERVER_NO_JETSTREAM] =
        ROW(.name = "server-no-jetstream", WARNING,
            .doc = "The manifest has streams, and no server of it has JetStream for them."),
    [DIAG_SERVER_UNBOUNDED] =
        ROW(.name = "server-unbounded", NOTE,
            .doc = "Several servers on one machine may each take most of its memory and disk."),
    [DIAG_SERVER_REFUSED] =
        ROW(.name = "server-refused", ERROR(EXIT_MANIFEST),
            .doc = "A real nats-server, asked by 'nats-server -t', refuses the configuration."),
    [DIAG_FORMAT] = ROW(.name = "format", ERROR(EXIT_MANIFEST),
                        .doc = "A file of another tool cannot be taken as it is."),
    [DIAG_CRD_DEFAULT] =
        ROW(.name = "crd-default", WARNING,
            .doc = "A field that a NACK resource leaves out gets a default that hardly anybody wants."),
    [DIAG_NOT_HERE] =
        ROW(.name = "not-here", WARNING,
            .doc = "A resource refers to a Kubernetes secret or an Account that is not in the files."),
    [DIAG_LEFT_OUT] = ROW(.name = "left-out", NOTE,
                          .doc = "A file of another tool holds objects that natsform does not manage."),
    [DIAG_CONF_MISREAD] =
        ROW(.name = "misread", WARNING,
            .doc = "A configuration that nats-server takes for something else than it looks like."),
    [DIAG_OLDER_SERVERS] = ROW(.name = "older-servers", WARNING,
                               .doc = "Some supported versions of nats-server refuse the configuration."),
    [DIAG_UNSUPPORTED] =
        ROW(.name = "unsupported", ERROR(EXIT_MANIFEST),
            .doc = "The target server is too old for the field; it would drop it or reject it."),
    [DIAG_ACCOUNT_LIMIT] = ROW(.name = "account-limit", ERROR(EXIT_MANIFEST),
                               .doc = "The account does not allow so many streams, consumers or bytes."),
    [DIAG_IMMUTABLE] = ROW(.name = "immutable", ERROR(EXIT_REFUSED),
                           .doc = "The server refuses to change this field of an existing object."),
    [DIAG_MISSING_ORIGIN] =
        ROW(.name = "missing-origin", WARNING, .lint = true,
            .doc =
                "A mirror or source copies from a stream that is neither in the manifest nor on the server."),
    [DIAG_MISSING_STREAM] =
        ROW(.name = "missing-stream", ERROR(EXIT_MANIFEST),
            .doc = "An external stream, whose consumers are managed here, does not exist."),
    [DIAG_CYCLE] = ROW(.name = "cycle", ERROR(EXIT_MANIFEST),
                       .doc = "Streams wait for each other, so that no order of changes can work."),
    [DIAG_FOREIGN] = ROW(.name = "foreign", ERROR(EXIT_REFUSED),
                         .doc = "The object bears the mark of another project, which owns it."),
    [DIAG_PROTECTED] = ROW(.name = "protected", ERROR(EXIT_REFUSED),
                           .doc = "lifecycle.prevent_destroy keeps the object from being deleted."),
    [DIAG_STALE_PLAN] =
        ROW(.name = "stale-plan", ERROR(EXIT_REFUSED),
            .doc =
                "A saved plan does not fit any more: the server, its objects or the manifest changed since."),
    [DIAG_PLAN_FILE] =
        ROW(.name = "plan-file", ERROR(EXIT_MANIFEST), .doc = "A saved plan is cut off or damaged."),
    [DIAG_PRUNE] =
        ROW(.name = "prune", ERROR(EXIT_REFUSED),
            .doc = "The server is too old to keep marks, so that nothing tells what is the project's."),
    [DIAG_DATA_LOSS] =
        ROW(.name = "data-loss", ERROR(EXIT_REFUSED),
            .doc = "The change would destroy messages, and --allow-data-loss does not name the stream."),
    [DIAG_EXPECTED_CLUSTER] =
        ROW(.name = "expected-cluster", ERROR(EXIT_REFUSED),
            .doc = "connection.expect names another cluster than the one that answered."),
    [DIAG_NOT_FOUND] = ROW(.name = "not-found", ERROR(EXIT_FAILED),
                           .doc = "Nothing on the server has the name or fits the pattern."),
    [DIAG_EXISTS] = ROW(.name = "exists", ERROR(EXIT_REFUSED),
                        .doc = "A file is there already, and nothing said that it may be replaced."),
    [DIAG_NOT_PULLED] =
        ROW(.name = "not-pulled", ERROR(EXIT_FAILED),
            .doc = "A difference cannot be written back without changing more than its own place."),
    [DIAG_CONTEXT] =
        ROW(.name = "context", ERROR(EXIT_USAGE), .doc = "A nats CLI context is missing or unreadable."),
    [DIAG_CREDENTIALS] = ROW(.name = "credentials", ERROR(EXIT_UNREACHABLE),
                             .doc = "The server refused the credentials, or they cannot be read."),
    [DIAG_UNREACHABLE] =
        ROW(.name = "unreachable", ERROR(EXIT_UNREACHABLE), .doc = "No server answers at the address."),
    [DIAG_TIMEOUT] = ROW(.name = "timeout", ERROR(EXIT_UNREACHABLE),
                         .doc = "The server did not answer a request before its deadline."),
    [DIAG_NO_JETSTREAM] = ROW(.name = "no-jetstream", ERROR(EXIT_UNREACHABLE),
                              .doc = "JetStream is not enabled on the server, or not for the account."),
    [DIAG_PERMISSION] = ROW(.name = "permission", ERROR(EXIT_FAILED),
                            .doc = "The user may not publish a JetStream API request or receive its reply."),
    [DIAG_API] =
        ROW(.name = "api", ERROR(EXIT_FAILED), .doc = "The server answered a request with an error."),
    [DIAG_REPLY] =
        ROW(.name = "reply", ERROR(EXIT_FAILED),
            .doc = "A reply is not what the request calls for; another subscriber may answer the API."),
    [DIAG_ECHO] = ROW(.name = "echo", ERROR(EXIT_FAILED),
                      .doc = "The server accepted a configuration and kept another one than was sent."),
    [DIAG_UNKNOWN_OUTCOME] =
        ROW(.name = "unknown-outcome", ERROR(EXIT_UNREACHABLE),
            .doc = "A request was cut off, and reading back did not tell whether it took effect."),
    [DIAG_SENT_AGAIN] =
        ROW(.name = "sent-again", NOTE,
            .doc = "The server refused a request for a reason that passes by itself, so it was sent again."),
    [DIAG_REVISION] =
        ROW(.name = "revision", ERROR(EXIT_MANIFEST),
            .doc = "A Git revision cannot be read: no repository, no such revision, or it is not all there."),
    [DIAG_LOCKED] = ROW(.name = "locked", ERROR(EXIT_LOCKED),
                        .doc = "Another run holds the project's lock; the message names it."),
    [DIAG_LOCK] =
        ROW(.name = "lock", ERROR(EXIT_FAILED),
            .doc = "The project's lock cannot be taken for another reason than that somebody has it."),
    [DIAG_LOCK_LOST] =
        ROW(.name = "lock-lost", ERROR(EXIT_FAILED),
            .doc =
                "The run lost its lock, as when it stood still for too long, and stopped before its next change."),
    [DIAG_LOCK_LEFT] = ROW(.name = "lock-left", WARNING,
                           .doc = "The lock could not be removed at the end of the run; it dies by itself."),
    [DIAG_INTERRUPTED] = ROW(.name = "interrupted", ERROR(EXIT_FAILED),
                             .doc = "A signal stopped the run; what was under way was waited for."),
    [DIAG_ENVIRONMENT] =
        ROW(.name = "environment", ERROR(EXIT_FAILED),
            .doc =
                "What 'up' keeps in .natsform/ cannot be read or written, or another run is at work there."),
    [DIAG_NO_NATS_SERVER] =
        ROW(.name = "no-nats-server", ERROR(EXIT_FAILED),
            .doc = "There is no nats-server to run, or none of the version that is wanted."),
    [DIAG_PORT_TAKEN] = ROW(.name = "port-taken", ERROR(EXIT_FAILED),
                            .doc = "Another program listens on a port that a server is to have."),
    [DIAG_STORE] = ROW(.name = "store", ERROR(EXIT_FAILED),
                       .doc = "A store directory cannot be written, or another server uses it."),
    [DIAG_NOT_STARTED] = ROW(.name = "not-started", ERROR(EXIT_FAILED),
                             .doc = "A server refuses its configuration, or ended right after its start."),
    [DIAG_NOT_READY] = ROW(.name = "not-ready", ERROR(EXIT_UNREACHABLE),
                           .doc = "Servers run, and do not get ready in time."),
    [DIAG_NO_ANSWER] =
        ROW(.name = "no-answer", ERROR(EXIT_UNREACHABLE),
            .doc =
                "It cannot be known what a server does, as when it is stopped: nothing is started beside it."),
    [DIAG_USAGE] = ROW(.name = "usage", ERROR(EXIT_USAGE), .doc = "Wrong options or arguments."),
};

enum diag_code diag_code_by_name(const char *name)
{
    int code = 0;
    while (code < DIAG_COUNT && strcmp(diag_codes[code].name, name) != 0)
        code++;
    return (enum diag_code)code;
}
