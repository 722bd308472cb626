// What Glibc's Swift module leaves out: epoll, eventfd, accept4, pipe2.
#ifndef MCPDASH_CLINUX_H
#define MCPDASH_CLINUX_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int accept4(int fd, struct sockaddr *restrict address, socklen_t *restrict length, int flags);
int pipe2(int ends[2], int flags);

static inline int clinux_accept(int fd) {
  return accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}
static inline int clinux_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }
#endif
