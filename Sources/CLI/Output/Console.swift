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
    output: { bytes throws(FileError) in try write(bytes, to: STDOUT_FILENO) },
    complaint: { text in
      // There is nowhere left to complain about standard error.
      try? write(Array((text + "\n").utf8), to: STDERR_FILENO)
    })

  private static func write(_ bytes: [UInt8], to file: Int32) throws(FileError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        throw FileError(lastError: errno)
      }
      rest = rest.dropFirst(count)
    }
  }
}
