package import FleetModel

/// A place in a JSON document: a cheap cursor over the original bytes, with no tree behind it.
///
/// What a checked document and the objects directly in it have as members is known from the check;
/// deeper down every question scans the bytes of its value anew. Of members with the same key the
/// first counts.
package struct JSONView: Sendable {
  package enum Kind: Hashable, Sendable { case object, array, string, number, bool, null }

  private let document: [UInt8]
  /// The value alone, without white space around it; never empty.
  private let range: Range<Int>
  fileprivate let table: JSONMemberTable

  /// Checks the whole document once, encoding included; a byte order mark before it is ignored.
  package init(_ bytes: [UInt8], limits: JSONLimits = .standard) throws(JSONError) {
    let checked = try JSONDocument(reading: bytes, limits: limits)
    self.init(document: bytes, range: checked.range, table: checked.members)
  }

  package init(_ json: JSONText, limits: JSONLimits = .standard) throws(JSONError) {
    try self.init(json.bytes, limits: limits)
  }

  /// - Parameter json: checked before, or written by ourselves; of other bytes the answers are
  ///   meaningless but harmless.
  package init(trusted json: JSONText) { self.init(unchecked: json.bytes) }

  private init(unchecked bytes: [UInt8]) {
    let range = bytes.withUnsafeBufferPointer { buffer in
      let scanner = JSONScanner(bytes: buffer)
      let start = scanner.skipSpace(from: scanner.startsWithMark ? 3 : 0)
      return start..<max(start, scanner.endOfValue(at: start))
    }
    self.init(document: bytes, range: range)
  }

  fileprivate init(
    document: [UInt8], range: Range<Int>, table: JSONMemberTable = .unknown
  ) {
    self.document = document
    self.range = range
    self.table = table
  }

  package var kind: Kind {
    switch first {
    case UInt8(ascii: "{"): .object
    case UInt8(ascii: "["): .array
    case UInt8(ascii: "\""): .string
    case UInt8(ascii: "t"), UInt8(ascii: "f"): .bool
    case UInt8(ascii: "n"): .null
    default: .number
    }
  }

  /// This value's own bytes.
  package var json: JSONText {
    range.count == document.count
      ? JSONText(unchecked: document) : JSONText(unchecked: Array(document[range]))
  }

  /// How many bytes this value takes.
  package var byteCount: Int { range.count }

  /// The value of the first member with this key; nil when there is none, or this is no object.
  package func member(_ key: String) -> JSONView? {
    guard table.isKnown else {
      var cursor = JSONMembers.Iterator(of: self)
      while let member = cursor.scan() {
        if isString(at: member.key, equalTo: key) { return value(at: member.value) }
      }
      return nil
    }
    return table.firstMember(from: table.start) { isString(at: $0, equalTo: key) }
      .map(value(ofMember:))
  }

  /// The members in the order written; empty when this is no object.
  package var members: JSONMembers { JSONMembers(view: self) }

  /// The elements in order; empty when this is no array.
  package var elements: JSONElements { JSONElements(view: self) }

  /// Whether a container holds nothing; true for what is no container.
  package var isEmpty: Bool {
    switch kind {
    case .object, .array:
      withScanner { $0.skipSpace(from: range.lowerBound + 1) } >= range.upperBound - 1
    case .string, .number, .bool, .null: true
    }
  }

  /// The text of a string, its escapes resolved.
  package var string: String? {
    guard kind == .string else { return nil }
    return text(ofStringAt: range)
  }

  /// A number written without fraction and exponent that fits.
  package var int: Int? {
    guard kind == .number else { return nil }
    return Int(String(decoding: document[range], as: UTF8.self))
  }

  /// Any number; infinite where it is too large for a double.
  package var double: Double? {
    guard kind == .number else { return nil }
    return Double(String(decoding: document[range], as: UTF8.self))
  }

  package var bool: Bool? {
    guard kind == .bool else { return nil }
    return first == UInt8(ascii: "t")
  }

  package var isNull: Bool { kind == .null }

  /// Where this value lies in the document it was made from.
  package var position: Range<Int> { range }

  private var first: UInt8 { range.lowerBound < document.count ? document[range.lowerBound] : 0 }

  fileprivate func withScanner<Result>(_ body: (JSONScanner) -> Result) -> Result {
    document.withUnsafeBufferPointer { body(JSONScanner(bytes: $0)) }
  }

  fileprivate func value(at range: Range<Int>) -> JSONView {
    JSONView(document: document, range: range)
  }

  fileprivate func value(ofMember number: Int) -> JSONView {
    let range = table.value(number)
    let isObject = document[range.lowerBound] == UInt8(ascii: "{")
    return JSONView(
      document: document, range: range, table: isObject ? table.members(of: number) : .unknown)
  }

  fileprivate func text(ofStringAt quoted: Range<Int>) -> String {
    guard quoted.count >= 2 else { return "" }
    return document.withUnsafeBufferPointer {
      JSONString.unescape(
        UnsafeBufferPointer(rebasing: $0[quoted.lowerBound + 1..<quoted.upperBound - 1]))
    }
  }

  private func isString(at quoted: Range<Int>, equalTo text: String) -> Bool {
    let start = quoted.lowerBound + 1
    let end = max(start, quoted.upperBound - 1)
    var index = start
    for byte in text.utf8 {
      guard index < end, document[index] != UInt8(ascii: "\\") else { break }
      guard document[index] == byte else { return false }
      index += 1
    }
    if index == end { return end - start == text.utf8.count }
    guard document[index..<end].contains(UInt8(ascii: "\\")) else { return false }
    return self.text(ofStringAt: quoted) == text
  }
}

