import FleetModel
import Testing

@testable import Engine

@Suite struct `Who answers on a port` {
  private static let weather = ServerIdentity(
    name: "weather", toolsDigest: String(repeating: "a", count: 64))
  private static let weather2 = ServerIdentity(
    name: "weather", toolsDigest: String(repeating: "b", count: 64))
  private static let stranger = ServerIdentity(
    name: "stranger", toolsDigest: String(repeating: "c", count: 64))
  private static let refused = Failure(.connectionRefused, "refused", delivery: .notSent)

  private static func endpoint(_ port: Int) -> Endpoint {
    .http(HTTPEndpoint(url: "http://alpha:\(port)/mcp", portRange: 9000...9010))
  }

  private static func info(_ identity: ServerIdentity?) -> ConnectionInfo {
    ConnectionInfo(era: .modern, protocolVersion: "2026-07-28", identity: identity)
  }

  /// `weather` is connected on port 9001.
  private static func bench(
    identity: ServerIdentity? = nil, _ change: (inout Policies) -> Void = { _ in }
  ) -> FleetBench {
    var policies = Policies()
    policies.retry.schedule = .none
    change(&policies)
    var bench = FleetBench(
      policies: policies, endpoint: endpoint(9001), identity: identity, isConnected: false)
    bench.open(as: weather)
    bench.feed(
      .toolsListed(
        FleetBench.server, ToolList(tools: [ToolList.Tool(name: "pay")], result: .emptyObject)))
    return bench
  }

  /// As `bench`, but the server is gone from its port, and the search has begun.
  private static func searching() -> FleetBench {
    var bench = bench()
    bench.lose()
    bench.advance(.seconds(2))
    bench.feed(.openFailed(bench.openID, refused))
    return bench
  }

  // MARK: On the port it had

  @Test func `the first to answer is the server from then on`() {
    var bench = Self.bench()
    #expect(bench.picture()?.isConnected == true)
    bench.lose()
    bench.advance(.seconds(2))
    bench.open(as: Self.weather)
    #expect(bench.picture()?.isConnected == true)
    #expect(bench.picture()?.impostor == nil)
  }

