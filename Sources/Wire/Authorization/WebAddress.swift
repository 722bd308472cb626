/// An absolute `http` or `https` address in its parts.
package struct WebAddress: Hashable, Sendable {
  /// Bytes of an address.
  package static let sizeLimit = 8192

  package enum Scheme: String, Hashable, Sendable { case http, https }

  package let scheme: Scheme
  /// In lower case; IPv6 without brackets.
  package let host: String
  package let port: Int
  /// As written; empty, or from its first slash on.
  package let path: String
  /// Without the question mark.
  package let query: String?

  /// Nil for anything with a user, a fragment, a space or bytes beyond ASCII: such an address is
  /// never meant.
  package init?(_ text: String) {
    guard text.utf8.count <= Self.sizeLimit,
      text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !#"\"<>^`{|}#"#.utf8.contains($0) }),
      let colon = text.firstIndex(of: ":"),
      let scheme = Scheme(rawValue: text[..<colon].lowercased()),
      text[colon...].hasPrefix("://")
    else { return nil }
    let rest = text[colon...].dropFirst(3)
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    guard let (host, port) = Self.split(authority, scheme) else { return nil }
    let target = rest[authority.endIndex...]
    self.scheme = scheme
    self.host = host
    self.port = port
    path = String(target.prefix { $0 != "?" })
    query = target.firstIndex(of: "?").map { String(target[target.index(after: $0)...]) }
  }

  private static func split(
    _ authority: Substring, _ scheme: Scheme
  ) -> (host: String, port: Int)? {
    guard !authority.contains("@") else { return nil }
    var host = authority
    var port: Substring = ""
    if authority.hasPrefix("[") {
      guard let end = authority.firstIndex(of: "]") else { return nil }
      host = authority[authority.index(after: authority.startIndex)..<end]
      let tail = authority[authority.index(after: end)...]
      guard tail.isEmpty || tail.hasPrefix(":") else { return nil }
      port = tail.dropFirst()
    } else if let colon = authority.firstIndex(of: ":") {
      host = authority[..<colon]
      port = authority[authority.index(after: colon)...]
    }
    guard !host.isEmpty, port.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
    guard let number = port.isEmpty ? (scheme == .http ? 80 : 443) : Int(port),
      (1...65_535).contains(number)
    else { return nil }
    return (host.lowercased(), number)
  }

  /// `https://as.example:8443`, the port only where it is not the scheme's own.
  package var origin: String {
    let host = host.contains(":") ? "[\(host)]" : host
    let own = scheme == .http ? 80 : 443
    return "\(scheme.rawValue)://\(host)" + (port == own ? "" : ":\(port)")
  }

  /// As the `resource` of a server (RFC 8707): without query, and without a lone slash.
  package var resource: String { origin + (path == "/" ? "" : path) }

  /// The path without slashes at its end; empty for the root.
  var directory: String {
    var path = Substring(path)
    while path.hasSuffix("/") { path.removeLast() }
    return String(path)
  }

  /// How far the host reaches, as far as its name tells; a name may still be resolved to anything.
  package var reach: HostAddress.Reach {
    if let address = HostAddress(host) { return address.reach }
    let name = host.hasSuffix(".") ? host.dropLast() : Substring(host)
    if name == "localhost" || name.hasSuffix(".localhost") { return .loopback }
    let isInside = [".local", ".internal", ".home.arpa"].contains { name.hasSuffix($0) }
    return isInside ? .inside : .world
  }
}

/// Where requests of an authorization may go: a server's word must not send us anywhere.
package struct AddressRules: Hashable, Sendable {
  /// The server itself is not of the public internet, so its neighbours may be asked.
  package let allowsInside: Bool

  /// - Parameter remoteAddress: where the server answered from, where that is known.
  package init(server: WebAddress, remoteAddress: String? = nil) {
    let answered = remoteAddress.flatMap { HostAddress($0) }?.reach ?? .world
    allowsInside = server.reach != .world || answered != .world
  }

  /// What is wrong with an address; nil when it may be asked.
  package func fault(in text: String) -> String? {
    guard let address = WebAddress(text) else { return "is no http or https address" }
    if !allowsInside, address.reach != .world {
      return "is inside a private network, and the server is not"
    }
    if address.scheme == .http, address.reach != .loopback { return "is not https" }
    return nil
  }
}
