import FleetModel
import Synchronization
import Testing

@testable import Adapters

extension CurlClient {
  /// The whole body of one answer, or why there is none.
  fileprivate func text(of url: String) async -> Result<String, Failure> {
    do throws(Failure) {
      let response = try await send(CurlRequest(method: .get, url: url))
      guard case .complete(let body) = response.body else {
        return .failure(Failure(.malformedAnswer, "a stream", delivery: .executed))
      }
      return .success(String(decoding: body, as: UTF8.self))
    } catch {
      return .failure(error)
    }
  }
}

extension Result where Failure == FleetModel.Failure {
  fileprivate var failure: Failure? {
    if case .failure(let failure) = self { failure } else { nil }
  }
}

@Suite(.timeLimit(.minutes(5))) struct `Over TLS, the HTTP client` {
  private static func with(
    _ mode: String, _ kind: TestCertificates.Kind,
    _ body: (_ url: String, EventLoop, TestCertificates) async throws -> Void
  ) async throws {
    let certificates = try TestCertificates()
    let certificate = try certificates.make(kind)
    try await withEventLoop { loop in
      let server = try await PythonServer.start(
        "http_oddities.py", [mode, certificate, certificates.key], on: loop)
      try await body("https://localhost:\(server.announcement)/", loop, certificates)
      await server.stop()
    }
  }

  private static func ask(
    _ url: String, _ loop: EventLoop, _ authorities: CertificateAuthorities
  ) async -> Result<String, Failure> {
    let client = CurlClient(loop: loop, authorities: authorities)
    let answer = await client.text(of: url)
    await client.shutdown()
    return answer
  }

  @Test func `believes the authorities that it was told of`() async throws {
    try await Self.with("plain", .good) { url, loop, certificates in
      let answer = await Self.ask(
        url, loop, CertificateAuthorities(file: certificates.authority))
      #expect(answer == .success("HTTP/1.1 1 gzip"))
    }
  }

  @Test(arguments: [
    (TestCertificates.Kind.expired, true, "expired"),
    (.otherHost, true, "host name 'localhost'"),
    (.selfSigned, true, "self-signed certificate"),
    (.good, false, "unable to get local issuer certificate"),
  ])
  func `refuses a certificate by name, and sends nothing`(
    kind: TestCertificates.Kind, isTold: Bool, why: String
  ) async throws {
    try await Self.with("plain", kind) { url, loop, certificates in
      let failure = await Self.ask(
        url, loop, CertificateAuthorities(file: isTold ? certificates.authority : nil)
      ).failure
      #expect(failure?.kind == .tls)
      #expect(failure?.delivery == .notSent)
      #expect(failure?.message.contains(why) == true, "\(failure?.message ?? "")")
    }
  }

  @Test func `speaks HTTP/2 where it is offered, over one connection`() async throws {
    try await Self.with("h2", .good) { url, loop, certificates in
      let client = CurlClient(
        loop: loop, authorities: CertificateAuthorities(file: certificates.authority))
      for _ in 0..<3 { #expect(await client.text(of: url) == .success("HTTP/2 1")) }
      await client.shutdown()
    }
  }

  @Test(arguments: [
    (["CURL_CA_BUNDLE": "a", "SSL_CERT_FILE": "b", "SSL_CERT_DIR": "c"], "a", "c"),
    (["CURL_CA_BUNDLE": "", "SSL_CERT_FILE": "b"], "b", nil), ([:], String?.none, String?.none),
  ])
  func `is told of authorities by the environment`(
    variables: [String: String], file: String?, directory: String?
  ) {
    #expect(
      CertificateAuthorities.environment { variables[$0] }
        == CertificateAuthorities(file: file, directory: directory))
  }
}

