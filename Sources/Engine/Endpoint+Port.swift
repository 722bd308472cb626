import FleetModel

extension Endpoint {
  /// Where it may turn up again; nil for what stays where it is.
  var portRange: ClosedRange<Int>? {
    if case .http(let endpoint) = self { endpoint.portRange } else { nil }
  }

  /// Of its URL, or the scheme's own; nil where there is none.
  var port: Int? {
    guard case .http(let endpoint) = self else { return nil }
    return PortedURL(endpoint.url)?.port
  }

  /// The same on another port; nil for what has none.
  func moved(toPort port: Int) -> Endpoint? {
    guard case .http(var endpoint) = self, let url = PortedURL(endpoint.url) else { return nil }
    endpoint.url = url.replacingPort(port)
    return .http(endpoint)
  }

  /// The same, looked for on this port alone.
  func searched(onPort port: Int) -> Endpoint {
    guard case .http(var endpoint) = self else { return self }
    endpoint.portRange = port...port
    return .http(endpoint)
  }
}

/// A URL of the form `scheme://[user@]host[:port][/…]`, taken apart around its port.
struct PortedURL: Hashable, Sendable {
  /// Up to the end of the host.
  private let head: Substring
  /// From the path on.
  private let tail: Substring
  /// As written, or the scheme's own.
  let port: Int

  /// Nil for other forms, such as `unix:///path.sock`.
  init?(_ url: String) {
    guard let colon = url.firstIndex(of: ":"), url[colon...].hasPrefix("://") else { return nil }
    let standard: Int
    switch url[..<colon].lowercased() {
    case "http": standard = 80
    case "https": standard = 443
    default: return nil
    }
    let authority = url[url.index(colon, offsetBy: 3)...].prefix { !"/?#".contains($0) }
    let host = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] }
    let place = host ?? authority
    // The colons of an IPv6 address are in brackets.
    let search = place.lastIndex(of: "]") ?? place.startIndex
    guard !place.isEmpty else { return nil }
    tail = url[authority.endIndex...]
    guard let sign = place[search...].firstIndex(of: ":") else {
      head = url[..<authority.endIndex]
      port = standard
      return
    }
    head = url[..<sign]
    let digits = place[place.index(after: sign)...]
    guard let number = digits.isEmpty ? standard : Int(digits), (1...65535).contains(number)
    else { return nil }
    port = number
  }

  /// Everything else stays as written.
  func replacingPort(_ port: Int) -> String { "\(head):\(port)\(tail)" }
}
