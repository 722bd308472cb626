import Glibc
import Testing

@testable import Adapters

private func answerOK(_: HTTPRequest, _ responder: HTTPResponder) {
  responder.respond(status: 200, body: Array("ok".utf8))
}

private let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

@Suite(.timeLimit(.minutes(5))) struct HTTPServerLifeTests {
  /// A fresh directory for sockets, removed with what is in it.
  private func withDirectory(_ body: (String) async throws -> Void) async throws {
    var template = Array("/tmp/mcpdash-test-XXXXXX".utf8CString)
    let directory = try #require(
      template.withUnsafeMutableBufferPointer { buffer in
        buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
      })
    defer {
      for name in ["s", "f"] { unlink("\(directory)/\(name)") }
      rmdir(directory)
    }
    try await body(directory)
  }

  @Test(
    arguments: [
      ("", "idle"), ("GET / HT", "head"),
      ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx", "body"),
    ])
  func `a client that is too slow is cut off`(bytes: String, phase: String) async throws {
    var limits = HTTPLimits()
    switch phase {
    case "idle": limits.idleTime = .milliseconds(5)
    case "head": limits.headTime = .milliseconds(5)
    default: limits.bodyTime = .milliseconds(5)
    }
    try await withEventLoop { [limits] loop in
      let server = HTTPServer(loop: loop, limits: limits, answer: answerOK)
      let client = try #require(RawClient(port: try server.listenTCP(port: 0).port))
      client.send(bytes)
      #expect(client.readToEnd() == .orderly)
      #expect(client.text.hasPrefix(phase == "idle" ? "" : "HTTP/1.1 408 Request Timeout\r\n"))
      await server.stop(grace: .zero)
    }
  }

  @Test func `a client that takes nothing of its answer is cut off`() async throws {
    var limits = HTTPLimits()
    limits.stallTime = .milliseconds(5)
    try await withEventLoop { [limits] loop in
      let (left, leaving) = AsyncStream<Void>.makeStream()
      let server = HTTPServer(loop: loop, limits: limits) { _, responder in
        responder.onLeave { leaving.finish() }
        responder.startStream(status: 200)
        responder.write([UInt8](repeating: 120, count: 8_000_000))
      }
      let client = try #require(RawClient(port: try server.listenTCP(port: 0).port))
      client.send(request)
      for await _ in left {}
      #expect(client.readToEnd() == .reset)
      await server.stop(grace: .zero)
    }
  }

  @Test func `clients beyond the limit wait until one has left`() async throws {
    var limits = HTTPLimits()
    limits.connectionLimit = 1
    try await withEventLoop { [limits] loop in
      let server = HTTPServer(loop: loop, limits: limits, answer: answerOK)
      let port = try server.listenTCP(port: 0).port
      var first = RawClient(port: port)
      first?.send(request)
      #expect(first?.read(until: "ok") == true)
      let second = try #require(RawClient(port: port))
      second.send(request)
      for _ in 0..<10 { await loop.turn() }
      #expect(await loop.wait { $0(server.connectionCount) } == 1)
      first = nil
      #expect(second.read(until: "ok"))
      await server.stop(grace: .zero)
    }
  }

  @Test func `a stop lets the answer under way end and takes no more`() async throws {
    try await withEventLoop { loop in
      let (asked, asking) = AsyncStream<HTTPResponder>.makeStream()
      let server = HTTPServer(loop: loop) { _, responder in asking.yield(responder) }
      let port = try server.listenTCP(port: 0).port
      var client = RawClient(port: port)
      client?.send(request + request)
      var questions = asked.makeAsyncIterator()
      let responder = try #require(await questions.next())
      async let stopped: Void = server.stop(grace: .seconds(60))
      while RawClient(port: port) != nil { await Task.yield() }
      responder.respond(status: 200, body: Array("bye".utf8))
      #expect(client?.readToEnd() == .orderly)
      #expect(client?.text.contains("Connection: close\r\n") == true)
      #expect(client?.text.hasSuffix("bye") == true)
      client = nil
      await stopped
    }
  }

  @Test func `a stop resets what does not end in time`() async throws {
    try await withEventLoop { loop in
      let (asked, asking) = AsyncStream<Void>.makeStream()
      let server = HTTPServer(loop: loop) { _, responder in asking.yield() }
      let client = try #require(RawClient(port: try server.listenTCP(port: 0).port))
      client.send(request)
      var questions = asked.makeAsyncIterator()
      await questions.next()
      await server.stop(grace: .milliseconds(1))
      #expect(client.readToEnd() == .reset)
    }
  }

  @Test func `a closed listener refuses, and its port can be listened on again`() async throws {
    try await withEventLoop { loop in
      let server = HTTPServer(loop: loop, answer: answerOK)
      let listener = try server.listenTCP(port: 0)
      let client = try #require(RawClient(port: listener.port))
      client.send(request)
      #expect(client.read(until: "ok"))
      server.close(listener)
      await loop.turn()
      #expect(RawClient(port: listener.port) == nil)
      client.send(request)
      #expect(client.read(until: "ok"))
      #expect(try server.listenTCP(port: listener.port).port == listener.port)
      #expect(RawClient(port: listener.port) != nil)
      await server.stop(grace: .zero)
    }
  }

  @Test func `a Unix socket serves and is for its owner only`() async throws {
    try await withDirectory { directory in
      try await withEventLoop { loop in
        let server = HTTPServer(loop: loop, answer: answerOK)
        try server.listenUnix(path: directory + "/s")
        var status = stat()
        #expect(stat(directory + "/s", &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        let client = try #require(RawClient(path: directory + "/s"))
        client.send(request)
        #expect(client.read(until: "ok"))
        await server.stop(grace: .zero)
        #expect(stat(directory + "/s", &status) == -1)
      }
    }
  }

  @Test func `a socket file is replaced only when nobody answers on it`() async throws {
    try await withDirectory { directory in
      try await withEventLoop { loop in
        let path = directory + "/s"
        // What a process leaves behind that did not clean up.
        close(try ListeningSocket.unix(path: path))
        let server = HTTPServer(loop: loop, answer: answerOK)
        try server.listenUnix(path: path)
        #expect(throws: ListenError.self) { try server.listenUnix(path: path) }
        #expect(RawClient(path: path) != nil)
        close(creat(directory + "/f", 0o600))
        #expect(throws: ListenError.self) { try server.listenUnix(path: directory + "/f") }
        #expect(access(directory + "/f", F_OK) == 0)
        await server.stop(grace: .zero)
      }
    }
  }

  @Test(arguments: ["localhost", "", "300.1.1.1"])
  func `only numeric addresses are listened on`(host: String) async {
    await withEventLoop { loop in
      let server = HTTPServer(loop: loop, answer: answerOK)
      #expect(throws: ListenError.self) { try server.listenTCP(host: host, port: 0) }
    }
  }

  @Test func `a port in use is named with a cure`() async throws {
    try await withEventLoop { loop in
      let server = HTTPServer(loop: loop, answer: answerOK)
      let port = try server.listenTCP(port: 0).port
      let error = #expect(throws: ListenError.self) { try server.listenTCP(port: port) }
      #expect(error?.message.contains("127.0.0.1:\(port)") == true)
      #expect(error?.message.contains("choose another port") == true)
      await server.stop(grace: .zero)
    }
  }
}
