/// Replaces `${NAME}`, `${NAME:-default}` and `${env:NAME}` by variables of the environment.
///
/// Names are `[A-Za-z_][A-Za-z0-9_]*`; any other `${…}`, and a bare `$NAME`, is text and stays. As
/// in a shell the default stands in for a variable that is unset or empty. What a variable holds is
/// not expanded again.
struct VariableExpansion: Sendable {
  /// Defaults inside defaults.
  static let nestingLimit = 8

  let environment: [String: String]

  enum Failure: Error, Hashable, Sendable {
    /// No such variable, and no default.
    case missing(String)
    /// `${input:id}` asks a person, and there is nobody to ask.
    case input(String)
    case nestedTooDeep

    var message: String {
      switch self {
      case .missing(let name):
        "the variable \(name) is not set; set it, or write ${\(name):-default}"
      case .input(let id):
        "${input:\(id)} asks a person, which mcpdash cannot; put it in the environment and write"
          + " ${env:NAME}"
      case .nestedTooDeep: "defaults are nested deeper than \(nestingLimit) levels"
      }
    }
  }

  func expand(_ text: String) throws(Failure) -> String { try expand(text[...], depth: 0) }

  private func expand(_ text: Substring, depth: Int) throws(Failure) -> String {
    guard depth <= Self.nestingLimit else { throw .nestedTooDeep }
    var result = ""
    var rest = text
    while let dollar = rest.firstIndex(of: "$") {
      result += rest[..<dollar]
      rest = rest[dollar...]
      if let (body, end) = Self.braced(rest), let value = try value(of: body, depth: depth) {
        result += value
        rest = rest[end...]
      } else {
        result.append("$")
        rest = rest.dropFirst()
      }
    }
    return result + rest
  }

  /// What stands between `${` and its `}`, and where the text goes on.
  private static func braced(_ text: Substring) -> (body: Substring, end: Substring.Index)? {
    guard text.hasPrefix("${") else { return nil }
    let start = text.index(text.startIndex, offsetBy: 2)
    var depth = 1
    var index = start
    while index < text.endIndex {
      if text[index...].hasPrefix("${") { depth += 1 }
      if text[index] == "}" {
        depth -= 1
        if depth == 0 { return (text[start..<index], text.index(after: index)) }
      }
      index = text.index(after: index)
    }
    return nil
  }

  /// nil for what is no variable.
  private func value(of body: Substring, depth: Int) throws(Failure) -> String? {
    if body.hasPrefix("input:") { throw .input(String(body.dropFirst(6))) }
    let rest = body.hasPrefix("env:") ? body.dropFirst(4) : body
    let name = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    guard let first = name.first, !first.isNumber else { return nil }
    let tail = rest.dropFirst(name.count)
    let known = environment[String(name)]
    if tail.hasPrefix(":-") {
      if let known, !known.isEmpty { return known }
      return try expand(tail.dropFirst(2), depth: depth + 1)
    }
    guard tail.isEmpty else { return nil }
    guard let known else { throw .missing(String(name)) }
    return known
  }
}
