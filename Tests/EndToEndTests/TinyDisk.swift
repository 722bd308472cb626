import Foundation
import Glibc

/// A file system of 512 kB in memory that only one program sees; it goes with that program.
final class TinyDisk {
  private let directory: String
  /// The directory as the program sees it.
  private var inside = ""

  init(in place: Workplace) throws {
    directory = place.path("disk")
    try FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: false)
  }

  /// A file's path for the program.
  func file(_ name: String) -> String { "\(directory)/\(name)" }

  /// Makes the disk, then becomes the program.
  func wrap(_ command: [String]) throws -> [String] {
    let script = #"mount -t tmpfs -o size=512k,mode=0700 tiny "$0" && exec "$@""#
    // Whoever is not root is root of a namespace of their own.
    let namespaces = getuid() == 0 ? ["--mount"] : ["--mount", "--map-root-user"]
    return [try Prerequisite.unshare.found()] + namespaces + ["/bin/sh", "-c", script, directory]
      + command
  }

  /// - Parameter pid: of the program.
  func find(by pid: pid_t) { inside = "/proc/\(pid)/root\(directory)" }

  /// Leaves no room at all.
  func fill() throws {
    let ballast = open("\(inside)/ballast", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    guard ballast >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    defer { close(ballast) }
    let page = [UInt8](repeating: 0, count: 4096)
    while write(ballast, page, page.count) > 0 {}
    guard errno == ENOSPC else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
  }

  func free() throws { try FileManager.default.removeItem(atPath: "\(inside)/ballast") }
}
