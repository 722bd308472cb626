package import Engine
import Glibc

/// The spill of dead letters as a file of mode 0600, which several processes may share: it is
/// replaced whole, under a lock.
package struct PrivateSpillFile: SpillFile {
  /// More cannot come of it: the engine's spill is bounded, and each letter's size is.
  package static let sizeLimit = 1 << 30

  package let path: String

  package init(path: String) { self.path = path }

  package func read() throws(SpillFileError) -> [[UInt8]] {
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard file >= 0 else {
      if errno == ENOENT { return [] }
      throw Self.lastError
    }
    defer { close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = buffer.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Self.lastError }
      if count == 0 { return bytes.split(separator: UInt8(ascii: "\n")).map { Array($0) } }
      bytes += buffer[..<count]
      guard bytes.count <= Self.sizeLimit else { throw SpillFileError("it is too large") }
    }
  }

  package func exchange(
    _ old: Set<[UInt8]>, for new: [[UInt8]]
  ) throws(SpillFileError) {
    if !new.isEmpty, let reason = PrivateDirectory.make(directory) { throw SpillFileError(reason) }
    let lock: Int32
    do throws(FileLock.Fault) { lock = try FileLock.take(path + ".lock") } catch {
      throw SpillFileError(error.reason)
    }
    defer { close(lock) }
    let lines = try read()
    let kept = lines.filter { !old.contains($0) } + new
    guard kept != lines else { return }
    if kept.isEmpty {
      guard unlink(path) == 0 || errno == ENOENT else { throw Self.lastError }
    } else {
      try replace(kept.flatMap { $0 + [UInt8(ascii: "\n")] })
    }
  }

  private var directory: String {
    path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
  }

  private func replace(_ bytes: [UInt8]) throws(SpillFileError) {
    let draft = path + ".new"
    // Left behind by a process that was killed; the lock is ours.
    unlink(draft)
    let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else { throw Self.lastError }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      rest = rest.dropFirst(count)
    }
    let isWhole = rest.isEmpty && fsync(file) == 0
    let error = Self.lastError
    close(file)
    guard isWhole, rename(draft, path) == 0 else {
      let reason = isWhole ? Self.lastError : error
      unlink(draft)
      throw reason
    }
  }

  private static var lastError: SpillFileError {
    SpillFileError(String(cString: strerror(errno)))
  }
}
