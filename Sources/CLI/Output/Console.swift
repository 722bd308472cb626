import Glibc

/// Where results and messages go.
struct Console: Sendable {
  /// Results, for people and programs.
  var output: @Sendable ([UInt8]) throws(FileError) -> Void
  /// Messages to the operator; what cannot be said is lost.
  var complaint: @Sendable (String) -> Void
  /// Text to standard error as it is; what cannot be said is lost.
  var status: @Sendable (String) -> Void
  var isOutputTerminal = false
  var isStatusTerminal = false
  /// Asks the operator and says whether he agreed; nil where there is nobody to ask.
  var question: (@Sendable (String) -> Bool)?

  func print(_ text: String) throws(FileError) { try output(Array(text.utf8)) }

  /// Standard output and standard error.
  static let standard = Console(
    output: { bytes throws(FileError) in
      try FileBytes.write(bytes, descriptor: STDOUT_FILENO)
    },
    complaint: { text in
      // There is nowhere left to complain about standard error.
      try? FileBytes.write(Array((text + "\n").utf8), descriptor: STDERR_FILENO)
    },
    status: { text in
      // As above.
      try? FileBytes.write(Array(text.utf8), descriptor: STDERR_FILENO)
    }, isOutputTerminal: isatty(STDOUT_FILENO) == 1, isStatusTerminal: isatty(STDERR_FILENO) == 1,
    question: standardQuestion)

  private static var standardQuestion: (@Sendable (String) -> Bool)? {
    guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else { return nil }
    return { ask($0) }
  }

  private static func ask(_ question: String) -> Bool {
    // There is nowhere left to complain about standard error.
    try? FileBytes.write(Array(question.utf8), descriptor: STDERR_FILENO)
    let answer = readLine()?.lowercased() ?? ""
    return ["y", "yes"].contains(answer.filter { !$0.isWhitespace })
  }
}
