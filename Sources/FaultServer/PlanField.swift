import FleetModel
import Wire

/// What is wrong in a script or a control request: where, what stands there, and the cure.
package struct PlanError: Error, Hashable, Sendable, CustomStringConvertible {
  package let path: String
  package let value: String
  package let cure: String

  package var description: String { "\(path): \(value): \(cure)" }
}

/// One value of a script with the path that leads to it, such as `phases[2].faults.latency`.
struct PlanField {
  /// Characters of a wrong value that an error repeats.
  static let quoteLimit = 60

  let view: JSONView
  let path: String
  /// The last part of the path.
  let name: String

  init(_ view: JSONView, path: String, name: String) {
    (self.view, self.path, self.name) = (view, path, name)
  }

  func error(_ cure: String) -> PlanError {
    let text = view.json.text.filter { !$0.isNewline }
    let shown = text.count > Self.quoteLimit ? text.prefix(Self.quoteLimit) + "…" : text[...]
    return PlanError(path: path, value: String(shown), cure: cure)
  }

  var members: [PlanField] {
    view.members.map { key, value in
      PlanField(value, path: path.isEmpty ? key : "\(path).\(key)", name: key)
    }
  }

  func member(_ key: String) -> PlanField? { members.first { $0.name == key } }

  func required(_ key: String) throws(PlanError) -> PlanField {
    guard let field = member(key) else { throw error("give \"\(key)\"") }
    return field
  }

  /// Checks that this is an object with no other members than these.
  func allow(_ names: [String]) throws(PlanError) {
    guard view.kind == .object else {
      throw error("give an object with " + names.joined(separator: ", "))
    }
    for member in members where !names.contains(member.name) {
      throw member.error("no such setting; there are " + names.joined(separator: ", "))
    }
  }

  func onlyMember(_ names: [String]) throws(PlanError) -> PlanField {
    try allow(names)
    let members = members
    guard members.count == 1 else {
      throw error("give just one of " + names.joined(separator: ", "))
    }
    return members[0]
  }

  var elements: [PlanField] {
    view.elements.enumerated().map { index, element in
      PlanField(element, path: "\(path)[\(index)]", name: name)
    }
  }

  func list(count: Int, _ cure: String) throws(PlanError) -> [PlanField] {
    let elements = elements
    guard view.kind == .array, elements.count == count else { throw error("give \(cure)") }
    return elements
  }

  func number(in range: ClosedRange<Double>, _ unit: String) throws(PlanError) -> Double {
    guard let number = view.double, range.contains(number) else {
      throw error("give \(unit) from \(Self.text(range))")
    }
    return number
  }

  func milliseconds() throws(PlanError) -> Double {
    try number(in: 0...Latency.limit, "milliseconds")
  }

  func int(in range: ClosedRange<Int>, _ meaning: String) throws(PlanError) -> Int {
    guard let int = view.int, range.contains(int) else {
      throw error("give \(meaning) from \(range.lowerBound) to \(range.upperBound)")
    }
    return int
  }

  func flag() throws(PlanError) -> Bool {
    guard let flag = view.bool else { throw error("give true or false") }
    return flag
  }

  func text() throws(PlanError) -> String {
    guard let text = view.string else { throw error("give a string") }
    return text
  }

  func choice(_ choices: [String]) throws(PlanError) -> String {
    guard let text = view.string, choices.contains(text) else {
      throw error("give one of " + choices.joined(separator: ", "))
    }
    return text
  }

  private static func text(_ range: ClosedRange<Double>) -> String {
    func short(_ number: Double) -> String {
      Int(exactly: number).map { String($0) } ?? String(number)
    }
    return "\(short(range.lowerBound)) to \(short(range.upperBound))"
  }
}
