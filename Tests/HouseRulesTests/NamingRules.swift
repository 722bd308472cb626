/// Names say what a thing is, and a file's name says what is in it.
enum NamingRules {
  static let all = [noEmptyNames, documented, fileNamedAfterType]

  private static let kinds: Set<Substring> = [
    "struct", "class", "enum", "actor", "protocol", "typealias",
  ]

  private static let banned: Set<String> = [
    "Manager", "Helper", "Helpers", "Util", "Utils", "Utility", "Utilities", "Misc", "Common",
    "Base",
    "Info", "Handler",
  ]

  /// The one name that the wire's own vocabulary excuses.
  private static let excused: Set<String> = ["ConnectionInfo"]

  /// Files that gather small types under the name of the group.
  private static let groups: Set<String> = ["main", "Identifiers", "Geometry", "Graphs", "Ports"]

  static let noEmptyNames = HouseRule(
    name: "no type is a Manager, Helper, Util, Info, Base or Handler"
  ) { file in
    guard file.isSwiftSource else { return [] }
    return declarations(in: file).compactMap { declaration in
      let isBanned = words(of: declaration.name).contains { banned.contains($0) }
      return isBanned && !excused.contains(declaration.name)
        ? Violation(path: file.path, line: declaration.line, found: declaration.name) : nil
    }
  }

  static let documented = HouseRule(name: "every package type has a doc comment") { file in
    guard file.isSwiftSource else { return [] }
    return declarations(in: file).compactMap { declaration in
      guard file.code[declaration.line - 1].hasPrefix("package ") else { return nil }
      var above = declaration.line - 2
      while above >= 0, file.lines[above].hasPrefix("@") { above -= 1 }
      return above >= 0 && file.lines[above].hasPrefix("///")
        ? nil : Violation(path: file.path, line: declaration.line, found: declaration.name)
    }
  }

  /// A file may also hold one function that it is named after, or extensions under their topic.
  static let fileNamedAfterType = HouseRule(name: "a file is named after its main type") { file in
    let wanted = String(file.name.split(separator: "+").first ?? "")
    guard file.isSwiftSource, !groups.contains(wanted) else { return [] }
    let top = file.code.filter { $0.first?.isLetter == true && !$0.containsWord("import") }
    let function = wanted.prefix(1).lowercased() + wanted.dropFirst()
    let isNamed =
      declarations(in: file).contains { $0.name == wanted }
      || top.contains { $0.containsWord("func \(function)") }
      || top.first.map { $0.containsWord("extension") } ?? false
    return isNamed ? [] : [Violation(path: file.path, line: 1, found: "no type \(wanted)")]
  }

  private struct Declaration {
    var name: String
    var line: Int
  }

  private static func declarations(in file: SourceFile) -> [Declaration] {
    let lines = Set(kinds.flatMap { file.linesOfCode(with: String($0)) }).sorted()
    return lines.compactMap { number in
      let words = file.code[number - 1].split(separator: " ")
      guard let kind = words.firstIndex(where: { kinds.contains($0) }), kind + 1 < words.count,
        words[..<kind].allSatisfy({ $0.allSatisfy { $0.isLetter || $0 == "@" || $0 == "_" } }),
        words[kind + 1].first?.isUppercase == true
      else { return nil }
      return Declaration(name: identifier(words[kind + 1]), line: number)
    }
  }

  private static func identifier(_ text: Substring) -> String {
    String(text.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
  }

  /// `HTTPRequestInfo` is `HTTP`, `Request`, `Info`.
  static func words(of name: String) -> [String] {
    var words: [String] = []
    let letters = Array(name)
    for (index, letter) in letters.enumerated() {
      let startsWord =
        letter.isUppercase
        && (index == 0 || !letters[index - 1].isUppercase
          || index + 1 < letters.count && letters[index + 1].isLowercase)
      if startsWord || words.isEmpty { words.append("") }
      words[words.count - 1].append(letter)
    }
    return words
  }
}

extension String {
  /// Whether the words stand here, between spaces, parentheses or the line's ends.
  fileprivate func containsWord(_ words: String) -> Bool {
    " \(self) ".replacing("(", with: " ").contains(" \(words) ")
  }
}
