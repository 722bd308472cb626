package import FleetModel
import Wire

/// Takes secrets out of a call's params before they are kept, and puts them back for a sending.
///
/// A secret is the value of a member that is named like a `SecretField`, whatever its case, at any
/// depth; everything within it is secret too. All other bytes stay as they are.
package struct SecretMask: Sendable {
  /// One value and where it is.
  private struct Place {
    /// Such as `arguments.users[0].password`.
    var path: String
    /// In lowercase; empty in an array.
    var name: String
    var value: JSONView
    var isTooDeep = false
  }

  /// A value that lies deeper is kept as a whole like a secret: nobody has looked into it.
  package static let depthLimit = 64

  /// By the names in lowercase.
  private let values: [String: Secret?]

  package init(_ fields: [SecretField]) {
    values = Dictionary(
      fields.map { ($0.name.lowercased(), $0.value) }, uniquingKeysWith: { $0 ?? $1 })
  }

  /// The params without secrets, and where those were; sorted.
  package func mask(_ params: JSONText) -> (params: JSONText, redacted: [String]) {
    let places = places(in: params) { !$0.isNull }
    guard !places.isEmpty else { return (params, []) }
    let mark = Self.quoted(DeadLetter.redactedMark)
    let masked = Self.replacing(places.map { ($0.value.position, mark) }, in: params)
    return (masked, Set(places.map(\.path)).sorted())
  }

  /// The params with the fields' own values in the place of the marks.
  ///
  /// - Parameter redacted: where marks are, beside members that are named like secrets.
  /// - Returns: nil where a mark has no value.
  package func fill(_ params: JSONText, redacted: [String]) -> JSONText? {
    let marked = Set(redacted)
    let places = places(in: params, also: marked) { $0.string == DeadLetter.redactedMark }
    var changes: [(Range<Int>, [UInt8])] = []
    for place in places {
      guard let value = values[place.name] ?? nil else { return nil }
      changes.append((place.value.position, Self.quoted(value.value)))
    }
    return changes.isEmpty ? params : Self.replacing(changes, in: params)
  }

  /// The text without anything that is secret in the params, as it is written there or as it is
  /// meant.
  package func clean(_ text: String, of params: JSONText) -> String {
    var secrets: Set<String> = []
    for place in places(in: params, where: { !$0.isNull }) {
      Self.collect(place.value, into: &secrets)
    }
    // The longest first: one may be a part of another.
    let sorted = secrets.sorted { ($1.utf8.count, $0) < ($0.utf8.count, $1) }
    return sorted.reduce(text) { $0.without(Secret($1)) }
  }

  // MARK: Places

  /// In the order of the bytes; what is found is not looked into.
  private func places(
    in params: JSONText, also paths: Set<String> = [], where isWanted: (JSONView) -> Bool
  ) -> [Place] {
    var found: [Place] = []
    walk(JSONView(trusted: params), path: "", depth: 0) { place in
      let isSecret =
        place.isTooDeep || values.keys.contains(place.name) || paths.contains(place.path)
      if isSecret, isWanted(place.value) { found.append(place) }
      return isSecret
    }
    return found
  }

  /// - Parameter visit: returns whether the value is not to be looked into.
  private func walk(
    _ view: JSONView, path: String, depth: Int, _ visit: (Place) -> Bool
  ) {
    guard depth < Self.depthLimit || view.isEmpty else {
      _ = visit(Place(path: path, name: "", value: view, isTooDeep: true))
      return
    }
    switch view.kind {
    case .object:
      for (key, value) in view.members {
        let place = path.isEmpty ? key : "\(path).\(key)"
        if !visit(Place(path: place, name: key.lowercased(), value: value)) {
          walk(value, path: place, depth: depth + 1, visit)
        }
      }
    case .array:
      for (index, value) in view.elements.enumerated() {
        let place = "\(path)[\(index)]"
        if !visit(Place(path: place, name: "", value: value)) {
          walk(value, path: place, depth: depth + 1, visit)
        }
      }
    case .string, .number, .bool, .null: break
    }
  }

  /// Every text and number in a secret; a number of one or two digits is in half of all texts.
  private static func collect(_ view: JSONView, into secrets: inout Set<String>) {
    switch view.kind {
    case .object: for (_, value) in view.members { collect(value, into: &secrets) }
    case .array: for value in view.elements { collect(value, into: &secrets) }
    case .string:
      guard let text = view.string, text != DeadLetter.redactedMark else { return }
      secrets.insert(text)
      secrets.insert(String(view.json.text.dropFirst().dropLast()))
    case .number: if view.byteCount > 2 { secrets.insert(view.json.text) }
    case .bool, .null: break
    }
  }

  // MARK: Bytes

  private static func quoted(_ text: String) -> [UInt8] {
    var writer = JSONWriter()
    writer.value(text)
    return writer.bytes
  }

  /// - Parameter changes: in order, apart from each other.
  private static func replacing(
    _ changes: [(range: Range<Int>, bytes: [UInt8])], in json: JSONText
  ) -> JSONText {
    var bytes: [UInt8] = []
    var place = 0
    for change in changes {
      bytes += json.bytes[place..<change.range.lowerBound]
      bytes += change.bytes
      place = change.range.upperBound
    }
    return JSONText(unchecked: bytes + json.bytes[place...])
  }
}

extension JSONText {
  /// An object with another value of its first member of that name, or with that member at its
  /// end; nil for what is no object.
  func replacingMember(_ name: String, with value: JSONText) -> JSONText? {
    let view = JSONView(trusted: self)
    guard view.kind == .object else { return nil }
    if let old = view.member(name) {
      return JSONText(
        unchecked: bytes[..<old.position.lowerBound] + value.bytes
          + bytes[old.position.upperBound...])
    }
    var writer = JSONWriter()
    writer.object { $0.member(name, value) }
    let end = view.position.upperBound - 1
    let separator: [UInt8] = view.isEmpty ? [] : [UInt8(ascii: ",")]
    return JSONText(
      unchecked: bytes[..<end] + separator + writer.bytes.dropFirst().dropLast() + bytes[end...])
  }
}
