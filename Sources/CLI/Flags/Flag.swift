/// One flag: parser, help, manual and completions are made of it.
struct Flag: Hashable, Sendable {
  enum Value: Hashable, Sendable {
    /// There or not.
    case none
    /// Any text; the name stands for it in the usage.
    case text(String)
    case file
    case directory
    case server
    case choice(String, [String])
    case seconds
    case count
    case number

    /// What stands for the value in usage lines; nil for a switch.
    var name: String? {
      switch self {
      case .none: nil
      case .text(let name), .choice(let name, _): name
      case .file: "FILE"
      case .directory: "DIR"
      case .server: "SERVER"
      case .seconds: "SECONDS"
      case .count, .number: "N"
      }
    }
  }

  /// Without the dashes; unique.
  var long: String
  var short: Character?
  var value = Value.none
  var help: String
  /// What holds without it, for the help.
  var standard: String?
  /// The variable that stands in for it.
  var environment: String?
  var isRepeatable = false
  /// Where it may stand; empty: everywhere.
  var commands: [CommandName] = []

  func applies(to command: CommandName) -> Bool {
    commands.isEmpty || commands.contains(command)
  }

  /// `-c, --config FILE`
  var spelling: String {
    let dashes = short.map { "-\($0), " } ?? "    "
    return dashes + "--" + long + (value.name.map { " " + $0 } ?? "")
  }
}
