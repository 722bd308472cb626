import FleetModel
import Telemetry

/// Why an operation on ToolHive or Kubernetes brought nothing.
enum ToolHiveFault: Error, Hashable, Sendable {
  /// Nobody of that kind answers there; worth another try.
  /// - Parameter port: where it was tried; nil when there is nothing to search from.
  case unreachable(String, port: Int?, isMaybeDelivered: Bool)
  /// It answered, and the answer is no.
  case refused(status: Int, String)
  /// Every try failed; the text is the last failure.
  case exhausted(String)
  case cancelled

  /// What went wrong, in the words operators search for.
  init(_ failure: Failure, port: Int?, limit: Duration) {
    let text =
      switch failure.kind {
      case .connectionRefused: "Connection refused"
      case .connectionReset: "Connection reset"
      case .tryTimeout, .totalTimeout: "No answer within \(limit.seconds) s"
      case .nameNotResolved: "No such host"
      case .httpStatus, .tls, .malformedAnswer, .answerTooLarge, .sessionLost, .spawnFailed,
        .processExited, .breakerOpen, .poolExhausted, .bulkheadFull, .rateLimited, .notConnected,
        .cancelled, .unknownServer, .shuttingDown, .incompatibleProtocol, .unauthorized,
        .impostor:
        failure.message
      }
    self =
      failure.kind == .cancelled
      ? .cancelled
      : .unreachable(
        PlainText.clean(text), port: port, isMaybeDelivered: failure.delivery != .notSent)
  }

  /// One sentence for the operator.
  var message: String {
    switch self {
    case .unreachable(let text, _, _), .exhausted(let text): text
    case .refused(let status, let text):
      "HTTP \(status)" + (text.isEmpty ? "" : ": \(text)")
    case .cancelled: "it was given up"
    }
  }

  /// The first line of a refusal's body, clean.
  static func words(_ body: [UInt8]) -> String {
    let line = body.prefix { $0 != 0x0A }.prefix(300)
    return PlainText.clean(String(decoding: line, as: UTF8.self))
  }
}
