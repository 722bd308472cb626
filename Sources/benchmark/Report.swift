import Foundation
import Glibc

/// The figures of one day as files: JSON with every run, and a table for people.
struct Report {
  let measurements: [Measurement]

  static func line(_ measurement: Measurement) -> String {
    let verdict = measurement.holds ? "holds" : "MISSES"
    return "\(measurement.name): \(Measurement.text(measurement.median)) \(measurement.unit)"
      + " (\(measurement.barText)): \(verdict)"
  }

  /// Writes `DATE.json` and `DATE.md`; a later run of the same day takes their place.
  func write(below directory: String) throws {
    let now = Date.now.formatted(.iso8601)
    let day = now.prefix(10)
    try FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: true)
    try document(at: now).write(to: URL(filePath: "\(directory)/\(day).json"))
    try Data(table(at: now).utf8).write(to: URL(filePath: "\(directory)/\(day).md"))
    print("kept as \(directory)/\(day).json and .md")
  }

  private struct Document: Encodable {
    struct Figure: Encodable {
      var name: String
      var unit: String
      var bar: String
      var median: Double
      var holds: Bool
      var runs: [Double]
      var command: String
    }

    var at: String
    var machine: String
    var figures: [Figure]
  }

  private func document(at now: String) throws -> Data {
    let figures = measurements.map {
      Document.Figure(
        name: $0.name, unit: $0.unit, bar: $0.barText, median: $0.median, holds: $0.holds,
        runs: $0.runs, command: $0.command)
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(Document(at: now, machine: Self.machine, figures: figures))
  }

  private func table(at now: String) -> String {
    let rows = measurements.map { figure in
      let ends = [figure.runs.min(), figure.runs.max()].compactMap { $0 }.map(Measurement.text)
      return "| \(figure.name) | \(Measurement.text(figure.median)) \(figure.unit) "
        + "| \(ends.joined(separator: " … ")) | \(figure.runs.count) | \(figure.barText) "
        + "| \(figure.holds ? "holds" : "misses") | `\(figure.command)` |"
    }
    return """
      # Figures of \(now.prefix(10))

      Taken at \(now) by `make bench` on \(Self.machine). Medians; the runs are in the JSON file.

      | what | median | from … to | runs | bar | | command |
      |---|---|---|---|---|---|---|
      \(rows.joined(separator: "\n"))

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
