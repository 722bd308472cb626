package import FleetModel

/// What an operator is told when a server refuses.
package struct AuthorizationAdvice: Hashable, Sendable {
  package let server: ServerID
  /// A login can help.
  package let offersLogin: Bool

  package init(server: ServerID, offersLogin: Bool) {
    self.server = server
    self.offersLogin = offersLogin
  }

  /// The command that helps.
  package var login: String { "run: mcpdash login \(ShellWord.quoted(server.name))" }

  /// - Parameters:
  ///   - status: of the refusal; nil where nothing was sent.
  ///   - hadToken: a stored token was sent.
  package func text(status: Int?, challenge: BearerChallenge?, hadToken: Bool) -> String {
    let start = status.map { "the server answered \($0)" } ?? "no credentials"
    guard offersLogin else {
      return "\(start): the configured headers are not what it wants; mend them, or write"
        + " auth: \"oauth\" and \(login)"
    }
    guard challenge?.asksForMore != true else {
      return "\(start): the token is not enough for this" + Self.wish(challenge)
        + "; \(login)" + Self.flags(challenge)
    }
    return "\(start) and wants "
      + (hadToken ? "a new login: the token is not good any more" : "a login") + "; \(login)"
  }

  /// `, which wants the scope write`, or nothing.
  package static func wish(_ challenge: BearerChallenge?) -> String {
    guard let scopes = challenge?.scopes, !scopes.isEmpty else { return "" }
    return ", which wants the scope \(scopes.joined(separator: " "))"
  }

  /// Only words that no shell takes for more: they are the server's.
  private static func flags(_ challenge: BearerChallenge?) -> String {
    let scopes = challenge?.scopes ?? []
    guard scopes.allSatisfy(ShellWord.isPlain) else { return "" }
    return scopes.map { " --scope \($0)" }.joined()
  }
}
