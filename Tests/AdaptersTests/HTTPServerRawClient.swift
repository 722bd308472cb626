import Glibc

/// A client that sends any bytes and sees what really comes back; blocking, with a time limit.
final class RawClient {
  enum Ending: Equatable {
    case orderly
    case reset
    case timeout
  }

  private let fd: Int32
  private(set) var received: [UInt8] = []

  init?(port: UInt16) {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    fd = Self.connected(AF_INET, address)
    if fd < 0 { return nil }
  }

  init?(path: String) {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    fd = Self.connected(AF_UNIX, address)
    if fd < 0 { return nil }
  }

  deinit { close(fd) }

  private static func connected<Address>(_ family: Int32, _ address: Address) -> Int32 {
    let fd = socket(family, Int32(SOCK_STREAM.rawValue), 0)
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    let status = withUnsafeBytes(of: address) { bytes in
      connect(
        fd, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
    }
    guard status == 0 else {
      close(fd)
      return -1
    }
    return fd
  }

  var text: String { String(decoding: received, as: UTF8.self) }

  func send(_ text: String) {
    let bytes = Array(text.utf8)
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(fd, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      sent += count
    }
  }

  func endSending() { shutdown(fd, Int32(SHUT_WR)) }

  /// Reads until the text contains that; false when the connection ended or stalled before.
  func read(until mark: String) -> Bool {
    while !text.contains(mark) {
      guard receive() == nil else { return false }
    }
    return true
  }

  func readToEnd() -> Ending {
    while true {
      if let ending = receive() { return ending }
    }
  }

  private func receive() -> Ending? {
    var buffer = [UInt8](repeating: 0, count: 256 * 1024)
    let count = recv(fd, &buffer, buffer.count, 0)
    if count > 0 {
      received += buffer[..<count]
      return nil
    }
    if count == 0 { return .orderly }
    return errno == EAGAIN ? .timeout : .reset
  }
}
