import CLinux
import Glibc

/// Alone among all processes that lock the same file.
enum FileLock {
  /// The system's words.
  struct Fault: Error {
    var reason: String
  }

  /// Waits for its turn; makes the file, with mode 0600, where there is none.
  ///
  /// - Returns: a descriptor; the lock ends when it is closed.
  static func take(_ path: String) throws(Fault) -> Int32 {
    let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else { throw fault }
    while flock(file, LOCK_EX) != 0 {
      guard errno == EINTR else {
        let fault = fault
        close(file)
        throw fault
      }
    }
    return file
  }

  private static var fault: Fault { Fault(reason: String(cString: strerror(errno))) }
}
