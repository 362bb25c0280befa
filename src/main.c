/*
 * natsform: declarative NATS JetStream. See docs/architecture.md for the rooms and the way of a manifest through
 * them.
 */
#include "cmd/command.h"

int main(int argc, char **argv)
{
    return commands_run(argc, argv);
}
