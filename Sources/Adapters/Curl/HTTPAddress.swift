import CLinux
package import FleetModel
import Glibc
import Wire

/// Where an HTTP server is: a URL, and the Unix socket through which it is reached.
///
/// A socket is written `unix:///path.sock#/mcp`: the fragment is the HTTP path, `/` without one.
package struct HTTPAddress: Hashable, Sendable {
  /// `http` or `https`; of a Unix socket `http://localhost` and the path.
  package var url: String
  package var unixSocket: String?

  /// - Throws: `incompatibleProtocol` when a `unix:` address names no socket that can be reached.
  package init(_ url: String) throws(Failure) {
    guard url.lowercased().hasPrefix("unix:") else {
      self.url = url
      return
    }
    let parts = url.dropFirst("unix:".count)
      .split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
    unixSocket = try Self.socket(parts[0])
    let path = parts.count > 1 ? String(parts[1]) : ""
    self.url = "http://localhost" + (path.hasPrefix("/") ? path : "/" + path)
  }

  private static func socket(_ text: Substring) throws(Failure) -> String {
    guard text.hasPrefix("///"), text.count > 3 else {
      throw unusable("has no absolute path of a socket")
    }
    guard !text.contains("?") else {
      throw unusable("has a query; the HTTP path with its query goes behind a #")
    }
    guard let path = PercentCoding.decode(text.dropFirst(2)), !path.utf8.contains(0) else {
      throw unusable("has a bad percent escape")
    }
    let count = path.utf8.count
    guard count <= pathLimit else {
      throw unusable("has a path of \(count) bytes, more than the \(pathLimit) of a socket")
    }
    return path
  }

  /// Bytes of a socket's path, without the zero at its end.
  static let pathLimit = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

  private static func unusable(_ what: String) -> Failure {
    Failure(
      .incompatibleProtocol,
      "the address \(what); write unix:///path/of.sock#/mcp", delivery: .notSent)
  }
}
