import FleetModel
import Gateway
import Telemetry
import Wire

/// How a call ended, as its command tells it.
struct CallEnding: Sendable {
  let end: ControlResponse.CallEnd
  /// The `result`, `error` or `failure` object.
  let detail: JSONText
  private let answer: ControlResponse

  init(_ answer: ControlResponse) throws(CommandFailure) {
    self.answer = answer
    do throws(ControlClientError) { (end, detail) = try answer.callEnd() } catch {
      throw CommandFailure(error)
    }
  }

  /// What is wrong, in one line; not clean yet.
  var words: String {
    let view = JSONView(trusted: detail)
    let message = view.member("message")?.string ?? ""
    switch end {
    case .success: return "done"
    case .toolError: return "the tool ran and says that it failed"
    case .protocolError:
      let code = view.member("code")?.int.map { " \($0)" } ?? ""
      return "the server answered with error\(code): \(message)"
    case .failure:
      let kind = view.member("kind")?.string ?? "failure"
      return message.hasPrefix(kind) ? message : "\(kind): \(message)"
    }
  }

  /// Says on standard error what is wrong, and returns the status that says it too.
  func tell(in context: CommandContext) throws(CommandFailure) -> ExitStatus {
    if end != .success { context.complain(words) }
    if let advice { context.complain(advice) }
    switch end {
    case .success: return .success
    case .toolError: return .toolError
    case .protocolError: return .protocolError
    case .failure: return .transportFailure
    }
  }

  /// Where the call is kept, and how it is sent again.
  private var advice: String? {
    let outcome = answer.view
    let keeping = outcome?.member("deadLetter")?.string.flatMap { LetterKeeping(rawValue: $0) }
    guard let keeping, let id = outcome?.member("id")?.string else { return nil }
    switch keeping {
    case .stored: return "kept as a dead letter; \(replayAdvice(of: id))"
    case .memory:
      return "kept as a dead letter in memory only, for the store does not work just now; once the"
        + " store has it, \(replayAdvice(of: id))"
    case .lost: return "NOT kept as a dead letter: neither the store nor memory takes it"
    }
  }

  private func replayAdvice(of id: String) -> String {
    // The answer of a server, or of a stand-in, does not say whether the call ran.
    guard end == .failure else { return "'mcpdash dlq show \(id)' says whether it may have run" }
    let delivery = JSONView(trusted: detail).member("delivery")?.string
    return ["unknown", "executed"].contains(delivery ?? "")
      ? "it may have run, 'mcpdash dlq replay --force \(id)' sends it again all the same"
      : "'mcpdash dlq replay \(id)' sends it again"
  }

  /// Says on standard error that the answer is not the server's own of just now.
  func tellSource(in context: CommandContext) {
    let source = answer.view?.member("source")?.string
    switch source.flatMap({ Outcome.Source(rawValue: $0) }) {
    case .server, nil: break
    case .cache: context.complain("this is a cached answer")
    case .staleCache: context.complain("this is a cached answer past its time")
    case .fallback: context.complain("this is the configured fallback, not the server's answer")
    }
  }
}
