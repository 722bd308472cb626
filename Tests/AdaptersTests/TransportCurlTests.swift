import FleetModel
import Testing

@testable import Adapters

@Suite(.timeLimit(.minutes(5))) struct `The HTTP client` {
  @Test func `talks over a Unix socket`() async throws {
    try await withEventLoop { loop in
      let server = HTTPServer(loop: loop) { request, responder in
        responder.respond(status: 200, body: Array(request.target.utf8))
      }
      let path = "/tmp/mcpdash-test-\(UInt64.random(in: 0 ... .max)).sock"
      try server.listenUnix(path: path)
      let client = CurlClient(loop: loop)
      let response = try await client.send(
        CurlRequest(method: .get, url: "http://localhost/x?y", unixSocket: path))
      guard case .complete(let body) = response.body else {
        Issue.record("not whole")
        return
      }
      #expect(String(decoding: body, as: UTF8.self) == "/x?y")
      await client.shutdown()
      await server.stop(grace: .zero)
    }
  }

  @Test func `holds back a sender that is faster than its reader`() async throws {
    let total = 8 << 20
    try await TransportFixture.with { _, responder in
      responder.eventStream()
      Self.flood(responder, left: total)
    } _: { fixture in
      let client = CurlClient(loop: fixture.loop)
      let response = try await client.send(CurlRequest(method: .get, url: fixture.url))
      guard case .stream(let stream) = response.body else {
        Issue.record("no stream")
        return
      }
      var count = 0
      var largest = 0
      while let chunk = try await stream.next() {
        count += chunk.count
        largest = max(largest, chunk.count)
      }
      await stream.cancel()
      #expect(count == total)
      // One write of libcurl's buffer may come on top of a nearly full one.
      #expect(largest <= CurlTransfer.unreadLimit + 16 << 10)
      await client.shutdown()
    }
  }

  private static func flood(_ responder: HTTPResponder, left: Int) {
    guard left > 0 else { return responder.finish() }
    responder.write(Array(repeating: 0x0A, count: min(left, 64 << 10)))
    responder.whenWritable { if $0 { flood(responder, left: left - 64 << 10) } }
  }

  @Test func `fails what is on its way when it shuts down`() async throws {
    try await TransportFixture.with { _, responder in
      responder.hang()
    } _: { fixture in
      let client = CurlClient(loop: fixture.loop)
      let url = fixture.url
      let request = Task { () -> Failure? in
        do throws(Failure) {
          _ = try await client.send(CurlRequest(method: .get, url: url))
          return nil
        } catch {
          return error
        }
      }
      await fixture.until { !fixture.seen.all.isEmpty }
      await client.shutdown()
      #expect(await request.value?.kind == .shuttingDown)
    }
  }

  @Test func `serves hundreds of requests at once and keeps few handles`() async throws {
    try await TransportFixture.with { _, responder in
      responder.respond(status: 200)
    } _: { fixture in
      let client = CurlClient(loop: fixture.loop)
      let url = fixture.url
      let good = await withTaskGroup(of: Bool.self) { group in
        for _ in 0..<600 {
          group.addTask {
            (try? await client.send(CurlRequest(method: .get, url: url)))?.status == 200
          }
        }
        var good = 0
        for await isGood in group where isGood { good += 1 }
        return good
      }
      #expect(good == 600)
      #expect(await client.idleHandleCount <= CurlClient.idleHandleLimit)
      await client.shutdown()
    }
  }

  @Test func `keeps an eye on a connection at rest until its server closes it`() async throws {
    try await withEventLoop { loop in
      let client = CurlClient(loop: loop)
      let path = "/tmp/mcpdash-test-\(UInt64.random(in: 0 ... .max)).sock"
      for _ in 0..<3 {
        let server = HTTPServer(loop: loop) { _, responder in responder.respond(status: 200) }
        try server.listenUnix(path: path)
        for _ in 0..<2 {
          let response = try await client.send(
            CurlRequest(method: .get, url: "http://localhost/", unixSocket: path))
          #expect(response.status == 200)
          #expect(await client.watchedSocketCount == 1)
        }
        await server.stop(grace: .zero)
        while await client.watchedSocketCount > 0 { await Task.yield() }
      }
      await client.shutdown()
    }
  }

  @Test func `sends much over a connection at rest, as fast as the server reads`() async throws {
    try await withEventLoop { loop in
      let server = HTTPServer(loop: loop) { request, responder in
        responder.respond(status: 200, body: Array("\(request.body.count)".utf8))
      }
      let path = "/tmp/mcpdash-test-\(UInt64.random(in: 0 ... .max)).sock"
      try server.listenUnix(path: path)
      let client = CurlClient(loop: loop)
      for size in [1, 2 << 20] {
        let response = try await client.send(
          CurlRequest(
            method: .post, url: "http://localhost/", body: Array(repeating: 0x78, count: size),
            unixSocket: path))
        guard case .complete(let body) = response.body else {
          Issue.record("not whole")
          continue
        }
        #expect(String(decoding: body, as: UTF8.self) == "\(size)")
        #expect(await client.watchedSocketCount == 1)
      }
      await client.shutdown()
      await server.stop(grace: .zero)
    }
  }

  @Test func `watches nothing any more once it is shut down`() async throws {
    try await TransportFixture.with { _, responder in
      responder.respond(status: 200)
    } _: { fixture in
      let client = CurlClient(loop: fixture.loop)
      _ = try await client.send(CurlRequest(method: .get, url: fixture.url))
      #expect(await client.watchedSocketCount == 1)
      await client.shutdown()
      #expect(await client.watchedSocketCount == 0)
    }
  }

  @Test func `sends what this request says, not what the last one over its handle said`()
    async throws
  {
    try await TransportFixture.with { request, responder in
      let told = [request.httpMethod, request.headers["x-told"] ?? "none", request.body]
      responder.respond(status: 200, body: Array(told.joined(separator: " ").utf8))
    } _: { fixture in
      let client = CurlClient(loop: fixture.loop)
      let told = [HeaderField(name: "X-Told", value: "one")]
      let url = fixture.url
      let post = CurlRequest(method: .post, url: url, headers: told, body: Array("!a".utf8))
      var shorter = post
      shorter.body = [33]
      let bare = CurlRequest(method: .get, url: url)
      let end = CurlRequest(method: .delete, url: url)
      var answers: [String] = []
      for request in [post, shorter, bare, end, shorter] {
        guard case .complete(let body) = try await client.send(request).body else { continue }
        answers.append(String(decoding: body, as: UTF8.self))
      }
      #expect(
        answers == ["POST one !a", "POST one !", "GET none ", "DELETE none ", "POST one !"])
      #expect(await client.idleHandleCount == 1)
      await client.shutdown()
    }
  }

  @Test(arguments: [
    ("http://A.example/x", "http://a.EXAMPLE:80/y", true),
    ("http://a.example", "https://a.example", false),
    ("http://a.example", "http://a.example:81", false),
    ("http://a.example", "http://b.example", false),
  ])
  func `tells origins apart`(left: String, right: String, isSame: Bool) {
    #expect((CurlOrigin(url: left) == CurlOrigin(url: right)) == isSame)
  }

  @Test(arguments: [
    ("http://a.example/x", "http://a.example:80/y", true),
    ("http://a.example/x", "https://A.example/x", true),
    ("http://a.example:80", "https://a.example:443/y", true),
    ("http://a.example", "https://b.example", false),
    ("http://a.example", "https://a.example:8443", false),
    ("http://a.example:8080", "https://a.example", false),
    ("http://a.example:8080", "https://a.example:8080", false),
    ("https://a.example", "http://a.example", false),
    ("https://a.example", "https://a.example:8443", false),
    ("http://a.example", "ftp://a.example", false), ("http://a.example", "https://", false),
  ])
  func `may be led to the same origin, and to TLS on the usual ports alone`(
    url: String, location: String, isAllowed: Bool
  ) throws {
    #expect(try #require(CurlOrigin(url: url)).mayRedirect(to: location) == isAllowed)
  }

  @Test func `finds no origin in what is no URL`() {
    #expect(CurlOrigin(url: "http://") == nil)
    #expect(CurlOrigin(url: "") == nil)
  }
}
