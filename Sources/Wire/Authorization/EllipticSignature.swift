/// The two numbers of an ECDSA signature on P-256.
package enum EllipticSignature {
  private static let width = 32

  /// From DER (`SEQUENCE { INTEGER r, INTEGER s }`) to the 64 bytes of RFC 7518 §3.4; nil when
  /// it is no such signature.
  package static func raw(der: [UInt8]) -> [UInt8]? {
    guard der.count >= 2, der[0] == 0x30, Int(der[1]) == der.count - 2 else { return nil }
    var rest = der[2...]
    guard let first = number(&rest), let second = number(&rest), rest.isEmpty else { return nil }
    return first + second
  }

  private static func number(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
    guard rest.popFirst() == 0x02, let size = rest.popFirst(), rest.count >= Int(size)
    else { return nil }
    let digits = rest.prefix(Int(size)).drop { $0 == 0 }
    rest = rest.dropFirst(Int(size))
    guard digits.count <= width else { return nil }
    return [UInt8](repeating: 0, count: width - digits.count) + digits
  }
}
