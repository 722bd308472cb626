/// Swift source with every comment and every string's content replaced by spaces; newlines stay, and so
/// does the code of interpolations.
func blanked(_ text: String) -> String {
  var blanker = Blanker(input: Array(text.utf8))
  blanker.code(untilParenthesis: false)
  return String(decoding: blanker.output, as: UTF8.self)
}

private struct Blanker {
  let input: [UInt8]
  var output: [UInt8] = []
  var index = 0

  init(input: [UInt8]) { self.input = input }

  /// What may begin a comment or a string, or end an interpolation.
  private static let marks = Array("/\"#()".utf8)
  private static let newline = UInt8(ascii: "\n")
  private static let quote = UInt8(ascii: "\"")

  private func starts(_ text: StaticString, at offset: Int = 0) -> Bool {
    let length = text.utf8CodeUnitCount
    guard index + offset + length <= input.count else { return false }
    for position in 0..<length
    where input[index + offset + position] != text.utf8Start[position] {
      return false
    }
    return true
  }

  private mutating func keep(_ count: Int = 1) {
    for _ in 0..<count where index < input.count {
      output.append(input[index])
      index += 1
    }
  }

  private mutating func blank(_ count: Int = 1) {
    for _ in 0..<count where index < input.count {
      output.append(input[index] == Self.newline ? Self.newline : UInt8(ascii: " "))
      index += 1
    }
  }

  /// Code up to the end of the text, or past the parenthesis that ends an interpolation.
  mutating func code(untilParenthesis: Bool) {
    var depth = 1
    while index < input.count {
      guard Self.marks.contains(input[index]) else {
        keep()
        continue
      }
      if starts("//") {
        while index < input.count, input[index] != Self.newline { blank() }
      } else if starts("/*") {
        blockComment()
      } else if starts("\"") || starts("#\"") || starts("##\"") {
        string()
      } else {
        if starts("(") { depth += 1 }
        if starts(")") { depth -= 1 }
        keep()
        if untilParenthesis, depth == 0 { return }
      }
    }
  }

  private mutating func blockComment() {
    var depth = 0
    repeat {
      if starts("/*") {
        depth += 1
        blank(2)
      } else if starts("*/") {
        depth -= 1
        blank(2)
      } else {
        blank()
      }
    } while depth > 0 && index < input.count
  }

  private mutating func string() {
    var hashes = 0
    while starts("#") {
      hashes += 1
      keep()
    }
    let quotes = starts("\"\"\"") ? 3 : 1
    keep(quotes)
    while index < input.count {
      if input[index] == UInt8(ascii: "\\"), follows(hashes, at: 1) {
        blank(1 + hashes)
        if starts("(") {
          keep()
          code(untilParenthesis: true)
        } else {
          blank()
        }
      } else if (0..<quotes).allSatisfy({ starts("\"", at: $0) }), follows(hashes, at: quotes) {
        keep(quotes + hashes)
        return
      } else if quotes == 1, input[index] == Self.newline {
        return
      } else {
        blank()
      }
    }
  }

  private func follows(_ hashes: Int, at offset: Int) -> Bool {
    (0..<hashes).allSatisfy { starts("#", at: offset + $0) }
  }
}
