import Foundation
import Glibc

/// One HTTP request to this machine, sent at once; its answer is looked for and never waited for, so
/// that a test can have hundreds under way.
final class LoopbackRequest {
  enum Peer {
    case port(Int)
    /// A Unix socket.
    case path(String)
  }

  struct Answer: Sendable {
    /// 0 when the connection ended without one.
    let status: Int
    let body: String
  }

  private let descriptor: Int32
  private var received: [UInt8] = []
  private var whole: Answer?

  init(_ method: String, _ path: String, body: String = "", to peer: Peer) throws {
    descriptor = try Self.connect(to: peer)
    let head =
      "\(method) \(path) HTTP/1.1\r\nHost: loopback\r\nConnection: close\r\n"
      + "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
    let bytes = Array((head + body).utf8)
    guard send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
      throw POSIXError(.EPIPE)
    }
    guard fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0 else { throw POSIXError(.EBADF) }
  }

  deinit { close(descriptor) }

  /// Nil until the whole answer is there.
  var answer: Answer? {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while whole == nil {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count < 0, errno == EAGAIN || errno == EINTR { return nil }
      if count > 0 { received += buffer[..<count] } else { whole = Self.parse(received) }
    }
    return whole
  }

  private static func parse(_ bytes: [UInt8]) -> Answer {
    let text = String(decoding: bytes, as: UTF8.self)
    guard let end = text.range(of: "\r\n\r\n") else { return Answer(status: 0, body: "") }
    let status = text.split(separator: " ", maxSplits: 2).dropFirst().first.flatMap { Int($0) }
    return Answer(status: status ?? 0, body: String(text[end.upperBound...]))
  }

  private static func connect(to peer: Peer) throws -> Int32 {
    switch peer {
    case .port(let port):
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = in_port_t(port).bigEndian
      address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
      return try connect(address, family: AF_INET)
    case .path(let path):
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
        throw POSIXError(.ENAMETOOLONG)
      }
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
      return try connect(address, family: AF_UNIX)
    }
  }

  private static func connect<Address>(_ address: Address, family: Int32) throws -> Int32 {
    let descriptor = socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw POSIXError(.EMFILE) }
    let status = withUnsafePointer(to: address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
      }
    }
    guard status == 0 else {
      close(descriptor)
      throw POSIXError(.ECONNREFUSED)
    }
    return descriptor
  }
}
