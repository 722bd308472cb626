import Foundation

/// What ToolHive or the Kubernetes API hold: it outlives their processes, and a test changes it.
struct StandInState {
  let path: String

  init(_ name: String, in place: Workplace) { path = place.path(name) }

  /// Replaced at once, so that nobody reads half of it.
  func write(_ json: String) throws {
    try Data(json.utf8).write(to: URL(filePath: path), options: .atomic)
  }

  func read() throws -> [String: Any] {
    let data = try Data(contentsOf: URL(filePath: path))
    return try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
  }
}

/// A stand-in of ours for a service that tests cannot have, as a process on a real port.
final class StandIn {
  let port: Int
  private let process: ChildProcess

  init(
    _ script: String, on port: Int, _ arguments: [String], in place: Workplace
  ) async throws {
    self.port = port
    let process = try place.start(
      "\(script)-\(port)", "/usr/bin/env",
      ["python3", Prerequisite.script(script), String(port)] + arguments)
    self.process = process
    try await eventually("\(script) is ready: \(process.errors)") {
      process.output.hasPrefix("ready ")
    }
  }

  /// One line for each that it got.
  var requests: [String] { process.output.split(separator: "\n").dropFirst().map(String.init) }

  func kill() { process.stop() }
}

extension Workplace {
  /// So many free loopback ports in a row; the first of them.
  static func freePorts(_ count: Int) throws -> Int {
    for _ in 0..<100 {
      let first = try freePort()
      guard first + count < 65_536 else { continue }
      let others = (1..<count).allSatisfy { offset in
        (try? LoopbackRequest("GET", "/", to: .port(first + offset))) == nil
      }
      if others { return first }
    }
    throw NeverHappened(what: "\(count) free ports in a row", limit: .zero)
  }
}
