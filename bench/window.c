/*
 * How long publishers are turned away while a command is at work: somebody publishes a message after the other, each as soon as the one before
 * is acknowledged or refused, and the longest time between two acknowledgements is told, in milliseconds.
 *
 * usage: bench_window URL SUBJECT COMMAND [ARGUMENT...]
 *
 * It exits as the command does.
 */
#include <nats/nats.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ACK_MS = 100, PAUSE_MS = 1, COMMAND_AT = 3 };

static bool publish(natsConnection *connection, const char *subject)
{
    natsMsg *reply = NULL;
    bool acknowledged = natsConnection_RequestString(&reply, connection, subject, "x", ACK_MS) == NATS_OK &&
                        !strstr(natsMsg_GetData(reply), "\"error\"");
    natsMsg_Destroy(reply);
    return acknowledged;
}

static pid_t start(char **command)
{
    pid_t child = fork();
    if (child == 0) {
        execvp(command[0], command);
        _exit(EXIT_FAILURE);
    }
    return child;
}

int main(int argc, char **argv)
{
    natsConnection *connection = NULL;
    int64_t longest = 0, last = 0;
    int status = -1;
    if (argc <= COMMAND_AT)
        return EXIT_FAILURE;
    pid_t child = start(argv + COMMAND_AT);
    if (natsConnection_ConnectTo(&connection, argv[1]) != NATS_OK)
        return EXIT_FAILURE;
    /* Until one is acknowledged behind its end. */
    for (bool over = false, behind = false; !behind;) {
        over = over || waitpid(child, &status, WNOHANG) == child;
        if (!publish(connection, argv[2])) {
            nats_Sleep(PAUSE_MS);
            continue;
        }
        int64_t now = nats_Now();
        if (last && now - last > longest)
            longest = now - last;
        last = now;
        behind = over;
    }
    printf("%lld\n", (long long)longest);
    natsConnection_Destroy(connection);
    return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}
