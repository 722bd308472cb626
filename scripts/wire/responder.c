// An MCP server that does nothing but answer, for measuring clients: HTTP/1.1 with keep-alive on one
// loopback port, one thread over epoll, both eras, one tool. Prints its port; ends with its parent.
#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { input_limit = 65536 };

struct client {
  int descriptor;
  size_t count;
  char input[input_limit];
};

static const char *result_of(const char *body, size_t count) {
  static const char list[] =
    "{\"resultType\":\"complete\",\"ttlMs\":60000,\"cacheScope\":\"public\",\"tools\":[{\"name\":\"echo\","
    "\"description\":\"answers\",\"inputSchema\":{\"type\":\"object\",\"properties\":{\"text\":{\"type\":"
    "\"string\"}}}}]}";
  static const char answer[] =
    "{\"resultType\":\"complete\",\"content\":[{\"type\":\"text\",\"text\":\""
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
    "\"}],\"isError\":false}";
  static const char discovery[] =
    "{\"resultType\":\"complete\",\"ttlMs\":60000,\"cacheScope\":\"public\",\"supportedVersions\":["
    "\"2026-07-28\"],\"capabilities\":{\"tools\":{}},\"_meta\":{\"io.modelcontextprotocol/serverInfo\":{"
    "\"name\":\"responder\",\"version\":\"1\"}}}";
  static const char handshake[] =
    "{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{\"tools\":{}},\"serverInfo\":{\"name\":"
    "\"responder\",\"version\":\"1\"}}";
  if (memmem(body, count, "\"tools/call\"", 12)) { return answer; }
  if (memmem(body, count, "\"tools/list\"", 12)) { return list; }
  if (memmem(body, count, "\"server/discover\"", 17)) { return discovery; }
  if (memmem(body, count, "\"initialize\"", 12)) { return handshake; }
  if (memmem(body, count, "\"ping\"", 6)) { return "{}"; }
  return NULL;
}

static void send_all(int descriptor, const char *bytes, size_t count) {
  while (count > 0) {
    ssize_t sent = send(descriptor, bytes, count, MSG_NOSIGNAL);
    if (sent <= 0) { return; }
    bytes += sent;
    count -= (size_t)sent;
  }
}

static void answer(struct client *client, const char *head, const char *body, size_t count) {
  char output[2048];
  if (strncmp(head, "POST", 4) != 0) {
    const char refusal[] = "HTTP/1.1 405 Method Not Allowed\r\nAllow: POST\r\nContent-Length: 0\r\n\r\n";
    return send_all(client->descriptor, refusal, sizeof refusal - 1);
  }
  const char *id = memmem(body, count, "\"id\":", 5);
  if (!id) {
    const char accepted[] = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n";
    return send_all(client->descriptor, accepted, sizeof accepted - 1);
  }
  id += 5;
  int id_count = (int)strcspn(id, ",}");
  char message[1024];
  const char *result = result_of(body, count);
  int length = result
    ? snprintf(message, sizeof message, "{\"jsonrpc\":\"2.0\",\"id\":%.*s,\"result\":%s}", id_count, id, result)
    : snprintf(
        message, sizeof message,
        "{\"jsonrpc\":\"2.0\",\"id\":%.*s,\"error\":{\"code\":-32601,\"message\":\"no such method\"}}",
        id_count, id);
  int total = snprintf(
    output, sizeof output, "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
    result ? "200 OK" : "404 Not Found", length, message);
  send_all(client->descriptor, output, (size_t)total);
}

// Answers all whole requests of the input; 0 when the client must go.
static int serve(struct client *client) {
  ssize_t got = recv(
    client->descriptor, client->input + client->count, input_limit - 1 - client->count, 0);
  if (got <= 0) { return 0; }
  client->count += (size_t)got;
  for (;;) {
    client->input[client->count] = 0;
    char *end = strstr(client->input, "\r\n\r\n");
    if (!end) { return client->count < input_limit - 1; }
    const char *field = strcasestr(client->input, "\r\ncontent-length:");
    size_t length = field && field < end ? strtoul(field + 17, NULL, 10) : 0;
    size_t whole = (size_t)(end + 4 - client->input) + length;
    if (whole >= input_limit) { return 0; }
    if (client->count < whole) { return 1; }
    answer(client, client->input, end + 4, length);
    memmove(client->input, client->input + whole, client->count - whole);
    client->count -= whole;
  }
}

int main(void) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 4096)) { return 1; }
  getsockname(listener, (struct sockaddr *)&address, &length);
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  int poll = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
  for (;;) {
    struct epoll_event ready[256];
    int count = epoll_wait(poll, ready, 256, -1);
    for (int i = 0; i < count; i++) {
      struct client *client = ready[i].data.ptr;
      if (!client) {
        int descriptor = accept(listener, NULL, NULL);
        if (descriptor < 0) { continue; }
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        struct client *fresh = calloc(1, sizeof *fresh);
        fresh->descriptor = descriptor;
        event.data.ptr = fresh;
        epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event);
      } else if (!serve(client)) {
        close(client->descriptor);
        free(client);
      }
    }
  }
}
