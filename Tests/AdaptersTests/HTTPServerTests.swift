import Glibc
import Synchronization
import Testing

@testable import Adapters

/// A server on a free port that lives as long as the body.
private func withServer(
  limits: HTTPLimits = HTTPLimits(), handler: @escaping HTTPServer.Answerer,
  _ body: (HTTPServer, UInt16) async throws -> Void
) async throws {
  try await withEventLoop { loop in
    let server = HTTPServer(loop: loop, limits: limits, answer: handler)
    let port = try server.listenTCP(port: 0).port
    try await body(server, port)
    await server.stop(grace: .zero)
  }
}

/// Answers with the target, and with a pause in the loop before targets that begin with /later.
private func echo(_ request: HTTPRequest, _ responder: HTTPResponder) {
  let answer: @Sendable () -> Void = {
    responder.respond(status: 200, body: Array("<\(request.target)>".utf8))
  }
  guard request.path.hasPrefix("/later") else { return answer() }
  responder.connection.loop.run(answer)
}

private func get(_ target: String, _ extra: String = "") -> String {
  "GET \(target) HTTP/1.1\r\nHost: a\r\n\(extra)\r\n"
}

@Suite(.timeLimit(.minutes(5))) struct HTTPServerTests {
  @Test func `a connection carries one request after another`() async throws {
    try await withServer(handler: echo) { _, port in
      let client = try #require(RawClient(port: port))
      client.send(get("/one"))
      #expect(client.read(until: "</one>"))
      client.send(get("/two"))
      #expect(client.read(until: "</two>"))
      #expect(client.text.hasPrefix("HTTP/1.1 200 OK\r\nDate: "))
      #expect(client.text.contains("\r\nContent-Length: 6\r\n"))
      #expect(!client.text.contains("Connection"))
    }
  }

  @Test func `pipelined requests are answered in their order, late ones too`() async throws {
    try await withServer(handler: echo) { _, port in
      let client = try #require(RawClient(port: port))
      let targets = (0..<300).map { $0 % 3 == 1 ? "/later/\($0)" : "/now/\($0)" }
      client.send(targets.map { get($0) }.joined())
      client.send(get("/last", "Connection: close\r\n"))
      #expect(client.readToEnd() == .orderly)
      let answered = client.text.split(separator: "<").dropFirst().compactMap {
        $0.split(separator: ">").first.map(String.init)
      }
      #expect(answered == targets + ["/last"])
      #expect(client.text.contains("\r\nConnection: close\r\n"))
    }
  }

  @Test func `the answer to HEAD has a length and no body`() async throws {
    try await withServer(handler: echo) { _, port in
      let client = try #require(RawClient(port: port))
      client.send("HEAD /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
      #expect(client.readToEnd() == .orderly)
      #expect(client.text.contains("Content-Length: 4\r\n"))
      #expect(client.text.hasSuffix("\r\n\r\n"))
    }
  }

  @Test func `HTTP 1.0 is answered and closed`() async throws {
    try await withServer(handler: echo) { _, port in
      let client = try #require(RawClient(port: port))
      client.send("GET /old HTTP/1.0\r\n\r\n")
      #expect(client.readToEnd() == .orderly)
      #expect(client.text.hasSuffix("</old>"))
    }
  }

  @Test func `a client that ends its side after asking still gets its answer`() async throws {
    try await withServer { _, responder in
      responder.respond(status: 200, body: [UInt8](repeating: 120, count: 8 << 20))
    } _: { _, port in
      let client = try #require(RawClient(port: port))
      client.send(get("/big"))
      client.endSending()
      #expect(client.readToEnd() == .orderly)
      #expect(client.received.count > 8 << 20)
    }
  }

  @Test func `a refused request is answered and the connection closed`() async throws {
    try await withServer(handler: echo) { _, port in
      let client = try #require(RawClient(port: port))
      client.send(get("/fine") + "GET / HTTP/1.1\r\n\r\n" + get("/never"))
      #expect(client.readToEnd() == .orderly)
      #expect(client.text.contains("</fine>"))
      #expect(client.text.contains("HTTP/1.1 400 Bad Request\r\n"))
      #expect(!client.text.contains("</never>"))
    }
  }

  @Test func `a body that waits for 100 Continue is asked for`() async throws {
    try await withServer { request, responder in
      responder.respond(status: 200, body: request.body)
    } _: { _, port in
      let client = try #require(RawClient(port: port))
      client.send(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
      #expect(client.read(until: "HTTP/1.1 100 Continue\r\n\r\n"))
      client.send("body")
      #expect(client.read(until: "\r\n\r\nbody"))
    }
  }

  @Test func `control characters cannot leave a header value`() async throws {
    try await withServer { _, responder in
      responder.respond(status: 200, headers: [("X-Name", "a\r\nSet-Cookie: b")])
    } _: { _, port in
      let client = try #require(RawClient(port: port))
      client.send(get("/", "Connection: close\r\n"))
      #expect(client.readToEnd() == .orderly)
      #expect(client.text.contains("X-Name: a  Set-Cookie: b\r\n"))
    }
  }

  @Test func `a stream comes in chunks and leaves the connection usable`() async throws {
    try await withServer { request, responder in
      guard request.target == "/stream" else { return echo(request, responder) }
      responder.startStream(status: 200, headers: [("Content-Type", "text/event-stream")])
      responder.write(Array("data: 1\n\n".utf8))
      responder.write([])
      responder.write(Array("data: 2\n\n".utf8))
      responder.finish()
      responder.write(Array("too late".utf8))
    } _: { _, port in
      let client = try #require(RawClient(port: port))
      client.send(get("/stream") + get("/next", "Connection: close\r\n"))
      #expect(client.readToEnd() == .orderly)
      #expect(client.text.contains("Transfer-Encoding: chunked\r\n"))
      #expect(client.text.contains("\r\n\r\n9\r\ndata: 1\n\n\r\n9\r\ndata: 2\n\n\r\n0\r\n\r\nHTTP"))
      #expect(client.text.hasSuffix("</next>"))
    }
  }

  @Test func `a stream waits for a client that does not read, and loses nothing`() async throws {
    let written = Atomic<Int>(0)
    let piece = [UInt8](repeating: 120, count: 64 * 1024)
    let pieceCount = 1000
    @Sendable func writeOn(_ responder: HTTPResponder) {
      responder.whenWritable { isWritable in
        guard isWritable else { return }
        guard written.load(ordering: .relaxed) < pieceCount else { return responder.finish() }
        written.add(1, ordering: .relaxed)
        responder.write(piece)
        writeOn(responder)
      }
    }
    try await withServer { _, responder in
      responder.startStream(status: 200, length: pieceCount * piece.count)
      writeOn(responder)
    } _: { server, port in
      let client = try #require(RawClient(port: port))
      client.send(get("/", "Connection: close\r\n"))
      #expect(client.read(until: "\r\n\r\n"))
      // The writer has stopped when many turns bring nothing more.
      var last = -1
      while last != written.load(ordering: .relaxed) {
        last = written.load(ordering: .relaxed)
        for _ in 0..<50 { await server.loop.turn() }
      }
      #expect(last < pieceCount)
      #expect(client.readToEnd() == .orderly)
      #expect(client.received.count > pieceCount * piece.count)
    }
  }

  @Test func `a writer that ignores a client that does not read loses it`() async throws {
    let outcome = Record<Bool>()
    try await withServer { _, responder in
      responder.startStream(status: 200)
      responder.onLeave { outcome.add(true) }
      for _ in 0..<1000 { responder.write([UInt8](repeating: 120, count: 64 * 1024)) }
    } _: { server, port in
      let client = try #require(RawClient(port: port))
      client.send(get("/"))
      #expect(client.readToEnd() == .reset)
      // The reset arrives while the server still tells its writer.
      await server.loop.turn()
      #expect(outcome.all == [true])
    }
  }

  @Test func `a reset breaks the connection in the middle of the answer`() async throws {
    try await withServer { _, responder in
      responder.startStream(status: 200, length: 100)
      responder.write(Array("half".utf8))
      responder.reset()
    } _: { _, port in
      let client = try #require(RawClient(port: port))
      client.send(get("/"))
      #expect(client.readToEnd() == .reset)
    }
  }

  @Test func `a cut-off answer ends in order but unfinished`() async throws {
    try await withServer { _, responder in
      responder.startStream(status: 200)
      responder.write(Array("half".utf8))
      responder.cutOff()
    } _: { _, port in
      let client = try #require(RawClient(port: port))
      client.send(get("/") + get("/never"))
      #expect(client.readToEnd() == .orderly)
      #expect(client.text.hasSuffix("\r\n4\r\nhalf\r\n"))
    }
  }

  @Test func `the handler learns that its client left, and may answer all the same`() async throws {
    let (left, leaving) = AsyncStream<Void>.makeStream()
    try await withServer { _, responder in
      responder.onLeave {
        responder.respond(status: 200)
        responder.whenWritable { isWritable in
          #expect(!isWritable)
          leaving.finish()
        }
      }
      responder.hang()
    } _: { server, port in
      var client = RawClient(port: port)
      client?.send(get("/"))
      await server.loop.turn()
      client = nil
      for await _ in left {}
      #expect(await server.loop.wait { $0(server.connectionCount) } == 0)
    }
  }

  @Test func `an answer may come from another thread`() async throws {
    try await withEventLoop { other in
      try await withServer { request, responder in
        other.run { responder.respond(status: 200, body: Array("<\(request.target)>".utf8)) }
      } _: { _, port in
        let client = try #require(RawClient(port: port))
        client.send(get("/a") + get("/b"))
        #expect(client.read(until: "</b>"))
      }
    }
  }
}
