import Glibc

/// What changes whenever a file is written, replaced or moved.
struct FileStamp: Hashable, Sendable {
  var device: UInt64 = 0
  var number: UInt64 = 0
  var size: Int64 = 0
  /// In nanoseconds since 1970, of the contents and of the file's own record.
  var written: Int64 = 0
  var changed: Int64 = 0
}

extension FileStamp {
  /// nil when there is no such file.
  init?(path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(
      device: UInt64(status.st_dev), number: UInt64(status.st_ino), size: Int64(status.st_size),
      written: Self.nanoseconds(status.st_mtim), changed: Self.nanoseconds(status.st_ctim))
  }

  private static func nanoseconds(_ time: timespec) -> Int64 {
    Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
