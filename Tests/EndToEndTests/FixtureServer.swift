import Foundation
import Glibc

/// An MCP server that this project did not write, over HTTP on a port of its own; it can be killed and
/// started again on the same port.
final class FixtureServer {
  enum Kind: String, CaseIterable {
    case modern, handshake, fastmcp

    var python: Prerequisite {
      switch self {
      case .modern, .fastmcp: .currentPython
      case .handshake: .handshakePython
      }
    }
  }

  let kind: Kind
  let port: Int
  private let place: Workplace
  private var process: ChildProcess

  var url: String { "http://127.0.0.1:\(port)/mcp" }

  init(_ kind: Kind, in place: Workplace) throws {
    self.kind = kind
    self.place = place
    port = try Workplace.freePort()
    process = try Self.launch(kind, port, in: place)
  }

  private static func launch(_ kind: Kind, _ port: Int, in place: Workplace) throws -> ChildProcess
  {
    try place.start(
      "\(kind.rawValue)-\(port)", try kind.python.found(),
      [Prerequisite.script("\(kind.rawValue)_server.py"), String(port)])
  }

  func ready() async throws {
    try await eventually("the \(kind.rawValue) server is ready: \(process.errors)") {
      guard process.status == nil else { throw Ended(kind: kind, errors: process.errors) }
      return process.output.hasPrefix("ready ")
    }
  }

  func kill() { process.stop() }

  func restart() async throws {
    process = try Self.launch(kind, port, in: place)
    try await ready()
  }

  /// Stops answering while the kernel still takes connections for it.
  func freeze() { process.send(SIGSTOP) }

  func thaw() { process.send(SIGCONT) }

  struct Ended: Error, CustomStringConvertible {
    let kind: Kind
    let errors: String

    var description: String { "the \(kind.rawValue) server ended:\n\(errors)" }
  }
}

/// A server that breaks the rules, over HTTP.
enum RogueMode: String, CaseIterable, Sendable {
  case silent, garbage, flood, escapes

  /// - Returns: the URL, once it answers.
  func start(in place: Workplace) async throws -> String {
    let port = try Workplace.freePort()
    let process = try place.start(
      "rogue-\(rawValue)", try Prerequisite.currentPython.found(),
      [Prerequisite.script("rogue_server.py"), String(port), rawValue])
    try await eventually("the \(rawValue) server is ready") { process.output.hasPrefix("ready ") }
    return "http://127.0.0.1:\(port)/mcp"
  }
}
