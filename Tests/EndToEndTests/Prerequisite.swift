import Foundation

/// Something on the machine that the tests cannot do without; a missing one fails the test with the
/// command that provides it.
struct Prerequisite: Sendable {
  let path: String
  let remedy: String

  /// The path, once it is there.
  func found() throws -> String {
    guard FileManager.default.isExecutableFile(atPath: path) else {
      throw Missing(path: path, remedy: remedy)
    }
    return path
  }

  struct Missing: Error, CustomStringConvertible {
    let path: String
    let remedy: String

    var description: String { "\(path) is missing; run: \(remedy)" }
  }

  static let mcpdash = Prerequisite(
    path: programs.appending(path: "mcpdash").path, remedy: "swift build")
  static let faultServer = Prerequisite(
    path: programs.appending(path: "mcpdash-faultserver").path, remedy: "swift build")
  static let conformance = Prerequisite(
    path: products.appending(path: "mcpdash-conformance").path, remedy: "swift build")
  static let tmux = Prerequisite(path: "/usr/bin/tmux", remedy: "apt-get install tmux")
  static let pgrep = Prerequisite(path: "/usr/bin/pgrep", remedy: "apt-get install procps")
  static let unshare = Prerequisite(
    path: "/usr/bin/unshare", remedy: "apt-get install util-linux")
  static let redis = Prerequisite(
    path: "/usr/bin/redis-server", remedy: "apt-get install redis-server")
  static let redisClient = Prerequisite(
    path: "/usr/bin/redis-cli", remedy: "apt-get install redis-tools")
  /// The SDK 2.x, fastmcp and the reference servers.
  static let currentPython = Prerequisite(
    path: root.appending(path: ".venv/current/bin/python").path, remedy: "make test-tools")
  /// The SDK 1.x.
  static let handshakePython = Prerequisite(
    path: root.appending(path: ".venv/handshake/bin/python").path, remedy: "make test-tools")
  static let timeServer = Prerequisite(
    path: root.appending(path: ".venv/current/bin/mcp-server-time").path, remedy: "make test-tools")

  /// The Python servers of these tests.
  static func script(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Servers/\(name)").path
  }

  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// Where the programs lie that are tested: where `make test` says, which takes the release, or else
  /// beside the tests.
  private static let programs =
    ProcessInfo.processInfo.environment["MCPDASH_PROGRAMS"].map { URL(filePath: $0) } ?? products

  /// Where the running test bundle lies.
  private static let products = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent()
}
