import FleetModel
import Testing

@testable import CLI

/// Where dead letters are kept: a flag counts before the environment, that before the files, and
/// those before the standard place.
struct LetterStoreChoiceTests {
  private struct Case: CustomTestStringConvertible {
    var flags: [String] = []
    var variables: [String: String] = [:]
    var file = ""
    /// Place and origin.
    var expected: String
    /// User and password.
    var credentials = "-:-"

    var testDescription: String { "\(flags) \(variables) \(file)" }
  }

  private static let sqlite = "deadLetters: {path: '/f.db'}"
  private static let redis =
    "deadLetters: {redis: {address: 'f', user: 'u', password: '${PW}', database: 4}}"

  @Test(arguments: [
    Case(expected: "/s/dead-letters.sqlite3 the default"),
    Case(file: sqlite, expected: "/f.db m.json5: deadLetters.path"),
    Case(
      file: redis, expected: "redis://f:6379/4 m.json5: deadLetters.redis", credentials: "u:pw"),
    Case(variables: ["REDIS_ADDR": "e:1"], file: sqlite, expected: "redis://e:1/0 REDIS_ADDR"),
    // What the file says of its own Redis is nobody else's.
    Case(variables: ["REDIS_ADDR": "e:1"], file: redis, expected: "redis://e:1/0 REDIS_ADDR"),
    Case(
      flags: ["--redis", "g"], variables: ["REDIS_ADDR": "e:1"], file: redis,
      expected: "redis://g:6379/0 --redis"),
    Case(
      flags: ["--dlq-file", "/g.db"], variables: ["REDIS_ADDR": "e", "REDIS_DB": "3"], file: redis,
      expected: "/g.db --dlq-file"),
    Case(
      variables: ["REDIS_DB": "3", "REDIS_PASSWORD": "q"], file: redis,
      expected: "redis://f:6379/3 m.json5: deadLetters.redis", credentials: "u:q"),
    Case(
      variables: ["REDIS_DB": "3", "REDIS_PASSWORD": "q"],
      expected: "/s/dead-letters.sqlite3 the default"),
    Case(
      flags: ["--redis", "g"], variables: ["REDIS_DB": "3", "REDIS_PASSWORD": "q"],
      expected: "redis://g:6379/3 --redis", credentials: "-:q"),
    Case(
      flags: ["--redis", "redis://a:b@g/2"], variables: ["REDIS_DB": "3", "REDIS_PASSWORD": "q"],
      expected: "redis://g:6379/2 --redis", credentials: "a:b"),
    Case(
      variables: ["REDIS_ADDR": "redis://a:b@e/2", "REDIS_DB": "3", "REDIS_PASSWORD": "q"],
      expected: "redis://e:6379/3 REDIS_ADDR", credentials: "a:q"),
    Case(
      flags: ["--redis", "redis://g/2", "--redis-db", "5"], variables: ["REDIS_DB": "3"],
      expected: "redis://g:6379/5 --redis"),
    Case(
      flags: ["--redis-db", "5", "--redis-password-file", "/pw"], file: redis,
      expected: "redis://f:6379/5 m.json5: deadLetters.redis", credentials: "u:of /pw"),
    Case(
      variables: ["REDIS_ADDR": "", "REDIS_DB": "", "REDIS_PASSWORD": ""],
      expected: "/s/dead-letters.sqlite3 the default"),
  ])
  private func `a flag counts before the environment, that before the file and the default`(
    _ test: Case
  ) throws {
    let choice = try Self.choice(test)
    #expect("\(choice.place.words) \(choice.origin)" == test.expected)
    guard case .redis(let address) = choice.place else { return }
    #expect(
      "\(address.user ?? "-"):\(address.password?.value ?? "-")" == test.credentials)
  }

  @Test(arguments: [["--redis-db", "1"], ["--redis-password-file", "/pw"]])
  func `what is said of a Redis needs one`(flags: [String]) {
    #expect {
      try Self.choice(Case(flags: flags, expected: ""))
    } throws: {
      ($0 as? CommandFailure)?.status == .usage
        && ($0 as? CommandFailure)?.message.hasPrefix(flags[0]) == true
    }
  }

  @Test(
    arguments: [
      (["--redis", "h:x"], [:], "--redis is not \(RedisAddressText.form)"),
      ([], ["REDIS_ADDR": "redis://u:geheim@h:x"], "REDIS_ADDR is not \(RedisAddressText.form)"),
      (["--redis-db", "-1"], [:], "--redis-db: '-1' is not a whole number from 0 to 65535"),
      ([], ["REDIS_DB": "a"], "REDIS_DB: 'a' is not a whole number from 0 to 65535"),
      (
        ["--dlq-file", "a", "--redis", "h"], [:],
        "--dlq-file and --redis are about two stores; give one"
      ),
      (["--dlq-file="], [:], "--dlq-file needs a path"),
    ] as [([String], [String: String], String)])
  func `what makes no sense is told without its secrets`(
    flags: [String], variables: [String: String], message: String
  ) {
    #expect {
      try InvocationReader.read(flags, environment: variables)
    } throws: {
      ($0 as? UsageError)?.message == message
    }
  }

  @Test func `no description of what was chosen holds its password`() throws {
    let choice = try Self.choice(
      Case(flags: ["--redis", "redis://a:geheim@g"], expected: ""))
    #expect(!"\(choice)".contains("geheim"))
    #expect(!choice.place.words.contains("geheim"))
  }

  private static func choice(_ test: Case) throws -> LetterStoreChoice {
    let options = try InvocationReader.read(test.flags, environment: test.variables).options
    let configuration = ConfigurationBench.load("{\(test.file)}", environment: ["PW": "pw"])
    return try LetterStoreChoice.resolve(
      options.letterStore, configuration.settings.deadLetters,
      standard: { () throws(CommandFailure) in "/s/dead-letters.sqlite3" },
      read: { path throws(CommandFailure) in Secret("of \(path)") })
  }
}
