/* The longer words about diagnostics: what `natsform explain CODE` and docs/codes.md say beside the line of codes.c. */
#include "base/code_texts.h"

#include "base/row.h"

const struct code_text code_texts[DIAG_COUNT] = {
    [DIAG_FILE] = ROW(.why = "Nothing can be said of a manifest that is not all there.",
                      .example = "natsform validate -f missing.yaml",
                      .remedy = "Name a file that exists and that you may read; '-' is standard input."),
    [DIAG_ENCODING] =
        ROW(.why =
                "Servers and YAML know UTF-8 only; control bytes in names end up on terminals and in logs.",
            .example = "description: \\xff", .remedy = "Save the file as UTF-8 without control characters."),
    [DIAG_SYNTAX] =
        ROW(.why = "A reader that guesses at broken text guesses at production.",
            .example = "subjects: [orders.>",
            .remedy =
                "Mend the text where the caret points: most often a bracket, a quote or the indentation."),
    [DIAG_LIMIT] =
        ROW(.why = "A small text of aliases of aliases can fill any memory.", .example = "a: &a [*b, *b]",
            .remedy = "Split the file, or write out what is aliased so often."),
    [DIAG_DUPLICATE_KEY] =
        ROW(.why = "Of two values of one key, YAML readers keep one, and not all the same one.",
            .example = "max_age: 1d\nmax_age: 7d", .remedy = "Keep one of them."),
    [DIAG_VARIABLE] =
        ROW(.why = "An empty value in the place of a variable could be any setting.",
            .example = "max_age: ${RETENTION}",
            .remedy = "Set it in the environment or an --env-file, or give a default: ${RETENTION:-7d}."),
    [DIAG_UNKNOWN_KEY] =
        ROW(.why =
                "A server before 2.11 drops a field that it does not know without a word, and a typing error is such a field.",
            .example = "max_message: 5",
            .remedy =
                "Write the field's name; 'natsform explain stream' lists them. Keys of your own begin with x- in the outermost map."),
    [DIAG_WRONG_TYPE] =
        ROW(.why = "A list where one value is wanted, or a text where a number is, is hardly what was meant.",
            .example = "subjects: {a: b}",
            .remedy = "Write the type that 'natsform explain' gives for the field."),
    [DIAG_MISSING_UNIT] =
        ROW(.why = "On the wire durations are nanoseconds, in most tools seconds.",
            .example = "max_age: 3600", .remedy = "Write a unit: 1h, 30s, 250ms; 0 alone is without end."),
    [DIAG_RANGE] =
        ROW(.why = "A server refuses the value, or turns it into another one.", .example = "num_replicas: 7",
            .remedy = "Write a value within the bounds of the message."),
    [DIAG_CHOICE] =
        ROW(.why = "Before 2.11 a server may take an unknown word for the default.",
            .example = "retention: work-queue", .remedy = "Write one of the words of the message."),
    [DIAG_REQUIRED] = ROW(.why = "Without it the object cannot be made.",
                          .example = "mirror: {filter_subject: a}", .remedy = "Add the field."),
    [DIAG_NAME] = ROW(.why = "Names become tokens of subjects and directories of the server.",
                      .example = "streams: {my.orders: {}}",
                      .remedy = "Use letters, digits, '-' and '_', at most 255 bytes."),
    [DIAG_SUBJECT] =
        ROW(.why = "A server refuses it, or nobody can ever publish on it.",
            .example = "subjects: [orders..new]",
            .remedy = "Put one token between two dots; '*' and '>' stand alone, and '>' comes last."),
    [DIAG_TIME] =
        ROW(.why = "A time without a zone means another moment on each machine.",
            .example = "pause_until: tomorrow", .remedy = "Write RFC 3339, such as 2026-01-31T12:00:00Z."),
    [DIAG_CONFLICT] = ROW(.why = "The server refuses both together, or the one without the other.",
                          .example = "filter_subject: a\nfilter_subjects: [b, c]",
                          .remedy = "Take one of them away, or add what is missing."),
    [DIAG_DEFINED_TWICE] =
        ROW(.why = "Of files that stand side by side none is above the other.",
            .example = "include: [a.yaml, b.yaml]",
            .remedy =
                "Keep one definition; to change another file's, lay yours over it: -f base.yaml -f prod.yaml."),
    [DIAG_SERVER_OWNED] = ROW(.why = "The server, or natsform, overwrites what you would write there.",
                              .example = "metadata: {_nats.ver: x}", .remedy = "Leave it out."),
    [DIAG_IMPLIED] = ROW(.why = "The value that is written is not the one that the server will hold.",
                         .example = "backoff: [1s, 5s]\nack_wait: 30s",
                         .remedy = "Write the value that the server sets, or leave the field out."),
    [DIAG_TRANSFORM] =
        ROW(.why =
                "A server refuses a destination that uses wildcards the source has not, or functions it does not know.",
            .example = "subject_transform: {src: a.*, dest: b.$2}",
            .remedy = "Count the wildcards of the source from 1, and look which version has the function."),
    [DIAG_SUBJECT_OVERLAP] =
        ROW(.why = "Of two streams with one subject, which would acknowledge a message?",
            .example = "streams: {A: {subjects: [a.>]}, B: {subjects: [a.b]}}",
            .remedy = "Give each subject to one stream, and let the other copy it as a source."),
    [DIAG_RESERVED_SUBJECT] =
        ROW(.why =
                "A stream that acknowledges what servers and clients ask each other answers in their place.",
            .example = "subjects: ['>']", .remedy = "Store fewer subjects, or set no_ack."),
    [DIAG_REPUBLISH_LOOP] = ROW(.why = "Each message would make another one, without end.",
                                .example = "subjects: [a.>]\nrepublish: {src: a.>, dest: a.copy.>}",
                                .remedy = "Republish on subjects that the stream does not store."),
    [DIAG_ORIGIN] =
        ROW(.why = "The server refuses the mirror or source, or cannot copy what is too large for it.",
            .example = "sources: [{name: A}, {name: A}]",
            .remedy = "Name each origin and filter once, and allow messages as large as the origin's."),
    [DIAG_ORIGIN_CYCLE] =
        ROW(.why = "Messages would go round without end.",
            .example = "streams: {A: {sources: [{name: B}]}, B: {sources: [{name: A}]}}",
            .remedy =
                "Take one of the sources away, or filter by subjects that the other stream does not have of its own."),
    [DIAG_WORKQUEUE] =
        ROW(.why = "In a work queue each message has exactly one consumer, which acknowledges it.",
            .example =
                "retention: workqueue\nconsumers: {a: {ack_policy: explicit}, b: {ack_policy: explicit}}",
            .remedy =
                "Give each consumer a filter of its own, explicit acknowledgement, and deliver_policy all."),
    [DIAG_DELIVER_LOOP] = ROW(.why = "What the consumer delivers would be stored, and delivered again.",
                              .example = "subjects: [a.>]\nconsumers: {c: {deliver_subject: a.out}}",
                              .remedy = "Deliver on a subject that the stream does not have."),
    [DIAG_FILTER] =
        ROW(.why = "Servers before 2.10 refuse such a consumer; later ones make it, and it gets nothing.",
            .example = "subjects: [a.>]\nconsumers: {c: {filter_subject: b.x}}",
            .remedy = "Filter on a subject of the stream."),
    [DIAG_CONSUMER_LIMIT] =
        ROW(.why = "The stream's consumer_limits and max_consumers bind its consumers.",
            .example = "consumer_limits: {max_ack_pending: 100}\nconsumers: {c: {max_ack_pending: 500}}",
            .remedy = "Lower the consumer's value, or raise the stream's limit."),
    [DIAG_REPLICAS] =
        ROW(.why = "A replica needs a server of its own, and a consumer's replicas those of its stream.",
            .example = "num_replicas: 1\nconsumers: {c: {num_replicas: 3}}",
            .remedy = "Lower the number, or raise the stream's."),
    [DIAG_TOPOLOGY] = ROW(.why = "A leafnode needs its hub, and a gateway the server at its other end.",
                          .example = "servers: {edge: {leaf_of: huub}, hub: {}}",
                          .remedy = "Name a server of the manifest, another one than itself."),
    [DIAG_PORT] =
        ROW(.why =
                "Only one of them could start. The nodes of a server count upward from the port that it names.",
            .example = "servers: {a: {nodes: 3, port: 4222}, b: {port: 4224}}",
            .remedy = "Name another port, name none, or take free ones with 'ports: auto'."),
    [DIAG_SERVER_LISTENER] =
        ROW(.why =
                "'nats-server -t' takes such a configuration; the server itself ends right after it started.",
            .example = "servers: {dev: {websocket: {port: 8080}}}",
            .remedy =
                "Do what the hint says: for WebSocket clients 'no_tls: true', or certificates in 'tls'."),
    [DIAG_SERVER_CLUSTER] =
        ROW(.why =
                "'nats-server -t' looks at one server only. JetStream in a cluster needs a leader, and a leader other servers.",
            .example = "servers: {dev: {cluster: {name: c1}}}",
            .remedy = "Say 'nodes: 3' for a cluster, and leave the rest of it to natsform."),
    [DIAG_SERVER_ACCOUNT] =
        ROW(.why = "The server ends at its start, for most of these with a word that names no place.",
            .example = "servers: {dev: {system_account: SYS}}",
            .remedy = "Define the account under 'accounts', or the user in one of them."),
    [DIAG_SERVER_LOGIN] =
        ROW(.why =
                "A server knows one way of logging in: a user, a token, several users, accounts, or an operator.",
            .example = "servers: {dev: {authorization: {user: a, password: b, token: c}}}",
            .remedy = "Keep one of them."),
    [DIAG_SERVER_LIMIT] =
        ROW(.why = "'nats-server -t' reads each option by itself; the server ends at its start.",
            .example = "servers: {dev: {max_payload: 8MiB, max_pending: 4MiB}}",
            .remedy = "Change one of the two."),
    [DIAG_SERVER_TLS] =
        ROW(.why = "The server starts, asks every client for TLS, and has no certificate to show.",
            .example = "servers: {dev: {tls: {verify: true}}}",
            .remedy = "Name 'cert_file' and 'key_file', or say 'tls: dev'."),
    [DIAG_SERVER_SHARED] =
        ROW(.why =
                "No lock keeps two servers from one folder: both start, and ruin each other's streams. Servers of one name never make a cluster.",
            .example = "servers: {a: {jetstream: {store_dir: /data}}, b: {jetstream: {store_dir: /data}}}",
            .remedy = "Give each its own, or leave it out."),
    [DIAG_SERVER_PASSWORD] =
        ROW(.why =
                "Servers know hashes by '$2a$' only, and do not replace variables inside of quotes: what is meant as something else is a password word for word.",
            .example = "servers: {dev: {authorization: {user: a, password: $PASSWORD}}}",
            .remedy = "Write ${PASSWORD} for a variable, and hash by 'nats server passwd'."),
    [DIAG_SERVER_NO_JETSTREAM] =
        ROW(.why =
                "As soon as a server has accounts, those have JetStream that say so: requests end with error 10039.",
            .example =
                "servers: {dev: {accounts: {A: {users: [{user: a, password: b}]}}}}\nstreams: {ORDERS: {}}",
            .remedy = "Add 'jetstream: enabled' to the account of the streams."),
    [DIAG_SERVER_UNBOUNDED] =
        ROW(.why =
                "Without max_mem and max_file a server takes three quarters of the machine's memory and of what is free on the disk, also in a container.",
            .example = "servers: {east: {nodes: 3}}",
            .remedy = "Set jetstream.max_mem and jetstream.max_file."),
    [DIAG_SERVER_REFUSED] =
        ROW(.why = "Nobody knows better what a nats-server takes than the one that is on this machine.",
            .example = "servers: {dev: {tls: {cert_file: missing.pem, key_file: missing.pem}}}",
            .remedy = "Mend what the server names; --no-server-check leaves the question out."),
    [DIAG_WITHOUT_EFFECT] =
        ROW(.why = "Somebody wrote it to get something, and does not.",
            .example = "consumers: {c: {max_deliver: 5}}",
            .remedy = "Take the field away, or add what makes it count: here 'ack_policy: explicit'."),
    [DIAG_MATCHES_NOTHING] =
        ROW(.why = "Nothing is delivered, copied or republished, and no error ever says so.",
            .example = "subjects: [orders.>]\nconsumers: {c: {filter_subject: order.new}}",
            .remedy = "Write a subject of the stream."),
    [DIAG_COPIED_TWICE] = ROW(.why = "Each source copies by itself: the message is stored twice.",
                              .example = "sources: [{name: A}, {name: A, filter_subject: a.b}]",
                              .remedy = "Let the filters of one origin not overlap."),
    [DIAG_LITERAL_WILDCARD] =
        ROW(.why = "The server takes a* for a token of two characters, which nobody publishes on.",
            .example = "subjects: [orders*]",
            .remedy = "Make the wildcard a token of its own: orders.* or orders.>."),
    [DIAG_REPUBLISH_CIRCLE] =
        ROW(.why =
                "The server looks for a circle within one stream only, so that two streams may feed each other for ever.",
            .example =
                "streams: {A: {subjects: [a.>], republish: {src: a.>, dest: b.>}}, B: {subjects: [b.>], republish: {src: b.>, dest: a.>}}}",
            .remedy = "Republish at one end only, or on subjects that nobody stores."),
    [DIAG_REPUBLISH_STORED] =
        ROW(.why = "It may be meant; a source copies without loss, republishing does not.",
            .example = "streams: {A: {subjects: [a], republish: {src: a, dest: b}}, B: {subjects: [b]}}",
            .remedy = "Use a source with a transform, or ignore the note."),
    [DIAG_DELIVERS_INTO_STREAM] =
        ROW(.why = "The stream's storing is no acknowledgement: each redelivery is stored again.",
            .example =
                "streams: {A: {consumers: {c: {ack_policy: explicit, deliver_subject: b.in}}}, B: {subjects: [b.>]}}",
            .remedy = "Deliver on a subject that no stream has, or copy by a source."),
    [DIAG_GONE_WHEN_DELIVERED] =
        ROW(.why =
                "Interest retention removes what every consumer is done with; without acknowledgements that is when it was sent.",
            .example = "retention: interest\nconsumers: {c: {ack_policy: none}}",
            .remedy = "Write 'ack_policy: explicit'."),
    [DIAG_LIMIT_BYPASSED] =
        ROW(.why = "The server compares numbers above zero only.",
            .example =
                "consumer_limits: {max_ack_pending: 100}\nconsumers: {c: {max_ack_pending: unlimited}}",
            .remedy = "Write a number, or leave the field out to inherit the limit."),
    [DIAG_DURABLE_EXPIRES] =
        ROW(.why =
                "People make a consumer durable so that it stays; the stream's inactive_threshold removes it all the same.",
            .example = "consumer_limits: {inactive_threshold: 1h}\nconsumers: {c: {ack_policy: explicit}}",
            .remedy =
                "Write inactive_threshold at the consumer to show that it is meant, or take the stream's limit away."),
    [DIAG_ACK_WAIT_SHORT] =
        ROW(.why = "A client needs longer than that for a round trip: it gets everything more than once.",
            .example = "consumers: {c: {ack_policy: explicit, ack_wait: 1ms}}",
            .remedy = "Wait for longer than handling a message takes."),
    [DIAG_NEVER_REMOVED] =
        ROW(.why = "Only what was acknowledged leaves a work queue; the rest fills the disk.",
            .example = "retention: workqueue\nconsumers: {c: {ack_policy: explicit, max_deliver: 5}}",
            .remedy = "Give the stream a max_age, or handle the advisories about such messages."),
    [DIAG_REPLICAS_EVEN] =
        ROW(.why =
                "A stream works while more than half of its replicas do: 2 survive no loss, 4 survive one, as 3 do.",
            .example = "num_replicas: 2", .remedy = "Use 1, 3 or 5."),
    [DIAG_NAMES_DIFFER_IN_CASE] =
        ROW(.why = "Names become directories, which some file systems cannot tell apart; neither can people.",
            .example = "streams: {ORDERS: {subjects: [a]}, orders: {subjects: [b]}}",
            .remedy = "Give one of them another name."),
    [DIAG_MIRROR_INCOMPLETE] =
        ROW(.why =
                "A client's condition is asked again of the mirror, which may lack the revision before, or still hold a purged key. STREAM.INFO shows no error.",
            .example = "mirror: {name: plain} of a bucket, on nats-server 2.10",
            .remedy =
                "Use nats-server 2.11.5: what has stopped goes on, what was lost needs a new mirror. Or 'sources', from 2.10.14 on."),
    [DIAG_NEEDS_CLUSTER] =
        ROW(.why = "The plan looks as if there were copies, and there are none.",
            .example = "placement: {tags: [ssd]}", .remedy = "Leave it out for a server that stands alone."),
    [DIAG_CHANGE_WITHOUT_EFFECT] =
        ROW(.why = "The server keeps the new value and goes on as before.", .example = "first_seq: 1000",
            .remedy = "Leave it as it is, or make the object anew under another name."),
    [DIAG_FORMAT] = ROW(.why = "What a file of another tool says has to be understood as that tool would.",
                        .example = "metadata: {name: {{ .Values.stream }}}",
                        .remedy = "Render templates first, and give the file as its tool writes it."),
    [DIAG_CRD_DEFAULT] =
        ROW(.why = "The Kubernetes operator's resources have defaults of their own, unlike the server's.",
            .example = "spec: {name: orders}", .remedy = "Write the field out."),
    [DIAG_NOT_HERE] =
        ROW(.why = "natsform reads files, not a Kubernetes cluster.", .example = "spec: {account: a}",
            .remedy = "Give the Account's file too, or say with options how to connect."),
    [DIAG_LEFT_OUT] = ROW(.why = "What is not managed is not in the plan either.",
                          .example = "kind: ConfigMap", .remedy = "Nothing, if it is meant to stay out."),
    [DIAG_CONF_MISREAD] =
        ROW(.why =
                "Of two equal keys the last one counts, blocks are replaced rather than merged, a brace too many is "
                "passed over and an unquoted 2m is two million: all of it without a word from the server.",
            .example = "natsform import conf nats-server.conf",
            .remedy =
                "Write what is meant: each key once, durations in quotes, a blank before each bracket."),
    [DIAG_OLDER_SERVERS] =
        ROW(.why =
                "The readers of 2.9, 2.10 and 2.15 differ: 4e2x9 without quotes is a string to the newest only.",
            .example = "natsform import conf nats-server.conf",
            .remedy =
                "Put the value into quotes; what 'natsform import conf' writes is read by all of them."),
    [DIAG_UNSUPPORTED] =
        ROW(.why =
                "An old server drops fields that it does not know without a word, so that a setting is silently not there.",
            .example = "metadata: {team: a}",
            .remedy = "Leave it out, or upgrade the server to the version of the message."),
    [DIAG_IMMUTABLE] =
        ROW(.why = "The server would answer with an error in the middle of the apply.",
            .example = "storage: memory",
            .remedy =
                "Write what the server has, ignore the field by lifecycle, or make an object of another name."),
    [DIAG_MISSING_STREAM] =
        ROW(.why = "An external stream is made by its owner, not here.",
            .example = "ORDERS: {external: true}", .remedy = "Have it created, or take 'external' away."),
    [DIAG_MISSING_ORIGIN] =
        ROW(.why =
                "A server takes a mirror or source of a stream that is not there and waits for it, without a word.",
            .example = "COPY: {mirror: {name: ORDRES}}", .remedy = "Correct the name, or create the origin."),
    [DIAG_CYCLE] =
        ROW(.why =
                "Each of them has to come before the other: two streams that swap their subjects, when A has b and B has a.",
            .example = "streams: {A: {subjects: [a]}, B: {subjects: [b]}}",
            .remedy =
                "Apply the change in two steps, the first of which takes the subjects from one of them."),
    [DIAG_FOREIGN] =
        ROW(.why = "Two projects that manage one object undo each other's changes.",
            .example = "project: chat",
            .remedy =
                "Let one project have it: take it out of this manifest, or release it in the other one by 'removed:'."),
    [DIAG_PROTECTED] = ROW(.why = "Somebody asked for this to be impossible.",
                           .example = "lifecycle: {prevent_destroy: true}",
                           .remedy = "Take the line away first, apply, and delete then."),
    [DIAG_STALE_PLAN] =
        ROW(.why = "A plan that was looked at must be the one that is carried out.",
            .example = "natsform apply plan.bin", .remedy = "Plan anew, and look at it anew."),
    [DIAG_PLAN_FILE] = ROW(.why = "A damaged plan could do anything.", .example = "natsform apply half.plan",
                           .remedy = "Make it again with 'plan --out'."),
    [DIAG_PRUNE] =
        ROW(.why = "Without marks nothing tells the project's objects from other people's.",
            .example = "natsform plan --prune", .remedy = "Delete by name, or upgrade to nats-server 2.10."),
    [DIAG_DATA_LOSS] = ROW(.why = "No message is destroyed without being told to in so many words.",
                           .example = "max_msgs: 10",
                           .remedy = "Keep the limit, or name the stream: --allow-data-loss ORDERS."),
    [DIAG_EXPECTED_CLUSTER] = ROW(.why = "What is meant for staging must not hit production.",
                                  .example = "connection: {expect: {cluster: staging}}",
                                  .remedy = "Connect to the cluster that the manifest names."),
    [DIAG_NOT_FOUND] =
        ROW(.why = "A name that nothing has is most often a typing error.",
            .example = "natsform import ORDRES", .remedy = "Look at the names with 'natsform export'."),
    [DIAG_EXISTS] = ROW(.why = "Nothing is overwritten without being told to.",
                        .example = "natsform export -o orders.yaml",
                        .remedy = "Choose another place, or say that it may be replaced."),
    [DIAG_NOT_PULLED] =
        ROW(.why = "pull changes the scalars that differ and no other byte.", .example = "natsform pull",
            .remedy = "Change the place by hand, as the message says."),
    [DIAG_CONTEXT] = ROW(.why = "Without it there is nobody to talk to, or the wrong one.",
                         .example = "natsform plan --context prod",
                         .remedy = "Write the context with the nats CLI, or give -s."),
    [DIAG_CREDENTIALS] =
        ROW(.why = "The server would not let you in.", .example = "natsform plan --creds old.creds",
            .remedy = "Renew or name the right credentials; the message says which were used."),
    [DIAG_UNREACHABLE] =
        ROW(.why = "Nothing can be read or written.", .example = "natsform plan -s nats://127.0.0.1:1",
            .remedy = "Start the server, or name its address."),
    [DIAG_TIMEOUT] =
        ROW(.why = "The server may be busy, or without a leader.", .example = "natsform plan --timeout 1ms",
            .remedy = "Try again, or wait longer: --timeout 30s."),
    [DIAG_NO_JETSTREAM] = ROW(.why = "Streams are made by JetStream.", .example = "jetstream: disabled",
                              .remedy = "Enable it in the server's configuration, and for the account."),
    [DIAG_PERMISSION] = ROW(.why = "The user's permissions do not cover the JetStream API.",
                            .example = "publish: {deny: [\"$JS.API.>\"]}",
                            .remedy = "Allow the subject of the message to the user."),
    [DIAG_API] =
        ROW(.why = "The server refused what it was asked.", .example = "maximum number of streams reached",
            .remedy = "See the server's own words in the message."),
    [DIAG_REPLY] = ROW(.why = "What is believed must have come from the server.",
                       .example = "a client subscribed to $JS.API.>",
                       .remedy = "Find who else answers on the API's subjects."),
    [DIAG_ECHO] = ROW(.why = "What the server holds must be what the plan said.",
                      .example = "max_age: 1d, and the server keeps 12h",
                      .remedy = "Look at the server's limits; plan again to see what is left."),
    [DIAG_UNKNOWN_OUTCOME] =
        ROW(.why = "It is not guessed whether a request took effect.",
            .example = "a connection lost in the middle", .remedy = "Run the command again: it reads first."),
    [DIAG_SENT_AGAIN] =
        ROW(.why =
                "nats-server up to 2.15.2 removes the directories of an account whose last stream is deleted, also under a stream that is "
                "just being created (10049). A cluster finds no place for replicas until its leader knows all nodes again (10005).",
            .example = "an apply of num_replicas: 3 right after a node of the cluster has started",
            .remedy = "Nothing is to be done, unless an error follows: then look for a node that is down."),
    [DIAG_REVISION] =
        ROW(.why = "A revision stands for files that have to be read.",
            .example = "natsform plan -f v1.2:natsform.yaml",
            .remedy = "Name a revision that 'git show' knows, in a repository that has it whole."),
    [DIAG_LOCKED] =
        ROW(.why = "Two applies at once on one project would get into each other's way.",
            .example = "natsform apply",
            .remedy = "Wait with --lock-timeout; 'unlock' removes what is left of a run that is gone."),
    [DIAG_LOCK] = ROW(.why = "Without the lock nothing is changed.", .example = "natsform apply",
                      .remedy = "See the message: most often a permission, or JetStream without a leader."),
    [DIAG_LOCK_LOST] = ROW(.why = "Another run may hold it now.", .example = "a process stopped for a minute",
                           .remedy = "Run the command again: it reads first."),
    [DIAG_LOCK_LEFT] = ROW(.why = "It frees itself within a minute.",
                           .example = "a connection lost at the end", .remedy = "Wait, or use 'unlock'."),
    [DIAG_INTERRUPTED] = ROW(.why = "What was under way is known; what came after was not tried.",
                             .example = "Ctrl-C", .remedy = "Run the command again: it goes on from there."),
    [DIAG_ENVIRONMENT] =
        ROW(.why =
                "What runs is known by .natsform/up.json alone; two runs that change it would lose each other's servers.",
            .example = "natsform up, twice at the same time",
            .remedy = "Wait for the other run; or give the folder back to its owner."),
    [DIAG_NO_NATS_SERVER] =
        ROW(.why = "'up' runs the nats-server that is on this machine and downloads nothing.",
            .example = "a server with version: 2.11, where PATH has 2.10",
            .remedy = "Install one, put one into ~/.cache/natsform/servers/VERSION/, or use --docker."),
    [DIAG_PORT_TAKEN] = ROW(.why = "The server would end at once; nothing was started.",
                            .example = "port: 4222, while a nats-server of the system runs",
                            .remedy = "Stop what the message names, say another port, or 'ports: auto'."),
    [DIAG_STORE] =
        ROW(.why =
                "Servers do not lock their store: two on one directory destroy each other's streams, and both report themselves healthy.",
            .example = "jetstream: {store_dir: /var/lib/nats}, which the system's service uses",
            .remedy = "Use another store_dir, or none: then it is below .natsform/."),
    [DIAG_NOT_STARTED] = ROW(.why = "The server's own words are in the message, or in 'natsform logs'.",
                             .example = "websocket: {port: 8080}, without TLS or no_tls",
                             .remedy = "Change the option that the server names."),
    [DIAG_NOT_READY] =
        ROW(.why = "Streams can only be applied once JetStream answers; what was started was stopped again.",
            .example = "a machine that is busy",
            .remedy = "See the end of the logs in the message; --timeout waits longer."),
    [DIAG_NO_ANSWER] =
        ROW(.why =
                "A server that does not answer may go on the next moment, and write to its store: one that was started in its place would destroy it.",
            .example =
                "up, while the server of the last up is stopped (kill -STOP), or the machine is too busy for it",
            .remedy =
                "Have it go on (kill -CONT PID), wait with --timeout, or end it: 'natsform down', or by hand what natsform did not start."),
    [DIAG_USAGE] =
        ROW(.why = "A command line that is not understood does nothing.",
            .example = "natsform plan --detailed-exitcodes", .remedy = "See 'natsform COMMAND --help'."),
    [DIAG_CONNECTION] =
        ROW(.why = "An object goes to the account that its connection leads to, and to no other.",
            .example = "streams: {ORDERS: {connection: shpo}}",
            .remedy = "Name a connection that 'connections:' defines."),
    [DIAG_ACCOUNT_LIMIT] =
        ROW(.why =
                "An account has so many streams, consumers and bytes; the server refuses what goes beyond.",
            .example = "max_bytes: 1TiB", .remedy = "Ask for less, or have the account's limits raised."),
};
