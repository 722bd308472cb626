import CSimdjson

/// Finds where values end in well-formed JSON.
///
/// In malformed bytes it never reads outside them and always ends; what it finds there means
/// nothing.
struct JSONScanner {
  let bytes: UnsafeBufferPointer<UInt8>

  /// Whether a byte order mark is before the document.
  var startsWithMark: Bool {
    bytes.count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF
  }

  /// The first index at or after `index` that is no white space.
  func skipSpace(from index: Int) -> Int {
    var index = index
    while index < bytes.count, Self.isSpace(bytes[index]) { index += 1 }
    return index
  }

  /// The index after the value that begins at `index`.
  func endOfValue(at index: Int) -> Int {
    guard index < bytes.count else { return bytes.count }
    switch bytes[index] {
    case UInt8(ascii: "\""): return endOfString(at: index)
    case UInt8(ascii: "{"), UInt8(ascii: "["): return endOfContainer(at: index)
    default: return endOfScalar(at: index)
    }
  }

  /// The index after the closing quote of the string whose opening quote is at `index`.
  func endOfString(at index: Int) -> Int {
    csimdjson_string_end(bytes.baseAddress, bytes.count, index)
  }

  private func endOfContainer(at index: Int) -> Int {
    var index = index
    var depth = 0
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "\""):
        index = endOfString(at: index)
        continue
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth -= 1
        if depth == 0 { return index + 1 }
      default: break
      }
      index += 1
    }
    return bytes.count
  }

  private func endOfScalar(at index: Int) -> Int {
    var index = index
    while index < bytes.count {
      let byte = bytes[index]
      if byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]")
        || Self.isSpace(byte)
      {
        return index
      }
      index += 1
    }
    return index
  }

  static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
  }
}
