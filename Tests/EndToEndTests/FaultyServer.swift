import Foundation
import Glibc

/// The project's own misbehaving server over HTTP; it can be killed and started again on its port.
final class FaultyServer {
  let port: Int
  private let place: Workplace
  private let options: [String]
  private var process: ChildProcess

  var url: String { "http://127.0.0.1:\(port)/mcp" }

  /// - Parameter options: of the program, beside its port.
  init(in place: Workplace, _ options: [String] = []) async throws {
    self.place = place
    self.options = options
    port = try Workplace.freePort()
    process = try Self.launch(port, options, in: place)
    try await ready()
  }

  private static func launch(
    _ port: Int, _ options: [String], in place: Workplace
  ) throws -> ChildProcess {
    try place.start(
      "faulty-\(port)", try Prerequisite.faultServer.found(),
      ["--http", String(port), "--name", "faulty-\(port)"] + options)
  }

  private func ready() async throws {
    try await eventually("the fault server is ready: \(process.errors)") {
      process.output.contains("listening on")
    }
  }

  func kill() { process.stop() }

  func restart() async throws {
    process = try Self.launch(port, options, in: place)
    try await ready()
  }

  /// Stops answering while the kernel still takes connections for it.
  func freeze() { process.send(SIGSTOP) }

  func thaw() { process.send(SIGCONT) }

  /// Replaces its faults; in force when this returns.
  func setFaults(_ json: String) async throws { _ = try await control("PUT", json) }

  func counters() async throws -> Counters {
    try JSONDecoder().decode(Report.self, from: Data(try await control("GET", "").utf8)).counters
  }

  private func control(_ method: String, _ body: String) async throws -> String {
    let request = try LoopbackRequest(method, "/fault", body: body, to: .port(port))
    let answer = try await eventually("the fault server's control answers") { request.answer }
    guard answer.status == 200 else { throw Refused(text: answer.body) }
    return answer.body
  }

  struct Refused: Error, CustomStringConvertible {
    let text: String

    var description: String { "the fault server refused: \(text)" }
  }

  private struct Report: Decodable {
    var counters: Counters
  }

  /// What it really did.
  struct Counters: Decodable {
    var requests: Int
    var calls: Int
    var initializations: Int
    /// Runs of the tool `counter`.
    var counter: Int
    /// Runs of `counter` for a key that it had run for before.
    var repeats: Int
    /// Runs of `counter` by idempotency key, which is the call's id.
    var keys: [String: Int]
    /// How often each fault hit.
    var faults: [String: Int]
  }
}
