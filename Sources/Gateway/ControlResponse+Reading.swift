package import FleetModel
import Telemetry
package import Wire

// The other end: what the command line makes of an engine's answer. Texts come out cleaned, ready
// to be shown.
extension ControlResponse {
  /// How a call ended, as far as a program's exit status goes.
  package enum CallEnd: String, Hashable, Sendable, CaseIterable {
    case success, toolError, protocolError, failure
  }

  /// The body of an answer that carries out what was asked.
  package func checked() throws(ControlClientError) -> [UInt8] {
    guard status != 200 else { return body }
    guard let error = view?.member("error"), let message = error.member("message")?.string else {
      throw .unexpectedAnswer(status: status)
    }
    let known = error.member("known")?.elements.compactMap(\.string) ?? []
    throw .refused(
      status: status, message: PlainText.clean(message), known: known.map(PlainText.clean))
  }

  /// Of an answer to a command.
  package func receipt() throws(ControlClientError) -> CommandReceipt {
    _ = try checked()
    guard let view, let text = view.member("text")?.string.map(PlainText.clean),
      let replay = view.member("replay")
    else { throw .unexpectedAnswer(status: status) }
    let letters = view.member("letters")?.int
    guard !replay.isNull else { return CommandReceipt(text: text, letters: letters) }
    guard let count = Self.count(replay) else { throw .unexpectedAnswer(status: status) }
    return CommandReceipt(text: text, replay: count, letters: letters)
  }

  /// Nil when it is none.
  static func count(_ view: JSONView) -> ReplayCount? {
    let fields = ["delivered", "failed", "unsafe", "taken", "unsendable", "planned", "left"]
    let numbers = fields.compactMap { view.member($0)?.int }
    guard numbers.count == fields.count else { return nil }
    return ReplayCount(
      delivered: numbers[0], failed: numbers[1], unsafe: numbers[2], taken: numbers[3],
      unsendable: numbers[4], planned: numbers[5], left: numbers[6])
  }

  /// Of an answer to a call: how it ended, and the `result`, `error` or `failure` object.
  package func callEnd() throws(ControlClientError) -> (end: CallEnd, detail: JSONText) {
    _ = try checked()
    guard let view, let end = view.member("kind")?.string.flatMap({ CallEnd(rawValue: $0) }),
      let detail = view.member(end.detailKey)
    else { throw .unexpectedAnswer(status: status) }
    return (end, detail.json)
  }

  /// Of our own engine's answers: a page of letters is as large as its letters, and what they
  /// hold, as deep as a document may be, lies some levels deeper there.
  static let limits = JSONLimits(byteLimit: 1 << 30, depthLimit: 320)

  /// Nil when the body is not JSON, whatever the reason: no reader here has a use for it.
  package var view: JSONView? { try? JSONView(body, limits: Self.limits) }
}

extension ControlResponse.CallEnd {
  fileprivate var detailKey: String {
    switch self {
    case .success, .toolError: "result"
    case .protocolError: "error"
    case .failure: "failure"
    }
  }
}
