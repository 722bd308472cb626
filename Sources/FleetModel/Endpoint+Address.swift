extension Endpoint {
  /// Host and port of a URL, or the last part of a program's path: enough to tell endpoints apart,
  /// and nothing of it is a secret.
  package var place: String {
    switch self {
    case .http(let endpoint): Self.place(ofURL: endpoint.url)
    case .bridge(let endpoint): Self.place(ofURL: endpoint.baseURL)
    case .stdio(let command, _, _, _):
      command.split(separator: "/").last.map(String.init) ?? command
    }
  }

  /// A URL without password and query, or the program without its arguments: both may be secret.
  package var address: String {
    switch self {
    case .http(let endpoint): Self.redacted(endpoint.url)
    case .bridge(let endpoint): Self.redacted(endpoint.baseURL)
    case .stdio(let command, _, _, _): command
    }
  }

  /// As written, without user, password, query and fragment.
  package static func redacted(_ url: String) -> String {
    let bare = url.prefix { $0 != "?" && $0 != "#" }
    let parts = bare.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count > 2, let at = parts[2].lastIndex(of: "@") else { return String(bare) }
    return (parts[0...1] + ["…" + parts[2][at...]] + parts[3...]).joined(separator: "/")
  }

  private static func place(ofURL url: String) -> String {
    guard !url.lowercased().hasPrefix("unix:") else { return redacted(url) }
    let authority = url.drop { $0 != "/" }.dropFirst(2).prefix { !"/?#".contains($0) }
    let host = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
    let hasPort = host.drop { $0 != "]" }.isEmpty ? host.contains(":") : host.contains("]:")
    let standard = url.lowercased().hasPrefix("https") ? ":443" : ":80"
    return host + (hasPort ? "" : standard)
  }
}
