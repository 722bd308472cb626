/// Names and values as `application/x-www-form-urlencoded` writes them.
package enum FormCoding {
  package typealias Field = (name: String, value: String)

  package static func encode(_ fields: [Field]) -> String {
    fields.map { PercentCoding.encode($0.name) + "=" + PercentCoding.encode($0.value) }
      .joined(separator: "&")
  }

  /// The fields in order; plus signs are spaces.
  package static func decode(_ text: some StringProtocol) -> [Field] {
    text.split(separator: "&").map { pair in
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (unescape(parts[0]), parts.count == 2 ? unescape(parts[1]) : "")
    }
  }

  private static func unescape(_ text: some StringProtocol) -> String {
    var bytes: [UInt8] = []
    let source = Array(text.utf8)
    var index = 0
    while index < source.count {
      let byte = source[index]
      if byte == UInt8(ascii: "%"), index + 2 < source.count,
        let value = PercentCoding.byte(source[index + 1], source[index + 2])
      {
        bytes.append(value)
        index += 3
      } else {
        bytes.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
        index += 1
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
