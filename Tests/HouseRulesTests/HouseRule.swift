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
      return file.code.enumerated().flatMap { index, line in
        tokens.filter { line.containsToken($0) }.map {
          Violation(path: file.path, line: index + 1, found: $0)
        }
      }
    }
  }
}

extension String {
  /// Whether the token stands here, not as a part of a longer identifier.
  func containsToken(_ token: String) -> Bool {
    let text = Array(utf8)
    let wanted = Array(token.utf8)
    guard !wanted.isEmpty, text.count >= wanted.count else { return false }
    return (0...text.count - wanted.count).contains { start in
      guard text[start] == wanted[0], text[start..<start + wanted.count].elementsEqual(wanted)
      else { return false }
      let end = start + wanted.count
      let joinsBefore =
        start > 0 && isIdentifier(text[start - 1]) && isIdentifier(wanted[0])
      let joinsAfter =
        end < text.count && isIdentifier(text[end]) && isIdentifier(wanted[wanted.count - 1])
      return !joinsBefore && !joinsAfter
    }
  }
}

func isIdentifier(_ byte: UInt8) -> Bool {
  (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
    || byte >= 0x80
}
