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
    switch end {
    case .success: return .success
    case .toolError: return .toolError
    case .protocolError: return .protocolError
    case .failure:
      if let advice { context.complain(advice) }
      return .transportFailure
    }
  }

  /// Where the call is kept, and how it is sent again.
  private var advice: String? {
    let outcome = answer.view
    guard outcome?.member("deadLettered")?.bool == true, let id = outcome?.member("id")?.string
    else { return nil }
    let delivery = JSONView(trusted: detail).member("delivery")?.string
    return ["unknown", "executed"].contains(delivery ?? "")
      ? "kept as a dead letter; it may have run, 'mcpdash dlq replay --force \(id)' sends it"
        + " again all the same"
      : "kept as a dead letter; 'mcpdash dlq replay \(id)' sends it again"
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
