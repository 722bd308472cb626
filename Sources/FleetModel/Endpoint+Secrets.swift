extension Endpoint {
  /// What we tell the server that nobody else may read, as far as it can be told by its name:
  /// values of headers, of variables and of members of the query, and what stands before the `@`
  /// of a URL.
  package var secrets: [Secret] {
    let values: [String] =
      switch self {
      case .http(let endpoint): Self.secrets(of: endpoint.url, endpoint.headers)
      case .bridge(let endpoint): Self.secrets(of: endpoint.baseURL, endpoint.headers)
      case .stdio(_, _, let environment, _):
        environment.filter { Self.isSecret($0.name) }.map(\.value)
      }
    return values.filter { $0.utf8.count >= Self.leastSecret }.map { Secret($0) }
  }

  /// Bytes; what is shorter stands in every other text.
  private static let leastSecret = 4

  private static func isSecret(_ name: String) -> Bool {
    let name = name.lowercased()
    return ["auth", "token", "key", "secret", "cookie", "passw", "pwd", "credential"]
      .contains { name.contains($0) }
  }

  private static func secrets(of url: String, _ headers: [HeaderField]) -> [String] {
    var values: [String] = []
    for header in headers where isSecret(header.name) {
      values.append(header.value)
      // `Bearer` and `Basic` are no secret, and may be left out where the rest is said back.
      if let space = header.value.lastIndex(of: " ") {
        values.append(String(header.value[header.value.index(after: space)...]))
      }
    }
    let authority = url.drop { $0 != "/" }.dropFirst(2).prefix { !"/?#".contains($0) }
    if let at = authority.lastIndex(of: "@") {
      let user = authority[..<at]
      values.append(String(user.firstIndex(of: ":").map { user[user.index(after: $0)...] } ?? user))
    }
    for member in url.drop(while: { $0 != "?" }).dropFirst().split(separator: "&") {
      let sides = member.split(separator: "=", maxSplits: 1)
      if sides.count == 2, isSecret(String(sides[0])) { values.append(String(sides[1])) }
    }
    return values
  }
}
