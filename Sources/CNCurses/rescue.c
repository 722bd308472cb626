// Signal handlers: only async-signal-safe calls on memory prepared before.
#define _GNU_SOURCE
#include "CNCurses.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

static const int telling[] = {SIGWINCH, SIGTSTP, SIGCONT, SIGINT, SIGTERM, SIGHUP, SIGQUIT};
static const int killing[] = {SIGSEGV, SIGABRT, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
enum {
  TELLING = sizeof telling / sizeof telling[0],
  KILLING = sizeof killing / sizeof killing[0],
  LEAVE_LIMIT = 512,
  STACK_SIZE = 64 * 1024,
};

static struct sigaction before[NSIG];
static struct termios modes;
static char leave[LEAVE_LIMIT];
static size_t leave_length;
static int wake_descriptor = -1;
static atomic_uint noted;
static atomic_bool guarded;
static char spare_stack[STACK_SIZE];

void cncurses_write(const char *bytes, size_t count) {
  while (count > 0) {
    ssize_t done = write(STDOUT_FILENO, bytes, count);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return;  // The terminal is gone; the hang-up is told elsewhere.
    bytes += done;
    count -= (size_t)done;
  }
}

static void rescue(void) {
  if (!atomic_exchange(&guarded, false)) return;
  cncurses_write(leave, leave_length);
  tcsetattr(STDOUT_FILENO, TCSANOW, &modes);
}

static void on_telling(int signal) {
  int error = errno;
  uint64_t one = 1;
  atomic_fetch_or(&noted, 1u << signal);
  ssize_t ignored = write(wake_descriptor, &one, sizeof one);  // A full counter wakes as well.
  (void)ignored;
  errno = error;
}

static void on_killing(int signal, siginfo_t *cause, void *context) {
  (void)context;
  rescue();
  // Swift's backtracer asks for a key on a terminal and waits half a minute for it: let it read
  // the end of input instead.
  int nothing = open("/dev/null", O_RDONLY);
  if (nothing >= 0) dup2(nothing, STDIN_FILENO);
  sigaction(signal, &before[signal], NULL);
  // A fault repeats by itself, with its true address; a signal that was sent must be sent again,
  // and must end the process even if the old action comes back.
  if (cause->si_code > 0) return;
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, signal);
  pthread_sigmask(SIG_UNBLOCK, &only, NULL);
  raise(signal);
  struct sigaction plain = {.sa_handler = SIG_DFL};
  sigaction(signal, &plain, NULL);
  raise(signal);
}

static void catch_signals(void) {
  struct sigaction tell = {.sa_handler = on_telling, .sa_flags = SA_RESTART};
  sigemptyset(&tell.sa_mask);
  for (int i = 0; i < TELLING; i++) {
    sigaction(telling[i], &tell, &before[telling[i]]);
    // Under nohup and its like the parent's wish holds.
    if (before[telling[i]].sa_handler == SIG_IGN)
      sigaction(telling[i], &before[telling[i]], NULL);
  }
  struct sigaction kill = {.sa_sigaction = on_killing, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigemptyset(&kill.sa_mask);
  // In the background tcsetattr would stop the process instead of restoring the modes.
  sigaddset(&kill.sa_mask, SIGTTOU);
  for (int i = 0; i < KILLING; i++) sigaction(killing[i], &kill, &before[killing[i]]);
}

bool cncurses_guard(int wake) {
  static bool registered;
  if (atomic_load(&guarded)) {
    errno = EBUSY;
    return false;
  }
  if (tcgetattr(STDOUT_FILENO, &modes) != 0) return false;
  stack_t stack;
  if (sigaltstack(NULL, &stack) == 0 && stack.ss_flags & SS_DISABLE) {
    // A thread that ran out of stack cannot run its handler on it.
    stack = (stack_t){.ss_sp = spare_stack, .ss_size = sizeof spare_stack};
    sigaltstack(&stack, NULL);
  }
  if (!registered) registered = atexit(rescue) == 0;
  wake_descriptor = wake;
  leave_length = 0;
  atomic_store(&noted, 0);
  atomic_store(&guarded, true);
  catch_signals();
  return true;
}

void cncurses_unguard(void) {
  // A terminal that is gone is told of once more when its session's leader ends; that must not cut
  // short what ends in order.
  struct termios modes;
  bool is_gone = tcgetattr(STDIN_FILENO, &modes) != 0;
  if (is_gone) before[SIGHUP] = (struct sigaction){.sa_handler = SIG_IGN};
  for (int i = 0; i < TELLING; i++) sigaction(telling[i], &before[telling[i]], NULL);
  for (int i = 0; i < KILLING; i++) sigaction(killing[i], &before[killing[i]], NULL);
  atomic_store(&guarded, false);
}

uint32_t cncurses_take_signals(void) { return atomic_exchange(&noted, 0); }

void cncurses_stop(bool whole_group) {
  struct sigaction ours, other = {.sa_handler = SIG_IGN};
  sigaction(SIGTSTP, &other, &ours);
  if (whole_group) kill(0, SIGTSTP);
  // A blocked signal waits even where it is ignored; to ignore it once more throws it away.
  sigaction(SIGTSTP, &other, NULL);
  other.sa_handler = SIG_DFL;
  sigaction(SIGTSTP, &other, NULL);
  // raise is for this very thread, which so stops before it returns; with kill another thread may
  // take the signal while this one runs on and takes the terminal back. Unlike SIGSTOP, SIGTSTP
  // does nothing where no shell could continue us.
  // Worker threads of a runtime often have it blocked; then it would only wait for us.
  sigset_t stop, mask;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTSTP);
  pthread_sigmask(SIG_UNBLOCK, &stop, &mask);
  raise(SIGTSTP);
  pthread_sigmask(SIG_SETMASK, &mask, NULL);
  sigaction(SIGTSTP, &ours, NULL);
}

static int collect(int byte) {
  if (leave_length < sizeof leave) leave[leave_length++] = (char)byte;
  return byte;
}

static void collect_capability(const char *name) {
  const char *sequence = tigetstr(name);
  if (sequence != NULL && sequence != (const char *)-1) tputs(sequence, 1, collect);
}

void cncurses_prepare_rescue(const char *extra) {
  leave_length = 0;
  for (; *extra != 0; extra++) collect(*extra);
  collect_capability("sgr0");
  collect_capability("op");
  collect_capability("cnorm");
  collect_capability("rmcup");
}