  @Test(arguments: [stranger, weather2])
  func `another gets no call, is shown, and costs calls nothing but a refusal`(
    found: ServerIdentity
  ) {
    var bench = Self.bench()
    bench.lose()
    bench.advance(.seconds(2))
    let waiting = bench.submit("pay", opens: false)
    let effects = bench.open(as: found)
    #expect(effects.contains { if case .close(bench.openID) = $0 { true } else { false } })
    #expect(bench.picture()?.isConnected == false)
    #expect(
      bench.picture()?.impostor
        == ImpostorSnapshot(
          address: "http://alpha:9001/mcp", expected: Self.weather, found: found))
    let later = bench.submit("pay")
    for call in [waiting, later] {
      #expect(bench.failure(of: call)?.kind == .impostor)
      #expect(bench.failure(of: call)?.delivery == .notSent)
    }
    #expect(bench.sent.isEmpty && bench.stored.isEmpty)
    #expect(bench.picture()?.breaker.state == .closed)
    let notices = bench.machine.snapshot(at: bench.now).notices
    let words = "expected \(Self.weather.words), found \(found.words)"
    let said = notices.filter { $0.text.contains(words) }
    #expect(said.count == 1 && said.first?.severity == .error)
    #expect(said.first?.text.contains("mcpdash trust alpha") ?? false)
  }

  @Test func `another is said once, however often it answers, and is never called healthy`() {
    var bench = Self.bench { $0.health.interval = .seconds(1) }
    bench.lose()
    for _ in 0..<5 {
      bench.advance(.seconds(70))
      bench.open(as: Self.stranger)
    }
    #expect(bench.notices().filter { $0.contains("another server answers") }.count == 1)
    #expect(bench.picture()?.health.status == .unhealthy)
  }

  @Test func `the right one is taken back by itself`() {
    var bench = Self.bench()
    bench.lose()
    bench.advance(.seconds(2))
    bench.open(as: Self.stranger)
    bench.advance(.seconds(5))
    bench.open(as: Self.weather)
    #expect(bench.picture()?.isConnected == true && bench.picture()?.impostor == nil)
    let call = bench.submit("pay")
    #expect(bench.sendCount(of: call) == 1)
  }

  @Test func `one that a connection beside others finds closes those too`() {
    var bench = Self.bench()
    let running = bench.submit("pay")
    _ = bench.submit("pay", opens: false)
    bench.open(as: Self.stranger)
    #expect(bench.picture()?.isConnected == false)
    bench.answer(running, .ok)
    #expect(bench.outcome(of: running)?.reply == .ok)
    #expect(bench.picture()?.pool.open == 0)
  }

  @Test func `the configuration's word goes before the first to answer`() {
    let bench = Self.bench(identity: Self.stranger)
    var copy = bench
    #expect(copy.picture()?.impostor?.found == Self.weather)
    #expect(bench.sent.isEmpty)
  }

  @Test func `one that does not say who it is is refused where another is expected`() {
    var bench = Self.bench()
    bench.lose()
    bench.advance(.seconds(2))
    bench.open(as: nil)
    #expect(bench.picture()?.isConnected == false)
    #expect(bench.picture()?.connectFailure?.contains("does not say who it is") ?? false)
  }

  @Test func `nobody is asked without a port range`() {
    var bench = FleetBench(isConnected: false)
    bench.open(as: Self.weather)
    bench.lose()
    bench.advance(.seconds(2))
    bench.open(as: Self.stranger)
    #expect(bench.picture()?.isConnected == true)
    #expect(bench.searches.isEmpty)
  }

  // MARK: New tools

  @Test func `tools announced on a live connection make a new identity, read at its own port`() {
    var bench = Self.bench()
    bench.feed(.toolsChanged(FleetBench.server))
    guard case .http(let asked)? = bench.searches.first?.endpoint else {
      Issue.record("nobody was asked")
      return
    }
    #expect(asked.portRange == 9001...9001)
    bench.feed(.located(FleetBench.server, [PortCandidate(port: 9001, identity: Self.weather2)]))
    bench.lose()
    bench.advance(.seconds(2))
    bench.open(as: Self.weather2)
    #expect(bench.picture()?.isConnected == true)
  }

  @Test func `new tools that were not read before the server went need the operator's word`() {
    var bench = Self.bench()
    bench.feed(.toolsChanged(FleetBench.server))
    bench.lose()
    bench.feed(.located(FleetBench.server, [PortCandidate(port: 9001, identity: Self.weather2)]))
    bench.advance(.seconds(2))
    bench.open(as: Self.weather2)
    #expect(bench.picture()?.impostor?.found == Self.weather2)
  }

  @Test func `new tools never make another name, nor change what the configuration says`() {
    var bench = Self.bench()
    bench.feed(.toolsChanged(FleetBench.server))
    bench.feed(.located(FleetBench.server, [PortCandidate(port: 9001, identity: Self.stranger)]))
    bench.lose()
    bench.advance(.seconds(2))
    bench.open(as: Self.stranger)
    #expect(bench.picture()?.impostor?.expected == Self.weather)
    var pinned = Self.bench(identity: Self.weather)
    pinned.feed(.toolsChanged(FleetBench.server))
    #expect(pinned.searches.isEmpty)
  }

  // MARK: On another port

  @Test func `a server that vanished is looked for, one search at a time, and found again`() {
    var bench = Self.searching()
    #expect(bench.searches.map(\.endpoint) == [Self.endpoint(9001)])
    bench.feed(
      .located(
        FleetBench.server,
        [
          PortCandidate(port: 9000, identity: Self.stranger),
          PortCandidate(port: 9007, identity: Self.weather),
          PortCandidate(port: 9005, identity: Self.weather),
        ]))
    #expect(bench.picture()?.address == "http://alpha:9005/mcp")
    #expect(bench.notices().contains("found again on port 9005"))
    bench.open(as: Self.weather)
    #expect(bench.picture()?.isConnected == true)
    #expect(bench.opened?.endpoint == Self.endpoint(9005))
    let call = bench.submit("pay")
    #expect(bench.sendCount(of: call) == 1)
    bench.lose()
    bench.advance(.seconds(2))
    bench.feed(.openFailed(bench.openID, Self.refused))
    #expect(bench.searches.last?.endpoint == Self.endpoint(9001), "the configured port is first")
  }

  @Test func `searches follow the reconnect delays, and callers hurry none`() {
    var bench = Self.searching()
    for _ in 0..<10 {
      _ = bench.submit("pay", opens: false)
      bench.feed(.openFailed(bench.openID, Self.refused))
    }
    bench.feed(.located(FleetBench.server, []))
    for _ in 0..<10 {
      _ = bench.submit("pay", opens: false)
      bench.feed(.openFailed(bench.openID, Self.refused))
    }
    #expect(bench.searches.count == 1)
    bench.advance(.seconds(5))
    bench.feed(.openFailed(bench.openID, Self.refused))
    #expect(bench.searches.count == 2)
  }

  @Test func `a search without an answer is given up`() {
    var bench = Self.searching()
    for _ in 0..<20 {
      bench.advance(.seconds(10))
      bench.feed(.openFailed(bench.openID, Self.refused))
    }
    #expect(bench.searches.count > 2)
  }

  @Test func `nobody is looked for who was never seen, or whose failure says that it is there`() {
    var unseen = FleetBench(endpoint: Self.endpoint(9001), isConnected: false)
    unseen.feed(.openFailed(unseen.openID, Self.refused))
    #expect(unseen.searches.isEmpty)
    var busy = Self.bench()
    busy.lose()
    for kind in [Failure.Kind.httpStatus(503), .unauthorized, .tryTimeout, .nameNotResolved] {
      busy.advance(.seconds(60))
      busy.feed(.openFailed(busy.openID, Failure(kind, "", delivery: .notSent)))
    }
    #expect(busy.searches.isEmpty)
  }

  @Test func `only others: the likest is shown, the server stays unreachable, not impersonated`() {
    var bench = Self.searching()
    bench.feed(
      .located(
        FleetBench.server,
        [
          PortCandidate(port: 9002, identity: Self.stranger),
          PortCandidate(port: 9003, identity: Self.weather2),
        ]))
    #expect(bench.picture()?.impostor?.address == "http://alpha:9003/mcp")
    #expect(bench.picture()?.impostor?.found == Self.weather2)
    #expect(bench.picture()?.connectFailure == "refused")
    let call = bench.submit("pay", opens: false)
    bench.feed(.openFailed(bench.openID, Self.refused))
    bench.storeAll()
    #expect(bench.failure(of: call)?.kind == .connectionRefused)
    bench.advance(.seconds(30))
    bench.feed(.openFailed(bench.openID, Self.refused))
    bench.feed(.located(FleetBench.server, []))
    #expect(bench.picture()?.impostor == nil)
  }

  @Test func `what is found after the server came back by itself changes nothing`() {
    var bench = Self.searching()
    bench.advance(.seconds(5))
    bench.open(as: Self.weather)
    bench.feed(.located(FleetBench.server, [PortCandidate(port: 9009, identity: Self.weather)]))
    #expect(bench.picture()?.address == "http://alpha:9001/mcp")
    #expect(bench.picture()?.isConnected == true)
  }

  @Test func `a port found again outlives a reconfiguration that leaves the endpoint alone`() {
    var bench = Self.searching()
    bench.feed(.located(FleetBench.server, [PortCandidate(port: 9004, identity: Self.weather)]))
    bench.open(as: Self.weather)
    bench.reconfigure { $0[0].policies.retry.tryTimeout = .seconds(9) }
    #expect(bench.picture()?.address == "http://alpha:9004/mcp")
    #expect(bench.picture()?.isConnected == true)
    bench.reconfigure { $0[0].endpoint = Self.endpoint(9008) }
    bench.open(as: Self.stranger)
    #expect(bench.picture()?.isConnected == true, "a new endpoint is a new acquaintance")
  }

  // MARK: The operator's word

  @Test func `the operator's word makes the impostor the server, where it is`() {
    var bench = Self.searching()
    bench.feed(.located(FleetBench.server, [PortCandidate(port: 9002, identity: Self.stranger)]))
    #expect(bench.machine.impostor(of: FleetBench.server)?.contains("'stranger'") ?? false)
    bench.feed(.trust(FleetBench.server))
    #expect(bench.picture()?.impostor == nil)
    #expect(bench.picture()?.address == "http://alpha:9002/mcp")
    #expect(bench.notices().contains { $0.contains("is trusted by hand") })
    bench.open(as: Self.stranger)
    #expect(bench.picture()?.isConnected == true)
    bench.lose()
    bench.advance(.seconds(2))
    bench.open(as: Self.weather)
    #expect(bench.picture()?.impostor?.expected == Self.stranger)
  }

  @Test func `the operator's word goes before the configuration's`() {
    var bench = Self.bench(identity: Self.stranger)
    bench.feed(.trust(FleetBench.server))
    bench.open(as: Self.weather)
    #expect(bench.picture()?.isConnected == true)
  }

  @Test func `without an impostor there is nothing to trust`() {
    var bench = Self.bench()
    #expect(bench.machine.impostor(of: FleetBench.server) == nil)
    #expect(bench.feed(.trust(FleetBench.server)).isEmpty)
  }

  @Test func `an identity in words is short, whatever a server calls itself`() {
    let long = ServerIdentity(name: String(repeating: "x", count: 5000), toolsDigest: "abc")
    #expect(long.words.count < 120)
    #expect(
      ServerIdentity(name: "", toolsDigest: "abc").words == "a server without a name with tools abc"
    )
  }
}

