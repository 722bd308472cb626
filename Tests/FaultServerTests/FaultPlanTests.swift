import FleetModel
import Testing
import Wire

@testable import FaultServer

private func plan(_ text: String) throws -> FaultPlan {
  try FaultPlan(try JSONView(Array(text.utf8)), path: "faults")
}

@Suite struct FaultPlanTests {
  @Test(
    arguments: [
      "{}", #"{"latency":20}"#, #"{"latency":{"uniform":[1,2.5]}}"#,
      #"{"latency":{"normal":{"mean":20,"deviation":5}}}"#, #"{"latency":{"exponential":9}}"#,
      #"{"latency":{"tail":{"p50":20,"p99":900}}}"#,
      #"{"hang":true,"reset":0.25,"crash":{"next":3}}"#,
      #"{"rateLimited":{"probability":0.5,"retryAfter":2,"as":"date","on":"everything"}}"#,
      #"{"status":[{"code":500,"probability":0.1},{"code":503,"next":2,"runs":true}]}"#,
      #"{"garbage":{"as":"http"},"truncated":1,"flood":1,"eventStream":1,"sessionLoss":1}"#,
      #"{"protocolError":{"code":-32000,"message":"m"},"toolError":{"message":"n"}}"#,
      #"{"refused":{"seconds":2},"port":0,"toolsRevision":4,"hostile":true,"health":503}"#,
      #"{"refused":true,"health":false}"#,
    ])
  func `a plan that is written out is read as the same plan`(text: String) throws {
    let original = try plan(text)
    var writer = JSONWriter()
    original.write(to: &writer)
    #expect(try plan(writer.json.text) == original)
  }

  @Test(
    arguments: [
      ("[]", "faults", "[]", "give an object"),
      (#"{"latencies":1}"#, "faults.latencies", "1", "no such setting; there are crash,"),
      (#"{"latency":-5}"#, "faults.latency", "-5", "give milliseconds from 0 to 3600000"),
      (#"{"latency":{"uniform":[9,1]}}"#, "faults.latency.uniform", "[9,1]", "second number"),
      (#"{"latency":{"uniform":[9]}}"#, "faults.latency.uniform", "[9]", "give two numbers"),
      (#"{"latency":{"normal":{"mean":1}}}"#, "faults.latency.normal", #"{"mean":1}"#, "deviation"),
      (#"{"latency":{"tail":{"p50":9,"p99":1}}}"#, "faults.latency.tail", "{", "p99"),
      (#"{"latency":{}}"#, "faults.latency", "{}", "give just one of"),
      (#"{"hang":1.5}"#, "faults.hang", "1.5", "give a probability from 0 to 1"),
      (#"{"hang":"yes"}"#, "faults.hang", #""yes""#, "give an object with probability"),
      (#"{"hang":{"next":0}}"#, "faults.hang.next", "0", "from 1 to"),
      (#"{"hang":{"on":"some"}}"#, "faults.hang.on", #""some""#, "calls, requests, everything"),
      (#"{"hang":{"code":1}}"#, "faults.hang.code", "1", "no such setting"),
      (#"{"status":{}}"#, "faults.status", "{}", #"give "code""#),
      (#"{"status":[{"code":200}]}"#, "faults.status[0].code", "200", "from 400 to 599"),
      (#"{"rateLimited":{"as":"week"}}"#, "faults.rateLimited.as", #""week""#, "seconds, date"),
      (#"{"refused":{"seconds":0}}"#, "faults.refused.seconds", "0", "give seconds from"),
      (#"{"port":70000}"#, "faults.port", "70000", "a port from 0 to 65535"),
      (#"{"hostile":1}"#, "faults.hostile", "1", "give true or false"),
    ])
  func `a wrong plan names the place, the value and the cure`(
    text: String, path: String, value: String, cure: String
  ) throws {
    let error = #expect(throws: PlanError.self) { try plan(text) }
    #expect(error?.path == path)
    #expect(error?.value.hasPrefix(value) == true)
    #expect(error?.cure.contains(cure) == true)
  }

  @Test func `a merge changes what it names and null ends it`() throws {
    var merged = try plan(#"{"hang":true,"reset":true,"latency":9,"port":80}"#)
    let change = try JSONView(Array(#"{"hang":null,"latency":null,"port":null,"flood":1}"#.utf8))
    try merged.merge(PlanField(change, path: "faults", name: "faults"))
    #expect(merged == (try plan(#"{"reset":true,"flood":1}"#)))
  }

  @Test func `a rule with a number of requests wears off`() throws {
    var rule = try #require(try plan(#"{"hang":{"next":2}}"#).rules.first)
    var random = SplitMix64(seed: 1)
    #expect((0..<4).map { _ in rule.hits(using: &random) } == [true, true, false, false])
  }

  @Test(arguments: [0.0, 0.05, 0.5, 1.0])
  func `a rule hits as often as its probability says`(probability: Double) throws {
    var rule = try #require(try plan(#"{"hang":\#(probability)}"#).rules.first)
    var random = SplitMix64(seed: 9)
    let hits = (0..<20_000).filter { _ in rule.hits(using: &random) }.count
    #expect(abs(Double(hits) / 20_000 - probability) < 0.01)
  }

  @Test(
    arguments: [
      ("9", 9.0, 9.0), (#"{"uniform":[10,50]}"#, 30.0, 49.6),
      (#"{"normal":{"mean":100,"deviation":10}}"#, 100.0, 123.3),
      (#"{"exponential":50}"#, 34.66, 230.3), (#"{"tail":{"p50":20,"p99":900}}"#, 20.0, 900.0),
    ])
  func `a latency has the percentiles it was given`(text: String, p50: Double, p99: Double) throws {
    let latency = try #require(try plan(#"{"latency":\#(text)}"#).latency)
    var random = SplitMix64(seed: 4)
    let draws = (0..<100_000).map { _ in latency.draw(using: &random).seconds * 1000 }.sorted()
    #expect(abs(draws[50_000] - p50) <= p50 * 0.03)
    #expect(abs(draws[99_000] - p99) <= p99 * 0.06)
    #expect(draws[0] >= 0)
  }

  @Test func `a latency is never negative and never endless`() throws {
    var random = SplitMix64(seed: 4)
    let normal = Latency.normal(mean: 0, deviation: 100)
    #expect((0..<1000).allSatisfy { _ in normal.draw(using: &random) >= .zero })
    let tail = Latency.tail(p50: 1, p99: 3_600_000)
    #expect((0..<10_000).allSatisfy { _ in tail.draw(using: &random) <= .seconds(3600) })
  }
}
