import FleetModel

/// Flags of `mcpdash dlq …`.
extension FlagTable {
  /// Those that take a filter.
  static let letterChoosers: [CommandName] = [
    .deadLetterList, .deadLetterReplay, .deadLetterDiscard, .deadLetterPurge, .deadLetterExport,
  ]

  private static let letterPagers: [CommandName] = [.deadLetterList, .deadLetterExport]

  private static func words(_ words: [String]) -> String {
    words.joined(separator: ", ") + "; several with commas between"
  }

  /// What letters are chosen by; all that are given must hold.
  static let ofFilters: [Flag] = [
    Flag(
      long: "server", short: "s", value: .server, help: "letters of this server",
      commands: letterChoosers),
    Flag(
      long: "client", value: .text("CLIENT"), help: "letters of this client",
      commands: letterChoosers),
    Flag(
      long: "operation", value: .text("METHOD"),
      help: "letters of this MCP method; tools/call and call_tool mean the same",
      commands: letterChoosers),
    Flag(
      long: "tool", value: .text("TOOL"), help: "letters of this tool", commands: letterChoosers),
    Flag(
      long: "kind", value: .text("KIND"),
      help: "letters with this cause, such as 503, refused or timeout", commands: letterChoosers),
    Flag(
      long: "delivery", value: .text("LIST"),
      help: "letters of this certainty: \(words(Delivery.allCases.map(\.rawValue)))",
      isRepeatable: true, commands: letterChoosers),
    Flag(
      long: "state", value: .text("LIST"),
      help: "letters in this state: \(words(DeadLetter.State.allCases.map(\.rawValue))); or any",
      standard: "pending,replaying", isRepeatable: true,
      commands: letterChoosers),
    Flag(
      long: "since", value: .text("TIME"),
      help: "letters created then or later: a date such as 2026-11-21T03:04:05Z, or an age such as"
        + " 15m or 2d", commands: letterChoosers),
    Flag(
      long: "before", value: .text("TIME"), help: "letters created before: as --since",
      commands: letterChoosers),
    Flag(
      long: "text", value: .text("TEXT"),
      help: "letters with this text in id, tool, message or params", commands: letterChoosers),
  ]

  static let ofLetters: [Flag] =
    ofFilters + [
      Flag(
        long: "limit", short: "n", value: .count, help: "at most so many",
        standard: "50; all for"
          + " export", commands: letterPagers),
      Flag(
        long: "after", value: .text("CURSOR"), help: "go on where an earlier list ended",
        commands: letterPagers),
      Flag(
        long: "force", help: "also those that may have run already",
        commands: [.deadLetterReplay]),
      Flag(
        long: "dry-run", help: "say what would be sent and what not, and send nothing",
        commands: [.deadLetterReplay]),
      Flag(
        long: "pace", value: .text("N"),
        help: "letters begun a second, 0.1 to 1000; 0 leaves it to the servers' own limits",
        standard: "10", commands: [.deadLetterReplay]),
      Flag(
        long: "when-closed", help: "wait for a breaker that is open, instead of failing",
        commands: [.deadLetterReplay]),
      Flag(
        long: "arguments", value: .text("JSON"),
        help: "send the one letter with these arguments; - reads them from standard input",
        commands: [.deadLetterReplay]),
      Flag(long: "yes", short: "y", help: "do not ask", commands: [.deadLetterPurge]),
    ]
}
