/// Why an authorization did not come to a token.
package struct OAuthFault: Error, Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    /// Nobody answered, or with 429 or 5xx: it may work later.
    case unavailable
    /// What was said does not fit together: somebody may be pretending.
    case mismatch
    /// The other side lacks something, or we know too little of our own client.
    case unsupported
    /// The server needs no authorization, or does not say where it gets it.
    case noMetadata
    /// The authorization server's own `error`.
    case refused(code: String)
  }

  package var kind: Kind
  /// A sentence for a person, without secrets; may hold a server's text, so never print it raw.
  package var message: String

  package init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  /// What was granted is over: only a new login helps.
  package var endsGrant: Bool {
    guard case .refused(let code) = kind else { return false }
    return ["invalid_grant", "invalid_client", "unauthorized_client"].contains(code)
  }

  /// Characters of a server's own words that are passed on.
  private static let quotationLimit = 200

  /// An `error` answer (RFC 6749 §5.2), or a status without one.
  static func refusal(_ what: String, status: Int, body: [UInt8]) -> OAuthFault {
    if status == 429 || status >= 500 {
      return OAuthFault(.unavailable, "\(what) answered HTTP \(status)")
    }
    // Why it cannot be read makes no difference: the status alone is the answer then.
    let view = try? JSONView(body)
    guard let code = view?.member("error")?.string else {
      return OAuthFault(.refused(code: ""), "\(what) answered HTTP \(status)")
    }
    let words = view?.member("error_description")?.string.map { ": \($0.prefix(quotationLimit))" }
    return OAuthFault(
      .refused(code: code), "\(what) refused: \(code.prefix(quotationLimit))\(words ?? "")")
  }
}
