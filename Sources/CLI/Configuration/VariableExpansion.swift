/// Replaces `${NAME}`, `${NAME:-default}` and `${env:NAME}` by variables of the environment,
/// `${input:id}` by an answer given there beforehand, and what editors define by themselves.
///
/// Names are `[A-Za-z_][A-Za-z0-9_]*`; any other `${…}`, and a bare `$NAME`, is text and stays. As
/// in a shell the default stands in for a variable that is unset or empty. What a variable holds is
/// not expanded again.
struct VariableExpansion: Sendable {
  /// Defaults inside defaults.
  static let nestingLimit = 8

  let environment: [String: String]
  /// The questions that a file of VS Code declares, by id.
  var inputs: [String: Input] = [:]
  /// What an editor would put in by itself, such as `workspaceFolder`; it counts before the
  /// environment.
  var predefined: [String: String] = [:]
  /// The file is an editor's: in it `${config:…}` and the like mean something that we do not know.
  var isEditors = false

  /// A question that an editor would put to its user.
  struct Input: Hashable, Sendable {
    var description: String?
    /// The answer where nobody gives another.
    var standard: String?
  }

  enum Failure: Error, Hashable, Sendable {
    /// No such variable, and no default.
    case missing(String)
    /// `${input:id}` asks a person, and there is nobody to ask.
    case input(String, description: String?)
    /// An editor's own variable; such as `config:name`.
    case unknown(String)
    case nestedTooDeep

    var message: String {
      switch self {
      case .missing(let name):
        "the variable \(name) is not set; set it, or write ${\(name):-default}"
      case .input(let id, let description):
        "${input:\(id)} asks a person" + (description.map { " for '\($0)'" } ?? "")
          + ", which mcpdash does not; set the variable \(VariableExpansion.variable(ofInput: id))"
      case .unknown(let name):
        "only the editor knows ${\(name)}; write the value, or ${env:NAME} with a variable"
      case .nestedTooDeep: "defaults are nested deeper than \(nestingLimit) levels"
      }
    }
  }

  /// - Parameter questions: the `inputs` of a file.
  init(environment: [String: String], asking questions: Spot? = nil) {
    self.environment = environment
    for question in questions?.elements ?? [] {
      guard let id = question["id"]?.value.string else { continue }
      inputs[id] = Input(
        description: question["description"]?.value.string,
        standard: question["default"]?.value.string)
    }
  }

  /// `MCPDASH_INPUT_API_KEY` for `api-key`.
  static func variable(ofInput id: String) -> String {
    "MCPDASH_INPUT_"
      + String(id.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }).uppercased()
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
    if body.hasPrefix("input:") { return try answer(to: String(body.dropFirst(6))) }
    if let value = predefined[String(body)] { return value }
    let rest = body.hasPrefix("env:") ? body.dropFirst(4) : body
    let name = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    guard let first = name.first, !first.isNumber else { return nil }
    let tail = rest.dropFirst(name.count)
    if isEditors, tail.first == ":", !tail.hasPrefix(":-") { throw .unknown(String(body)) }
    let known = environment[String(name)]
    if tail.hasPrefix(":-") {
      if let known, !known.isEmpty { return known }
      return try expand(tail.dropFirst(2), depth: depth + 1)
    }
    guard tail.isEmpty else { return nil }
    guard let known else { throw .missing(String(name)) }
    return known
  }

  private func answer(to id: String) throws(Failure) -> String {
    if let answer = environment[Self.variable(ofInput: id)] { return answer }
    if let standard = inputs[id]?.standard { return standard }
    throw .input(id, description: inputs[id]?.description)
  }
}
