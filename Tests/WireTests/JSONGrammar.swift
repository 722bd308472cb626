import Wire

/// The grammar of JSON (RFC 8259) read off the page, byte by byte: what the fast reader must agree
/// with. Takes the encoding as checked.
enum JSONGrammar {
  static func accepts(_ bytes: [UInt8], depthLimit: Int = 256) -> Bool {
    var grammar = Walk(bytes: bytes, depthLimit: depthLimit)
    do throws(JSONError) {
      try grammar.document()
      return true
    } catch {
      return false
    }
  }
}

private struct Walk {
  let bytes: [UInt8]
  let depthLimit: Int
  var index = 0
  /// The closing brackets that are due, innermost last.
  var open: [UInt8] = []

  mutating func document() throws(JSONError) {
    repeat {
      let opened = try valueOrOpening()
      if opened { continue }
      try closeWhatEnds()
    } while !open.isEmpty
    skipSpace()
    guard index == bytes.count else { throw .malformed(reason: "text after the end") }
  }

  /// Reads one value, or the opening of a container that is not empty: then true.
  private mutating func valueOrOpening() throws(JSONError) -> Bool {
    skipSpace()
    switch peek {
    case UInt8(ascii: "{"):
      guard try !opening(until: UInt8(ascii: "}")) else { return false }
      try key()
      return true
    case UInt8(ascii: "["): return try !opening(until: UInt8(ascii: "]"))
    case UInt8(ascii: "\""): try string()
    case UInt8(ascii: "t"): try literal("true")
    case UInt8(ascii: "f"): try literal("false")
    case UInt8(ascii: "n"): try literal("null")
    default: try number()
    }
    return false
  }

  /// Steps into a container; true when it is empty and closed again.
  private mutating func opening(until bracket: UInt8) throws(JSONError) -> Bool {
    guard open.count < depthLimit else { throw .tooDeep(depthLimit: depthLimit) }
    index += 1
    skipSpace()
    if peek == bracket {
      index += 1
      return true
    }
    open.append(bracket)
    return false
  }

  /// After a value: closes the containers that end here, and steps over the comma to the next.
  private mutating func closeWhatEnds() throws(JSONError) {
    while let bracket = open.last {
      skipSpace()
      if peek == UInt8(ascii: ",") {
        index += 1
        if bracket == UInt8(ascii: "}") { try key() }
        return
      }
      guard peek == bracket else { throw .malformed(reason: "a comma or bracket is missing") }
      index += 1
      open.removeLast()
    }
  }

  private mutating func key() throws(JSONError) {
    skipSpace()
    guard peek == UInt8(ascii: "\"") else { throw .malformed(reason: "a key is missing") }
    try string()
    skipSpace()
    guard peek == UInt8(ascii: ":") else { throw .malformed(reason: "a colon is missing") }
    index += 1
  }

  private mutating func string() throws(JSONError) {
    index += 1
    while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
      guard bytes[index] >= 0x20 else { throw .malformed(reason: "a raw control character") }
      guard bytes[index] == UInt8(ascii: "\\") else {
        index += 1
        continue
      }
      index += 1
      if peek == UInt8(ascii: "u") {
        guard index + 4 < bytes.count, bytes[index + 1...index + 4].allSatisfy(Self.isHex)
        else { throw .malformed(reason: "a bad escape") }
        index += 5
      } else {
        guard #""\/bfnrt"#.utf8.contains(peek) else { throw .malformed(reason: "a bad escape") }
        index += 1
      }
    }
    guard index < bytes.count else { throw .malformed(reason: "a string is not closed") }
    index += 1
  }

  private mutating func number() throws(JSONError) {
    if peek == UInt8(ascii: "-") { index += 1 }
    if peek == UInt8(ascii: "0") { index += 1 } else { try digits() }
    if peek == UInt8(ascii: ".") {
      index += 1
      try digits()
    }
    if peek | 0x20 == UInt8(ascii: "e") {
      index += 1
      if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { index += 1 }
      try digits()
    }
  }

  private mutating func digits() throws(JSONError) {
    let start = index
    while (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(peek) { index += 1 }
    guard index > start else { throw .malformed(reason: "a value is missing") }
  }

  private mutating func literal(_ word: String) throws(JSONError) {
    guard bytes[index...].starts(with: word.utf8) else {
      throw .malformed(reason: "an unknown word")
    }
    index += word.utf8.count
  }

  private mutating func skipSpace() {
    while index < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[index]) { index += 1 }
  }

  /// The byte at hand; 0, which no rule accepts, at the end.
  private var peek: UInt8 { index < bytes.count ? bytes[index] : 0 }

  private static func isHex(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (97...102).contains(byte | 0x20)
  }
}