@Suite(.timeLimit(.minutes(5))) struct `A body over HTTP` {
  private static func with(
    _ mode: String, _ body: (String, CurlClient) async throws -> Void
  ) async throws {
    try await withEventLoop { loop in
      let server = try await PythonServer.start("http_oddities.py", [mode], on: loop)
      let client = CurlClient(loop: loop)
      try await body("http://127.0.0.1:\(server.announcement)/", client)
      await client.shutdown()
      await server.stop()
    }
  }

  @Test func `may be squeezed with gzip, and only so`() async throws {
    try await Self.with("gzip") { url, client in
      #expect(await client.text(of: url) == .success("HTTP/1.1 1 gzip"))
    }
  }

  @Test func `uses its connection again`() async throws {
    try await Self.with("plain") { url, client in
      for _ in 0..<3 { #expect(await client.text(of: url) == .success("HTTP/1.1 1 gzip")) }
    }
  }

  @Test func `that unfolds to a gigabyte is cut off at the limit`() async throws {
    try await Self.with("bomb") { url, client in
      let failure = await client.text(of: url).failure
      #expect(failure?.kind == .answerTooLarge)
    }
  }

  @Test(arguments: [1 << 30, nil])
  func `of a gigabyte or without end is cut off at the limit`(length: Int?) async throws {
    let written = Atomic(0)
    try await TransportFixture.with { _, responder in
      responder.startStream(status: 200, headers: [], length: length)
      Self.flood(responder, left: 1 << 30) { written.add($0, ordering: .relaxed) }
    } _: { fixture in
      let client = CurlClient(loop: fixture.loop)
      let failure = await client.text(of: fixture.url).failure
      #expect(failure?.kind == .answerTooLarge)
      #expect(failure?.delivery == .executed)
      #expect(written.load(ordering: .relaxed) < 3 * CurlTransfer.answerLimit)
      await client.shutdown()
    }
  }

  private static func flood(
    _ responder: HTTPResponder, left: Int, _ count: @escaping @Sendable (Int) -> Void
  ) {
    let size = min(left, 1 << 20)
    guard size > 0 else { return responder.finish() }
    responder.write(Array(repeating: 0x20, count: size))
    count(size)
    responder.whenWritable { if $0 { flood(responder, left: left - size, count) } }
  }

  @Test func `that drips is given up with its caller`() async throws {
    let left = Mutex(false)
    try await TransportFixture.with { _, responder in
      responder.startStream(status: 200, headers: [("Content-Type", "application/json")])
      responder.write([0x7B])
      responder.onLeave { left.withLock { $0 = true } }
    } _: { fixture in
      let client = CurlClient(loop: fixture.loop)
      let url = fixture.url
      let caller = Task { await client.text(of: url) }
      await fixture.until { !fixture.seen.all.isEmpty }
      caller.cancel()
      #expect(await caller.value.failure?.kind == .cancelled)
      await fixture.until { left.withLock { $0 } }
      await client.shutdown()
    }
  }
}

@Suite(.timeLimit(.minutes(5))) struct `A password in a URL` {
  @Test(arguments: [
    ("Unsupported proxy 'socks9://me:pass@h:1'", "Unsupported proxy 'socks9://…@h:1'"),
    ("a//me:p@h/x and //u@v", "a//…@h/x and //…@v"), ("nothing // here a@b", "nothing // here a@b"),
    ("", ""),
  ])
  func `is not in the words of a failure`(text: String, clean: String) {
    #expect(CurlFailure.text(text) == clean)
  }

  @Test func `goes to the server alone`() async throws {
    try await TransportFixture.with { request, responder in
      responder.respond(
        status: 302, headers: [("Location", request.path == "/mcp" ? "/x" : "http://h/y")])
    } _: { fixture in
      let url = "http://me:secret@127.0.0.1:\(fixture.port)/mcp"
      let failure = await #expect(throws: Failure.self) {
        try await fixture.open(fixture.server(url: url))
      }
      #expect(fixture.seen.all.first?.headers["authorization"] == "Basic bWU6c2VjcmV0")
      #expect(failure?.message.contains("secret") == false)
      #expect(failure?.message.contains("redirected to") == true)
    }
  }

  @Test(arguments: ["http://me:secret@127.0.0.1:1/", "http://me:secret@", "http://me:secret@h h/"])
  func `is not told when there is no server`(url: String) async throws {
    try await TransportFixture.withoutServer { fixture in
      let failure = await #expect(throws: Failure.self) {
        try await fixture.open(fixture.server(url: url))
      }
      #expect(failure?.message.contains("secret") == false)
    }
  }
}
