import Foundation

/// A running engine asked over its socket, without a process for each question.
extension Program {
  private var socket: LoopbackRequest.Peer { .path(place.path("state/control.sock")) }

  /// Sends a question to the running engine.
  func ask(_ method: String, _ path: String, _ body: String = "") throws -> LoopbackRequest {
    try LoopbackRequest(method, path, body: body, to: socket)
  }

  /// Begins a call; it is under way when this returns.
  ///
  /// - Parameter more: members of the request beside the server and the tool, each with a comma
  ///   before it.
  func begin(
    _ server: String, _ tool: String, _ arguments: String = "{}", more: String = ""
  ) throws -> LoopbackRequest {
    try ask(
      "POST", "/calls",
      #"{"server": "\#(server)", "tool": "\#(tool)", "arguments": \#(arguments)\#(more)}"#)
  }

  /// Makes a call and waits for its outcome.
  func call(
    _ server: String, _ tool: String, _ arguments: String = "{}",
    within limit: Duration = .seconds(30)
  ) async throws -> CallOutcome {
    try await outcome(of: begin(server, tool, arguments), within: limit)
  }

  func outcome(
    of request: LoopbackRequest, within limit: Duration = .seconds(30)
  ) async throws -> CallOutcome {
    let answer = try await eventually("the outcome of a call", within: limit) { request.answer }
    guard answer.status == 200 else { throw Refused(answer: answer) }
    return try CallOutcome(json: answer.body)
  }

  /// Gives a running engine an order and waits until it is carried out.
  func command(_ path: String, _ body: String) async throws {
    let request = try ask("POST", path, body)
    let answer = try await eventually("an order is carried out") { request.answer }
    guard answer.status == 200 else { throw Refused(answer: answer) }
  }

  /// The dead letters: of the running engine, or of the file it left.
  func letters() async throws -> [LetterList.Letter] {
    let result = try await run(["dlq", "list", "--json", "--limit", "10000"])
    guard result.status == 0 else { throw Failed(result: result) }
    return try LetterList(json: result.output).entries
  }

  struct Refused: Error, CustomStringConvertible {
    let answer: LoopbackRequest.Answer

    var description: String { "the engine answered \(answer.status): \(answer.body)" }
  }
}
