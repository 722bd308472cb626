/// Why a theme file could not be used: the line, what is wrong with it, and the cure.
package enum ThemeError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Not `key = "value"`, a comment or an empty line.
  case syntax(line: Int, text: String)
  case unknownKey(line: Int, key: String)
  case repeatedKey(line: Int, key: String)
  /// A word of a value that is neither a colour nor an attribute.
  case badValue(line: Int, key: String, word: String)
  /// A value with two colours.
  case secondColor(line: Int, key: String, word: String)
  case badGlyphs(line: Int, value: String)
  /// `inherits` names a theme that nobody knows.
  case unknownTheme(line: Int, name: String, known: [String])
  /// Longer than `Theme.inheritanceLimit`, or in a circle.
  case inheritanceTooDeep(line: Int, name: String)

  package var description: String {
    switch self {
    case .syntax(let line, let text):
      "line \(line): cannot read `\(text)`: write key = \"value\", such as ok = \"#56b4e9 bold\""
    case .unknownKey(let line, let key):
      "line \(line): unknown key `\(key)`: known are \(ThemeParser.keys.joined(separator: ", "))"
    case .repeatedKey(let line, let key):
      "line \(line): `\(key)` is set a second time: remove one of the lines"
    case .badValue(let line, let key, let word):
      "line \(line): \(key) = `\(word)`: write a colour (#rrggbb, default, or one of "
        + "\(ThemeParser.colorNames.joined(separator: " "))) and attributes "
        + "(\(ThemeParser.attributeNames.map(\.0).joined(separator: " ")))"
    case .secondColor(let line, let key, let word):
      "line \(line): \(key) has a second colour `\(word)`: keep one; the background is `bg`"
    case .badGlyphs(let line, let value):
      "line \(line): glyphs = `\(value)`: write unicode or ascii"
    case .unknownTheme(let line, let name, let known):
      "line \(line): inherits = `\(name)`: there is no such theme, only "
        + known.joined(separator: ", ")
    case .inheritanceTooDeep(let line, let name):
      "line \(line): inherits = `\(name)` goes deeper than \(Theme.inheritanceLimit) themes "
        + "or in a circle: inherit from a theme that inherits from none"
    }
  }
}
