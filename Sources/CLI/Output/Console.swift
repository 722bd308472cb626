import Glibc

/// Where results and messages go.
struct Console: Sendable {
  /// Results, for people and programs.
  var output: @Sendable ([UInt8]) throws(FileError) -> Void
  /// Messages to the operator; what cannot be said is lost.
  var complaint: @Sendable (String) -> Void

  func print(_ text: String) throws(FileError) { try output(Array(text.utf8)) }

  /// Standard output and standard error.
  static let standard = Console(
    output: { bytes throws(FileError) in
      try FileBytes.write(bytes, descriptor: STDOUT_FILENO)
    },
    complaint: { text in
      // There is nowhere left to complain about standard error.
      try? FileBytes.write(Array((text + "\n").utf8), descriptor: STDERR_FILENO)
    })
}
