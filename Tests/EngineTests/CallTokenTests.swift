import Engine
import FleetModel
import Testing

@Suite struct `A call with its caller's own token` {
  private let token = Secret("eyJhbGciOi.J9")

  @Test func `is neither answered from the cache nor kept in it`() {
    var bench = FleetBench()
    let shared = bench.read("resources/list")
    bench.answer(shared, .ok, timeToLive: .seconds(60))
    let own = bench.read("resources/list", token: token)
    #expect(bench.sendCount(of: own) == 1)
    let secret = Reply.success(JSONText(unchecked: Array("{\"secret\":1}".utf8)))
    bench.answer(own, secret, timeToLive: .seconds(60))
    #expect(bench.outcome(of: own)?.reply == secret)
    let next = bench.read("resources/list")
    #expect(bench.outcome(of: next)?.source == .cache)
    #expect(bench.outcome(of: next)?.reply == .ok)
  }

  @Test func `neither follows a like read nor is followed`() {
    var bench = FleetBench()
    let reads = [
      bench.read("resources/list"), bench.read("resources/list", token: token),
      bench.read("resources/list", token: token), bench.read("resources/list"),
    ]
    #expect(bench.sent == Array(reads.prefix(3)))
    #expect(bench.picture()?.load.coalesced == 1)
  }

  @Test func `gets no stale answer of others either`() {
    var policies = Policies()
    policies.cache.timeToLive = .seconds(1)
    policies.breaker.failureLimit = 1
    policies.retry.schedule = .none
    var bench = FleetBench(policies: policies)
    bench.answer(bench.read("resources/list"), .ok, timeToLive: .seconds(1))
    bench.advance(.seconds(2))
    bench.answer(bench.submit("pay"), .unavailable)
    let shared = bench.read("resources/list")
    #expect(bench.outcome(of: shared)?.source == .staleCache)
    let own = bench.read("resources/list", token: token)
    #expect(bench.failure(of: own)?.kind == .breakerOpen)
  }

  @Test func `leaves a dead letter without it, even where the server says it back`() throws {
    var policies = Policies()
    policies.retry.schedule = .none
    var bench = FleetBench(policies: policies)
    let call = bench.submit("pay", token: token)
    let echo = "reset after 'Bearer \(token.value)' and \(token.value)\(token.value)"
    bench.answer(
      call, .failure(Failure(.connectionReset, echo, delivery: .unknown)))
    let letter = try #require(bench.stored.first)
    #expect(letter.errorMessage.hasPrefix("reset after 'Bearer …' and ……"))
    var dump = ""
    Swift.dump(letter, to: &dump)
    #expect(!dump.contains(token.value))
    #expect(!String(decoding: letter.params.bytes, as: UTF8.self).contains(token.value))
  }

  @Test func `leaves a dead letter that says it needs one, and where it was sent`() throws {
    var policies = Policies()
    policies.retry.schedule = .none
    var bench = FleetBench(policies: policies)
    bench.answer(bench.submit("pay", token: token), .lost)
    bench.answer(bench.submit("pay"), .lost)
    #expect(bench.stored.map(\.needsToken) == [true, false])
    #expect(bench.stored.allSatisfy { $0.endpoint == "http://alpha/mcp" })
  }

  @Test func `and secrets in the arguments leave a dead letter without them`() throws {
    var policies = Policies()
    policies.retry.schedule = .none
    var bench = FleetBench(policies: policies)
    let arguments = JSONText(unchecked: Array(#"{"to":"anna","Password":"hunter2"}"#.utf8))
    let id = CallID(high: 9, low: 1)
    bench.feed(
      .submit(
        .tool("pay", arguments: arguments, on: FleetBench.server, id: id, origin: .cli)))
    bench.answerOpens()
    bench.answer(
      id, .failure(Failure(.connectionReset, "after 'hunter2'", delivery: .unknown)))
    let letter = try #require(bench.stored.first)
    #expect(
      letter.params.text
        == #"{"name":"pay","arguments":{"to":"anna","Password":"[redacted]"}}"#)
    #expect(letter.redacted == ["arguments.Password"])
    #expect(letter.errorMessage.hasPrefix("after '…'"))
    var dump = ""
    Swift.dump(letter, to: &dump)
    #expect(!dump.contains("hunter2"))
  }

  @Test func `and what is configured for its server are not said back to anybody`() throws {
    var policies = Policies()
    policies.retry.schedule = .none
    let headers = [
      HeaderField(name: "Authorization", value: "Bearer hunter2"),
      HeaderField(name: "X-Api-Key", value: "hunter3"), HeaderField(name: "X-Team", value: "pay"),
    ]
    let url = "http://ann:hunter4@alpha/mcp?apikey=hunter5&team=pay"
    var bench = FleetBench(policies: policies, endpoint: .http(url: url, headers: headers))
    let words = "no hunter2, Bearer hunter2, hunter3, hunter4 or hunter5 for team pay"
    let call = bench.submit("pay")
    bench.answer(call, .failure(Failure(.connectionReset, words, delivery: .unknown)))
    let letter = try #require(bench.stored.first)
    #expect(letter.errorMessage.hasPrefix("no …, …, …, … or … for team pay"))
    bench.feed(.stored(call, .stored))
    #expect(bench.failure(of: call)?.message.contains("hunter") == false)
    #expect(letter.endpoint == "http://…@alpha/mcp")
  }

  @Test func `is never handed to another server`() {
    var policies = Policies()
    policies.retry.schedule = .none
    policies.fallbacks = [Fallback(target: .any, source: .tool(ServerID("beta"), nil))]
    let beta = ServerDefinition(
      id: ServerID("beta"), endpoint: .http(url: "http://beta/mcp", headers: []))
    var bench = FleetBench(policies: policies, others: [beta])
    let own = bench.submit("echo", token: token)
    bench.answer(own, .unavailable)
    #expect(bench.sent == [own])
    bench.storeAll()
    #expect(bench.failure(of: own)?.kind == .httpStatus(503))
    let plain = bench.submit("echo")
    bench.answer(plain, .unavailable)
    #expect(bench.sent.count == 3)
  }
}
