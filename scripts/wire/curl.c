// libcurl with nothing around it: the same request again and again. Arguments: URL, requests, how many
// at once, body. Prints requests a second and microseconds of processor time a request.
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>

static int poll_descriptor;
static long timeout = -1;
static size_t received;

static size_t take(char *bytes, size_t size, size_t count, void *context) {
  (void)bytes, (void)context;
  received += size * count;
  return size * count;
}

static int watch(CURL *easy, curl_socket_t socket, int what, void *context, void *known) {
  (void)easy;
  struct epoll_event event = {.data.fd = socket};
  if (what & CURL_POLL_IN) { event.events |= EPOLLIN; }
  if (what & CURL_POLL_OUT) { event.events |= EPOLLOUT; }
  if (what == CURL_POLL_REMOVE) { return epoll_ctl(poll_descriptor, EPOLL_CTL_DEL, socket, NULL), 0; }
  epoll_ctl(poll_descriptor, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event);
  if (!known) { curl_multi_assign(context, socket, &poll_descriptor); }
  return 0;
}

static int arm(CURLM *multi, long milliseconds, void *context) {
  (void)multi, (void)context;
  timeout = milliseconds;
  return 0;
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double processor(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
    + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static CURL *handle(const char *url, const char *body, struct curl_slist *headers) {
  CURL *easy = curl_easy_init();
  curl_easy_setopt(easy, CURLOPT_URL, url);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)strlen(body));
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
  return easy;
}

static long together(CURLM *multi, CURL **easy, int width, long wanted) {
  long begun = 0, ended = 0;
  int running = 0;
  for (; begun < width && begun < wanted; begun++) { curl_multi_add_handle(multi, easy[begun]); }
  while (ended < wanted) {
    struct epoll_event ready[128];
    int count = epoll_wait(poll_descriptor, ready, 128, timeout < 0 ? 1000 : (int)timeout);
    if (count == 0) { curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running); }
    for (int i = 0; i < count; i++) {
      int what = (ready[i].events & EPOLLIN ? CURL_CSELECT_IN : 0)
        | (ready[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0)
        | (ready[i].events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
      curl_multi_socket_action(multi, ready[i].data.fd, what, &running);
    }
    int left;
    for (CURLMsg *message; (message = curl_multi_info_read(multi, &left));) {
      if (message->data.result != CURLE_OK) { return -1; }
      CURL *done = message->easy_handle;
      ended++;
      curl_multi_remove_handle(multi, done);
      if (begun < wanted) { curl_multi_add_handle(multi, done), begun++; }
    }
  }
  return ended;
}

int main(int count, char **words) {
  if (count != 5) { return 64; }
  long wanted = atol(words[2]);
  int width = atoi(words[3]);
  struct curl_slist *headers = NULL;
  headers = curl_slist_append(headers, "Content-Type: application/json");
  headers = curl_slist_append(headers, "Accept: application/json, text/event-stream");
  headers = curl_slist_append(headers, "MCP-Protocol-Version: 2026-07-28");
  headers = curl_slist_append(headers, "Mcp-Method: tools/call");
  headers = curl_slist_append(headers, "Mcp-Name: echo");
  CURL **easy = calloc((size_t)width, sizeof *easy);
  for (int i = 0; i < width; i++) { easy[i] = handle(words[1], words[4], headers); }
  double began = seconds(), used = processor();
  long ended = 0;
  if (width == 1) {
    for (; ended < wanted; ended++) {
      if (curl_easy_perform(easy[0]) != CURLE_OK) { return 1; }
    }
  } else {
    poll_descriptor = epoll_create1(0);
    CURLM *multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, watch);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, multi);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, arm);
    ended = together(multi, easy, width, wanted);
  }
  if (ended != wanted || received == 0) { return 1; }
  printf(
    "%.0f %.3f\n", (double)wanted / (seconds() - began), (processor() - used) / (double)wanted * 1e6);
}
