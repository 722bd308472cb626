import FleetModel
import Glibc

/// Judges the addresses that servers are written with.
enum ServerAddress {
  static let portRange = 1...65_535
  /// Ports that one server is looked for on.
  static let rangeLimit = 1024
  /// Of a socket's path in the kernel's structure, without its end.
  private static let socketPathLimit = 107

  /// What is wrong with a URL and what to do, to be put behind it; nil when it is sound.
  static func fault(inURL url: String) -> String? {
    if url.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) {
      return "has a space or a control character in it; remove or encode it"
    }
    let lower = url.lowercased()
    if lower.hasPrefix("unix:") { return socketFault(url) }
    guard lower.hasPrefix("http://") || lower.hasPrefix("https://") else {
      return "is no HTTP address; write http://…, https://… or unix:///…"
    }
    let authority = url.drop { $0 != "/" }.dropFirst(2).prefix { !"/?#".contains($0) }
    let place = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
    return place.hasPrefix("[") ? bracketFault(place) : hostFault(place)
  }

  /// The habit of servers that speak the old transport: a path segment `sse`.
  static func isEventStream(_ url: String) -> Bool {
    url.prefix { $0 != "?" && $0 != "#" }.split(separator: "/").dropFirst(2).contains("sse")
  }

  /// `50000-50100`, or one port; nil for what is no such range.
  static func ports(_ text: String) -> ClosedRange<Int>? {
    let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { end in
      end.allSatisfy { $0.isASCII && $0.isNumber } ? Int(end) : nil
    }
    guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1],
      first <= last, portRange.contains(first), portRange.contains(last),
      last - first < rangeLimit
    else { return nil }
    return first...last
  }

  private static func socketFault(_ url: String) -> String? {
    let path = url.dropFirst(5).prefix { $0 != "#" && $0 != "?" }
    guard path.hasPrefix("///"), path.count > 3 else {
      return "names no socket; write unix:///path/of.sock, and #/path for the path in it"
    }
    guard path.utf8.count - 2 <= socketPathLimit else {
      return "names a socket with a path of more than \(socketPathLimit) bytes"
    }
    let fragment = url.drop { $0 != "#" }.dropFirst()
    return fragment.isEmpty || fragment.hasPrefix("/")
      ? nil : "has a path in the server that does not begin with '/'"
  }

  /// `[::1]:8000`
  private static func bracketFault(_ place: Substring) -> String? {
    guard let end = place.firstIndex(of: "]") else { return "has a '[' without its ']'" }
    // The zone of a link-local address is the system's business.
    let address = place[..<end].dropFirst().prefix { $0 != "%" }
    var binary = in6_addr()
    guard inet_pton(AF_INET6, String(address), &binary) == 1 else {
      return "has no IPv6 address in its brackets"
    }
    let rest = place[place.index(after: end)...]
    if rest.isEmpty { return nil }
    return rest.hasPrefix(":") ? portFault(rest.dropFirst()) : "has more than a port after its ']'"
  }

  private static func hostFault(_ place: Substring) -> String? {
    let parts = place.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count <= 2 else { return "has an IPv6 address without brackets; write [::1]" }
    guard let host = parts.first, !host.isEmpty else { return "names no host" }
    return parts.count == 2 ? portFault(parts[1]) : nil
  }

  private static func portFault(_ text: Substring) -> String? {
    guard text.allSatisfy({ $0.isASCII && $0.isNumber }), let port = Int(text),
      portRange.contains(port)
    else { return "has a port that is not from 1 to 65535" }
    return nil
  }
}
