/*
 * natsform: declarative NATS JetStream. See docs/architecture.md for the rooms and the way of a manifest through
 * them.
 */
#include <fcntl.h>
#include <unistd.h>

#include "cmd/command.h"

/* The first file or connection that is opened would else be what a caller has closed, and the output would go there. */
static void open_closed_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
            _exit(126);
}

int main(int argc, char **argv)
{
    open_closed_streams();
    return commands_run(argc, argv);
}
