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
      key: "deadLetters.path", standard: "~/.local/state/mcpdash/dead-letters.sqlite3",
      effective: { $1.deadLetterPath ?? "" }),
    Setting(
      key: "deadLetters.ttl", standard: "7d",
      effective: { DurationText.write($1.deadLetterLifetime ?? LocalEngine.standardLifetime) }),
  ]
}