@Suite struct `The port of a URL` {
  @Test(arguments: [
    ("http://alpha:9001/mcp", "http://alpha:7/mcp", 9001),
    ("https://alpha/mcp?x=1:2#a:b", "https://alpha:7/mcp?x=1:2#a:b", 443),
    ("HTTP://alpha", "HTTP://alpha:7", 80), ("http://alpha:/", "http://alpha:7/", 80),
    ("http://[::1]:80/a", "http://[::1]:7/a", 80), ("http://[::1]/a", "http://[::1]:7/a", 80),
    ("http://u:p@w@alpha:1?q", "http://u:p@w@alpha:7?q", 1),
    ("http://u:p@[fe80::1]#f", "http://u:p@[fe80::1]:7#f", 80),
  ])
  func `is read and replaced, and nothing else`(url: String, moved: String, port: Int) {
    #expect(PortedURL(url)?.port == port)
    #expect(PortedURL(url)?.replacingPort(7) == moved)
    #expect(PortedURL(moved)?.port == 7)
  }

  @Test(arguments: [
    "", "alpha:9001", "unix:///run/a.sock#/mcp", "http://", "http://alpha:x/", "http://alpha:0/",
    "http://alpha:65536/", "http:///mcp", "ftp://alpha:21/", "http:alpha:1",
  ])
  func `is not there in what is no such URL`(url: String) {
    #expect(PortedURL(url) == nil)
  }
}

extension FleetBench {
  /// The connection asked for last, or none that is known.
  fileprivate var openID: ConnectionID { lastOpen ?? ConnectionID(number: 0) }

  /// The definition it was asked for with.
  fileprivate var opened: ServerDefinition? {
    effects.reversed().lazy.compactMap {
      if case .open(let definition, _, _) = $0 { definition } else { nil }
    }.first
  }

  fileprivate var searches: [ServerDefinition] {
    effects.compactMap { if case .locate(let definition) = $0 { definition } else { nil } }
  }

  /// Somebody answers the last connection asked for.
  @discardableResult
  fileprivate mutating func open(as identity: ServerIdentity?) -> [FleetEffect] {
    feed(
      .opened(
        openID,
        ConnectionInfo(era: .modern, protocolVersion: "2026-07-28", identity: identity)))
  }

  /// The last connection breaks.
  fileprivate mutating func lose() {
    feed(.closed(Self.server, openID, Failure(.connectionReset, "reset", delivery: .unknown)))
  }
}
