import Foundation
import Testing

/// A program with one faulty server, `alpha`, whose failing calls become dead letters.
struct LetterStage {
  let place: Workplace
  let server: FaultyServer
  let program: Program

  /// - Parameters:
  ///   - names: of the fleet's servers, which all are the one.
  ///   - redis: the letters' store; else it is the file of the state directory.
  ///   - settings: members of `deadLetters`.
  init(
    _ place: Workplace, _ server: FaultyServer, _ redis: RedisServer? = nil,
    names: [String] = ["alpha"], settings: String = ""
  ) throws {
    (self.place, self.server) = (place, server)
    var fleet = TestFleet()
    for name in names { fleet.http(name, server.url) }
    let store = redis.map { #"redis: { address: "\#($0.address)" }, "# } ?? ""
    program = try Program(
      place, configuration: "{ deadLetters: { \(store)\(settings) }, " + fleet.text.dropFirst())
  }

  /// Starts the dashboard and returns when the fleet is connected.
  ///
  /// - Parameter wrap: what starts it; the program's own command line if it is left out.
  func start(_ wrap: ([String]) throws -> [String] = { $0 }) async throws -> Screen {
    let screen = try await Screen(place, command: try wrap(program.commandLine))
    try await screen.shows("closed")
    try await program.picture(where: "it is connected") { $0.servers.allSatisfy(\.isConnected) }
    return screen
  }

  /// Calls of `counter` that all fail, each with its letter.
  ///
  /// - Parameter place: what their outcomes say of where the letters are.
  /// - Returns: the letters' ids.
  func fail(_ count: Int, keptIn place: String = "stored") async throws -> [String] {
    #expect(try await program.run(["breaker", "disable", "alpha"]).status == 0)
    try await server.setFaults(#"{"status": {"code": 503, "on": "calls"}}"#)
    let calls = try (0..<count).map { _ in try program.begin("alpha", "counter") }
    var ids: [String] = []
    for call in calls {
      let outcome = try await program.outcome(of: call)
      #expect(outcome.deadLettered, "\(outcome)")
      #expect(outcome.deadLetter == place, "\(outcome)")
      ids.append(outcome.id)
    }
    try await server.setFaults("{}")
    #expect(try await program.run(["breaker", "reset", "alpha"]).status == 0)
    return ids
  }

  /// The letters by state, of all states.
  func states() async throws -> [String: [String]] {
    let result = try await program.run([
      "dlq", "list", "--state", "any", "--json", "--limit", "10000",
    ])
    guard result.status == 0 else { throw Program.Failed(result: result) }
    return Dictionary(grouping: try LetterList(json: result.output).entries, by: \.state)
      .mapValues { $0.map(\.id) }
  }

  /// What the last run left for the next one, a letter a line; nil where there is no such file.
  func spillFile() -> [String]? {
    let bytes = FileManager.default.contents(atPath: place.path(Self.spillPath))
    return bytes.map { String(decoding: $0, as: UTF8.self).split(separator: "\n").map(String.init) }
  }

  static let spillPath = "state/dead-letters-spill.jsonl"
}
