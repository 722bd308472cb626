/// The secret of one authorization that proves who began it (PKCE, RFC 7636), always with S256.
package struct ProofKey: Hashable, Sendable {
  package static let method = "S256"

  /// 43 characters out of 32 random bytes.
  package let verifier: String
  package let challenge: String

  /// - Parameter digest: SHA-256.
  package init(
    using random: inout some RandomNumberGenerator, digest: ([UInt8]) -> [UInt8]
  ) {
    verifier = Self.text(using: &random)
    challenge = Base64URL.encode(digest(Array(verifier.utf8)))
  }

  /// - Parameter verifier: from elsewhere, for tests of known pairs.
  package init(verifier: String, digest: ([UInt8]) -> [UInt8]) {
    self.verifier = verifier
    challenge = Base64URL.encode(digest(Array(verifier.utf8)))
  }

  /// A text that nobody guesses: for the verifier, and for `state`.
  package static func text(using random: inout some RandomNumberGenerator) -> String {
    Base64URL.encode((0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) })
  }
}

/// base64 for addresses and tokens, without padding (RFC 4648 §5).
package enum Base64URL {
  package static func encode(_ bytes: [UInt8]) -> String {
    String(
      Base64.encode(bytes).map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 }.prefix { $0 != "=" })
  }

  /// Nil when the text is not what `encode` writes.
  package static func decode(_ text: some StringProtocol) -> [UInt8]? {
    guard !text.contains(where: { "+/=".contains($0) }) else { return nil }
    let padding = [UInt8](repeating: UInt8(ascii: "="), count: (4 - text.utf8.count % 4) % 4)
    return Base64.decode(
      text.utf8.map { $0 == UInt8(ascii: "-") ? 0x2B : $0 == UInt8(ascii: "_") ? 0x2F : $0 }
        + padding)
  }
}
