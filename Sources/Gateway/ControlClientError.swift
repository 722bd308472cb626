/// Why an engine's answer is not what was asked for.
package enum ControlClientError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The engine refused, with its own words and, for an unknown server, the names there are.
  case refused(status: Int, message: String, known: [String])
  /// Whatever answered is no engine of ours, or one of another version.
  case unexpectedAnswer(status: Int)

  package var description: String {
    switch self {
    case .refused(_, let message, _): message
    case .unexpectedAnswer(let status):
      "the answer (HTTP status \(status)) is not a control interface's: "
        + "is the socket that of another program or version?"
    }
  }
}
