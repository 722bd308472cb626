import CHiredis

/// What a Redis server answered to one command (RESP2).
enum RedisReply: Hashable {
  case integer(Int)
  case bytes([UInt8])
  case null
  case array([RedisReply])
  /// The server's own words.
  case error(String)

  /// - Parameter reply: hiredis's, freed by the caller.
  init(_ reply: UnsafePointer<redisReply>) {
    switch reply.pointee.type {
    case REDIS_REPLY_INTEGER: self = .integer(Int(reply.pointee.integer))
    case REDIS_REPLY_ARRAY:
      self = .array(
        (0..<reply.pointee.elements).compactMap { index in
          reply.pointee.element[index].map { RedisReply($0) }
        })
    case REDIS_REPLY_STRING, REDIS_REPLY_STATUS: self = .bytes(Self.bytes(of: reply))
    case REDIS_REPLY_ERROR: self = .error(String(decoding: Self.bytes(of: reply), as: UTF8.self))
    default: self = .null
    }
  }

  private static func bytes(of reply: UnsafePointer<redisReply>) -> [UInt8] {
    Array(UnsafeRawBufferPointer(start: reply.pointee.str, count: Int(reply.pointee.len)))
  }

  /// Of an integer, or of a text that is a number, without its fraction and no further than the
  /// ends of the range; else 0.
  var number: Int {
    switch self {
    case .integer(let number): number
    case .bytes(let bytes): Self.number(String(decoding: bytes, as: UTF8.self))
    case .null, .array, .error: 0
    }
  }

  /// Another program may have written any score: infinite, or beyond every `Int`.
  private static func number(_ text: String) -> Int {
    if let number = Int(text) { return number }
    guard let number = Double(text), !number.isNaN else { return 0 }
    return Int(exactly: number.rounded(.towardZero)) ?? (number < 0 ? .min : .max)
  }

  /// Empty where it is no text.
  var bytes: [UInt8] {
    if case .bytes(let bytes) = self { bytes } else { [] }
  }

  var text: String { String(decoding: bytes, as: UTF8.self) }

  /// Empty where it is no array.
  var elements: [RedisReply] {
    if case .array(let elements) = self { elements } else { [] }
  }

  /// The element there, null where there is none.
  subscript(_ index: Int) -> RedisReply {
    let elements = elements
    return index < elements.count ? elements[index] : .null
  }
}
