#include "CSimdjson.h"
#include <algorithm>
#include <memory>
#include <simdjson.h>

// A parser keeps about nine bytes for each byte of the largest document it has seen; one that has
// grown past this is thrown away after use.
static const size_t kept_capacity = 1 << 20;

int csimdjson_validate(const char *bytes, size_t count, size_t depth_limit) {
  thread_local std::unique_ptr<simdjson::dom::parser> parser;
  if (!parser) { parser = std::make_unique<simdjson::dom::parser>(); }
  size_t capacity = std::max<size_t>(count, 1024);
  if (parser->capacity() < capacity || parser->max_depth() != depth_limit) {
    auto allocated = parser->allocate(capacity, depth_limit);
    if (allocated != simdjson::SUCCESS) { return static_cast<int>(allocated); }
  }
  int error = static_cast<int>(parser->parse(bytes, count, true).error());
  if (parser->capacity() > kept_capacity) { parser.reset(); }
  return error;
}

int csimdjson_is_depth_error(int code) { return code == simdjson::DEPTH_ERROR; }
int csimdjson_is_number_error(int code) { return code == simdjson::NUMBER_ERROR; }

const char *csimdjson_error(int code) {
  return simdjson::error_message(static_cast<simdjson::error_code>(code));
}
