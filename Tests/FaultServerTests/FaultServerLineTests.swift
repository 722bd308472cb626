import Adapters
import Glibc
import Synchronization
import Testing
import Wire

@testable import FaultServer

/// The far ends of a fault server's standard streams.
private final class Pipes {
  let input: Int32
  let output: Int32
  private var pending: [UInt8] = []

  init(input: Int32, output: Int32) { (self.input, self.output) = (input, output) }

  func send(_ line: String) {
    let bytes = Array(line.utf8) + [10]
    _ = write(input, bytes, bytes.count)
  }

  /// The next whole line, or nil at the end.
  func line() -> String? {
    while true {
      if let end = pending.firstIndex(of: 10) {
        defer { pending.removeFirst(end + 1) }
        return String(decoding: pending[..<end], as: UTF8.self)
      }
      var buffer = [UInt8](repeating: 0, count: 4096)
      let count = read(output, &buffer, buffer.count)
      guard count > 0 else { return nil }
      pending += buffer[..<count]
    }
  }

  /// Sends a line and waits for the next one.
  func ask(_ line: String) -> String? {
    send(line)
    return self.line()
  }
}

private func withPipes(
  _ arguments: [String] = [], faults: String = "{}",
  _ body: (Pipes, AsyncStream<Void>) async throws -> Void
) async throws {
  var (toServer, fromServer): ([Int32], [Int32]) = ([-1, -1], [-1, -1])
  #expect(pipe(&toServer) == 0 && pipe(&fromServer) == 0)
  let ends = [toServer[0], fromServer[0], fromServer[1]]
  let loop = EventLoop(name: "fault lines")
  loop.start()
  defer {
    // Not before the loop has ended: it watches them.
    loop.stop()
    for fd in ends { close(fd) }
  }
  let options = try FaultServerOptions(["--stdio"] + arguments)
  let server = MisbehavingServer(loop: loop, options: options) {}
  let (ended, ending) = AsyncStream<Void>.makeStream()
  _ = try await server.start()
  try await server.set(faults)
  await server.serve(input: toServer[0], output: fromServer[1]) { ending.finish() }
  try await body(Pipes(input: toServer[1], output: fromServer[0]), ended)
}

private let initialize =
  #"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25"}}"#
private let list = TestServer.modernBody("tools/list")
private func call(_ id: Int, _ tool: String, _ arguments: String = "{}") -> String {
  #"{"jsonrpc":"2.0","id":\#(id),"method":"tools/call","params":{"name":"\#(tool)","#
    + #""arguments":\#(arguments)}}"#
}

@Suite(.timeLimit(.minutes(5))) struct FaultServerLineTests {
  @Test func `lines are served until the input ends`() async throws {
    try await withPipes { pipes, ended in
      #expect(pipes.ask(initialize)?.contains(#""protocolVersion":"2025-11-25""#) == true)
      pipes.send(#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#)
      pipes.send("this is no message")
      #expect(pipes.ask(call(1, "add", #"{"a":2,"b":3}"#))?.contains(#""text":"5""#) == true)
      close(pipes.input)
      for await _ in ended {}
    }
  }

  @Test func `the first request settles the era of the process`() async throws {
    try await withPipes { pipes, _ in
      #expect(pipes.ask(#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#)?.contains("result") == true)
      #expect(
        pipes.ask(#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#)?.contains("-32602") == true)
      #expect(pipes.ask(list)?.contains(#""ttlMs":60000"#) == true)
      #expect(pipes.ask(initialize)?.contains("-32022") == true)
      close(pipes.input)
    }
    try await withPipes { pipes, _ in
      #expect(pipes.ask(initialize)?.contains("result") == true)
      #expect(pipes.ask(list)?.contains("-32600") == true)
      close(pipes.input)
    }
  }

  @Test func `a cancelled call is never answered`() async throws {
    try await withPipes { pipes, _ in
      _ = pipes.ask(initialize)
      pipes.send(call(1, "sleep", #"{"milliseconds":20}"#))
      pipes.send(
        #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#)
      #expect(
        pipes.ask(call(2, "sleep", #"{"milliseconds":60}"#))?.contains(#""id":2"#) == true)
      close(pipes.input)
    }
  }

  @Test func `answers overtake slower ones`() async throws {
    try await withPipes { pipes, _ in
      _ = pipes.ask(initialize)
      pipes.send(call(1, "sleep", #"{"milliseconds":30}"#))
      #expect(pipes.ask(call(2, "echo", #"{"message":"m"}"#))?.contains(#""id":2"#) == true)
      #expect(pipes.line()?.contains(#""id":1"#) == true)
      close(pipes.input)
    }
  }

  @Test(
    arguments: [
      (#"{"garbage":true}"#, "\u{1b}"), (#"{"toolError":true}"#, #""isError":true"#),
      (#"{"protocolError":{"code":-7}}"#, "-7"), (#"{"status":{"code":503}}"#, "503, injected"),
    ])
  func `faults show on lines too`(faults: String, mark: String) async throws {
    try await withPipes(faults: faults) { pipes, _ in
      pipes.send(initialize)
      if faults.contains("Error") { _ = pipes.line() }
      #expect(pipes.ask(call(1, "echo", #"{"message":"m"}"#))?.contains(mark) == true)
      close(pipes.input)
    }
  }
}

extension MisbehavingServer {
  func set(_ faults: String) throws {
    apply(try FaultPlan(JSONView(Array(faults.utf8)), path: "faults"))
  }
}
