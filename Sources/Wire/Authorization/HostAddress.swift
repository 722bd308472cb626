/// A numeric address, and how far it reaches.
package struct HostAddress: Hashable, Sendable {
  package enum Reach: Hashable, Sendable {
    /// This machine.
    case loopback
    /// A private, shared, link-local, multicast or reserved range: nothing of the public internet.
    case inside
    case world
  }

  /// 16 bytes of IPv6; IPv4 is mapped into it (`::ffff:0:0/96`).
  private let bytes: [UInt8]

  /// - Parameter text: IPv4 in every form that `inet_aton` takes (`127.1`, `0x7f000001`), or IPv6
  ///   without brackets.
  package init?(_ text: String) {
    if text.contains(":") {
      guard let bytes = Self.version6(text) else { return nil }
      self.bytes = bytes
    } else {
      guard let number = Self.version4(text) else { return nil }
      bytes = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF] + Self.octets(number)
    }
  }

  package var reach: Reach {
    if let embedded { return Self.reach(of: embedded) }
    if bytes.dropLast().allSatisfy({ $0 == 0 }), bytes[15] == 1 { return .loopback }
    switch bytes[0] {
    // The unspecified address, and all that is reserved beside it.
    case 0: return .inside
    // Unique local, link-local and site-local, multicast.
    case 0xFC, 0xFD, 0xFF: return .inside
    case 0xFE where bytes[1] & 0x80 != 0: return .inside
    default: return .world
    }
  }

  /// The IPv4 address that an IPv6 one stands for: mapped, compatible, NAT64 or 6to4.
  private var embedded: [UInt8]? {
    let head = bytes.prefix(12)
    if head.starts(with: [UInt8](repeating: 0, count: 10)), bytes[10] == 0xFF, bytes[11] == 0xFF {
      return Array(bytes[12...])
    }
    if head.allSatisfy({ $0 == 0 }), bytes[12] != 0 { return Array(bytes[12...]) }
    if head.elementsEqual([0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0]) {
      return Array(bytes[12...])
    }
    if bytes[0] == 0x20, bytes[1] == 0x02 { return Array(bytes[2..<6]) }
    return nil
  }

  /// RFC 6890 and its registry.
  private static func reach(of address: [UInt8]) -> Reach {
    switch (address[0], address[1]) {
    case (127, _): .loopback
    case (0, _), (10, _), (100, 64...127), (169, 254), (172, 16...31), (192, 168), (198, 18...19),
      (224..., _):
      .inside
    case (192, 0) where address[2] == 0: .inside
    default: .world
    }
  }

  private static func octets(_ number: UInt32) -> [UInt8] {
    [UInt8(number >> 24), UInt8(number >> 16 & 255), UInt8(number >> 8 & 255), UInt8(number & 255)]
  }

  private static func version4(_ text: String) -> UInt32? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...4).contains(parts.count) else { return nil }
    var numbers: [UInt32] = []
    for part in parts {
      guard let number = number(part) else { return nil }
      numbers.append(number)
    }
    let last = numbers.removeLast()
    guard numbers.allSatisfy({ $0 < 256 }), last >> UInt32(8 * (4 - numbers.count)) == 0
    else { return nil }
    return numbers.enumerated().reduce(last) { $0 | $1.element << UInt32(24 - 8 * $1.offset) }
  }

  private static func number(_ part: Substring) -> UInt32? {
    let lower = part.lowercased()
    guard lower.allSatisfy({ $0.isASCII && ($0.isHexDigit || $0 == "x") }) else { return nil }
    if lower.hasPrefix("0x") { return UInt32(lower.dropFirst(2), radix: 16) }
    if lower.hasPrefix("0"), lower.count > 1 { return UInt32(lower.dropFirst(), radix: 8) }
    return UInt32(lower)
  }

  private static func version6(_ text: String) -> [UInt8]? {
    let bare = text.prefix { $0 != "%" }
    let halves = bare.split(separator: "::", maxSplits: 1, omittingEmptySubsequences: false)
    guard let head = groups(halves[0]) else { return nil }
    guard halves.count == 2 else { return head.count == 16 ? head : nil }
    guard let tail = groups(halves[1]), head.count + tail.count <= 14 else { return nil }
    return head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
  }

  private static func groups(_ text: Substring) -> [UInt8]? {
    guard !text.isEmpty else { return [] }
    var bytes: [UInt8] = []
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
      if index == parts.count - 1, part.contains(".") {
        guard let number = version4(String(part)) else { return nil }
        bytes += octets(number)
      } else {
        guard part.count <= 4, let group = UInt16(part, radix: 16) else { return nil }
        bytes += [UInt8(group >> 8), UInt8(group & 255)]
      }
    }
    return bytes.count <= 16 ? bytes : nil
  }
}
