package import FleetModel
import Telemetry
import Wire

/// The answer to `GET /dead-letters/export`: letters as they are kept, to be added to another
/// store.
package struct ControlLetterExport: Hashable, Sendable {
  /// Each one JSON object without line ends.
  package var letters: [[UInt8]]
  package var next: DeadLetterCursor?
  /// Letters of this page that cannot be read, and so are not in it.
  package var unreadable: Int

  /// `{"letters": […], "next": cursor | null, "unreadable": n}`
  static func write(_ page: DeadLetterPage) -> JSONText {
    var writer = JSONWriter()
    writer.object {
      $0.key("letters")
      $0.array { writer in
        for letter in page.letters where letter.fault == nil {
          writer.value(LetterCodec.encode(letter))
        }
      }
      $0.member("next", page.next?.text)
      $0.member("unreadable", page.letters.count { $0.fault != nil })
    }
    return PlainText.escapingHidden(in: writer.json)
  }
}

extension ControlResponse {
  /// Of an answer to an export.
  package func letterExport() throws(ControlClientError) -> ControlLetterExport {
    _ = try checked()
    guard let view, let letters = view.member("letters"), letters.kind == .array,
      let unreadable = view.member("unreadable")?.int
    else { throw .unexpectedAnswer(status: status) }
    return ControlLetterExport(
      letters: letters.elements.map(\.json.bytes),
      next: view.member("next")?.string.flatMap { DeadLetterCursor($0) }, unreadable: unreadable)
  }

  /// Of an answer to a count.
  package func letterCount() throws(ControlClientError) -> Int {
    _ = try checked()
    guard let count = view?.member("count")?.int else { throw .unexpectedAnswer(status: status) }
    return count
  }

  /// Of an answer to letters that were sent.
  package func letterIntake() throws(ControlClientError) -> DeadLetterIntake {
    _ = try checked()
    let numbers = ["new", "known", "expired", "dropped"].compactMap { view?.member($0)?.int }
    guard numbers.count == 4 else { throw .unexpectedAnswer(status: status) }
    return DeadLetterIntake(
      new: numbers[0], known: numbers[1], expired: numbers[2], dropped: numbers[3])
  }

  /// Of an answer about replays: the newest with this owner and a number above `least`.
  package func replay(
    of owner: String, above least: Int
  ) throws(ControlClientError) -> (number: Int, words: String)? {
    _ = try checked()
    guard let replays = view?.member("replays") else { throw .unexpectedAnswer(status: status) }
    let ours = replays.elements.filter { replay in
      replay.member("owner")?.string == owner && replay.member("number")?.int ?? 0 > least
    }
    guard let ours = ours.last, let number = ours.member("number")?.int,
      let count = Self.count(ours), let total = ours.member("total")?.int
    else { return nil }
    var words = "\(count.settled) of \(total): \(count.delivered) delivered"
    if count.failed > 0 { words += ", \(count.failed) failed again" }
    let rest = count.unsafe + count.taken + count.unsendable
    if rest > 0 { words += ", \(rest) left out" }
    if let server = ours.member("waitsFor")?.string {
      words += "; waits until the breaker of \(server) closes"
    }
    if ours.member("stopping")?.bool == true { words += "; stopping" }
    return (number, words)
  }

  /// Of an answer about replays: the highest number there is; 0 without any.
  package func lastReplay() throws(ControlClientError) -> Int {
    _ = try checked()
    guard let replays = view?.member("replays") else { throw .unexpectedAnswer(status: status) }
    return replays.elements.compactMap { $0.member("number")?.int }.max() ?? 0
  }
}
