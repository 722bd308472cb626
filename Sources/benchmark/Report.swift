import Foundation
import Glibc

/// The figures of one day as files: JSON with every run, and a table for people.
struct Report {
  /// Part of the files' names; empty for the program's own figures.
  let suffix: String
  let measurements: [Measurement]

  static func line(_ measurement: Measurement) -> String {
    let others = measurement.peers.map { "\n    \($0.text)" }.joined()
    return "\(measurement.name): \(Measurement.text(measurement.median)) \(measurement.unit)"
      + " [\(measurement.span)] (\(measurement.barText)): \(measurement.verdict)\(others)"
  }

  /// Writes `DATE.json` and `DATE.md`, the suffix behind the date; a later run of the same day
  /// takes their place.
  func write(below directory: String) throws {
    let now = Date.now.formatted(.iso8601)
    let name = "\(directory)/\(now.prefix(10))\(suffix)"
    try FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: true)
    try document(at: now).write(to: URL(filePath: "\(name).json"))
    try Data(table(at: now).utf8).write(to: URL(filePath: "\(name).md"))
    print("kept as \(name).json and .md")
  }

  private struct Document: Encodable {
    struct Peer: Encodable {
      var name: String
      var median: Double
      var runs: [Double]
      var origin: String?
    }

    struct Figure: Encodable {
      var name: String
      var unit: String
      var bar: String
      var median: Double
      var holds: Bool
      var runs: [Double]
      var command: String
      var peers: [Peer]
    }

    var at: String
    var machine: String
    var figures: [Figure]
  }

  private func document(at now: String) throws -> Data {
    let figures = measurements.map { figure in
      Document.Figure(
        name: figure.name, unit: figure.unit, bar: figure.barText, median: figure.median,
        holds: figure.holds, runs: figure.runs, command: figure.command,
        peers: figure.peers.map {
          Document.Peer(
            name: $0.name, median: Measurement.median($0.runs), runs: $0.runs, origin: $0.origin)
        })
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(Document(at: now, machine: Self.machine, figures: figures))
  }

  private func table(at now: String) -> String {
    let rows = measurements.map { figure in
      "| \(figure.name) | \(figure.barText) "
        + "| \(Measurement.text(figure.median)) \(figure.unit) | \(figure.span) "
        + "| \(figure.runs.count) | \(figure.verdict) "
        + "| \(figure.peers.map(\.text).joined(separator: "; ")) | `\(figure.command)` |"
    }
    let misses = measurements.filter { !$0.holds }.map { figure in
      "- \(figure.name): \(figure.verdict). \(figure.profile ?? "")"
    }
    return """
      # Figures of \(now.prefix(10))

      Taken at \(now) by `make bench` on \(Self.machine). Medians; the runs are in the JSON file.

      | what | bar | median | from … to | runs | | others | command |
      |---|---|---|---|---|---|---|---|
      \(rows.joined(separator: "\n"))

      \(misses.isEmpty ? "No bar is missed." : misses.joined(separator: "\n"))

      """
  }

  /// Processor, cores, and how busy they were already.
  private static var machine: String {
    let info = String(
      decoding: FileManager.default.contents(atPath: "/proc/cpuinfo") ?? Data(), as: UTF8.self)
    let model = info.split(separator: "\n").first { $0.hasPrefix("model name") }
      .flatMap { $0.split(separator: ":").last }?.trimmingCharacters(in: .whitespaces)
    var load = [0.0, 0.0, 0.0]
    getloadavg(&load, 3)
    let processor = model ?? "an unnamed processor"
    let cores = ProcessInfo.processInfo.activeProcessorCount
    return "\(processor), \(cores) cores, load average \(Measurement.text(load[0]))"
  }
}
