import FleetModel
import Wire

/// A request's body: one JSON object whose members are known by name; null is as good as missing.
struct ControlBody: ControlFields {
  private let object: JSONView

  /// - Parameters:
  ///   - fields: every member must be one of these.
  ///   - example: what a right body looks like.
  init(_ bytes: [UInt8], fields: [String], example: String) throws(ControlError) {
    let cure = "send a JSON object such as \(example)"
    guard !bytes.isEmpty else { throw .badValue(field: "body", value: "", cure: cure) }
    do throws(JSONError) {
      object = try JSONView(bytes)
    } catch {
      throw .badValue(
        field: "body", value: String(decoding: bytes, as: UTF8.self), cure: "\(error); \(cure)")
    }
    guard object.kind == .object else {
      throw .badValue(field: "body", value: object.json.text, cure: cure)
    }
    for (key, value) in object.members where !fields.contains(key) {
      throw .badValue(
        field: key, value: value.json.text,
        cure: "the fields are \(fields.joined(separator: ", "))")
    }
  }

  func has(_ field: String) -> Bool { value(field) != nil }

  /// - Returns: never an empty text.
  func text(_ field: String) throws(ControlError) -> String? {
    guard let value = value(field) else { return nil }
    guard let text = value.string, !text.isEmpty else {
      throw wrong(field, value, "give a text that is not empty")
    }
    return text
  }

  /// A text that no error repeats.
  func secret(_ field: String) throws(ControlError) -> Secret? {
    guard let value = value(field) else { return nil }
    guard let text = value.string, !text.isEmpty else {
      throw .badValue(field: field, value: "", cure: "give a text that is not empty")
    }
    return Secret(text)
  }

  /// Of a text, or of an array of texts.
  func words(_ field: String) throws(ControlError) -> [String] {
    guard let value = value(field) else { return [] }
    let texts = value.kind == .array ? value.elements.map(\.string) : [value.string]
    let words = texts.compactMap(\.self).filter { !$0.isEmpty }
    guard words.count == texts.count, !words.isEmpty else {
      throw wrong(field, value, "give a text, or an array of texts")
    }
    return words
  }

  func number(_ field: String) throws(ControlError) -> Double? {
    guard let value = value(field) else { return nil }
    guard let number = value.double else { throw wrong(field, value, "give a number") }
    return number
  }

  func flag(_ field: String) throws(ControlError) -> Bool? {
    guard let value = value(field) else { return nil }
    guard let flag = value.bool else { throw wrong(field, value, "give true or false") }
    return flag
  }

  func object(_ field: String) throws(ControlError) -> JSONView? {
    guard let value = value(field) else { return nil }
    guard value.kind == .object else { throw wrong(field, value, "give a JSON object") }
    return value
  }

  /// - Parameter allowsZero: zero has a meaning of its own there.
  /// - Returns: to the nanosecond, at most `limit`.
  func duration(
    _ field: String, limit: Duration, allowsZero: Bool = false
  ) throws(ControlError) -> Duration? {
    guard let value = value(field) else { return nil }
    guard let seconds = value.double, allowsZero ? seconds >= 0 : seconds > 0,
      seconds <= limit.seconds
    else {
      let least = allowsZero ? "from 0 to" : "more than 0 and at most"
      throw wrong(field, value, "give seconds, \(least) \(limit.components.seconds)")
    }
    return .nanoseconds(Int64((seconds * 1e9).rounded()))
  }

  func ids(_ field: String) throws(ControlError) -> [DeadLetterID]? {
    guard let value = value(field) else { return nil }
    let cure = "give an array of dead letters' ids, each a text of 1 to 512 bytes"
    guard value.kind == .array, !value.isEmpty else { throw wrong(field, value, cure) }
    var ids: [DeadLetterID] = []
    for element in value.elements {
      guard let id = element.string.flatMap({ DeadLetterID(checking: $0) }) else {
        throw wrong(field, element, cure)
      }
      ids.append(id)
    }
    return ids
  }

  func wrong(_ field: String, _ cure: String) -> ControlError {
    .badValue(field: field, value: value(field)?.json.text ?? "", cure: cure)
  }

  /// All of it, as it came.
  var text: String { object.json.text }

  private func value(_ field: String) -> JSONView? {
    object.member(field).flatMap { $0.isNull ? nil : $0 }
  }

  private func wrong(_ field: String, _ value: JSONView, _ cure: String) -> ControlError {
    .badValue(field: field, value: value.json.text, cure: cure)
  }
}
