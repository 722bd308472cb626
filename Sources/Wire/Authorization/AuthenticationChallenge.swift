/// One challenge of a `WWW-Authenticate` field (RFC 9110 §11.6.1).
package struct AuthenticationChallenge: Hashable, Sendable {
  /// In lower case: `bearer`.
  package var scheme: String
  /// Names in lower case, in the order written.
  package var parameters: [Parameter]

  package struct Parameter: Hashable, Sendable {
    package var name: String
    package var value: String
  }

  /// Challenges of one answer; the rest is not looked at.
  static let limit = 16

  /// The first parameter of that name.
  package subscript(name: String) -> String? { parameters.first { $0.name == name }?.value }

  /// All challenges of an answer's fields, in order. What cannot be read ends its field.
  package static func all(in fields: [String]) -> [AuthenticationChallenge] {
    Array(fields.flatMap { parse($0) }.prefix(limit))
  }

  private static func parse(_ field: String) -> [AuthenticationChallenge] {
    var reader = Reader(bytes: Array(field.utf8))
    var challenges: [AuthenticationChallenge] = []
    while challenges.count < limit {
      reader.skipSpaceAndCommas()
      let word = reader.token()
      guard !word.isEmpty else { break }
      if reader.nextIsEqualsSign {
        // A parameter of the challenge before, or of none.
        guard let value = reader.parameterValue(), !challenges.isEmpty else { break }
        challenges[challenges.count - 1].parameters.append(
          Parameter(name: word.lowercased(), value: value))
      } else {
        challenges.append(AuthenticationChallenge(scheme: word.lowercased(), parameters: []))
        reader.skipToken68()
      }
    }
    return challenges
  }

  private struct Reader {
    let bytes: [UInt8]
    var index = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    private var byte: UInt8? { index < bytes.count ? bytes[index] : nil }

    mutating func skipSpaceAndCommas() {
      while let byte, byte == 0x20 || byte == 0x09 || byte == UInt8(ascii: ",") { index += 1 }
    }

    private mutating func skipSpace() {
      while let byte, byte == 0x20 || byte == 0x09 { index += 1 }
    }

    mutating func token() -> String {
      let start = index
      while let byte, HTTPToken.isByte(byte) { index += 1 }
      return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    var nextIsEqualsSign: Bool {
      var ahead = self
      ahead.skipSpace()
      return ahead.byte == UInt8(ascii: "=")
    }

    mutating func parameterValue() -> String? {
      skipSpace()
      index += 1
      skipSpace()
      guard byte == UInt8(ascii: "\"") else {
        return bareValue()
      }
      index += 1
      var text: [UInt8] = []
      while let byte, byte != UInt8(ascii: "\"") {
        if byte == UInt8(ascii: "\\"), index + 1 < bytes.count { index += 1 }
        text.append(bytes[index])
        index += 1
      }
      guard byte != nil else { return nil }
      index += 1
      return String(decoding: text, as: UTF8.self)
    }

    /// By the letter a token; many servers forget the quotes of an address.
    private mutating func bareValue() -> String? {
      let start = index
      while let byte, byte > 0x20, byte != 0x7F, byte != UInt8(ascii: ",") { index += 1 }
      return start == index ? nil : String(decoding: bytes[start..<index], as: UTF8.self)
    }

    /// Credentials of the form `abc==` after the scheme, which nobody here needs.
    mutating func skipToken68() {
      var ahead = self
      ahead.skipSpace()
      let start = ahead.index
      while let byte = ahead.byte, HTTPToken.isByte(byte) || byte == UInt8(ascii: "/") {
        ahead.index += 1
      }
      guard ahead.index > start else { return }
      while ahead.byte == UInt8(ascii: "=") { ahead.index += 1 }
      ahead.skipSpace()
      guard ahead.byte == nil || ahead.byte == UInt8(ascii: ",") else { return }
      // A lone word before a comma may as well be the next scheme without parameters.
      index = ahead.index
    }
  }
}

/// The words that header fields are made of.
package enum HTTPToken {
  /// RFC 9110 §5.6.2.
  package static func isByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"):
      true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }

  /// What may stand behind `Bearer`: visible ASCII, so that no token makes a second header line.
  package static func isCredential(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
  }
}

/// What a server wants when it refuses a token, or the lack of one (RFC 6750 §3, RFC 9728 §5.1).
package struct BearerChallenge: Hashable, Sendable {
  package var resourceMetadata: String?
  /// Nil where the server names none.
  package var scopes: [String]?
  package var error: String?

  package init(resourceMetadata: String? = nil, scopes: [String]? = nil, error: String? = nil) {
    self.resourceMetadata = resourceMetadata
    self.scopes = scopes
    self.error = error
  }

  /// The first `Bearer` challenge of an answer, parameters of all of them together; nil where
  /// there is none.
  package init?(fields: [String]) {
    let bearer = AuthenticationChallenge.all(in: fields).filter { $0.scheme == "bearer" }
    guard !bearer.isEmpty else { return nil }
    func value(_ name: String) -> String? { bearer.lazy.compactMap { $0[name] }.first }
    resourceMetadata = value("resource_metadata")
    scopes = value("scope").map(Scopes.list)
    error = value("error")
  }

  /// The token is good, but not for this.
  package var asksForMore: Bool { error == "insufficient_scope" }
}
