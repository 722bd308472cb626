#ifndef MCPDASH_CSIMDJSON_H
#define MCPDASH_CSIMDJSON_H
#include <stddef.h>
#ifdef __cplusplus
extern "C" {
#endif
/// 0 when the bytes are one well-formed JSON document in UTF-8, else simdjson's error code.
int csimdjson_validate(const char *bytes, size_t count, size_t depth_limit);
/// Whether the code says that the document is nested deeper than the limit.
int csimdjson_is_depth_error(int code);
/// Whether the code says that a number is malformed, or well-formed but too large for 64 bits.
int csimdjson_is_number_error(int code);
/// What an error code of csimdjson_validate means, in English.
const char *csimdjson_error(int code);
#ifdef __cplusplus
}
#endif
#endif
