// What Glibc's Swift module leaves out: epoll, eventfd, accept4, pipe2, thread names,
// pidfds.
// _GNU_SOURCE is not defined here on purpose: it changes structs that Glibc's module defines too,
// and the two definitions then clash. The GNU functions are declared by hand instead.
#ifndef MCPDASH_CLINUX_H
#define MCPDASH_CLINUX_H
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

int accept4(int fd, struct sockaddr *restrict address, socklen_t *restrict length, int flags);
int pipe2(int ends[2], int flags);
int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *actions, const char *path);
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);
int pthread_setname_np(pthread_t thread, const char *name);

static inline int clinux_accept(int fd) {
  return accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}
static inline int clinux_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }
static inline int clinux_name_thread(const char *name) {
  return pthread_setname_np(pthread_self(), name);
}
/// A descriptor that becomes readable when the process ends; -1 and errno on failure.
static inline int clinux_pidfd(pid_t process) { return (int)syscall(SYS_pidfd_open, process, 0); }
#endif
