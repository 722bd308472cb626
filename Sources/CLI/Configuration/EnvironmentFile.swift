import FleetModel

/// Files of `NAME=VALUE` lines, as `envFile` names them.
///
/// Empty lines and those that begin with `#` say nothing, `export` before a name is left out, and
/// so are a pair of quotes around a value. Nothing in a value is expanded.
enum EnvironmentFile {
  static let byteLimit = 1 << 20

  /// - Returns: the variables, of one that is there twice the last; and the first line, counted
  ///   from 1, that is none.
  static func read(_ bytes: [UInt8]) -> (variables: [EnvironmentVariable], faultyLine: Int?) {
    var variables: [EnvironmentVariable] = []
    let lines = String(decoding: bytes, as: UTF8.self).split(
      omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (index, line) in lines.enumerated() {
      var rest = trimmed(line)
      if rest.isEmpty || rest.hasPrefix("#") { continue }
      if rest.hasPrefix("export ") { rest = trimmed(rest.dropFirst(7)) }
      guard let equals = rest.firstIndex(of: "=") else { return (variables, index + 1) }
      let name = trimmed(rest[..<equals])
      guard !name.isEmpty, !name.contains(where: \.isWhitespace), !line.contains("\0") else {
        return (variables, index + 1)
      }
      let value = unquoted(trimmed(rest[rest.index(after: equals)...]))
      variables.removeAll { $0.name == name }
      variables.append(EnvironmentVariable(name: String(name), value: String(value)))
    }
    return (variables, nil)
  }

  private static func unquoted(_ text: Substring) -> Substring {
    guard text.count > 1, let quote = text.first, quote == text.last, quote == "\"" || quote == "'"
    else { return text }
    return text.dropFirst().dropLast()
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text.drop(while: \.isWhitespace)
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }
}
