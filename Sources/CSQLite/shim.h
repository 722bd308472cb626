// SQLite's C interface; what Swift cannot import (SQLITE_TRANSIENT is a cast) is wrapped here.
#ifndef MCPDASH_CSQLITE_H
#define MCPDASH_CSQLITE_H
#include <sqlite3.h>

// The bytes are copied before the call returns.
static inline int csqlite_bind_text(
  sqlite3_stmt *statement, int index, const char *bytes, sqlite3_uint64 count) {
  return sqlite3_bind_text64(
    statement, index, bytes, count, SQLITE_TRANSIENT, SQLITE_UTF8);
}
#endif