/// The members of an object, in the order written.
package struct JSONMembers: Sequence, Sendable {
  fileprivate let view: JSONView

  package func makeIterator() -> Iterator { Iterator(of: view) }

  package struct Iterator: IteratorProtocol {
    private let view: JSONView
    /// In the view's table where that is known, else in the document.
    private var index: Int
    private let end: Int

    fileprivate init(of view: JSONView) {
      self.view = view
      end = view.position.upperBound
      index =
        view.table.isKnown
        ? view.table.start : view.kind == .object ? view.position.lowerBound + 1 : end
    }

    package mutating func next() -> (key: String, value: JSONView)? {
      guard view.table.isKnown else {
        return scan().map { (view.text(ofStringAt: $0.key), view.value(at: $0.value)) }
      }
      guard let number = view.table.firstMember(from: index, where: { _ in true }) else {
        return nil
      }
      index = number + 1
      return (view.text(ofStringAt: view.table.key(number)), view.value(ofMember: number))
    }

    fileprivate mutating func scan() -> (key: Range<Int>, value: Range<Int>)? {
      let (start, end) = (index, end)
      let found = view.withScanner { scanner -> (key: Range<Int>, value: Range<Int>)? in
        let key = scanner.skipSpaceAndComma(from: start)
        guard key < end, scanner.bytes[key] == UInt8(ascii: "\"") else { return nil }
        let keyEnd = scanner.endOfString(at: key)
        let value = scanner.skipSpace(from: scanner.skipSpace(from: keyEnd) + 1)
        let valueEnd = scanner.endOfValue(at: value)
        guard keyEnd - key >= 2, value < valueEnd, valueEnd < end else { return nil }
        return (key..<keyEnd, value..<valueEnd)
      }
      index = found?.value.upperBound ?? end
      return found
    }
  }
}

/// The elements of an array, in order.
package struct JSONElements: Sequence, Sendable {
  fileprivate let view: JSONView

  package func makeIterator() -> Iterator { Iterator(of: view) }

  package struct Iterator: IteratorProtocol {
    private let view: JSONView
    private var index: Int
    private let end: Int

    fileprivate init(of view: JSONView) {
      self.view = view
      end = view.position.upperBound
      index = view.kind == .array ? view.position.lowerBound + 1 : end
    }

    package mutating func next() -> JSONView? {
      let (start, end) = (index, end)
      let found = view.withScanner { scanner -> Range<Int>? in
        let value = scanner.skipSpaceAndComma(from: start)
        let valueEnd = scanner.endOfValue(at: value)
        guard value < valueEnd, valueEnd < end else { return nil }
        return value..<valueEnd
      }
      index = found?.upperBound ?? end
      return found.map(view.value(at:))
    }
  }
}

extension JSONScanner {
  fileprivate func skipSpaceAndComma(from index: Int) -> Int {
    let index = skipSpace(from: index)
    guard index < bytes.count, bytes[index] == UInt8(ascii: ",") else { return index }
    return skipSpace(from: index + 1)
  }
}
