import FleetModel

/// A filter of dead letters as it is typed: terms such as `server:github kind:"tool error"
/// age:>1h`, and free text for what the store finds in ids, targets, messages and params.
package struct LetterQuery: Hashable, Sendable {
  enum Field: String, CaseIterable {
    case server, client, op, tool, kind, cert, state, age

    /// `server:`
    var term: String { rawValue + ":" }

    /// What its value may be, where only some can.
    var choices: [String]? {
      switch self {
      case .cert: Delivery.allCases.map(\.rawValue)
      case .state: DeadLetter.State.allCases.map(\.rawValue) + ["open", "any"]
      case .server, .client, .op, .tool, .kind, .age: nil
      }
    }
  }

  /// What is wrong with a filter, for the person who typed it.
  struct Problem: Error, Hashable {
    var words: String
  }

  /// Characters a filter may have.
  static let textLimit = 200

  /// As typed.
  let text: String
  private var parts = DeadLetterFilter()
  private var maximumAge: Duration?
  private var minimumAge: Duration?

  /// Open letters, whatever else.
  init() { text = "" }

  init(_ text: String) throws(Problem) {
    self.text = text
    var free: [String] = []
    var seen: Set<Field> = []
    for word in LetterFilterWord.split(text) {
      guard let name = word.field else {
        free.append(word.value)
        continue
      }
      let lower = name.lowercased()
      guard let field = Field.allCases.first(where: { $0.rawValue == lower }) else {
        let terms = Field.allCases.map(\.term).joined(separator: " ")
        throw Problem(words: "no term \(name): there are \(terms); text with a colon in quotes")
      }
      // An age may have two bounds.
      guard field == .age || seen.insert(field).inserted else {
        throw Problem(words: "\(field.term) stands there twice")
      }
      try take(field, word.value)
    }
    if !free.isEmpty { parts.text = free.joined(separator: " ") }
  }

  /// It shows what no filter shows.
  var isEmpty: Bool {
    parts == DeadLetterFilter() && maximumAge == nil && minimumAge == nil
  }

  var namesServer: Bool { parts.server != nil }

  /// What the store is asked.
  ///
  /// - Parameter server: of the page; nil for all.
  func filter(at now: Timestamp, on server: ServerID?) -> DeadLetterFilter {
    var filter = parts
    filter.server = server ?? parts.server
    // In the store's terms: created since the longest, and before the shortest age.
    filter.since = maximumAge.map { now + .nanoseconds(-$0.nanoseconds) }
    filter.before = minimumAge.map { now + .nanoseconds(-$0.nanoseconds) }
    return filter
  }

  private mutating func take(_ field: Field, _ value: String) throws(Problem) {
    guard !value.isEmpty else { throw Problem(words: "\(field.term) needs a value") }
    switch field {
    case .server: parts.server = ServerID(value)
    case .client: parts.client = value
    case .op: parts.operation = Self.operations[value] ?? value
    case .tool: parts.target = value
    case .kind: parts.kind = value
    case .cert:
      parts.deliveries = Set(try Self.list(field, value, of: Delivery.allCases) { $0.rawValue })
    case .state: parts.states = try Self.states(value)
    case .age: try takeAge(value)
    }
  }

  /// Other programs' names of operations.
  private static let operations = ["call_tool": "tools/call", "list_tools": "tools/list"]

  private static func states(_ value: String) throws(Problem) -> Set<DeadLetter.State> {
    switch value.lowercased() {
    case "any": return Set(DeadLetter.State.allCases)
    case "open": return DeadLetter.State.open
    default: return Set(try list(.state, value, of: DeadLetter.State.allCases) { $0.rawValue })
    }
  }

  /// `refused,notSent`, letters of either case.
  private static func list<Value>(
    _ field: Field, _ value: String, of all: [Value], name: (Value) -> String
  ) throws(Problem) -> [Value] {
    var found: [Value] = []
    for word in value.lowercased().split(separator: ",", omittingEmptySubsequences: false) {
      guard let match = all.first(where: { name($0).lowercased() == word }) else {
        let choices = (field.choices ?? []).joined(separator: ", ")
        throw Problem(words: "\(field.term) is one of \(choices)")
      }
      found.append(match)
    }
    return found
  }

  private mutating func takeAge(_ value: String) throws(Problem) {
    guard let sign = value.first, sign == "<" || sign == ">",
      let age = Self.duration(value.dropFirst())
    else { throw Problem(words: "age: is more or less than a time: age:>1h age:<30m") }
    if sign == ">" { minimumAge = age } else { maximumAge = age }
  }

  private static let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]

  /// `90s`, `1h30m`, `7d`; 100 years at most.
  private static func duration(_ text: Substring) -> Duration? {
    var (seconds, number): (Int64, Int64?) = (0, nil)
    guard !text.isEmpty, text.count <= 20 else { return nil }
    for character in text {
      if let digit = character.wholeNumberValue, character.isASCII {
        number = min((number ?? 0) * 10 + Int64(digit), 3_200_000_000)
      } else if let unit = units[character], let count = number {
        seconds += count * unit
        number = nil
      } else {
        return nil
      }
    }
    guard number == nil, seconds <= 3_200_000_000 else { return nil }
    return .seconds(seconds)
  }
}

/// A word of a typed filter: `field:value`, or text; quotes hold blanks and colons together.
struct LetterFilterWord: Hashable {
  /// What stands before the first colon outside of quotes.
  var field: String?
  var value: String

  /// As it was typed, near enough to mean the same.
  var written: String {
    let isPlain = value.allSatisfy { $0 != " " && $0 != ":" }
    return (field.map { $0 + ":" } ?? "") + (isPlain ? value : "\"\(value)\"")
  }

  static func split(_ text: String) -> [LetterFilterWord] {
    var words: [LetterFilterWord] = []
    var (field, value): (String?, String) = (nil, "")
    var (isQuoted, hasWord) = (false, false)
    for character in text + " " {
      switch character {
      case "\"":
        isQuoted.toggle()
        hasWord = true
      case ":" where !isQuoted && field == nil && !value.isEmpty:
        (field, value) = (value, "")
      case " " where !isQuoted:
        if hasWord { words.append(LetterFilterWord(field: field, value: value)) }
        (field, value, hasWord) = (nil, "", false)
      default:
        value.append(character)
        hasWord = true
      }
    }
    // Only a quote that is not closed yet leaves something.
    if isQuoted, hasWord {
      words.append(LetterFilterWord(field: field, value: String(value.dropLast())))
    }
    return words
  }

  /// As it is typed; nil for a value that no quotes can hold.
  static func term(_ field: LetterQuery.Field, _ value: String) -> String? {
    guard !value.isEmpty, !value.contains("\"") else { return nil }
    let isPlain = value.allSatisfy { $0 != " " && $0 != ":" }
    return field.term + (isPlain ? value : "\"\(value)\"")
  }
}
