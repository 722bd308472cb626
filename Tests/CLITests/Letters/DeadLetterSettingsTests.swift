import FleetModel
import Testing

@testable import CLI

/// `deadLetters` of a file.
struct DeadLetterSettingsTests {
  @Test func `everything that files say becomes the policy`() {
    let configuration = ConfigurationBench.load(
      """
      {servers: {a: {command: 'a'}}, deadLetters: {
        redis: {address: 'redis://r:7000', user: 'ann', password: '${PW}', database: '${DB}'},
        ttl: '2d', limit: 500,
        secrets: ['pin', {name: 'Password', value: '${PIN}'}],
        processor: {enabled: true, every: '10m', rules: [
          {server: 'a', tool: 't', kind: '503', delivery: 'refused', olderThan: '5m',
           maxReplays: 2},
          {delivery: ['notSent', 'unknown']},
        ]}}}
      """, environment: ["PW": "geheim", "DB": "3", "PIN": "1234"])
    #expect(configuration.errorTexts == [])
    #expect(configuration.warningTexts == [])
    let settings = configuration.settings.deadLetters
    let policy = settings.policy(at: .file("/x"))
    #expect(settings.origin == "m.json5: deadLetters.redis")
    var address = RedisAddressText(.network("r", port: 7000))
    (address.user, address.password, address.database) = ("ann", Secret("geheim"), 3)
    #expect(settings.place == .redis(address))
    #expect(policy.place == .file("/x"))
    #expect(policy.lifetime == .seconds(2 * 86_400))
    #expect(policy.entryLimit == 500)
    #expect(
      policy.secrets.prefix(2) == [
        SecretField("pin"), SecretField("Password", value: Secret("1234")),
      ])
    // The usual ones stay, each once.
    #expect(policy.secrets.count == SecretField.standard.count + 1)
    #expect(policy.processor.isOn)
    #expect(policy.processor.interval == .seconds(600))
    #expect(
      policy.processor.rules == [
        LetterProcessor.Rule(
          server: ServerID("a"), tool: "t", kind: "503", deliveries: [.refused],
          minimumAge: .seconds(300), replayLimit: 2),
        LetterProcessor.Rule(deliveries: [.notSent, .unknown]),
      ])
  }

  @Test func `without a word of files the policy is the built-in one`() {
    var policy = DeadLetterPolicy()
    policy.place = .file("/x")
    #expect(DeadLetterSettings().policy(at: .file("/x")) == policy)
  }

  @Test func `of several files the first that names a place counts, and secrets are all kept`() {
    let bench = ConfigurationBench(files: [
      "a.json5": "{include: ['b.json5'], deadLetters: {secrets: ['a'], limit: 5}}",
      "b.json5": "{deadLetters: {path: '/b.db', secrets: ['A', 'b'], limit: 6, ttl: '1d'}}",
    ])
    let settings = bench.load(["a.json5"]).settings.deadLetters
    #expect(settings.place == .file("/b.db"))
    #expect(settings.origin == "b.json5: deadLetters.path")
    #expect(settings.secrets.map(\.name) == ["a", "b"])
    #expect(settings.entryLimit == 5)
    #expect(settings.lifetime == .seconds(86_400))
  }

  @Test(arguments: [
    (
      "5",
      "m.json5:1:15: deadLetters: must be an object such as {path: \"…\", ttl: \"7d\"}, not a"
        + " number"
    ),
    (
      "{path: 'a', redis: {}}",
      "m.json5:1:34: deadLetters.redis: path and redis are two stores; write one of them"
    ),
    (
      "{redis: {address: 'redis://u:geheim@h:x'}}",
      "m.json5:1:33: deadLetters.redis.address: is not \(RedisAddressText.form)"
    ),
    (
      "{redis: {password: '${NOBODY}'}}",
      "m.json5:1:34: deadLetters.redis.password: the variable NOBODY is not set; set it, or write"
        + " ${NOBODY:-default}"
    ),
    (
      "{redis: {database: -1}}",
      "m.json5:1:34: deadLetters.redis.database: -1 is not a whole number from 0 to 65535"
    ),
    (
      "{limit: 1.5}",
      "m.json5:1:23: deadLetters.limit: 1.5 is not a whole number from 1 to 10000000"
    ),
    (
      "{ttl: '1s'}",
      "m.json5:1:21: deadLetters.ttl: '1s' is not a duration from 1m to 366d"
    ),
    (
      "{secrets: [{value: 'geheim'}]}",
      "m.json5:1:26: deadLetters.secrets[0]: has no name; write {name: \"key\", value: \"${KEY}\"}"
    ),
    (
      "{processor: {every: '999ms'}}",
      "m.json5:1:35: deadLetters.processor.every: '999ms' is not a duration from 1s to 1d"
    ),
    (
      "{processor: {rules: [{delivery: 'lost'}]}}",
      "m.json5:1:47: deadLetters.processor.rules[0].delivery: 'lost' is not one of notSent,"
        + " refused, unknown, executed, or an array of them"
    ),
  ])
  func `a mistake starts nothing, and is told with its place and without secrets`(
    text: String, message: String
  ) {
    let configuration = ConfigurationBench.load(
      "{deadLetters: \(text), servers: {a: {command: 'a'}}}")
    #expect(configuration.errorTexts == [message])
    #expect(!configuration.isSound)
  }

  @Test func `an unknown key is told with what was meant`() {
    let configuration = ConfigurationBench.load(
      "{deadLetters: {redis: {adress: 'h'}, processor: {rules: [{tol: 't'}]}},"
        + " servers: {a: {command: 'a'}}}")
    #expect(
      configuration.warningTexts.map { $0.split(separator: "'").suffix(2).joined() }
        == ["address?", "tool?"])
  }
}
