import FleetModel
import TerminalUI

/// All flags.
enum FlagTable {
  static let all = global + discovery + ofCommands

  static func named(_ long: String) -> Flag? { all.first { $0.long == long } }

  static func flags(of command: CommandName) -> [Flag] {
    ofCommands.filter { $0.applies(to: command) }
  }

  static let global: [Flag] = [
    Flag(
      long: "config", short: "c", value: .file,
      help: "read this configuration; may be given again for more",
      standard: "all that are found, see FILES in the manual",
      environment: "MCPDASH_CONFIG", isRepeatable: true),
    Flag(
      long: "no-discovery", help: "look for no files of other programs",
      environment: "MCPDASH_NO_DISCOVERY"),
    Flag(
      long: "state-dir", value: .directory, help: "where dead letters and the control socket are",
      standard: "~/.local/state/mcpdash", environment: "MCPDASH_STATE_DIR"),
    Flag(
      long: "dlq-file", value: .file, help: "keep dead letters in this SQLite file",
      standard: "dead-letters.sqlite3 in --state-dir"),
    Flag(
      long: "redis", value: .text("ADDR"),
      help: "keep dead letters in this Redis: host:port, redis://[user@]host:port/db or"
        + " unix:///path#db",
      environment: "REDIS_ADDR"),
    Flag(
      long: "redis-db", value: .number, help: "the database of that Redis", standard: "0",
      environment: "REDIS_DB"),
    Flag(
      long: "redis-password-file", value: .file,
      help: "the file with its password; else REDIS_PASSWORD has it"),
    Flag(
      long: "theme", value: .text("THEME"),
      help: "colours: " + BuiltinThemes.names.joined(separator: ", ") + ", or a file",
      environment: "MCPDASH_THEME"),
    Flag(long: "no-color", help: "no colours", environment: "NO_COLOR"),
    Flag(long: "ascii", help: "draw with ASCII characters only", environment: "MCPDASH_ASCII"),
    Flag(long: "mouse", help: "let the mouse choose and scroll", environment: "MCPDASH_MOUSE"),
    Flag(
      long: "refresh", value: .seconds, help: "time between two pictures", standard: "1",
      environment: "MCPDASH_REFRESH"),
    Flag(long: "help", short: "h", help: "explain the command"),
    Flag(long: "version", short: "V", help: "print the version"),
  ]

  /// Of ToolHive and Kubernetes; they stand everywhere.
  static let discovery: [Flag] =
    [
      Flag(long: "toolhive", help: "the servers that ToolHive runs belong to the fleet")
    ]
    + DiscoveryField.all.map { field in
      Flag(
        long: field.flag, value: field.value, help: field.help, standard: field.standard,
        environment: field.environment)
    }

  private static let overrides: [CommandName] = [.breakerOpen, .breakerClose, .breakerDisable]

  private static let ofCommands: [Flag] = ofEngines + ofLetters

  private static let ofEngines: [Flag] = [
    Flag(
      long: "seed", value: .number, help: "the chance of the simulation", standard: "1",
      commands: [.demo, .simulate]),
    Flag(
      long: "picture", value: .file, help: "draw the dashboard into this SVG file instead",
      commands: [.demo]),
    Flag(
      long: "size", value: .text("SIZE"), help: "with --picture: its columns and rows",
      standard: "120x40", commands: [.demo]),
    Flag(
      long: "seeds", value: .count, help: "run so many, from --seed on, and sum them up",
      commands: [.simulate]),
    Flag(
      long: "digest", help: "print only the digest of all that happened", commands: [.simulate]),
    Flag(
      long: "format", short: "f", value: .choice("FORMAT", ["json", "text", "prometheus"]),
      help: "print json, text or prometheus", standard: "text", commands: [.snapshot]),
    Flag(
      long: "wait", short: "w", value: .seconds,
      help: "without a running mcpdash: let the servers connect for so long", standard: "5",
      commands: [.snapshot, .check]),
    Flag(
      long: "offline", help: "read the configuration and connect to nobody", commands: [.check]),
    Flag(
      long: "quiet", short: "q", help: "no progress on standard error",
      commands: [.call, .check, .deadLetterReplay]),
    Flag(
      long: "every", value: .seconds, help: "print again and again, with this time between",
      commands: [.snapshot]),
    Flag(
      long: "count", short: "n", value: .count,
      help: "with --every: end after so many", standard: "no end", commands: [.snapshot]),
    Flag(
      long: "timeout", short: "t", value: .seconds, help: "give up after so long",
      standard: "retry.totalTimeout; 5m for login", commands: [.call, .tools, .login]),
    Flag(
      long: "token-env", value: .text("NAME"),
      help: "send the token of this variable instead of the configured one",
      commands: [.call, .deadLetterReplay]),
    Flag(
      long: "token-file", value: .file,
      help: "send the token of this file instead of the configured one",
      commands: [.call, .deadLetterReplay]),
    Flag(
      long: "scope", value: .text("SCOPE"), help: "ask for this too; may be given again for more",
      isRepeatable: true, commands: [.login]),
    Flag(
      long: "json", short: "j", help: "print JSON",
      commands: [
        .servers, .tools, .call, .login, .authorizationStatus, .breakerList, .cacheList,
        .statistics, .deadLetterList, .deadLetterShow, .deadLetterReplay, .deadLetterStop,
        .deadLetterDiscard, .deadLetterDelete, .deadLetterPurge, .deadLetterStatistics,
        .deadLetterImport, .check, .checkConfiguration, .toolHiveList,
        .toolHiveShow, .toolHiveRegistry, .toolHiveInstall, .toolHiveStart, .toolHiveStop,
        .toolHiveRestart, .toolHiveLogs,
      ]),
    Flag(
      long: "for", value: .text("TIME"), help: "so long, at most 7d; 0 is until it is reset",
      standard: DurationText.write(BreakerOverride.standardTimeToLive), commands: overrides),
    Flag(
      long: "reason", value: .text("TEXT"), help: "why, for those who find it so",
      commands: overrides),
    Flag(
      long: "owner", value: .text("NAME"), help: "who holds it", standard: "the user's name",
      environment: "USER", commands: overrides),
    Flag(
      long: "all", short: "a", help: "all there are",
      commands: letterChoosers + [.deadLetterStop, .breakerReset, .toolHiveList] + overrides),
  ]
}
