import FleetModel

/// What files say of dead letters; nil where none does.
struct DeadLetterSettings: Hashable, Sendable {
  enum Place: Hashable, Sendable {
    case file(String)
    case redis(RedisAddressText)
  }

  var place: Place?
  /// Which file says so, and under which key; empty where none does.
  var origin = ""
  var lifetime: Duration?
  var entryLimit: Int?
  /// Of all files.
  var secrets: [SecretField] = []
  var processorIsOn: Bool?
  var processorInterval: Duration?
  var processorRules: [LetterProcessor.Rule]?

  static let lifetimeRange = Duration.seconds(60)...Duration.seconds(366 * 86_400)
  static let entryLimitRange = 1...10_000_000
  static let intervalRange = Duration.seconds(1)...Duration.seconds(86_400)
  static let ageRange = Duration.zero...Duration.seconds(366 * 86_400)
  static let replayLimitRange = 1...1000
  static let secretLimit = 200
  static let ruleLimit = 100

  /// - Parameter place: the one that was chosen.
  func policy(at place: DeadLetterPlace) -> DeadLetterPolicy {
    var policy = DeadLetterPolicy()
    policy.place = place
    policy.lifetime = lifetime ?? policy.lifetime
    policy.entryLimit = entryLimit ?? policy.entryLimit
    let named = Set(secrets.map { $0.name.lowercased() })
    policy.secrets =
      secrets + SecretField.standard.filter { !named.contains($0.name.lowercased()) }
    policy.processor.isOn = processorIsOn ?? policy.processor.isOn
    policy.processor.interval = processorInterval ?? policy.processor.interval
    policy.processor.rules = processorRules ?? policy.processor.rules
    return policy
  }
}
