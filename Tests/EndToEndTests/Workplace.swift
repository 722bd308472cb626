import Foundation
import Glibc

/// A test's own directory, and its processes: all are gone when the test is over.
final class Workplace {
  let directory: URL
  private var children: [ChildProcess] = []

  init() throws {
    directory = FileManager.default.temporaryDirectory
      .appending(path: "mcpdash-e2e-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  }

  deinit {
    for child in children.reversed() { child.stop() }
    try? FileManager.default.removeItem(at: directory)  // Nothing depends on a temporary directory.
  }

  func path(_ name: String) -> String { directory.appending(path: name).path }

  @discardableResult
  func write(_ name: String, _ text: String) throws -> String {
    try Data(text.utf8).write(to: directory.appending(path: name))
    return path(name)
  }

  /// Starts a program with its output in files of this directory; the directory is also its home.
  func start(
    _ name: String, _ program: String, _ arguments: [String], environment: [String: String] = [:]
  ) throws -> ChildProcess {
    let child = try ChildProcess(
      program, arguments, in: directory, output: path("\(name).out"), errors: path("\(name).err"),
      environment: environment)
    children.append(child)
    return child
  }

  /// A loopback port that was free a moment ago.
  static func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw POSIXError(.EMFILE) }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    guard status else { throw POSIXError(.EADDRNOTAVAIL) }
    return Int(UInt16(bigEndian: address.sin_port))
  }
}
