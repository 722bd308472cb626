package import FleetModel
import Telemetry
import Wire

/// The answer to a call whose client takes progress: a line `{"progress": {…}}` for each report,
/// then the outcome, each one JSON document.
package struct ControlLines {
  package static let contentType = "application/x-ndjson"
  /// Of one line, in bytes; a longer one is no engine's.
  package static let lineLimit = 64 << 20

  /// What one line says.
  package enum Line: Hashable, Sendable {
    /// Its text may be hostile.
    case progress(CallProgress)
    /// The document that ends the answer.
    case outcome([UInt8])
  }

  private var pending: [UInt8] = []

  package init() {}

  // MARK: Writing

  package static func line(_ progress: CallProgress) -> [UInt8] {
    var writer = JSONWriter()
    writer.object {
      $0.member(
        "progress",
        object: {
          $0.member("progress", progress.progress)
          $0.member("total", progress.total)
          $0.member("message", progress.message)
        })
    }
    return PlainText.escapingHidden(in: writer.json).bytes + [newline]
  }

  static func response(_ outcome: Outcome) -> ControlResponse {
    // Between its values a server's own JSON may have line ends; within them they are escaped.
    let bytes = OutcomeJSON.render(outcome).bytes.map {
      $0 == newline || $0 == UInt8(ascii: "\r") ? UInt8(ascii: " ") : $0
    }
    return ControlResponse(status: 200, contentType: contentType, body: bytes + [newline])
  }

  // MARK: Reading

  /// The lines that these bytes complete, in order.
  package mutating func take(_ bytes: [UInt8]) throws(ControlClientError) -> [Line] {
    var lines: [Line] = []
    var rest = bytes[...]
    while let end = rest.firstIndex(of: Self.newline) {
      pending += rest[..<end]
      rest = rest[(end + 1)...]
      if !pending.isEmpty { lines.append(Self.read(pending)) }
      pending = []
    }
    pending += rest
    guard pending.count <= Self.lineLimit else { throw .unexpectedAnswer(status: 200) }
    return lines
  }

  private static func read(_ line: [UInt8]) -> Line {
    // What is no JSON is no progress; whoever reads the outcome says that it is none either.
    guard let report = (try? JSONView(line))?.member("progress"), report.kind == .object,
      let progress = report.member("progress")?.double
    else { return .outcome(line + [newline]) }
    return .progress(
      CallProgress(
        progress: progress, total: report.member("total")?.double,
        message: report.member("message")?.string))
  }

  private static let newline = UInt8(ascii: "\n")
}
