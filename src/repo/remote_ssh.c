/* The wire of a fetch over ssh; see remote_ssh.h. libgit2 speaks git's protocol, and this carries it to the program and back. */
#include "repo/remote_ssh.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/vec.h"
#include "devenv/program.h"

enum { WORDS_MOST = 16 * 1024 }; /* of what ssh says of errors */

/* The connection, and its one stream: libgit2 asks for the list of references, and goes on with it. */
struct wire {
    git_smart_subtransport transport; /* first: libgit2 knows the wire by its address */
    git_smart_subtransport_stream stream;
    struct remote_ssh *ssh;
    struct program_talk talk;
    bool talks;
    struct strbuf words;
};

static struct wire *wire_of(git_smart_subtransport_stream *stream)
{
    return (struct wire *)(void *)stream->subtransport;
}

/* ---- what goes wrong ---- */

/* The word of a text that begins so, such as a fingerprint; "" if there is none. */
static const char *word_at(struct arena *arena, const char *text, const char *beginning)
{
    const char *found = strstr(text, beginning);
    size_t length = found ? strcspn(found, " \r\n") : 0;
    while (length && found[length - 1] == '.')
        length--;
    return arena_strndup(arena, found ? found : "", length);
}

static const char *last_line(struct arena *arena, const char *text)
{
    size_t end = strlen(text);
    while (end && (text[end - 1] == '\n' || text[end - 1] == '\r'))
        end--;
    size_t start = end;
    while (start && text[start - 1] != '\n')
        start--;
    return arena_strndup(arena, text + start, end - start);
}

/* ssh says in many words why it ends. It is not asked to be understood by programs, so what is not known is quoted. */
static void take_words(struct wire *wire)
{
    struct remote_ssh *ssh = wire->ssh;
    struct arena *arena = ssh->job->arena;
    const char *host = ssh->job->url.host, *words = strbuf_text(&wire->words);
    if (ssh->fault)
        return;
    if (strstr(words, "IDENTIFICATION HAS CHANGED")) {
        ssh->fault = arena_printf(arena, "the host '%s' has another key than is known of it: %s", host,
                                  word_at(arena, words, "SHA256:"));
        ssh->remedy = arena_printf(
            arena,
            "somebody may stand in between; if its owner has published this key, 'ssh-keygen -R %s' forgets the old one",
            host);
    } else if (strstr(words, "Host key verification failed")) {
        ssh->fault = arena_printf(arena, "the key of the host '%s' is not known here", host);
        ssh->remedy =
            "compare it with what its owner has published, and put it into ~/.ssh/known_hosts; 'ssh-keyscan' shows it";
    } else if (strstr(words, "Permission denied")) {
        ssh->fault = arena_printf(arena, "no login is taken there: %s", last_line(arena, words));
        ssh->remedy =
            "keys come from the SSH agent and ~/.ssh, or from the file that NATSFORM_GIT_KEY names; nobody is asked for a passphrase";
    } else {
        const char *line = last_line(arena, words);
        ssh->fault = *line ? line : "ssh ended without a word";
    }
}

/* Takes what it has said of errors, without waiting. Returns false when there will be no more. */
static bool hear(struct wire *wire)
{
    char piece[1024];
    ssize_t length = read(wire->talk.errors, piece, sizeof(piece));
    if (length < 0)
        return errno == EINTR;
    if (wire->words.length < WORDS_MOST)
        strbuf_add(&wire->words, piece, (size_t)length);
    return length > 0;
}

/* ---- reading and writing ---- */

/* Waits until the descriptor is ready, and takes meanwhile what is said of errors. */
static void await_ready(struct wire *wire, int fd, short events)
{
    bool heard = true;
    struct pollfd both[2] = {{.fd = fd, .events = events}, {.fd = wire->talk.errors, .events = POLLIN}};
    do {
        both[1].fd = heard ? wire->talk.errors : -1;
        if (poll(both, 2, -1) < 0 && errno != EINTR)
            return;
        if (heard && both[1].revents)
            heard = hear(wire);
    } while (!both[0].revents);
}

static int fail(struct wire *wire)
{
    while (hear(wire))
        ;
    take_words(wire);
    git()->error_set_str(GIT_ERROR_SSH, wire->ssh->fault);
    return GIT_ERROR;
}

static int read_stream(git_smart_subtransport_stream *stream, char *buffer, size_t size, size_t *ret_length)
{
    struct wire *wire = wire_of(stream);
    ssize_t length;
    do {
        await_ready(wire, wire->talk.output, POLLIN);
        length = read(wire->talk.output, buffer, size);
    } while (length < 0 && errno == EINTR);
    wire->ssh->alive(wire->ssh->context);
    if (length <= 0)
        return fail(wire);
    *ret_length = (size_t)length;
    return 0;
}

static int write_stream(git_smart_subtransport_stream *stream, const char *buffer, size_t length)
{
    struct wire *wire = wire_of(stream);
    for (size_t done = 0; done < length;) {
        await_ready(wire, wire->talk.input, POLLOUT);
        ssize_t written = write(wire->talk.input, buffer + done, length - done);
        if (written < 0 && errno != EINTR)
            return fail(wire);
        done += written > 0 ? (size_t)written : 0;
    }
    return 0;
}

