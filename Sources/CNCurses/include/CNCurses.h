// ncursesw for Swift: what the importer cannot see (macros, stdscr and other globals), and the
// half of the terminal's life that runs inside signal handlers (rescue.c).
#ifndef MCPDASH_CNCURSES_H
#define MCPDASH_CNCURSES_H
// Both sides of the border must see the same struct _win_st and cchar_t.
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

static inline WINDOW *cncurses_window(void) { return stdscr; }
static inline WINDOW *cncurses_current_window(void) { return curscr; }
static inline int cncurses_colors(void) { return COLORS; }

static inline attr_t cncurses_bold(void) { return A_BOLD; }
static inline attr_t cncurses_dim(void) { return A_DIM; }
static inline attr_t cncurses_underline(void) { return A_UNDERLINE; }
static inline attr_t cncurses_reverse(void) { return A_REVERSE; }
static inline attr_t cncurses_italic(void) { return A_ITALIC; }

/// A blank with these attributes and this colour pair, of which a cell is a copy with its scalar.
static inline cchar_t cncurses_cell(attr_t attributes, int pair) {
  const wchar_t blank[] = {L' ', 0};
  cchar_t cell;
  setcchar(&cell, blank, attributes, 0, &pair);
  return cell;
}

/// The columns the C library gives a scalar; -1 for what it does not print.
int cncurses_width(uint32_t scalar);

/// Character handling in UTF-8, whatever the environment says; false if there is no such locale.
bool cncurses_use_utf8(void);

/// What terminfo says of a terminal type: whether it is known, whether it can place its cursor
/// (without which nothing can be painted), and whether it does so by the escape sequences of
/// ECMA-48, so that a private mode it does not know is harmless.
typedef struct {
  bool is_known;
  bool addresses_cursor;
  bool is_ansi;
} cncurses_type;

/// Not while curses is running.
cncurses_type cncurses_look_up(const char *term);

/// Starts curses on standard output and input as a terminal of this type; NULL if it cannot.
SCREEN *cncurses_start(const char *term);

/// The size the kernel knows of standard output; false if it knows none.
bool cncurses_size(int *columns, int *rows);

/// Writes all the bytes to standard output, past every buffer.
void cncurses_write(const char *bytes, size_t count);

/// Remembers the terminal's modes and the signals' actions, and catches the signals: those that
/// tell (WINCH TSTP CONT INT TERM HUP QUIT) are noted and `wake` (an eventfd) is written to, those
/// that kill (SEGV ABRT BUS ILL FPE TRAP) restore the terminal and go on to their old action.
/// False, with errno, if standard output has no modes or is guarded already.
bool cncurses_guard(int wake);

/// Says how the screen is left: `extra` bytes, then what terminfo knows. Needs a started curses.
void cncurses_prepare_rescue(const char *extra);

/// Gives the signals back.
void cncurses_unguard(void);

/// The signals noted since the last call, one bit for each number.
uint32_t cncurses_take_signals(void);

/// Stops this process, or its whole group, as the terminal's stop key does; returns when continued.
void cncurses_stop(bool whole_group);
#endif
