import CLinux
package import FleetModel
import Glibc
import Synchronization
package import Wire

/// The file of tokens: mode 0600, replaced whole, read again when another process changed it.
package final class TokenStore: Sendable {
  /// A larger file is none of ours.
  static let byteLimit = 8 << 20

  /// What tells one state of the file from another.
  private struct Stamp: Hashable {
    var inode: UInt
    var size: Int
    var seconds: Int
    var nanoseconds: Int
  }

  private struct Known {
    var file = TokenFile()
    /// Nil: there was no file.
    var stamp: Stamp?
    var wasRead = false
  }

  package let path: String
  private let known = Mutex(Known())

  package init(path: String) { self.path = path }

  /// As it is on disk now; empty where there is no file.
  package func read() throws(Failure) -> TokenFile {
    let result = known.withLock { known -> Result<TokenFile, Failure> in
      let stamp = Self.stamp(of: path)
      if known.wasRead, known.stamp == stamp { return .success(known.file) }
      do throws(Failure) {
        known.file = try load()
        (known.stamp, known.wasRead) = (stamp, true)
        return .success(known.file)
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  /// Changes what is on disk now, alone among all processes.
  package func change(_ body: (inout TokenFile) -> Void) throws(Failure) {
    if let reason = PrivateDirectory.make(directory) {
      throw broken("cannot make its directory: \(reason)")
    }
    let lock: Int32
    do throws(FileLock.Fault) { lock = try FileLock.take(path + ".lock") } catch {
      throw broken("cannot lock it: \(error.reason)")
    }
    defer { close(lock) }
    var file = try load()
    body(&file)
    try replace(file.bytes)
    // What this process knows is read anew with the next look.
    known.withLock { $0.wasRead = false }
  }

  private var directory: String {
    path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
  }

  private func load() throws(Failure) -> TokenFile {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
      guard errno == ENOENT else { throw broken("cannot read it: \(Self.lastError)") }
      return TokenFile()
    }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw broken("cannot read it: \(Self.lastError)") }
    guard status.st_mode & 0o077 == 0 else {
      throw broken("others than you may read it; run: chmod 600 \(path)")
    }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = Glibc.read(file, &chunk, chunk.count)
      if count == 0 { break }
      if count < 0 {
        if errno == EINTR { continue }
        throw broken("cannot read it: \(Self.lastError)")
      }
      bytes += chunk[..<count]
      guard bytes.count <= Self.byteLimit else {
        throw broken("it is larger than \(Self.byteLimit >> 20) MiB; move it away and log in again")
      }
    }
    do throws(TokenFile.Unreadable) { return try TokenFile(bytes) } catch {
      throw broken("\(error.reason); move it away and log in again")
    }
  }

  private func replace(_ bytes: [UInt8]) throws(Failure) {
    let draft = path + ".new"
    // Left behind by a process that was killed; the lock is ours.
    unlink(draft)
    let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else { throw broken("cannot write it: \(Self.lastError)") }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      rest = rest.dropFirst(count)
    }
    let isWhole = rest.isEmpty && fsync(file) == 0
    let reason = Self.lastError
    close(file)
    guard isWhole, rename(draft, path) == 0 else {
      unlink(draft)
      throw broken("cannot write it: \(isWhole ? Self.lastError : reason)")
    }
  }

  private static func stamp(of path: String) -> Stamp? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return Stamp(
      inode: status.st_ino, size: status.st_size, seconds: status.st_mtim.tv_sec,
      nanoseconds: status.st_mtim.tv_nsec)
  }

  private static var lastError: String { String(cString: strerror(errno)) }

  private func broken(_ reason: String) -> Failure {
    Failure(.unauthorized, "the tokens in \(path): \(reason)", delivery: .notSent)
  }
}
