extension Theme {
  /// How many themes deep `inherits` may go.
  package static let inheritanceLimit = 4

  /// Reads a theme file: a subset of TOML, one `key = "value"` a line.
  ///
  /// - Parameters:
  ///   - name: what the operator calls it; the file's name without its ending.
  ///   - source: the text of another theme by its name, for `inherits`; nil when there is none.
  ///   - known: the names that could have been meant.
  package static func parse(
    _ text: String, name: String, source: (String) -> String? = { BuiltinThemes.text(of: $0) },
    known: [String] = BuiltinThemes.names
  ) throws(ThemeError) -> Theme {
    var parser = ThemeParser(known: known)
    try parser.read(text, depth: 1, source: source)
    return Theme(name: name, glyphs: parser.glyphs, looks: parser.looks)
  }
}

/// Collects what the lines of a theme and of those it inherits from say.
struct ThemeParser {
  let known: [String]
  private(set) var looks = ThemeLooks()
  private(set) var glyphs = Glyphs.Kind.unicode

  static let keys =
    ["inherits", "glyphs", "bg", "selection.bg", "selection.fg"]
    + Role.allCases.filter { $0 != .selection }.map(\.rawValue)
  static let colorNames = [
    "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white", "bright-black",
    "bright-red", "bright-green", "bright-yellow", "bright-blue", "bright-magenta",
    "bright-cyan", "bright-white",
  ]
  static let attributeNames: [(String, Style.Attributes)] = [
    ("bold", .bold), ("dim", .dim), ("underline", .underline), ("reverse", .reverse),
    ("italic", .italic),
  ]

  init(known: [String]) { self.known = known }

  /// The inherited theme is read first, so that the lines here win over it.
  mutating func read(
    _ text: String, depth: Int, source: (String) -> String?
  ) throws(ThemeError) {
    let entries = try Self.entries(text)
    for entry in entries where entry.key == "inherits" {
      guard depth < Theme.inheritanceLimit else {
        throw .inheritanceTooDeep(line: entry.line, name: entry.value)
      }
      guard let parent = source(entry.value) else {
        throw .unknownTheme(line: entry.line, name: entry.value, known: known)
      }
      try read(parent, depth: depth + 1, source: source)
    }
    for entry in entries where entry.key != "inherits" { try take(entry) }
  }

  private struct Entry {
    var line: Int
    var key: String
    var value: String
  }

  private static func entries(_ text: String) throws(ThemeError) -> [Entry] {
    var entries: [Entry] = []
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (index, raw) in lines.enumerated() {
      let line = trimmed(raw)
      guard let first = line.first, first != "#" else { continue }
      guard let entry = entry(line, number: index + 1) else {
        throw .syntax(line: index + 1, text: String(line))
      }
      guard keys.contains(entry.key) else {
        throw .unknownKey(line: entry.line, key: entry.key)
      }
      guard !entries.contains(where: { $0.key == entry.key }) else {
        throw .repeatedKey(line: entry.line, key: entry.key)
      }
      entries.append(entry)
    }
    return entries
  }

  /// `key = "value"`, with a comment after it or not.
  private static func entry(_ line: Substring, number: Int) -> Entry? {
    guard let equals = line.firstIndex(of: "=") else { return nil }
    let right = trimmed(line[line.index(after: equals)...])
    guard right.first == "\"", let close = right.dropFirst().firstIndex(of: "\"") else {
      return nil
    }
    let rest = trimmed(right[right.index(after: close)...])
    guard rest.isEmpty || rest.first == "#" else { return nil }
    return Entry(
      line: number, key: String(trimmed(line[..<equals])),
      value: String(right[right.index(after: right.startIndex)..<close]))
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text.drop { $0 == " " || $0 == "\t" }
    while let last = text.last, last == " " || last == "\t" { text.removeLast() }
    return text
  }

  private mutating func take(_ entry: Entry) throws(ThemeError) {
    if entry.key == "glyphs" {
      guard let kind = Glyphs.Kind(rawValue: entry.value) else {
        throw .badGlyphs(line: entry.line, value: entry.value)
      }
      glyphs = kind
      return
    }
    let look = try Self.look(entry)
    switch entry.key {
    case "bg": looks.background = look
    case "selection.bg": looks.selectionBackground = look
    case "selection.fg": looks.roles[.selection] = look
    default:
      guard let role = Role(rawValue: entry.key) else {
        throw .unknownKey(line: entry.line, key: entry.key)
      }
      looks.roles[role] = look
    }
  }

  private static func look(_ entry: Entry) throws(ThemeError) -> ThemeLooks.Look {
    var look = ThemeLooks.Look(color: nil)
    let words = entry.value.split(separator: " ").map(String.init)
    guard !words.isEmpty else {
      throw .badValue(line: entry.line, key: entry.key, word: entry.value)
    }
    for word in words {
      if let attribute = attributeNames.first(where: { $0.0 == word }) {
        look.attributes.insert(attribute.1)
      } else if let color = color(word) {
        guard look.color == nil else {
          throw .secondColor(line: entry.line, key: entry.key, word: word)
        }
        look.color = color
      } else {
        throw .badValue(line: entry.line, key: entry.key, word: word)
      }
    }
    return look
  }

  private static func color(_ word: String) -> Style.Color? {
    if word == "default" { return .terminalDefault }
    if let index = colorNames.firstIndex(of: word) { return .ansi(UInt8(index)) }
    let digits = word.utf8.dropFirst()
    guard word.first == "#", digits.count == 6, let value = UInt32(word.dropFirst(), radix: 16),
      digits.allSatisfy({ $0 != 43 && $0 != 45 })
    else { return nil }
    return .rgb(
      red: UInt8(value >> 16), green: UInt8(value >> 8 & 0xFF), blue: UInt8(value & 0xFF))
  }
}
