/// The manual page in the `man` macros of roff, from the tables.
enum ManualPage {
  static func text(version: String) -> String {
    """
    .\\" Made by 'mcpdash man'; change the tables in the source instead.
    .TH MCPDASH 1 "" "mcpdash \(escaped(version))" "User Commands"
    .SH NAME
    mcpdash \\- a terminal console for a fleet of MCP servers
    .SH SYNOPSIS
    .B mcpdash
    [\\fIFLAGS\\fR]
    .br
    .B mcpdash
    \\fICOMMAND\\fR [\\fIFLAGS\\fR]
    .SH DESCRIPTION
    .B mcpdash
    runs calls to Model Context Protocol servers through retries, circuit breakers, connection pools
    and a dead\\-letter queue, and shows in one screen what happens.
    \(escaped(CommandName.dashboard.details ?? ""))
    .SH COMMANDS
    \(CommandName.allCases.filter { $0 != .dashboard }.map(command).joined(separator: "\n"))
    .SH FLAGS
    \(FlagTable.global.map(flag).joined(separator: "\n"))
    .SS For ToolHive and Kubernetes
    \(FlagTable.discovery.map(flag).joined(separator: "\n"))
    .PP
    A flag counts before its variable, the variable before the configuration, and that before the
    built\\-in value.
    .SH EXIT STATUS
    \(ExitStatus.allCases.map { ".TP\n\($0.rawValue)\n\(escaped(HelpText.sentence($0.summary)))" }
      .joined(separator: "\n"))
    .SH FILES
    .TP
    \(StandardPlaces.written.map { "\\fI\(escaped($0))\\fR" }.joined(separator: ",\n"))
    The configuration, in the order of precedence: all that exist, unless
    \\fB\\-\\-config\\fR names others.
    .TP
    \\fI~/.local/state/mcpdash/dead\\-letters.sqlite3\\fR
    Calls that could not be delivered, unless \\fB\\-\\-redis\\fR or \\fB\\-\\-dlq\\-file\\fR names
    another place.
    .TP
    \\fI~/.local/state/mcpdash/control.sock\\fR
    Where a running mcpdash listens for the other commands.
    .SH ENVIRONMENT
    \(FlagTable.all.compactMap(variable).joined(separator: "\n"))
    .TP
    .B REDIS_PASSWORD
    The password of the Redis that keeps dead letters; there is no flag with a password, for others
    could read it in the process list.
    .TP
    .BR XDG_CONFIG_HOME ", " XDG_STATE_HOME
    Where the directories under FILES are.

    """
  }

  private static func command(_ command: CommandName) -> String {
    let words = command.words.joined(separator: " ")
    let operands = command.operands.map { " \\fI\(escaped($0.text))\\fR" }.joined()
    let text = [HelpText.sentence(command.summary), command.details ?? ""].joined(separator: "\n")
    let flags = FlagTable.flags(of: command).map(flag)
    let block = flags.isEmpty ? "" : "\n.RS\n\(flags.joined(separator: "\n"))\n.RE"
    return ".TP\n\\fB\(escaped(words))\\fR\(operands)\n"
      + escaped(text).trimmedAtEnd + block
  }

  private static func flag(_ flag: Flag) -> String {
    let short = flag.short.map { "\\fB\\-\($0)\\fR, " } ?? ""
    let value = flag.value.name.map { " \\fI\($0)\\fR" } ?? ""
    var text = HelpText.sentence(flag.help)
    if let standard = flag.standard { text += " Default: \(standard)." }
    if let variable = flag.environment { text += " Variable: \(variable)." }
    return ".TP\n\(short)\\fB\\-\\-\(escaped(flag.long))\\fR\(value)\n\(escaped(text))"
  }

  private static func variable(_ flag: Flag) -> String? {
    flag.environment.map { ".TP\n.B \($0)\nAs \\fB\\-\\-\(escaped(flag.long))\\fR." }
  }

  /// Text that no macro or escape of roff can be hidden in.
  private static func escaped(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      let plain = line.reduce(into: "") { result, character in
        switch character {
        case "\\": result += "\\e"
        case "-": result += "\\-"
        case "~": result += "\\(ti"
        case "'": result += "\\(aq"
        default: result.append(character)
        }
      }
      return plain.hasPrefix(".") ? "\\&" + plain : plain
    }.joined(separator: "\n")
  }
}

extension String {
  fileprivate var trimmedAtEnd: String {
    var text = self
    while text.last == "\n" { text.removeLast() }
    return text
  }
}
