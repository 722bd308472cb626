#include "CSimdjson.h"
#include <algorithm>
#include <cstring>
#include <memory>
#include <simdjson.h>

// simdjson's first stage checks the encoding and finds where every bracket, comma, colon, string
// and other scalar begins. What follows here is a second stage of our own: simdjson's builds a tree
// that nobody here needs, forgets where things were, and refuses integers beyond 64 bits.

namespace {

using Stage = simdjson::internal::dom_parser_implementation;

// The stage keeps four bytes for each byte of the largest document it has seen; one that has grown
// past this is thrown away after use.
const size_t kept_capacity = 1 << 20;

bool is_space(uint8_t byte) {
  return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

bool is_digit(uint8_t byte) { return byte >= '0' && byte <= '9'; }

bool is_hex(uint8_t byte) {
  return is_digit(byte) || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'f');
}

int code_of(simdjson::error_code error) {
  switch (error) {
  case simdjson::SUCCESS: return csimdjson_ok;
  case simdjson::CAPACITY: return csimdjson_too_large;
  case simdjson::MEMALLOC: return csimdjson_no_memory;
  case simdjson::UTF8_ERROR: return csimdjson_not_utf8;
  case simdjson::UNCLOSED_STRING: return csimdjson_open_string;
  case simdjson::UNESCAPED_CHARS: return csimdjson_raw_control;
  case simdjson::EMPTY: return csimdjson_empty;
  default: return csimdjson_bad_value;
  }
}

// The grammar over the places that the first stage found.
class Walk {
public:
  Walk(
    const uint8_t *bytes, size_t count, size_t depth_limit, const Stage &stage,
    csimdjson_member *members, size_t member_limit)
      : bytes(bytes), count(count),
        depth_limit(std::min<size_t>(depth_limit, csimdjson_depth_limit)),
        next(stage.structural_indexes.get()), last(next + stage.n_structural_indexes),
        members(members), member_limit(member_limit) {}

  csimdjson_document run() {
    if (!check_escapes()) { return document; }
    bool opened = value();
    while (document.code == csimdjson_ok && (opened || depth > 0)) {
      opened = opened ? first() : following();
    }
    if (document.code == csimdjson_ok && next != last) { fail(csimdjson_trailing_text, *next); }
    document.value_end = value_end;
    return document;
  }

private:
  const uint8_t *bytes;
  const size_t count;
  const size_t depth_limit;
  const uint32_t *next;
  const uint32_t *last;
  csimdjson_member *members;
  const size_t member_limit;
  csimdjson_document document{csimdjson_ok, 0, 0, 0, 0, 1};
  // Of the containers that are open, outermost first: whether it is an object.
  uint64_t objects[csimdjson_depth_limit / 64 + 1];
  size_t depth = 0;
  // After the value that was read last; kept where somebody may ask for it.
  uint32_t value_end = 0;
  // The members that are being read, by depth.
  csimdjson_member *open_members[3] = {nullptr, nullptr, nullptr};

  bool fail(int code, size_t place) {
    document.code = code;
    document.place = static_cast<uint32_t>(place);
    return false;
  }

  bool is_object() const { return objects[depth / 64] >> (depth % 64) & 1; }

  // What comes next, or 0, which no rule accepts.
  uint8_t peek() const { return next == last ? 0 : bytes[*next]; }

  size_t here() const { return next == last ? count : *next; }

  bool is_indexed() const {
    return depth == 1 || (depth == 2 && open_members[1] != nullptr);
  }

  // A backslash outside of strings begins no value and is refused there; so every backslash may be
  // taken as an escape here.
  bool check_escapes() {
    size_t at = next_backslash(0);
    while (at < count) {
      size_t length = escape_length(at);
      if (length == 0) { return fail(csimdjson_bad_escape, at); }
      at = next_backslash(at + length);
    }
    return true;
  }

  // Eight bytes at a time: the next one is seldom far enough away to be worth a call of memchr.
  size_t next_backslash(size_t at) const {
    for (; at + 8 <= count; at += 8) {
      uint64_t word;
      std::memcpy(&word, bytes + at, 8);
      word ^= 0x5C5C5C5C5C5C5C5Cu;
      if (((word - 0x0101010101010101u) & ~word & 0x8080808080808080u) != 0) { break; }
    }
    while (at < count && bytes[at] != '\\') { at++; }
    return at;
  }