static void free_stream(git_smart_subtransport_stream *stream)
{
    (void)stream; /* it is a part of the wire */
}

/* ---- beginning and ending ---- */

/* A word for the shell of the other machine. */
static const char *quoted(struct arena *arena, const char *text)
{
    struct strbuf out = {0};
    strbuf_addc(&out, '\'');
    for (; *text; text++)
        if (*text == '\'')
            strbuf_adds(&out, "'\\''");
        else
            strbuf_addc(&out, *text);
    strbuf_addc(&out, '\'');
    const char *kept = arena_strdup(arena, strbuf_text(&out));
    strbuf_release(&out);
    return kept;
}

static const char *variable(const struct fetch_job *job, const char *name)
{
    const char *value = job->environment(job->context, name);
    return value && *value ? value : NULL;
}

struct words {
    VEC(const char *) list;
};

static void add(struct arena *arena, struct words *words, const char *word)
{
    VEC_PUSH(arena, &words->list, word);
}

/* The program. A command is for the shell, which gets the other words as its arguments. */
static void add_program(const struct fetch_job *job, struct words *words)
{
    const char *command = variable(job, "GIT_SSH_COMMAND"), *program = variable(job, "GIT_SSH");
    if (!command) {
        add(job->arena, words, program ? program : "ssh");
        return;
    }
    add(job->arena, words, "sh");
    add(job->arena, words, "-c");
    add(job->arena, words, arena_printf(job->arena, "%s \"$@\"", command));
    add(job->arena, words, "ssh");
}

static const char *const *words_of(const struct fetch_job *job)
{
    const struct remote_url *url = &job->url;
    const char *path = url->path, *key = variable(job, "NATSFORM_GIT_KEY");
    struct words words = {0};
    add_program(job, &words);
    add(job->arena, &words, "-oBatchMode=yes");
    add(job->arena, &words, arena_printf(job->arena, "-oConnectTimeout=%u", job->patience));
    if (key) {
        add(job->arena, &words, "-oIdentitiesOnly=yes");
        add(job->arena, &words, arena_printf(job->arena, "-i%s", key));
    }
    if (url->port)
        add(job->arena, &words, arena_printf(job->arena, "-p%s", url->port));
    add(job->arena, &words, "--");
    add(job->arena, &words, url->user ? arena_printf(job->arena, "%s@%s", url->user, url->host) : url->host);
    path += strncmp(path, "/~", 2) == 0; /* of "ssh://host/~user/path" */
    add(job->arena, &words, arena_printf(job->arena, "git-upload-pack %s", quoted(job->arena, path)));
    add(job->arena, &words, NULL);
    return words.list.items;
}

static int begin(struct wire *wire)
{
    const struct fetch_job *job = wire->ssh->job;
    const char *const *words = words_of(job);
    int error = program_begin(words, &wire->talk);
    if (error) {
        wire->ssh->fault = arena_printf(job->arena, "'%s' cannot be started: %s", words[0], strerror(error));
        wire->ssh->remedy = "install an ssh client, or take the repository by https";
        git()->error_set_str(GIT_ERROR_SSH, wire->ssh->fault);
        return GIT_ERROR;
    }
    wire->talks = true;
    return 0;
}

static int act(git_smart_subtransport_stream **ret_stream, git_smart_subtransport *transport, const char *url,
               git_smart_service_t action)
{
    struct wire *wire = (struct wire *)(void *)transport;
    (void)url;
    if (action != GIT_SERVICE_UPLOADPACK_LS && action != GIT_SERVICE_UPLOADPACK)
        return GIT_ERROR;
    if (!wire->talks && begin(wire))
        return GIT_ERROR;
    *ret_stream = &wire->stream;
    return 0;
}

static int close_wire(git_smart_subtransport *transport)
{
    struct wire *wire = (struct wire *)(void *)transport;
    if (wire->talks)
        program_end(&wire->talk);
    wire->talks = false;
    return 0;
}

static void free_wire(git_smart_subtransport *transport)
{
    struct wire *wire = (struct wire *)(void *)transport;
    close_wire(transport);
    strbuf_release(&wire->words);
    free(wire);
}

static int make_wire(git_smart_subtransport **ret_transport, git_transport *owner, void *ssh)
{
    struct wire *wire = calloc(1, sizeof(*wire));
    (void)owner;
    if (!wire)
        return GIT_ERROR;
    wire->ssh = ssh;
    wire->transport = (git_smart_subtransport){.action = act, .close = close_wire, .free = free_wire};
    wire->stream = (git_smart_subtransport_stream){
        .subtransport = &wire->transport, .read = read_stream, .write = write_stream, .free = free_stream};
    *ret_transport = &wire->transport;
    return 0;
}

int remote_ssh_transport(git_transport **ret_transport, git_remote *remote, void *ssh)
{
    git_smart_subtransport_definition definition = {.callback = make_wire, .rpc = 0, .param = ssh};
    return git()->transport_smart(ret_transport, remote, &definition);
}
