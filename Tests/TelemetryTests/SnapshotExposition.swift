/// A strict reader of Prometheus' text format 0.0.4, written from its description and not from our
/// writer.
struct SnapshotExposition {
  struct Problem: Error, Hashable {
    var line: Int
    var text: String
  }

  struct Sample: Hashable {
    var name: String
    var labels: [String: String]
    var value: Double
  }

  private(set) var kinds: [String: String] = [:]
  private(set) var helps: [String: String] = [:]
  private(set) var samples: [Sample] = []
  private var family = ""
  private var closed: Set<String> = []

  init(_ text: String) throws {
    guard text.hasSuffix("\n") else { throw Problem(line: 0, text: "no line end at the end") }
    let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
    for (index, line) in lines.dropLast().enumerated() {
      do { try read(String(line)) } catch let problem as Problem {
        throw Problem(line: index + 1, text: problem.text)
      }
    }
  }

  subscript(_ name: String, _ labels: [String: String]) -> Double? {
    let found = samples.filter { $0.name == name && $0.labels == labels }
    return found.count == 1 ? found[0].value : nil
  }

  private mutating func read(_ line: String) throws {
    if line.hasPrefix("# HELP ") || line.hasPrefix("# TYPE ") {
      let words = line.dropFirst(7).split(separator: " ", maxSplits: 1).map(String.init)
      guard words.count == 2 else { throw Problem(line: 0, text: "a head without words: \(line)") }
      if line.hasPrefix("# HELP ") {
        guard helps.updateValue(words[1], forKey: words[0]) == nil else {
          throw Problem(line: 0, text: "a second HELP of \(words[0])")
        }
        closed.insert(family)
        family = words[0]
      } else {
        guard kinds.updateValue(words[1], forKey: words[0]) == nil, words[0] == family,
          ["counter", "gauge", "histogram", "summary", "untyped"].contains(words[1])
        else { throw Problem(line: 0, text: "a wrong TYPE: \(line)") }
      }
      guard !closed.contains(family) else {
        throw Problem(line: 0, text: "\(family) comes back")
      }
      return
    }
    try readSample(line)
  }

  private mutating func readSample(_ line: String) throws {
    var rest = line.unicodeScalars[...]
    let name = String(rest.prefix { isNameScalar($0) })
    rest = rest.dropFirst(name.unicodeScalars.count)
    var labels: [String: String] = [:]
    if rest.first == "{" {
      rest.removeFirst()
      while rest.first != "}" {
        let (label, value) = try readLabel(&rest, in: line)
        guard labels.updateValue(value, forKey: label) == nil else {
          throw Problem(line: 0, text: "the label \(label) twice")
        }
        if rest.first == "," { rest.removeFirst() }
      }
      rest.removeFirst()
    }
    guard rest.first == " ", let value = number(String(rest.dropFirst())) else {
      throw Problem(line: 0, text: "no value: \(line)")
    }
    guard belongs(name), samples.allSatisfy({ $0.name != name || $0.labels != labels }) else {
      throw Problem(line: 0, text: "not of \(family), or twice: \(line)")
    }
    samples.append(Sample(name: name, labels: labels, value: value))
  }

  private func readLabel(
    _ rest: inout Substring.UnicodeScalarView, in line: String
  ) throws -> (String, String) {
    let label = String(rest.prefix { isNameScalar($0) && $0 != ":" })
    rest = rest.dropFirst(label.unicodeScalars.count)
    guard !label.isEmpty, rest.starts(with: "=\"".unicodeScalars) else {
      throw Problem(line: 0, text: "a wrong label: \(line)")
    }
    rest = rest.dropFirst(2)
    var value = String.UnicodeScalarView()
    while let scalar = rest.popFirst(), scalar != "\"" {
      guard scalar == "\\" else {
        value.append(scalar)
        continue
      }
      switch rest.popFirst() {
      case "n": value.append("\n")
      case "\\": value.append("\\")
      case "\"": value.append("\"")
      default: throw Problem(line: 0, text: "a wrong escape: \(line)")
      }
    }
    return (label, String(value))
  }

  private func belongs(_ name: String) -> Bool {
    guard kinds[family] == "histogram" else { return name == family && kinds[family] != nil }
    return ["_bucket", "_sum", "_count"].contains { family + $0 == name }
  }

  private func number(_ text: String) -> Double? {
    switch text {
    case "+Inf": .infinity
    case "-Inf": -.infinity
    case "NaN": .nan
    default: text.contains(" ") ? nil : Double(text)
    }
  }

  private func isNameScalar(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "_" || scalar == ":" || ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
      || ("0"..."9").contains(scalar)
  }
}
