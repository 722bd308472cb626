import Adapters
import FleetModel
import Glibc
import Synchronization
import Testing
import Wire

@testable import FaultServer

/// What one HTTP exchange brought.
struct Answer {
  enum Ending { case orderly, reset, refused, timeout }

  var ending: Ending
  var text = ""

  var status: Int? { text.split(separator: " ").dropFirst().first.flatMap { Int($0) } }

  var body: String {
    text.firstRange(of: "\r\n\r\n").map { String(text[$0.upperBound...]) } ?? ""
  }

  func header(_ name: String) -> String? {
    text.split(separator: "\r\n").first { $0.hasPrefix(name + ": ") }
      .map { String($0.dropFirst(name.count + 2)) }
  }

  var json: JSONView? { try? JSONView(Array(body.utf8)) }
  var errorCode: Int? { json?.member("error")?.member("code")?.int }
  var resultText: String? {
    var content = json?.member("result")?.member("content")?.elements.makeIterator()
    return content?.next()?.member("text")?.string
  }
}

/// A blocking client over one connection, with a time limit.
final class TestClient {
  let fd: Int32
  private(set) var received: [UInt8] = []

  init?(port: UInt16) {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    fd = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    let status = withUnsafeBytes(of: address) { bytes in
      connect(
        fd, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
    }
    // `deinit` runs all the same and closes it.
    if status != 0 { return nil }
  }

  deinit { close(fd) }

  var text: String { String(decoding: received, as: UTF8.self) }

  func send(_ text: String) {
    let bytes = Array(text.utf8)
    _ = Glibc.send(fd, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }

  func read(until mark: String) -> Bool {
    while !text.contains(mark) {
      guard receive() == nil else { return false }
    }
    return true
  }

  /// - Parameter byteLimit: stops after so many bytes, as if the answer had ended.
  func readToEnd(byteLimit: Int = .max) -> Answer.Ending {
    while received.count < byteLimit {
      if let ending = receive() { return ending }
    }
    return .orderly
  }

  private func receive() -> Answer.Ending? {
    var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    let count = recv(fd, &buffer, buffer.count, 0)
    guard count <= 0 else {
      received += buffer[..<count]
      return nil
    }
    return count == 0 ? .orderly : errno == EAGAIN ? .timeout : .reset
  }
}

/// A running fault server, its ports, and ways to talk to it.
struct TestServer {
  let server: MisbehavingServer
  let loop: EventLoop
  let port: UInt16

  static let accept = ["Content-Type: application/json", "Accept: */*"]

  func exchange(
    _ method: String, _ path: String, _ headers: [String] = [], _ body: String = "",
    on port: UInt16? = nil
  ) -> Answer {
    guard let client = TestClient(port: port ?? self.port) else { return Answer(ending: .refused) }
    client.send(request(method, path, headers + ["Connection: close"], body))
    let ending = client.readToEnd()
    return Answer(ending: ending, text: client.text)
  }

  func request(_ method: String, _ path: String, _ headers: [String], _ body: String) -> String {
    let length = method == "GET" ? [] : ["Content-Length: \(body.utf8.count)"]
    return "\(method) \(path) HTTP/1.1\r\nHost: a\r\n"
      + (headers + length).map { $0 + "\r\n" }.joined() + "\r\n" + body
  }

  static let metadata =
    #""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","#
    + #""io.modelcontextprotocol/clientCapabilities":{}}"#

  static func modernHeaders(_ method: String, name: String? = nil) -> [String] {
    accept + ["MCP-Protocol-Version: 2026-07-28", "Mcp-Method: \(method)"]
      + (name.map { ["Mcp-Name: \($0)"] } ?? [])
  }

  static func modernBody(_ method: String, _ members: String = "") -> String {
    #"{"jsonrpc":"2.0","id":7,"method":"\#(method)","params":{\#(metadata)\#(members)}}"#
  }

  func modern(_ method: String, _ members: String = "", name: String? = nil) -> Answer {
    exchange(
      "POST", "/mcp", Self.modernHeaders(method, name: name), Self.modernBody(method, members))
  }

  func call(_ tool: String, _ arguments: String = "{}") -> Answer {
    modern("tools/call", #","name":"\#(tool)","arguments":\#(arguments)"#, name: tool)
  }

  /// Opens a handshake session and gives its id.
  func initialize(_ version: String = "2025-11-25") -> String? {
    let body =
      #"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"\#(version)"}}"#
    return exchange("POST", "/mcp", Self.accept, body).header("Mcp-Session-Id")
  }

  func handshake(_ method: String, session: String, _ params: String = "{}") -> Answer {
    exchange(
      "POST", "/mcp", Self.accept + ["Mcp-Session-Id: \(session)"],
      #"{"jsonrpc":"2.0","id":7,"method":"\#(method)","params":\#(params)}"#)
  }

  @discardableResult
  func set(_ faults: String, method: String = "PUT") -> Answer {
    exchange(method, "/fault", [], faults)
  }

  /// A counter of `GET /fault`.
  func counter(_ name: String) -> Int? {
    exchange("GET", "/fault").json?.member("counters")?.member(name)?.int
  }
}

/// Runs a fault server as long as the body.
func withFaultServer(
  _ arguments: [String] = [], script: FaultScript? = nil,
  crash: @escaping @Sendable () -> Void = {}, _ body: (TestServer) async throws -> Void
) async throws {
  let loop = EventLoop(name: "fault test")
  loop.start()
  defer { loop.stop() }
  let options = try FaultServerOptions(["--http", "0"] + arguments)
  let server = MisbehavingServer(loop: loop, options: options, script: script, crash: crash)
  let port = try #require(try await server.start().http)
  try await body(TestServer(server: server, loop: loop, port: port))
  await server.stop()
}
