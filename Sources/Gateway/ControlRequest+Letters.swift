package import FleetModel
import Wire

// What can be asked about dead letters; orders are `perform`.
extension ControlRequest {
  /// Newest first.
  ///
  /// - Parameters:
  ///   - cursor: where the last page ended.
  ///   - limit: 1…`ControlInterface.letterLimit`.
  package static func deadLetters(
    _ selection: DeadLetterSelection, after cursor: DeadLetterCursor? = nil, limit: Int,
    _ format: Format
  ) -> ControlRequest {
    read(.deadLettersJSON, .deadLettersText, format, page(selection, cursor, limit))
  }

  package static func deadLetterCount(_ selection: DeadLetterSelection) -> ControlRequest {
    read(.countDeadLetters, ControlLetterChoice.query(selection))
  }

  package static func deadLetterStatistics(_ format: Format) -> ControlRequest {
    read(.letterStatisticsJSON, .letterStatisticsText, format)
  }

  /// A page of letters as they are kept; see `deadLetters`.
  package static func deadLetterExport(
    _ selection: DeadLetterSelection, after cursor: DeadLetterCursor?, limit: Int
  ) -> ControlRequest {
    read(.exportDeadLetters, page(selection, cursor, limit))
  }

  /// - Parameter letters: each an object of an export; together less than `bodyLimit`.
  package static func add(_ letters: [[UInt8]]) -> ControlRequest {
    ControlRequest(
      method: ControlRoute.addDeadLetters.method, target: ControlRoute.addDeadLetters.path,
      body: [UInt8(ascii: "[")] + letters.joined(separator: [UInt8(ascii: ",")])
        + [UInt8(ascii: "]")])
  }

  /// Those that run, and the last few that ended.
  package static var replays: ControlRequest { read(.replays) }

  private static func page(
    _ selection: DeadLetterSelection, _ cursor: DeadLetterCursor?, _ limit: Int
  ) -> [String] {
    ["limit=\(limit)"] + (cursor.map { ["after=\(PercentCoding.encode($0.text))"] } ?? [])
      + ControlLetterChoice.query(selection)
  }
}
