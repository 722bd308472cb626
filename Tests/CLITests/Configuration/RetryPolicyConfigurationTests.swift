import FleetModel
import Testing

@testable import CLI

/// Schedules, rules and deliveries as an operator writes them.
struct RetryPolicyConfigurationTests {
  private func load(_ retry: String, shared: String = "{}") -> Configuration {
    ConfigurationBench.load(
      "{defaults: \(shared), servers: {a: {url: 'http://a/', policies: {retry: \(retry)}}}}")
  }

  private func policy(_ retry: String, shared: String = "{}") throws -> RetryPolicy {
    let configuration = load(retry, shared: shared)
    #expect(configuration.errorTexts == [])
    return try #require(configuration.servers.first).policies.retry
  }

  @Test(arguments: RetrySchedule.profiles.map(\.name))
  func `a profile sets the whole schedule`(name: String) throws {
    let schedule = try #require(RetrySchedule.profiles.first { $0.name == name }?.schedule)
    #expect(
      try policy(
        "{profile: '\(name)'}", shared: "{retry: {retries: 9, factor: 7, jitterForm: 'full'}}"
      ).schedule == schedule)
  }

  @Test(arguments: [
    "{profile: 'toolhive', retries: 5, jitterForm: 'equal'}",
    "{jitterForm: 'equal', retries: 5, profile: 'toolhive'}",
    "{attempts: 6, profile: 'toolhive', jitterForm: 'equal'}",
  ])
  func `what stands beside a profile changes it, whatever the order`(retry: String) throws {
    var schedule = RetrySchedule.toolhive
    schedule.retryLimit = 5
    schedule.jitter = .equal
    #expect(try policy(retry).schedule == schedule)
  }

  @Test(arguments: [(1, 0), (500, 499)])
  func `attempts are retries and one`(attempts: Int, retries: Int) throws {
    #expect(try policy("{attempts: \(attempts)}").schedule.retryLimit == retries)
    #expect(try policy("{retries: \(retries)}").schedule.retryLimit == retries)
  }

  @Test func `a nearer layer may count in the other way`() throws {
    #expect(try policy("{attempts: 8}", shared: "{retry: {retries: 2}}").schedule.retryLimit == 7)
  }

  @Test func `tools keep the file's order of deliveries`() throws {
    #expect(
      try policy("{tools: {'send_b*': 'atMostOnce', 'send_*': 'atLeastOnce'}}").toolDelivery == [
        ToolDelivery(tool: NamePattern("send_b*"), rule: .atMostOnce),
        ToolDelivery(tool: NamePattern("send_*"), rule: .atLeastOnce),
      ])
  }

  @Test(arguments: [
    ("429", [FailureCause.status(429...429)]), ("'429'", [.status(429...429)]),
    ("'5xx'", [.status(500...599)]), ("'500-503'", [.status(500...503)]),
    (
      "['refused', 404, 'timeout']",
      [.kind(.connectionRefused), .status(404...404), .kind(.tryTimeout)]
    ),
  ])
  func `a rule names failures by status, class, range or kind`(
    on: String, causes: [FailureCause]
  ) throws {
    #expect(
      try policy("{rules: [{on: \(on), then: 'giveUp'}]}").rules
        == [RetryRule(causes: causes, action: .giveUp)])
  }

  @Test(arguments: FailureCause.kinds.map(\.name))
  func `every kind of failure has its word`(word: String) throws {
    let kind = try #require(FailureCause.kinds.first { $0.name == word }?.kind)
    #expect(
      try policy("{rules: [{on: ['\(word)'], then: 'retry'}]}").rules.first?.causes
        == [.kind(kind)])
  }

  @Test(arguments: [
    ("-32603", [FailureCause.code(-32603 ... -32603)]),
    ("'-32099..-32000'", [.code(-32099 ... -32000)]),
    ("[-1, '7..9']", [.code(-1 ... -1), .code(7...9)]),
  ])
  func `a rule names JSON-RPC errors by code or range`(
    code: String, causes: [FailureCause]
  ) throws {
    #expect(
      try policy("{rules: [{code: \(code), then: 'deadLetter'}]}").rules
        == [RetryRule(causes: causes, action: .deadLetter)])
  }

  @Test func `rules keep their order, their tools and their deeds`() throws {
    let rules = try policy(
      """
      {rules: [
        {on: 429, tool: 'search_*', then: 'fallBack'}, {tool: 'pay', then: 'giveUp'},
        {on: 'exited', then: 'deadLetter'}, {then: 'retry'},
      ]}
      """
    ).rules
    #expect(
      rules == [
        RetryRule(
          causes: [.status(429...429)], target: NamePattern("search_*"), action: .fallBack),
        RetryRule(causes: [], target: NamePattern("pay"), action: .giveUp),
        RetryRule(causes: [.kind(.processExited)], action: .deadLetter),
        RetryRule(causes: [], action: .retry(.standard)),
      ])
  }

  @Test func `a rule's schedule starts from its server's, wherever the rule is written`() throws {
    let rule = "{on: 429, retries: 9, jitterForm: 'full'}"
    for (own, shared) in [
      ("{factor: 3, rules: [\(rule)]}", "{}"), ("{factor: 3}", "{retry: {rules: [\(rule)]}}"),
    ] {
      let policy = try policy(own, shared: shared)
      var schedule = policy.schedule
      #expect(schedule.factor == 3)
      schedule.retryLimit = 9
      schedule.jitter = .full
      #expect(policy.rules.map(\.action) == [.retry(schedule)])
    }
  }

  @Test(arguments: [
    ("{on: 429, initialDelay: '1m'}", 60.0, 60.0), ("{on: 429, maxDelay: '50ms'}", 0.05, 0.05),
    ("{on: 429, profile: 'patient', maxDelay: 2}", 1, 2),
  ])
  func `of delays a rule has the last word over its server`(
    rule: String, initial: Double, cap: Double
  ) throws {
    let action = try policy("{rules: [\(rule)]}").rules.first?.action
    guard case .retry(let schedule) = action else {
      Issue.record("no schedule")
      return
    }
    #expect(schedule.initialDelay.seconds == initial)
    #expect(schedule.delayCap.seconds == cap)
  }

  @Test func `the rules, tools and fallbacks of a nearer layer replace the farther ones`() throws {
    let shared = "{retry: {rules: [{then: 'giveUp'}], tools: {a: 'atMostOnce'}}}"
    #expect(try policy("{}", shared: shared).rules.count == 1)
    let policy = try policy("{rules: [], tools: {}}", shared: shared)
    #expect(policy.rules == [])
    #expect(policy.toolDelivery == [])
  }

  @Test(arguments: [
    ("{rules: {}}", "rules: must be an array such as [{on: [429], retries: 5}], not an object"),
    ("{rules: [5]}", "rules[0]: must be an object such as {on: [429], retries: 5}, not a number"),
    (
      "{rules: [{on: 429}]}",
      "rules[0]: says not what to do; write then, or a schedule such as retries: 5"
    ),
    (
      "{rules: [{on: 429, then: 'giveup'}]}",
      "rules[0].then: 'giveup' is not one of retry, giveUp, deadLetter, fallBack; did you mean 'giveUp'?"
    ),
    (
      "{rules: [{on: 429, then: 'giveUp', retries: 5}]}",
      "rules[0].retries: belongs to then: \"retry\"; remove it"
    ),
    (
      "{rules: [{om: 429, then: 'giveUp'}]}",
      "rules[0].om: unknown key 'om'; did you mean 'on'?"
    ),
    (
      "{rules: [{on: 99, then: 'giveUp'}]}",
      "rules[0].on: 99 is no HTTP status from 100 to 599 (429, '5xx', '500-503') and not one of dns, refused, reset, tls, timeout, malformed, tooLarge, sessionLost, spawn, exited, notConnected, poolExhausted, breakerOpen, unauthorized, incompatible"
    ),
    (
      "{rules: [{on: ['timout'], then: 'giveUp'}]}",
      "rules[0].on[0]: 'timout' is no HTTP status from 100 to 599 (429, '5xx', '500-503') and not one of dns, refused, reset, tls, timeout, malformed, tooLarge, sessionLost, spawn, exited, notConnected, poolExhausted, breakerOpen, unauthorized, incompatible; did you mean 'timeout'?"
    ),
    (
      "{rules: [{on: [], then: 'giveUp'}]}",
      "rules[0].on: is empty; name a failure, or leave it out for all"
    ),
    (
      "{rules: [{code: '5..1', then: 'giveUp'}]}",
      "rules[0].code: '5..1' is no JSON-RPC error code such as -32603 and no range such as '-32099..-32000'"
    ),
    (
      "{rules: [{code: 1e10, then: 'giveUp'}]}",
      "rules[0].code: 1e10 is no JSON-RPC error code such as -32603 and no range such as '-32099..-32000'"
    ),
    (
      "{rules: [{tool: '', then: 'giveUp'}]}",
      "rules[0].tool: '' is no name of a tool or pattern such as 'search_*', of 1 to 256 characters"
    ),
    (
      "{rules: [{on: 429, jitter: 2}]}", "rules[0].jitter: 2 is not a number from 0 to 1"
    ),
    (
      "{rules: [{on: 429, attempts: 2, retries: 1}]}",
      "rules[0].attempts: says the same as retries in another way; remove one"
    ),
    (
      "{rules: [{on: 429, initialDelay: '9s', maxDelay: '5s'}]}",
      "rules[0].initialDelay: '9s' is not a duration from 0s to 5s, which is maxDelay here"
    ),
    (
      "{tools: ['send']}",
      "tools: must be an object such as {\"send_*\": \"atMostOnce\"}, not an array"
    ),
    (
      "{tools: {send: 'atMostOnc'}}",
      "tools.send: 'atMostOnc' is not one of whenSafe, atLeastOnce, atMostOnce; did you mean 'atMostOnce'?"
    ),
    ("{tools: {'': 'atMostOnce'}}", "tools.: the name of a tool is empty"),
  ])
  func `a rule or a delivery that is wrong leaves the server out`(retry: String, error: String) {
    let configuration = load(retry)
    #expect(configuration.servers.isEmpty)
    #expect(
      configuration.errorTexts.map { $0.split(separator: ": ", maxSplits: 1).last.map(String.init) }
        == ["servers.a.policies.retry." + error])
  }

  @Test func `rules, causes and tools end at their limits`() {
    func list(_ count: Int, _ element: (Int) -> String) -> String {
      (0..<count).map(element).joined(separator: ",")
    }
    let rules = { "{rules: [\(list($0) { _ in "{then: 'giveUp'}" })]}" }
    let causes = { "{rules: [{then: 'giveUp', on: [\(list($0) { _ in "429" })]}]}" }
    let tools = { "{tools: {\(list($0) { "t\($0): 'atMostOnce'" })}}" }
    for (text, limit) in [
      (rules, RetryRuleReader.ruleLimit), (causes, RetryRuleReader.causeLimit),
      (tools, ToolDeliveryReader.limit),
    ] {
      #expect(load(text(limit)).errorTexts == [])
      #expect(load(text(limit + 1)).errors.count == 1)
    }
  }
}
