/// Which scopes to ask for.
package enum Scopes {
  /// Scopes of one list; more are not asked for.
  static let limit = 200
  static let offline = "offline_access"

  /// The words of a `scope` value that may stand there (RFC 6749 §3.3), each once.
  package static func list(_ text: String) -> [String] {
    union([], text.split(separator: " ").map(String.init))
  }

  /// The first list, then what only the second has.
  package static func union(_ first: [String], _ second: [String]) -> [String] {
    var seen: Set<String> = []
    return Array(
      (first + second).filter { isScope($0) && seen.insert($0).inserted }.prefix(limit))
  }

  /// - Parameters:
  ///   - configured: the operator's own choice, in the place of what servers say.
  ///   - held: what the token so far was asked for; empty for a first authorization.
  ///   - resource: `scopes_supported` of the protected resource.
  ///   - server: `scopes_supported` of the authorization server; decides over `offline_access`.
  ///   - isPerson: a login, whose token should outlive the person's visit.
  /// - Returns: empty where the parameter is left out.
  package static func choice(
    configured: [String], challenge: BearerChallenge?, held: [String], resource: [String]?,
    server: [String]?, isPerson: Bool
  ) -> [String] {
    var chosen: [String]
    if challenge?.asksForMore == true {
      chosen = union(union(configured, held), challenge?.scopes ?? [])
    } else if !configured.isEmpty {
      chosen = union(configured, held)
    } else {
      chosen = union(challenge?.scopes ?? resource ?? [], held)
    }
    if isPerson, !chosen.isEmpty, server?.contains(offline) == true {
      chosen = union(chosen, [offline])
    }
    return chosen
  }

  private static func isScope(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }
  }
}
