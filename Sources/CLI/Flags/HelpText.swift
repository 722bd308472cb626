/// `--help`, from the tables.
enum HelpText {
  static let width = 100

  /// The whole program.
  static func program() -> String {
    let commands = CommandName.allCases.filter { $0 != .dashboard }.map { command in
      ((command.words + command.operands.map(\.text)).joined(separator: " "), command.summary)
    }
    return """
      mcpdash: a terminal console for a fleet of MCP servers

      Usage: mcpdash [FLAGS]            \(CommandName.dashboard.summary)
             mcpdash COMMAND [FLAGS]

      Commands:
      \(table(commands))

      Flags:
      \(table(FlagTable.global.map { ($0.spelling, description(of: $0)) }))\
      \(discovery(for: CommandName.allCases))

      Exit status:
      \(table(ExitStatus.allCases.map { (String($0.rawValue), $0.summary) }))

      'mcpdash COMMAND --help' explains a command; 'mcpdash man' prints the manual.

      """
  }

  /// One command, or the commands of a group.
  static func commands(_ commands: [CommandName]) -> String {
    commands.map { command in
      var parts = ["Usage: \(command.usage)", wrapped(sentence(command.summary), indent: 0)]
      if let details = command.details { parts.append(wrapped(details, indent: 0)) }
      let flags = FlagTable.flags(of: command)
      if !flags.isEmpty {
        parts.append("Flags:\n" + table(flags.map { ($0.spelling, description(of: $0)) }))
      }
      return parts.joined(separator: "\n\n")
    }.joined(separator: "\n\n") + discovery(for: commands)
      + "\n\n'mcpdash --help' shows the flags of all commands.\n"
  }

  private static func discovery(for commands: [CommandName]) -> String {
    guard commands.contains(where: { $0.words.first == "toolhive" }) else { return "" }
    return "\n\nFlags for ToolHive and Kubernetes:\n"
      + table(FlagTable.discovery.map { ($0.spelling, description(of: $0)) })
  }

  static func description(of flag: Flag) -> String {
    var text = flag.help
    if let standard = flag.standard { text += " (default: \(standard))" }
    if let variable = flag.environment { text += " [\(variable)]" }
    return text
  }

  static func sentence(_ text: String) -> String {
    text.prefix(1).uppercased() + text.dropFirst() + "."
  }

  /// Two columns, the second wrapped.
  private static func table(_ rows: [(String, String)]) -> String {
    let first = min(30, (rows.map(\.0.count).max() ?? 0) + 4)
    return rows.map { name, text in
      let start = "  " + name
      let gap =
        start.count + 2 <= first
        ? String(repeating: " ", count: first - start.count)
        : "\n" + String(repeating: " ", count: first)
      return start + gap + wrapped(text, indent: first)
    }.joined(separator: "\n")
  }

  private static func wrapped(_ text: String, indent: Int) -> String {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty, indent + line.count + 1 + word.count > width {
        lines.append(line)
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    return (lines + [line]).joined(separator: "\n" + String(repeating: " ", count: indent))
  }
}
