#ifndef SPAWN_ACTIONS_H
#define SPAWN_ACTIONS_H

#include <spawn.h>

/// glibc's own additions to `posix_spawn`, which its Swift module lacks.

/// Closes all file descriptors from `first` on in the new process.
int spawn_actions_close_from(posix_spawn_file_actions_t *actions, int first);

/// Starts the new process in a folder.
int spawn_actions_change_folder(posix_spawn_file_actions_t *actions, const char *folder);

#endif
