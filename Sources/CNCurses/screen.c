// Starting curses: the parts that need the C library's own macros and global streams.
#define _GNU_SOURCE
#define _XOPEN_SOURCE 700
#include "CNCurses.h"

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <unistd.h>
#include <wchar.h>

#undef columns  // A macro of term.h.

int cncurses_width(uint32_t scalar) { return wcwidth((wchar_t)scalar); }

bool cncurses_use_utf8(void) {
  // LC_CTYPE alone: the rest of the locale would change how numbers are written.
  if (setlocale(LC_CTYPE, "") != NULL && strcmp(nl_langinfo(CODESET), "UTF-8") == 0) return true;
  return setlocale(LC_CTYPE, "C.UTF-8") != NULL;
}

SCREEN *cncurses_start(const char *term) {
  fflush(stdout);
  return newterm(term, stdout, stdin);
}

cncurses_type cncurses_look_up(const char *term) {
  cncurses_type type = {false, false, false};
  int error;
  if (setupterm(term, STDOUT_FILENO, &error) != OK) {
    // A type too poor for curses is known all the same: error 1 means just that.
    type.is_known = error == 1;
    return type;
  }
  const char *address = tigetstr("cup");
  type.is_known = true;
  type.addresses_cursor = address != NULL && address != (const char *)-1;
  type.is_ansi = type.addresses_cursor && strncmp(address, "\033[", 2) == 0;
  del_curterm(cur_term);
  return type;
}

bool cncurses_size(int *columns, int *rows) {
  struct winsize size;
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0)
    return false;
  *columns = size.ws_col;
  *rows = size.ws_row;
  return true;
}
