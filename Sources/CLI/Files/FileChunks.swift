import Glibc

/// The bytes of a file or of standard input, a piece at a time.
struct FileChunks: Sendable {
  /// Empty at the end.
  var next: @Sendable () throws(FileError) -> [UInt8]
  var close: @Sendable () -> Void

  private static let pieceSize = 256 << 10

  /// - Parameter path: nil is standard input.
  static func open(_ path: String?) throws(FileError) -> FileChunks {
    let file = path.map { Glibc.open($0, O_RDONLY | O_CLOEXEC) } ?? STDIN_FILENO
    guard file >= 0 else { throw FileError(lastError: errno) }
    return FileChunks(
      next: { () throws(FileError) in
        var piece = [UInt8](repeating: 0, count: pieceSize)
        while true {
          let count = piece.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
          if count >= 0 { return Array(piece[..<count]) }
          if errno != EINTR { throw FileError(lastError: errno) }
        }
      }, close: { if path != nil { Glibc.close(file) } })
  }
}
