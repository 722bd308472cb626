import Engine
import FleetModel
import Synchronization
import Testing

@testable import Adapters

@Suite(.timeLimit(.minutes(5))) struct `An HTTP address` {
  @Test(arguments: [
    ("unix:///run/a.sock", "/run/a.sock", "http://localhost/"),
    ("unix:///run/a.sock#/mcp", "/run/a.sock", "http://localhost/mcp"),
    ("UNIX:///run/a.sock#mcp?x=1", "/run/a.sock", "http://localhost/mcp?x=1"),
    ("unix:///run/a%20b%23.sock#/", "/run/a b#.sock", "http://localhost/"),
    ("http://h/mcp#x", nil, "http://h/mcp#x"),
  ])
  func `is a URL, and a socket where it names one`(
    text: String, socket: String?, url: String
  ) throws {
    let address = try HTTPAddress(text)
    #expect(address.unixSocket == socket)
    #expect(address.url == url)
  }

  @Test(arguments: [
    ("unix:run/a.sock", "absolute"), ("unix:/run/a.sock", "absolute"), ("unix://", "absolute"),
    ("unix:///", "absolute"), ("unix://host/a.sock", "absolute"), ("unix:///a.sock?x#/", "query"),
    ("unix:///a%2.sock", "percent"), ("unix:///a%zz", "percent"), ("unix:///a%ff", "percent"),
    ("unix:///a%00b", "percent"),
    ("unix:///\(String(repeating: "é", count: 60))", "121 bytes"),
  ])
  func `that is none says why, and how to write it`(text: String, why: String) {
    let failure = #expect(throws: Failure.self) { _ = try HTTPAddress(text) }
    #expect(failure?.message.contains(why) == true)
    #expect(failure?.message.contains("unix:///path/of.sock#/mcp") == true)
    #expect(failure?.delivery == .notSent)
  }

  @Test func `may have a socket's path of the largest size`() throws {
    let path = "/" + String(repeating: "x", count: HTTPAddress.pathLimit - 1)
    let address = try HTTPAddress("unix://" + path)
    #expect(address.unixSocket == path)
    #expect(throws: Failure.self) { _ = try HTTPAddress("unix://" + path + "x") }
  }

  @Test(arguments: [
    ("http://h:1/a/b", "c?d", "http://h:1/a/c?d"), ("http://h:1/a/b", "/c", "http://h:1/c"),
    ("http://h:1/a", "https://x/y", "https://x/y"),
  ])
  func `resolves a reference`(base: String, reference: String, url: String) {
    #expect(CurlURL.resolve(reference, against: base) == url)
  }

  @Test(arguments: [
    ("http://h:1/a?b", "http://h:7/a?b"), ("https://[::1]/a", "https://[::1]:7/a"),
    ("http://u:p@h/a", "http://u:p@h:7/a"),
  ])
  func `is found on another port`(url: String, moved: String) {
    #expect(CurlURL.replacingPort(of: url, with: 7) == moved)
  }
}

@Suite(.timeLimit(.minutes(5))) struct `Behind a Unix socket, a server` {
  private static func with(
    _ script: @escaping TransportFixture.Script,
    _ body: (TransportFixture, _ socket: String) async throws -> Void
  ) async throws {
    try await TransportFixture.withoutServer { fixture in
      let directory = TemporaryDirectory()
      let seen = fixture.seen
      let server = HTTPServer(loop: fixture.loop) { request, responder in
        let request = SeenRequest(request)
        seen.add(request)
        script(request, responder)
      }
      let path = directory.file("s.sock")
      try server.listenUnix(path: path)
      try await body(fixture, path)
      await fixture.transport.shutdown()
      await server.stop(grace: .zero)
    }
  }

  @Test func `speaks streamable HTTP as localhost`() async throws {
    try await Self.with { request, responder in
      responder.json(request.result(#"{"supportedVersions":["2026-07-28"]}"#))
    } _: { fixture, socket in
      let info = try await fixture.open(fixture.server(url: "unix://\(socket)#/mcp"))
      #expect(info.era == .modern)
      let seen = try #require(fixture.seen.all.first)
      #expect(seen.headers["host"] == "localhost")
      #expect(seen.path == "/mcp")
    }
  }

  @Test func `speaks HTTP with SSE`() async throws {
    let script = LegacyStreamScript()
    try await Self.with {
      script.answer($0, $1)
    } _: { fixture, socket in
      let endpoint = HTTPEndpoint(url: "unix://\(socket)#/sse", style: .sse)
      let server = ServerDefinition(id: ServerID("s"), endpoint: .http(endpoint))
      let info = try await fixture.open(server)
      #expect(info.transport == .sse)
      #expect(await fixture.call().result == "{}")
    }
  }

  @Test func `may redirect to itself, and stays behind its socket`() async throws {
    try await Self.with { request, responder in
      guard request.path == "/new" else {
        return responder.respond(status: 307, headers: [("Location", "/new")])
      }
      responder.json(request.result(#"{"supportedVersions":["2026-07-28"]}"#))
    } _: { fixture, socket in
      try await fixture.open(fixture.server(url: "unix://\(socket)#/mcp"))
      #expect(await fixture.call().result != nil)
      #expect(fixture.seen.all.map(\.path) == ["/mcp", "/new", "/new"])
    }
  }

  @Test(arguments: ["http://127.0.0.1/x", "http://localhost:81/x", "https://localhost/x"])
  func `may not redirect elsewhere`(location: String) async throws {
    try await Self.with { _, responder in
      responder.respond(status: 307, headers: [("Location", location)])
    } _: { fixture, socket in
      let failure = await #expect(throws: Failure.self) {
        try await fixture.open(fixture.server(url: "unix://\(socket)#/mcp"))
      }
      #expect(failure?.message.contains("redirected to \(location)") == true)
      #expect(fixture.seen.all.count == 1)
    }
  }

  @Test func `that is not there is refused by name`() async throws {
    try await TransportFixture.withoutServer { fixture in
      let missing = await #expect(throws: Failure.self) {
        try await fixture.open(fixture.server(url: "unix:///nowhere/at/all.sock"))
      }
      #expect(missing?.kind == .connectionRefused)
      let relative = await #expect(throws: Failure.self) {
        try await fixture.open(fixture.server(url: "unix:all.sock"))
      }
      #expect(relative?.message.contains("no absolute path") == true)
    }
  }
}
