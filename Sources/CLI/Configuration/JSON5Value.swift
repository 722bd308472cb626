import FleetModel

/// A place in a text; both count from 1, columns in Unicode scalars.
struct SourcePosition: Hashable, Sendable {
  var line: Int
  var column: Int

  static let start = SourcePosition(line: 1, column: 1)
}

/// A value of a JSON5 document and where it begins.
struct JSON5Value: Hashable, Sendable {
  enum Content: Hashable, Sendable {
    case object([Member])
    case array([JSON5Value])
    case string(String)
    /// `literal` is the number as JSON writes it, exact; nil for infinities and NaN.
    case number(Double, literal: String?)
    case bool(Bool)
    case null
  }

  /// Of members with one key an object keeps the first; the others are `JSON5Document.duplicates`.
  struct Member: Hashable, Sendable {
    var key: String
    var position: SourcePosition
    var value: JSON5Value
  }

  var position: SourcePosition
  var content: Content

  /// The members in the order written; nil when this is no object.
  var members: [Member]? {
    if case .object(let members) = content { members } else { nil }
  }

  var elements: [JSON5Value]? { if case .array(let elements) = content { elements } else { nil } }

  var string: String? { if case .string(let string) = content { string } else { nil } }

  var number: Double? { if case .number(let number, _) = content { number } else { nil } }

  var bool: Bool? { if case .bool(let flag) = content { flag } else { nil } }

  subscript(key: String) -> JSON5Value? { members?.first { $0.key == key }?.value }

  /// What kind of value it is, with its article, for messages.
  var kind: String {
    switch content {
    case .object: "an object"
    case .array: "an array"
    case .string: "a string"
    case .number: "a number"
    case .bool: "a boolean"
    case .null: "null"
    }
  }

  /// The value as plain JSON, keys in order, numbers exact; an infinity or NaN becomes null.
  var json: JSONText {
    var writer = JSONWriter()
    write(to: &writer)
    return writer.json
  }

  private func write(to writer: inout JSONWriter) {
    switch content {
    case .object(let members):
      writer.object {
        for member in members {
          $0.key(member.key)
          member.value.write(to: &$0)
        }
      }
    case .array(let elements):
      writer.array { for element in elements { element.write(to: &$0) } }
    case .string(let string): writer.value(string)
    case .number(_, let literal):
      writer.value(literal.map { JSONText(unchecked: Array($0.utf8)) } ?? .null)
    case .bool(let flag): writer.value(flag)
    case .null: writer.null()
    }
  }
}

/// A whole document, and the keys that were written more than once.
struct JSON5Document: Hashable, Sendable {
  struct Duplicate: Hashable, Sendable {
    var key: String
    /// Path of the object it is in, such as `mcpServers.github`; empty at the top.
    var path: String
    var first: SourcePosition
    var second: SourcePosition
  }

  var root: JSON5Value
  var duplicates: [Duplicate]
}

/// Why a text is not JSON5, and where.
struct JSON5Error: Error, Hashable, Sendable {
  var position: SourcePosition
  /// What is wrong and what belongs there.
  var message: String
}
