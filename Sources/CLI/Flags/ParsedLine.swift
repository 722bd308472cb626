/// The command line, split into command, flags and operands.
struct ParsedLine: Hashable, Sendable {
  var command: CommandName
  /// Values by flag, in the order given; a switch has an empty one.
  private(set) var values: [String: [String]] = [:]
  var operands: [String] = []

  init(command: CommandName) { self.command = command }

  func has(_ flag: String) -> Bool { values[flag] != nil }

  /// The last one given: what stands later overrules, as when an alias is completed.
  func value(_ flag: String) -> String? { values[flag]?.last }

  func values(_ flag: String) -> [String] { values[flag] ?? [] }

  mutating func add(_ value: String, to flag: Flag) {
    values[flag.long, default: []].append(value)
  }
}
