/// How long files, functions and lines may be.
enum ShapeRules {
  static let all = [shortFiles, shortLines, shortFunctions]

  static let fileLimit = 400
  static let lineLimit = 100
  static let functionLimit = 60

  static let shortFiles = HouseRule(name: "a file has at most \(fileLimit) lines") { file in
    let count = file.lines.count - (file.lines.last == "" ? 1 : 0)
    guard file.path.hasSuffix(".swift"), count > fileLimit else { return [] }
    return [Violation(path: file.path, line: count, found: "\(count) lines")]
  }

  static let shortLines = HouseRule(name: "a line has at most \(lineLimit) columns") { file in
    guard file.isSwiftSource else { return [] }
    return file.lines.enumerated().compactMap { index, line in
      line.utf8.count > lineLimit && line.count > lineLimit
        ? Violation(path: file.path, line: index + 1, found: "\(line.count) columns") : nil
    }
  }

  static let shortFunctions = HouseRule(name: "a function has at most \(functionLimit) lines") {
    file in
    guard file.isSwiftSource else { return [] }
    return functions(in: file.code).compactMap { function in
      function.length > functionLimit
        ? Violation(path: file.path, line: function.line, found: "\(function.length) lines") : nil
    }
  }

  /// A function, initializer or subscript: where it is declared, and its lines from there to its last
  /// brace.
  struct Function: Hashable {
    var line: Int
    var length: Int
  }

  static func functions(in code: [String]) -> [Function] {
    var scanner = FunctionScanner()
    for (index, line) in code.enumerated() {
      scanner.scan(line, number: index + 1)
    }
    return scanner.found
  }
}

/// Finds bodies by counting braces; the code has no comments and no text in its strings.
private struct FunctionScanner {
  private(set) var found: [ShapeRules.Function] = []
  private var braceDepth = 0
  private var parenthesisDepth = 0
  /// A declaration whose body has not begun, with the parentheses open where it stands.
  private var pending: (line: Int, parentheses: Int)?
  private var bodies: [(line: Int, braceDepth: Int)] = []

  private static let functionWords: Set<Substring> = ["func", "init", "deinit", "subscript"]
  private static let otherWords: Set<Substring> = [
    "var", "let", "case", "struct", "enum", "class", "actor", "protocol", "extension", "typealias",
    "associatedtype", "import", "static", "mutating", "package", "private",
  ]

  mutating func scan(_ line: String, number: Int) {
    var rest = line[...]
    var previous: Character = " "
    while let character = rest.first {
      if character.isLetter || character == "_" {
        let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        declare(word, after: previous, number: number)
        rest = rest.dropFirst(word.count)
        previous = "a"
        continue
      }
      step(character, number: number)
      if character != " " { previous = character }
      rest = rest.dropFirst()
    }
  }

  private mutating func declare(_ word: Substring, after previous: Character, number: Int) {
    let isOutside = pending.map { parenthesisDepth <= $0.parentheses } ?? true
    guard isOutside, previous != "." else { return }
    if Self.functionWords.contains(word) {
      pending = (number, parenthesisDepth)
    } else if Self.otherWords.contains(word) {
      pending = nil
    }
  }

  private mutating func step(_ character: Character, number: Int) {
    switch character {
    case "(", "[": parenthesisDepth += 1
    case ")", "]": parenthesisDepth -= 1
    case "{":
      if let declaration = pending, parenthesisDepth <= declaration.parentheses {
        bodies.append((declaration.line, braceDepth))
        pending = nil
      }
      braceDepth += 1
    case "}":
      braceDepth -= 1
      if let declaration = pending, parenthesisDepth <= declaration.parentheses { pending = nil }
      if let body = bodies.last, body.braceDepth == braceDepth {
        found.append(ShapeRules.Function(line: body.line, length: number - body.line + 1))
        bodies.removeLast()
      }
    default: break
    }
  }
}
