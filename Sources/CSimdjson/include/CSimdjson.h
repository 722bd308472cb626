#ifndef MCPDASH_CSIMDJSON_H
#define MCPDASH_CSIMDJSON_H
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif
/// The nesting that csimdjson_read can follow; a larger limit counts as this one.
enum { csimdjson_depth_limit = 4096 };

/// Why bytes are not one well-formed document.
enum {
  csimdjson_ok = 0,
  csimdjson_too_large,
  csimdjson_too_deep,
  csimdjson_no_memory,
  csimdjson_empty,
  csimdjson_not_utf8,
  csimdjson_open_string,
  csimdjson_raw_control,
  csimdjson_bad_escape,
  csimdjson_bad_value,
  csimdjson_bad_number,
  csimdjson_no_value,
  csimdjson_no_key,
  csimdjson_no_colon,
  csimdjson_no_separator,
  csimdjson_trailing_text,
};

/// A member of the root object (depth 1), or of an object that is a member of it (depth 2).
/// Places are bytes from the start; strings are with their quotes, and no end has white space.
typedef struct {
  uint32_t key_start;
  uint32_t key_end;
  uint32_t value_start;
  uint32_t value_end;
  uint32_t depth;
} csimdjson_member;

typedef struct {
  /// csimdjson_ok, or what is wrong.
  int code;
  /// Where it is wrong; 0 where only the whole document can be named.
  uint32_t place;
  /// The root value, without byte order mark and white space around it.
  uint32_t value_start;
  uint32_t value_end;
  /// Members written, in the order of the document; a member's own come right after it.
  uint32_t member_count;
  /// 0 when there were more members than room: the members written are then of no use.
  int has_all_members;
} csimdjson_document;

/// Checks that the bytes are one document (RFC 8259, numbers of any size, a byte order mark before
/// it is passed over) and finds its members, in one pass.
csimdjson_document csimdjson_read(
  const uint8_t *bytes, size_t count, size_t depth_limit, csimdjson_member *members,
  size_t member_limit);

/// The index of the first line feed or carriage return; count when there is none.
size_t csimdjson_line_end(const uint8_t *bytes, size_t count);

/// The index after the closing quote of the string whose opening quote is at `start`; count when
/// it is not closed.
size_t csimdjson_string_end(const uint8_t *bytes, size_t count, size_t start);
#ifdef __cplusplus
}
#endif
#endif
