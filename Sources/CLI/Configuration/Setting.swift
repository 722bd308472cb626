import FleetModel

/// What holds for the whole program and can be said in several places: a flag counts before its
/// variable, that before the files, and those before what is built in.
struct Setting: Sendable {
  /// Without dashes; nil: there is no flag. Its variable is in the flags' table.
  var flag: String?
  /// Its path in a file of our own; nil: it is in none.
  var key: String?
  /// What holds where nobody says, for the documentation.
  var standard: String
  /// What came of all places, for people and tests.
  var effective: @Sendable (GlobalOptions, Configuration.Settings) -> String

  var variable: String? { flag.flatMap { FlagTable.named($0)?.environment } }

  static let all: [Setting] = [
    Setting(
      flag: "config", standard: "all that are found",
      effective: { options, _ in options.configurationFiles.joined(separator: ",") }),
    Setting(
      flag: "no-discovery", key: "discover", standard: "true",
      effective: { String($0.discovers ?? $1.discovers ?? true) }),
    Setting(
      flag: "state-dir", standard: "~/.local/state/mcpdash",
      effective: { options, _ in options.stateDirectory ?? "" }),
    Setting(
      flag: "theme", key: "theme", standard: "by the terminal's colours",
      effective: { $0.theme($1) ?? "" }),
    Setting(
      flag: "no-color", standard: "false",
      effective: { options, _ in String(options.isColorless) }),
    Setting(flag: "ascii", standard: "false", effective: { options, _ in String(options.isASCII) }),
    Setting(
      flag: "mouse", key: "mouse", standard: "false", effective: { String($0.mouse($1)) }),
    Setting(
      flag: "refresh", key: "refresh", standard: "1s",
      effective: { DurationText.write($0.refresh($1)) }),
    Setting(key: "locality", standard: "none", effective: { $1.locality ?? "" }),
    Setting(
      flag: "dlq-file", key: "deadLetters.path",
      standard: "~/.local/state/mcpdash/dead-letters.sqlite3",
      effective: { path(of: place($0, $1)) }),
    Setting(
      flag: "redis", key: "deadLetters.redis.address", standard: "none",
      effective: { place($0, $1).map(\.words) ?? "" }),
    Setting(
      flag: "redis-db", key: "deadLetters.redis.database", standard: "0",
      effective: { options, settings in
        var options = options
        let isRedis = if case .redis? = settings.deadLetters.place { true } else { false }
        if !isRedis { options.letterStore.redis = RedisAddressText("localhost") }
        return place(options, settings).map(\.words) ?? ""
      }),
    Setting(
      flag: "redis-password-file", standard: "none",
      effective: { options, _ in options.letterStore.passwordFile ?? "" }),
    Setting(
      key: "deadLetters.ttl", standard: "7d",
      effective: {
        DurationText.write($1.deadLetters.lifetime ?? DeadLetterPolicy().lifetime)
      }),
    Setting(
      key: "deadLetters.limit", standard: "100000",
      effective: { String($1.deadLetters.entryLimit ?? DeadLetterPolicy().entryLimit) }),
    Setting(
      key: "deadLetters.processor.enabled", standard: "false",
      effective: { String($1.deadLetters.processorIsOn ?? false) }),
    Setting(
      key: "deadLetters.processor.every", standard: "5m",
      effective: {
        DurationText.write($1.deadLetters.processorInterval ?? LetterProcessor().interval)
      }),
  ]

  /// nil where the options contradict each other.
  private static func place(
    _ options: GlobalOptions, _ settings: Configuration.Settings
  ) -> DeadLetterPlace? {
    // Why they do is for the commands to tell.
    let choice = try? LetterStoreChoice.resolve(
      options.letterStore, settings.deadLetters, standard: { () throws(CommandFailure) in "" },
      read: { _ throws(CommandFailure) in Secret("") })
    return choice?.place
  }

  private static func path(of place: DeadLetterPlace?) -> String {
    if case .file(let path)? = place { path } else { "" }
  }
}