  size_t escape_length(size_t at) const {
    if (at + 1 >= count) { return 0; }
    switch (bytes[at + 1]) {
    case '"': case '\\': case '/': case 'b': case 'f': case 'n': case 'r': case 't': return 2;
    case 'u': break;
    default: return 0;
    }
    if (at + 5 >= count) { return 0; }
    for (size_t offset = 2; offset < 6; offset++) {
      if (!is_hex(bytes[at + offset])) { return 0; }
    }
    return 6;
  }

  // Reads a value, or the opening of a container that is not empty: then true.
  bool value() {
    if (next == last) { return fail(csimdjson_no_value, count); }
    uint32_t start = *next++;
    if (depth == 0) { document.value_start = start; }
    switch (bytes[start]) {
    case '{': return open(true, '}', start);
    case '[': return open(false, ']', start);
    case '"': end_string(); break;
    case 't': literal("true", start); break;
    case 'f': literal("false", start); break;
    case 'n': literal("null", start); break;
    default: number(start); break;
    }
    return false;
  }

  bool open(bool object, uint8_t closing, uint32_t start) {
    if (depth == depth_limit) { return fail(csimdjson_too_deep, start); }
    if (peek() == closing) {
      value_end = *next++ + 1;
      return false;
    }
    depth++;
    uint64_t bit = uint64_t(1) << (depth % 64);
    if (object) { objects[depth / 64] |= bit; } else { objects[depth / 64] &= ~bit; }
    if (depth <= 2) { open_members[depth] = nullptr; }
    return true;
  }

  // What comes first in a container.
  bool first() { return is_object() ? member() : value(); }

  // After a value: its container's end, or the next value in it.
  bool following() {
    if (depth <= 2 && open_members[depth] != nullptr) { open_members[depth]->value_end = value_end; }
    uint8_t byte = peek();
    if (byte == ',') {
      next++;
      return first();
    }
    if (byte != (is_object() ? '}' : ']')) { return fail(csimdjson_no_separator, here()); }
    value_end = *next++ + 1;
    depth--;
    return false;
  }

  bool member() {
    if (peek() != '"') { return fail(csimdjson_no_key, here()); }
    uint32_t start = *next++;
    if (peek() != ':') { return fail(csimdjson_no_colon, here()); }
    uint32_t colon = *next++;
    if (depth <= 2 && is_indexed()) { add_member(start, colon); }
    return value();
  }

  void add_member(uint32_t start, uint32_t colon) {
    open_members[depth] = nullptr;
    if (document.member_count == member_limit) {
      document.has_all_members = 0;
      return;
    }
    csimdjson_member *member = members + document.member_count++;
    uint32_t value = next == last ? static_cast<uint32_t>(count) : *next;
    *member = {start, before_space(colon), value, value, static_cast<uint32_t>(depth)};
    open_members[depth] = member;
  }

  uint32_t before_space(size_t end) const {
    while (end > 0 && is_space(bytes[end - 1])) { end--; }
    return static_cast<uint32_t>(end);
  }

  // The first stage found the closing quote; only space is between it and what comes next.
  void end_string() {
    if (depth <= 2) { value_end = before_space(here()); }
  }

  // The length is known when this is compiled: the comparison is one of numbers.
  template <size_t size> void literal(const char (&word)[size], uint32_t start) {
    const size_t length = size - 1;
    if (count - start < length || std::memcmp(bytes + start, word, length) != 0) {
      fail(csimdjson_bad_value, start);
      return;
    }
    end_scalar(start, start + length, csimdjson_bad_value);
  }

  void end_scalar(uint32_t start, size_t end, int code) {
    // Were there more to the scalar, it would be neither space nor the next place.
    if (end != here() && !is_space(bytes[end])) {
      fail(code, start);
      return;
    }
    value_end = static_cast<uint32_t>(end);
  }

