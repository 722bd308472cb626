import Foundation
import Glibc

/// Libraries of the same trade, run as programs of their own beside ours.
enum PeerPrograms {
  /// Prints a line for each figure: its id, the library and version, nanoseconds; by tabs.
  private static let script = "scripts/peers/run"
  /// What the script ends with when none of the programs is there.
  private static let missing: Int32 = 3

  /// One round of all that are installed, in the order they came, each with a single run.
  ///
  /// - Returns: empty when none is installed; then it is printed how to get them.
  static func round(_ bench: Bench) throws -> [(id: String, figure: PeerFigure)] {
    let log = "\(bench.directory)/peers.log"
    let program = try LaunchedProgram(script, [], streams: .file(path: log))
    var status: Int32 = 0
    waitpid(program.pid, &status, 0)
    let text = String(
      decoding: FileManager.default.contents(atPath: log) ?? Data(), as: UTF8.self)
    let code = status >> 8 & 0xFF
    if code == missing {
      print(text, terminator: "")
      return []
    }
    guard code == 0 else { throw BenchmarkError.ended(script, text) }
    return text.split(separator: "\n").compactMap { line in
      let fields = line.split(separator: "\t").map(String.init)
      guard fields.count == 3, let value = Double(fields[2]) else { return nil }
      return (fields[0], PeerFigure(name: fields[1], runs: [value]))
    }
  }

  /// What was measured once on a machine of the same kind (2 virtual cores of an AMD EPYC, Go
  /// 1.19.8, Python 3.11), for the peers that are not to be had.
  static let recorded: [(id: String, figure: PeerFigure)] = [
    ("gobreaker", recorded("gobreaker 2.4.0", 176)),
    ("gobreaker-open", recorded("gobreaker 2.4.0", 88)),
    ("golang-lru", recorded("golang-lru 2.0.7", 42)),
    ("golang-lru-add", recorded("golang-lru 2.0.7", 324)),
    ("client_golang", recorded("client_golang 1.14", 7.0)),
    ("client_golang-histogram", recorded("client_golang 1.14", 38)),
    ("tenacity", recorded("tenacity 9.2.1", 19_852)),
    ("stamina", recorded("stamina 26.1", 15_757)),
    ("pybreaker", recorded("pybreaker 1.4.1", 1832)),
    ("pybreaker-open", recorded("pybreaker 1.4.1", 3636)),
    ("cachetools-lru", recorded("cachetools 5", 372)),
    ("cachetools-ttl", recorded("cachetools 5", 1845)),
  ]

  private static func recorded(_ name: String, _ value: Double) -> PeerFigure {
    PeerFigure(name: name, runs: [value], origin: "an earlier run on a like machine")
  }
}
