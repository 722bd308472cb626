#include "CSimdjson.h"
#include <simdjson.h>

int csimdjson_validate(const char *bytes, size_t count, size_t depth_limit) {
  thread_local simdjson::dom::parser parser;
  auto allocated = parser.allocate(std::max<size_t>(count, 32), depth_limit);
  if (allocated != simdjson::SUCCESS) { return static_cast<int>(allocated); }
  return static_cast<int>(parser.parse(bytes, count, true).error());
}

const char *csimdjson_error(int code) {
  return simdjson::error_message(static_cast<simdjson::error_code>(code));
}
