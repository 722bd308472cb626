import FleetModel

/// A piece of a JSON Schema, written as literals; members keep their order.
enum SchemaNode: Sendable {
  case object([(key: String, value: SchemaNode)])
  case array([SchemaNode])
  case text(String)
  case whole(Int)
  case number(Double)
  case flag(Bool)

  /// An object of these members, each after its key.
  static func members(_ members: [(String, SchemaNode)]) -> SchemaNode {
    .object(members.map { (key: $0.0, value: $0.1) })
  }

  static func words(_ words: [String]) -> SchemaNode { .array(words.map { .text($0) }) }

  /// The same object with more members at its end.
  func with(_ more: KeyValuePairs<String, SchemaNode>) -> SchemaNode {
    guard case .object(let members) = self else { return self }
    return .object(members + more.map { (key: $0.key, value: $0.value) })
  }

  /// JSON for people, two spaces a level.
  func text(indent: Int = 0) -> String {
    switch self {
    case .object(let members) where members.isEmpty: return "{}"
    case .object(let members):
      let lines = members.map { Self.quoted($0.key) + ": " + $0.value.text(indent: indent + 2) }
      return Self.block("{", lines, "}", indent)
    case .array(let elements):
      let lines = elements.map { $0.text(indent: indent + 2) }
      let line = "[" + lines.joined(separator: ", ") + "]"
      if !line.contains("\n"), indent + line.count <= 90 { return line }
      return Self.block("[", lines, "]", indent)
    case .text(let text): return Self.quoted(text)
    case .whole(let number): return String(number)
    case .number(let number): return Int(exactly: number).map { String($0) } ?? String(number)
    case .flag(let flag): return String(flag)
    }
  }

  private static func block(
    _ opening: String, _ lines: [String], _ closing: String, _ indent: Int
  ) -> String {
    let space = String(repeating: " ", count: indent + 2)
    let end = "\n" + String(repeating: " ", count: indent) + closing
    return opening + "\n" + lines.map { space + $0 }.joined(separator: ",\n") + end
  }

  private static func quoted(_ text: String) -> String {
    var writer = JSONWriter()
    writer.value(text)
    return writer.json.text
  }
}

extension SchemaNode: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  init(stringLiteral text: String) { self = .text(text) }
  init(integerLiteral number: Int) { self = .whole(number) }
  init(booleanLiteral flag: Bool) { self = .flag(flag) }
  init(arrayLiteral elements: SchemaNode...) { self = .array(elements) }
  init(dictionaryLiteral members: (String, SchemaNode)...) { self = .members(members) }
}
