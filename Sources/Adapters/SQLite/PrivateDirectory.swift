import CLinux
import Glibc

/// Directories that only this user can look into.
package enum PrivateDirectory {
  /// Makes the directory and those above it that are missing, mode 0700; what exists stays as it
  /// is.
  ///
  /// - Returns: the system's words when it cannot be made.
  package static func make(_ path: String) -> String? {
    var directory = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      directory += part + "/"
      guard mkdir(directory, 0o700) != 0 else { continue }
      let reason = errno
      // A parent on a read-only file system reports that before it reports that it exists.
      var status = stat()
      guard stat(directory, &status) != 0 else { continue }
      return String(cString: strerror(reason == EEXIST ? errno : reason))
    }
    return nil
  }
}
