import Glibc

/// Reads and writes files whole.
enum FileBytes {
  /// - Parameter limit: longer files are an error, not cut.
  static func read(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw FileError(lastError: errno) }
    defer { close(file) }
    return try read(descriptor: file, limit: limit)
  }

  /// From an open file to its end.
  static func read(descriptor file: Int32, limit: Int) throws(FileError) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = chunk.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
      if count == 0 { return bytes }
      if count < 0 {
        if errno == EINTR { continue }
        throw FileError(lastError: errno)
      }
      bytes += chunk[..<count]
      guard bytes.count <= limit else {
        throw FileError(reason: "it is larger than \(limit >> 20) MiB")
      }
    }
  }

  /// Replaces what the file holds.
  static func write(_ bytes: [UInt8], path: String) throws(FileError) {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard file >= 0 else { throw FileError(lastError: errno) }
    defer { close(file) }
    try write(bytes, descriptor: file)
  }

  /// All of it, to an open file.
  static func write(_ bytes: [UInt8], descriptor file: Int32) throws(FileError) {
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

  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}

extension FileError {
  init(lastError code: Int32) {
    self.init(
      reason: String(cString: strerror(code)), isAbsent: code == ENOENT || code == ENOTDIR,
      isBrokenPipe: code == EPIPE)
  }
}

extension CommandContext.FileAccess {
  /// The file system.
  static let system = CommandContext.FileAccess(
    exists: { FileBytes.exists($0) },
    read: { path throws(FileError) in
      try FileBytes.read(path, limit: JSON5Reader.selectionByteLimit)
    },
    standardInput: { () throws(FileError) in
      try FileBytes.read(descriptor: STDIN_FILENO, limit: JSON5Reader.byteLimit)
    },
    stamp: { FileStamp(path: $0) }, directory: FilePath.workingDirectory)
}