  void number(uint32_t start) {
    size_t at = start;
    if (bytes[at] == '-') { at++; }
    if (at < count && bytes[at] == '0') { at++; } else if (!digits(at)) {
      fail(at == start ? csimdjson_bad_value : csimdjson_bad_number, start);
      return;
    }
    if (at < count && bytes[at] == '.' && !digits(++at)) {
      fail(csimdjson_bad_number, start);
      return;
    }
    if (at < count && (bytes[at] | 0x20) == 'e') {
      at++;
      if (at < count && (bytes[at] == '+' || bytes[at] == '-')) { at++; }
      if (!digits(at)) {
        fail(csimdjson_bad_number, start);
        return;
      }
    }
    end_scalar(start, at, csimdjson_bad_number);
  }

  inline bool digits(size_t &at) const {
    size_t start = at;
    while (at < count && is_digit(bytes[at])) { at++; }
    return at > start;
  }
};

int find_places(std::unique_ptr<Stage> &stage, const uint8_t *bytes, size_t count) {
  if (count > 0xFFFFFF00u) { return csimdjson_too_large; }
  size_t capacity = 4096;
  while (capacity < count + 1) { capacity *= 2; }
  simdjson::error_code error = simdjson::SUCCESS;
  if (!stage) {
    error =
      simdjson::get_active_implementation()->create_dom_parser_implementation(capacity, 1, stage);
  } else if (stage->capacity() < capacity) {
    error = stage->allocate(capacity, 1);
  }
  if (error == simdjson::SUCCESS) {
    error = stage->stage1(bytes, count, simdjson::stage1_mode::regular);
  }
  return code_of(error);
}

} // namespace

csimdjson_document csimdjson_read(
  const uint8_t *bytes, size_t count, size_t depth_limit, csimdjson_member *members,
  size_t member_limit) {
  static thread_local std::unique_ptr<Stage> stage;
  const uint8_t mark[3] = {0xEF, 0xBB, 0xBF};
  uint32_t skipped = count >= 3 && std::memcmp(bytes, mark, 3) == 0 ? 3 : 0;
  csimdjson_document document{};
  document.code = count == skipped ? static_cast<int>(csimdjson_empty)
                                   : find_places(stage, bytes + skipped, count - skipped);
  if (document.code == csimdjson_ok) {
    document =
      Walk(bytes + skipped, count - skipped, depth_limit, *stage, members, member_limit).run();
  }
  if (document.code == csimdjson_no_memory || (stage && stage->capacity() > kept_capacity)) {
    stage.reset();
  }
  if (skipped == 0) { return document; }
  document.place += skipped;
  document.value_start += skipped;
  document.value_end += skipped;
  for (uint32_t number = 0; number < document.member_count; number++) {
    members[number].key_start += skipped;
    members[number].key_end += skipped;
    members[number].value_start += skipped;
    members[number].value_end += skipped;
  }
  return document;
}

size_t csimdjson_line_end(const uint8_t *bytes, size_t count) {
  // Windows that grow keep the work in proportion to the line, whichever of the two ends it.
  size_t start = 0;
  for (size_t width = 64; start < count; width *= 2) {
    size_t length = std::min(width, count - start);
    auto feed = static_cast<const uint8_t *>(std::memchr(bytes + start, '\n', length));
    if (feed != nullptr) { length = static_cast<size_t>(feed - bytes) - start; }
    auto back = static_cast<const uint8_t *>(std::memchr(bytes + start, '\r', length));
    if (back != nullptr) { return static_cast<size_t>(back - bytes); }
    if (feed != nullptr) { return static_cast<size_t>(feed - bytes); }
    start += length;
  }
  return count;
}

size_t csimdjson_string_end(const uint8_t *bytes, size_t count, size_t start) {
  size_t at = start + 1;
  while (at < count) {
    auto quote = static_cast<const uint8_t *>(std::memchr(bytes + at, '"', count - at));
    if (quote == nullptr) { return count; }
    size_t end = static_cast<size_t>(quote - bytes);
    // An odd number of backslashes before it makes the quote a part of the string.
    size_t slashes = 0;
    while (end - slashes > start + 1 && bytes[end - slashes - 1] == '\\') { slashes++; }
    at = end + 1;
    if (slashes % 2 == 0) { return at; }
  }
  return count;
}
