import Telemetry

/// The first stage: splits the words of the command line by the table; knows nothing of their
/// meaning.
enum CommandLineParser {
  /// - Parameter words: without the program's name.
  static func parse(_ words: [String]) throws(UsageError) -> ParsedLine {
    var flags: [(flag: Flag, spelling: String, value: String)] = []
    var operands: [String] = []
    var rest = words[...]
    var flagsEnded = false
    let (command, length) = try command(in: words)
    while let word = rest.popFirst() {
      if flagsEnded || !word.hasPrefix("-") || word == "-" {
        operands.append(word)
      } else if word == "--" {
        flagsEnded = true
      } else if word.hasPrefix("--") {
        flags.append(try long(word, &rest, command))
      } else {
        flags += try shorts(word, &rest, command)
      }
    }
    var line = ParsedLine(command: command)
    line.operands = Array(operands.dropFirst(length))
    for (flag, spelling, value) in flags {
      guard flag.applies(to: command) else { throw misplaced(flag, spelling, command) }
      line.add(value, to: flag)
    }
    if !line.has("help"), !line.has("version") { try checkOperands(line) }
    return line
  }

  /// The command and how many words name it. Flags may stand before them.
  private static func command(
    in words: [String]
  ) throws(UsageError) -> (name: CommandName, length: Int) {
    var found: [String] = []
    var rest = words[...]
    while found.count < 2, let word = rest.popFirst(), word != "--" {
      if !word.hasPrefix("-") || word == "-" {
        found.append(word)
      } else if !word.contains("="), takesNextWord(word) {
        rest = rest.dropFirst()
      }
    }
    guard let first = found.first else { return (.dashboard, 0) }
    guard CommandName.firstWords.contains(first) else {
      let suggestion = Suggestion.phrase(for: first, among: CommandName.firstWords)
      throw UsageError(message: "unknown command '\(PlainText.clean(first))'" + suggestion)
    }
    let seconds = CommandName.secondWords(after: first)
    guard !seconds.isEmpty else { return (CommandName(rawValue: first) ?? .dashboard, 1) }
    let choices = seconds.joined(separator: ", ")
    guard found.count > 1 else {
      if words.contains("--help") || words.contains("-h") { return (.help, 0) }
      throw UsageError(message: "'\(first)' needs one of: \(choices)")
    }
    guard let command = CommandName(rawValue: "\(first) \(found[1])") else {
      let suggestion = Suggestion.phrase(for: found[1], among: seconds)
      throw UsageError(
        message: "unknown command '\(first) \(PlainText.clean(found[1]))'"
          + (suggestion.isEmpty ? "; '\(first)' needs one of: \(choices)" : suggestion))
    }
    return (command, 2)
  }

  private static func takesNextWord(_ word: String) -> Bool {
    if word.hasPrefix("--") {
      return FlagTable.named(String(word.dropFirst(2))).map { $0.value != .none } ?? false
    }
    guard let last = word.last else { return false }
    let withValue = word.dropFirst().firstIndex { letter in
      FlagTable.all.contains { $0.short == letter && $0.value != .none }
    }
    // `-cFILE` holds its value, `-c` is followed by it.
    return withValue.map { word[$0] == last && word.index(after: $0) == word.endIndex } ?? false
  }

  private typealias Found = (flag: Flag, spelling: String, value: String)

  private static func long(
    _ word: String, _ rest: inout ArraySlice<String>, _ command: CommandName
  ) throws(UsageError) -> Found {
    let parts = word.dropFirst(2).split(
      separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    guard let flag = FlagTable.named(name) else {
      let known = FlagTable.all.filter { $0.applies(to: command) }.map { "--" + $0.long }
      let suggestion = Suggestion.phrase(for: "--" + name, among: known)
      throw UsageError(
        message: "unknown flag '--\(PlainText.clean(name))'" + suggestion, command: command)
    }
    guard flag.value != .none else {
      guard parts.count == 1 else {
        throw UsageError(message: "--\(name) takes no value", command: command)
      }
      return (flag, "--" + name, "")
    }
    guard let value = parts.count > 1 ? String(parts[1]) : rest.popFirst() else {
      throw missingValue(flag, "--" + name, command)
    }
    return (flag, "--" + name, value)
  }

  private static func shorts(
    _ word: String, _ rest: inout ArraySlice<String>, _ command: CommandName
  ) throws(UsageError) -> [Found] {
    var found: [Found] = []
    var letters = word.dropFirst()
    while let letter = letters.popFirst() {
      let known = FlagTable.all.filter { $0.short == letter }
      guard let flag = known.first(where: { $0.applies(to: command) }) ?? known.first else {
        throw UsageError(
          message: "unknown flag '-\(PlainText.clean(String(letter)))'", command: command)
      }
      guard flag.value != .none else {
        found.append((flag, "-\(letter)", ""))
        continue
      }
      if !letters.isEmpty {
        let value = letters.first == "=" ? letters.dropFirst() : letters
        found.append((flag, "-\(letter)", String(value)))
        break
      }
      guard let value = rest.popFirst() else {
        throw missingValue(flag, "-\(letter)", command)
      }
      found.append((flag, "-\(letter)", value))
    }
    return found
  }

  private static func missingValue(
    _ flag: Flag, _ spelling: String, _ command: CommandName
  ) -> UsageError {
    UsageError(message: "\(spelling) needs \(flag.value.name ?? "value")", command: command)
  }

  private static func misplaced(
    _ flag: Flag, _ spelling: String, _ command: CommandName
  ) -> UsageError {
    let owners = flag.commands.map { "'\($0.rawValue)'" }.joined(separator: ", ")
    let here = command == .dashboard ? "the dashboard" : "'\(command.rawValue)'"
    return UsageError(
      message: "\(spelling) belongs to \(owners), not to \(here)", command: command)
  }

  private static func checkOperands(_ line: ParsedLine) throws(UsageError) {
    var left = line.operands.count
    for operand in line.command.operands {
      switch operand {
      case .one(let name):
        guard left > 0 else {
          throw UsageError(
            message: "'\(line.command.rawValue)' needs \(name)", command: line.command)
        }
        left -= 1
      case .optional: left = max(0, left - 1)
      case .more: left = 0
      }
    }
    guard left > 0 else { return }
    let extra = PlainText.clean(line.operands[line.operands.count - left])
    throw UsageError(
      message: "'\(extra)' is too much; write: \(line.command.usage)", command: line.command)
  }
}
