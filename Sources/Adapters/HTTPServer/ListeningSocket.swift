import CLinux
import Glibc

/// A place could not be listened on; the message names it and says what to do.
package struct ListenError: Error, Hashable, Sendable, CustomStringConvertible {
  package var message: String

  package var description: String { message }
}

/// Opens sockets that listen; non-blocking and closed on exec.
enum ListeningSocket {
  /// Clients that the kernel queues before they are accepted.
  static let backlog: Int32 = 1024

  static func tcp(host: String, port: UInt16) throws(ListenError) -> (fd: Int32, port: UInt16) {
    var four = sockaddr_in()
    var six = sockaddr_in6()
    if inet_pton(AF_INET, host, &four.sin_addr) == 1 {
      four.sin_family = sa_family_t(AF_INET)
      four.sin_port = port.bigEndian
      return try tcp(four, family: AF_INET, named: "\(host):\(port)")
    }
    if inet_pton(AF_INET6, host, &six.sin6_addr) == 1 {
      six.sin6_family = sa_family_t(AF_INET6)
      six.sin6_port = port.bigEndian
      return try tcp(six, family: AF_INET6, named: "[\(host)]:\(port)")
    }
    throw ListenError(
      message: "cannot listen on \"\(host)\": not a numeric address; use 127.0.0.1 or ::1")
  }

  private static func tcp<Address>(
    _ address: Address, family: Int32, named name: String
  ) throws(ListenError) -> (fd: Int32, port: UInt16) {
    let fd = socket(family, streamType, 0)
    guard fd >= 0 else { throw failure(name) }
    var yes: Int32 = 1
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    guard withSocketAddress(address, { bind(fd, $0, $1) }) == 0, listen(fd, backlog) == 0 else {
      throw closing(fd, failure(name))
    }
    var bound = sockaddr_in6()
    var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
    let status = withUnsafeMutableBytes(of: &bound) { bytes in
      getsockname(fd, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), &length)
    }
    guard status == 0 else { throw closing(fd, failure(name)) }
    // The port is at the same place in both families.
    return (fd, UInt16(bigEndian: bound.sin6_port))
  }

  static func unix(path: String) throws(ListenError) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let room = MemoryLayout.size(ofValue: address.sun_path) - 1
    guard !path.isEmpty, path.utf8.count <= room else {
      throw ListenError(
        message: "cannot listen on \"\(path)\": a socket's path has 1 to \(room) bytes")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    try removeStaleFile(at: path, address)
    let fd = socket(AF_UNIX, streamType, 0)
    guard fd >= 0 else { throw failure(path) }
    // Nobody can connect between bind and listen, so there is no moment with a wider mode.
    guard withSocketAddress(address, { bind(fd, $0, $1) }) == 0, chmod(path, 0o600) == 0,
      listen(fd, backlog) == 0
    else { throw closing(fd, failure(path)) }
    return fd
  }

  private static func removeStaleFile(
    at path: String, _ address: sockaddr_un
  ) throws(ListenError) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      throw ListenError(
        message: "cannot listen on \(path): a file that is no socket is there; move it away")
    }
    let fd = socket(AF_UNIX, streamType, 0)
    guard fd >= 0 else { throw failure(path) }
    defer { close(fd) }
    guard withSocketAddress(address, { connect(fd, $0, $1) }) != 0, errno == ECONNREFUSED else {
      throw ListenError(
        message: "cannot listen on \(path): another process answers there; stop it first")
    }
    unlink(path)
  }

  private static var streamType: Int32 {
    Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
  }

  private static func withSocketAddress<Address>(
    _ address: Address, _ body: (UnsafePointer<sockaddr>?, socklen_t) -> Int32
  ) -> Int32 {
    withUnsafeBytes(of: address) { bytes in
      body(
        bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
    }
  }

  private static func failure(_ name: String) -> ListenError {
    let reason = String(cString: strerror(errno))
    let cure = errno == EADDRINUSE ? "; choose another port or stop what uses it" : ""
    return ListenError(message: "cannot listen on \(name): \(reason)\(cure)")
  }

  private static func closing(_ fd: Int32, _ error: ListenError) -> ListenError {
    close(fd)
    return error
  }
}
