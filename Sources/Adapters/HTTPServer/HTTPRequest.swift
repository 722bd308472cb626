/// One request as it came, whole: the handler sees it only when the body has ended.
package struct HTTPRequest: Sendable {
  /// Where one header field lies in the head.
  struct Field: Sendable {
    var name: Range<Int>
    var value: Range<Int>
  }

  /// As sent: methods are case-sensitive.
  package let method: String
  /// The request target as sent: path and query, ASCII.
  package let target: String
  package let body: [UInt8]
  /// Whether the client spoke HTTP/1.1; else 1.0.
  package let isHTTP11: Bool
  /// Whether the connection may carry another request after this one.
  let keepsAlive: Bool
  private let head: [UInt8]
  private let fields: [Field]

  init(
    method: String, target: String, body: [UInt8], isHTTP11: Bool, keepsAlive: Bool,
    head: [UInt8], fields: [Field]
  ) {
    self.method = method
    self.target = target
    self.body = body
    self.isHTTP11 = isHTTP11
    self.keepsAlive = keepsAlive
    self.head = head
    self.fields = fields
  }

  /// The target up to its query.
  package var path: Substring { target.prefix { $0 != "?" } }

  /// All fields in the order they came, values without surrounding space, bytes read as UTF-8.
  package var headers: [(name: String, value: String)] {
    fields.map { (text($0.name), text($0.value)) }
  }

  /// The first field of that name, whatever the case of its letters.
  package func header(_ name: String) -> String? {
    for field in fields where matches(field, name) { return text(field.value) }
    return nil
  }

  /// How many fields of that name came.
  package func headerCount(_ name: String) -> Int {
    fields.reduce(0) { $0 + (matches($1, name) ? 1 : 0) }
  }

  private func matches(_ field: Field, _ name: String) -> Bool {
    field.name.count == name.utf8.count
      && zip(head[field.name], name.utf8).allSatisfy { lowercased($0) == lowercased($1) }
  }

  private func lowercased(_ byte: UInt8) -> UInt8 {
    (65...90).contains(byte) ? byte | 32 : byte
  }

  private func text(_ range: Range<Int>) -> String {
    String(decoding: head[range], as: UTF8.self)
  }
}
