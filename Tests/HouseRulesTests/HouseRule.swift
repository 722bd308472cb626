import Testing

/// One rule of the house: a pure function from a file to what breaks it.
struct HouseRule: Sendable, CustomTestStringConvertible {
  /// The rule in words, as a failure prints it.
  let name: String
  let check: @Sendable (SourceFile) -> [Violation]

  var testDescription: String { name }

  static let all: [HouseRule] =
    ImportRules.all + PurityRules.all + SafetyRules.all + ShapeRules.all + NamingRules.all
}

/// Where a rule is broken.
struct Violation: Hashable, Sendable, CustomStringConvertible {
  var path: String
  /// Counted from 1.
  var line: Int
  /// What stands there.
  var found: String

  var description: String { "\(path):\(line): \(found)" }
}

extension HouseRule {
  /// Forbids words of code in the files that `applies` selects.
  ///
  /// - Parameter tokens: each is looked for as a whole word where it starts or ends with a letter.
  static func forbid(
    _ name: String, _ tokens: [String], in applies: @escaping @Sendable (SourceFile) -> Bool
  ) -> HouseRule {
    HouseRule(name: name) { file in
      guard applies(file) else { return [] }
      return file.linesOfCode(with: tokens)
    }
  }
}

extension SourceFile {
  func linesOfCode(with tokens: [String]) -> [Violation] {
    tokens.flatMap { token in
      linesOfCode(with: token).map { Violation(path: path, line: $0, found: token) }
    }
  }
}
