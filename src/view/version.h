/*
 * natsform's own version, for people and programs.
 */
#ifndef VIEW_VERSION_H
#define VIEW_VERSION_H

#define NATSFORM_VERSION "0.1.0"

#endif
