import FleetModel
import Testing

@testable import CLI

/// What a mistake in the policies of all servers does: it stops nothing, and it is not ignored.
struct SharedPolicyFaultTests {
  private func load(_ rest: String, own: String = "{}") -> Configuration {
    ConfigurationBench.load("{servers: {a: {url: 'http://a/', policies: \(own)}}, \(rest)}")
  }

  @Test(arguments: [
    "defaults: {breaker: {failures: 0, successes: 4}}",
    "policies: {'*': {breaker: {failures: 0, successes: 4}}}",
  ])
  func `the faulty setting is left out, those beside it count`(rest: String) throws {
    let configuration = load(rest)
    #expect(configuration.isUsable)
    #expect(configuration.errors.count == 1)
    let policies = try #require(configuration.servers.first).policies
    #expect(policies.breaker.failureLimit == BreakerPolicy().failureLimit)
    #expect(policies.breaker.successThreshold == 4)
    #expect(policies.retry.delivery == .whenSafe)
  }

  @Test(arguments: [
    "defaults: {retry: {delivery: 'atMostOnc'}}", "defaults: {retry: {dleivery: 'atMostOnce'}}",
    "defaults: {retry: {tools: {send: 'once'}}}", "defaults: {retry: {rules: [{then: 'stop'}]}}",
    "defaults: {retyr: {delivery: 'atMostOnce'}}", "defaults: {retry: 5}", "defaults: 5",
    "policies: {'*': {retry: {delivery: 7}}}", "defualts: {retry: {delivery: 'atMostOnce'}}",
    "polices: {'*': {retry: {delivery: 'atMostOnce'}}}",
    "defaults: {retry: {delivery: 'atLeastOnce', toolz: {send: 'atMostOnce'}}}",
  ])
  func `where it may have been a limit on sending twice, nothing is sent twice`(
    rest: String
  ) throws {
    let configuration = load(rest)
    #expect(configuration.isUsable)
    #expect(configuration.errors.count == 1)
    #expect(configuration.servers.map(\.policies.retry.delivery) == [.atMostOnce])
  }

  @Test func `a server's own word on delivery counts all the same`() {
    let configuration = load(
      "defaults: {retry: {delivery: 'x'}}", own: "{retry: {delivery: 'atLeastOnce'}}")
    #expect(configuration.servers.map(\.policies.retry.delivery) == [.atLeastOnce])
  }

  @Test(arguments: [
    "defaults: {retry: {retries: -1}}", "defaults: {pool: 5}", "defaults: {breaker: {x: 1}}",
    "defaults: {fallbacks: 5}",
  ])
  func `a mistake that cannot be about delivery leaves delivery alone`(rest: String) {
    let configuration = load(rest)
    #expect(configuration.errors.count == 1)
    #expect(configuration.servers.map(\.policies.retry.delivery) == [.whenSafe])
  }

  @Test func `of two ways to say the same in one place neither counts`() {
    let configuration = load("defaults: {retry: {retries: 9, attempts: 8, factor: 3}}")
    #expect(configuration.errors.count == 1)
    #expect(configuration.servers.map(\.policies.retry.schedule.retryLimit) == [3])
    #expect(configuration.servers.map(\.policies.retry.schedule.factor) == [3])
  }

  @Test func `settings that contradict each other are left out together`() {
    let configuration = load(
      "defaults: {retry: {initialDelay: '2m', maxDelay: '1m', retries: 9}}",
      own: "{retry: {factor: 3}}")
    #expect(configuration.errors.count == 1)
    var schedule = RetrySchedule.standard
    (schedule.retryLimit, schedule.factor) = (9, 3)
    #expect(configuration.servers.map(\.policies.retry.schedule) == [schedule])
  }

  @Test func `a server that contradicts what holds for all stays out, and the others run`() {
    let configuration = ConfigurationBench.load(
      """
      {
        defaults: {retry: {maxDelay: '5s'}},
        servers: {
          a: {url: 'http://a/', policies: {retry: {initialDelay: '10s'}}}, b: {url: 'http://b/'},
        },
      }
      """)
    #expect(configuration.names == ["b"])
    #expect(configuration.isUsable)
    #expect(
      configuration.errorTexts == [
        "m.json5:4:60: servers.a.policies.retry.initialDelay: '10s' is not a duration from 0s to 5s,"
          + " which is maxDelay here"
      ])
  }

  @Test func `where nobody wrote the longest wait it grows with the first`() throws {
    let configuration = load(
      "defaults: {}", own: "{breaker: {openFor: '2h'}, pool: {reconnectDelay: '2m'}}")
    #expect(configuration.errorTexts == [])
    let policies = try #require(configuration.servers.first).policies
    #expect(policies.breaker.openDurationCap == .seconds(7200))
    #expect(policies.pool.reconnectDelayCap == .seconds(120))
  }
}
