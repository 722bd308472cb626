// http-parser 2.9.4 with accessors for its bit-fields and macros.
#ifndef MCPDASH_CHTTPPARSER_H
#define MCPDASH_CHTTPPARSER_H
#include <http_parser.h>

static inline enum http_errno chttp_error(const http_parser *parser) {
  return HTTP_PARSER_ERRNO(parser);
}
static inline int chttp_has_content_length(const http_parser *parser) {
  return (parser->flags & F_CONTENTLENGTH) != 0;
}
static inline int chttp_is_chunked(const http_parser *parser) {
  return (parser->flags & F_CHUNKED) != 0;
}
// An upgrade is never taken up: the request is read as if it had not been offered.
static inline void chttp_ignore_upgrade(http_parser *parser) { parser->upgrade = 0; }
#endif
