import FleetModel
import Testing

@testable import CLI

/// Policies of several servers at once.
struct GroupConfigurationTests {
  private static let servers = """
    servers: {
      'pay-a': {url: 'http://a/'}, 'pay-b': {command: 'b'}, other: {url: 'http://c/'},
      'pay-own': {url: 'http://d/', policies: {retry: {retries: 9}}},
    }
    """

  @Test func `a group counts between what is for all and what is for one`() {
    let configuration = ConfigurationBench.load(
      """
      {
        \(Self.servers),
        defaults: {retry: {retries: 1, factor: 5}},
        policies: {'*': {retry: {retries: 2}}, 'pay-b': {breaker: {failures: 8}}},
        groups: {
          payments: {
            servers: ['pay-*'],
            policies: {retry: {retries: 4}, breaker: {failures: 7}, pool: {open: 3, idle: 3}},
          },
          later: {servers: 'pay-a', policies: {retry: {retries: 6}}},
        },
      }
      """)
    #expect(configuration.errorTexts == [])
    #expect(configuration.warningTexts == [])
    #expect(configuration.servers.map(\.policies.retry.schedule.retryLimit) == [6, 4, 2, 9])
    #expect(configuration.servers.map(\.policies.breaker.failureLimit) == [7, 8, 5, 7])
    #expect(configuration.servers.map(\.policies.retry.schedule.factor) == [5, 5, 5, 5])
    #expect(configuration.servers.map(\.policies.pool.openLimit) == [3, 3, 10, 3])
  }

  @Test func `a mistake in a group leaves its servers out and the others running`() {
    let configuration = ConfigurationBench.load(
      "{\(Self.servers), groups: {p: {servers: ['pay-*'], policies: {retry: {retries: -1}}}}}")
    #expect(configuration.names == ["other"])
    #expect(configuration.isUsable)
    #expect(configuration.errors.first?.path == "groups.p.policies.retry.retries")
    #expect(
      configuration.errors.compactMap(\.server).map(\.name) == ["pay-a", "pay-b", "pay-own"])
  }

  @Test(arguments: [
    "5", "{}", "{servers: []}", "{servers: 5}", "{servers: ['']}", "{servers: ['a', 5]}",
    "{servers: ['pay-*'], polices: {}}",
  ])
  func `a group that holds nobody knows whom sends nothing twice`(group: String) {
    let configuration = ConfigurationBench.load("{\(Self.servers), groups: {p: \(group)}}")
    #expect(configuration.errors.count >= 1)
    #expect(configuration.isUsable)
    #expect(configuration.servers.allSatisfy { $0.policies.retry.delivery == .atMostOnce })
  }

  @Test func `a group without servers is told`() {
    let configuration = ConfigurationBench.load("{\(Self.servers), groups: {p: {servers: 'x'}}}")
    #expect(
      configuration.warnings.map(\.message) == [
        "no server is in it; see 'mcpdash servers' for their names"
      ])
  }

  @Test func `a group's fallback is for all its servers but the one it names`() {
    let configuration = ConfigurationBench.load(
      """
      {\(Self.servers), groups: {p: {
        servers: ['pay-*'], policies: {fallbacks: [{tool: '*', server: 'pay-a'}]}}}}
      """)
    #expect(configuration.errorTexts == [])
    #expect(configuration.servers.map(\.policies.fallbacks.count) == [0, 1, 0, 1])
  }
}
