import Wire

/// A request's target taken apart: decoded path segments and query parameters.
struct ControlTarget: ControlFields {
  let path: String
  let segments: [String]
  private let parameters: [(name: String, value: String)]

  init(_ target: String) throws(ControlError) {
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    path = parts.first.map(String.init) ?? ""
    guard path.hasPrefix("/") else { throw .unknownRoute(path: path) }
    var segments: [String] = []
    for part in path.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
      segments.append(try Self.decode(part, in: "the path"))
    }
    self.segments = segments
    var parameters: [(name: String, value: String)] = []
    let query = parts.count > 1 ? parts[1] : ""
    for pair in query.split(separator: "&") {
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      parameters.append(
        (
          try Self.decode(sides[0], in: "the query"),
          sides.count > 1 ? try Self.decode(sides[1], in: "the query") : ""
        ))
    }
    self.parameters = parameters
  }

  /// Every parameter must be one of these, and be given once, but for the lists.
  func allowParameters(_ names: [String], lists: [String]) throws(ControlError) {
    for (index, parameter) in parameters.enumerated() {
      guard names.contains(parameter.name) else {
        let cure =
          names.isEmpty
          ? "this route takes no parameters" : "the parameters are \(names.joined(separator: ", "))"
        throw .badValue(field: parameter.name, value: parameter.value, cure: cure)
      }
      if !lists.contains(parameter.name),
        parameters[..<index].contains(where: { $0.name == parameter.name })
      {
        throw .badValue(field: parameter.name, value: parameter.value, cure: "give it once")
      }
    }
  }

  func parameter(_ name: String) -> String? { parameters.first { $0.name == name }?.value }

  func has(_ name: String) -> Bool { parameters.contains { $0.name == name } }

  func text(_ name: String) throws(ControlError) -> String? {
    guard let text = parameter(name) else { return nil }
    guard !text.isEmpty else { throw wrong(name, "give a text that is not empty") }
    return text
  }

  func words(_ name: String) throws(ControlError) -> [String] {
    let words = parameters.filter { $0.name == name }.map(\.value)
    guard !words.contains("") else { throw wrong(name, "give a text that is not empty") }
    return words
  }

  func wrong(_ name: String, _ cure: String) -> ControlError {
    let values = parameters.filter { $0.name == name }.map(\.value)
    return .badValue(field: name, value: values.joined(separator: ","), cure: cure)
  }

  func number(
    _ name: String, in range: ClosedRange<Int>, otherwise standard: Int
  ) throws(ControlError) -> Int {
    guard let text = parameter(name) else { return standard }
    guard let number = Int(text), range.contains(number) else {
      throw .badValue(
        field: name, value: text,
        cure: "give a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  private static func decode(
    _ text: Substring, in place: String
  ) throws(ControlError) -> String {
    guard let decoded = PercentCoding.decode(text) else {
      throw .badValue(
        field: place, value: String(text),
        cure: "percent-encode its UTF-8 bytes, each as % and two hexadecimal digits")
    }
    return decoded
  }
}
