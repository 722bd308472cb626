// hiredis's blocking client; times are milliseconds, for Swift has no `struct timeval` of its own.
#ifndef MCPDASH_CHIREDIS_H
#define MCPDASH_CHIREDIS_H
#include <errno.h>
#include <fcntl.h>
#include <hiredis/hiredis.h>

static inline struct timeval chiredis_time(long milliseconds) {
  struct timeval time = {milliseconds / 1000, milliseconds % 1000 * 1000};
  return time;
}
// No child process inherits the socket.
static inline redisContext *chiredis_own(redisContext *context) {
  if (context && !context->err) {
    fcntl(context->fd, F_SETFD, FD_CLOEXEC);
    redisEnableKeepAlive(context);
  }
  return context;
}
static inline redisContext *chiredis_connect(const char *host, int port, long milliseconds) {
  return chiredis_own(redisConnectWithTimeout(host, port, chiredis_time(milliseconds)));
}
static inline redisContext *chiredis_connect_unix(const char *path, long milliseconds) {
  redisContext *context = redisConnectUnixWithTimeout(path, chiredis_time(milliseconds));
  if (context && !context->err) { fcntl(context->fd, F_SETFD, FD_CLOEXEC); }
  return context;
}
static inline int chiredis_set_timeout(redisContext *context, long milliseconds) {
  return redisSetTimeout(context, chiredis_time(milliseconds));
}
static inline const char *chiredis_error(const redisContext *context) { return context->errstr; }
// Right after a call that failed.
static inline int chiredis_timed_out(const redisContext *context) {
  return context->err == REDIS_ERR_IO && (errno == EAGAIN || errno == ETIMEDOUT);
}
#endif
