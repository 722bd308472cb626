import FleetModel
import Testing
import Wire

/// A JSON value that can be written in many ways.
private indirect enum Value {
  case object([(String, Value)])
  case array([Value])
  case string(String)
  case number(String)

  static func random(depth: Int, _ random: inout SplitMix64) -> Value {
    switch Int.random(in: 0..<(depth > 0 ? 4 : 2), using: &random) {
    case 0:
      return .number(
        ["0", "-1.50", "1e3", "12345678901234567890"].randomElement(using: &random) ?? "0")
    case 1:
      return .string(["", "a\"b", "é\u{1F600}", "x/y", "\n"].randomElement(using: &random) ?? "")
    case 2:
      return .array(
        (0..<Int.random(in: 0...3, using: &random)).map { _ in
          Value.random(depth: depth - 1, &random)
        })
    default:
      let keys = ["type", "a", "Z", "é", "properties"].shuffled(using: &random)
        .prefix(Int.random(in: 0...4, using: &random))
      return .object(keys.map { ($0, Value.random(depth: depth - 1, &random)) })
    }
  }

  /// With the members of objects in any order, any white space and any escapes.
  func text(_ random: inout SplitMix64) -> String {
    let space = ["", " ", "\n\t"].randomElement(using: &random) ?? ""
    switch self {
    case .number(let number): return space + number
    case .string(let string): return space + Self.quoted(string, &random)
    case .array(let values):
      return space + "[" + values.map { $0.text(&random) }.joined(separator: space + ",") + space
        + "]"
    case .object(let members):
      let parts = members.shuffled(using: &random).map {
        Self.quoted($0.0, &random) + space + ":" + $0.1.text(&random)
      }
      return space + "{" + space + parts.joined(separator: ",") + "}" + space
    }
  }

  private static func quoted(_ string: String, _ random: inout SplitMix64) -> String {
    var text = "\""
    for unit in string.utf16 {
      let isPlain = (0x20..<0x7F).contains(unit) && unit != 0x22 && unit != 0x5C
      if isPlain, Bool.random(using: &random) {
        text += String(Unicode.Scalar(UInt8(unit)))
      } else {
        let hex = String(unit, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      }
    }
    return text + "\""
  }
}

private func canonical(_ text: String) -> String {
  String(decoding: ToolsDigest.canonical(JSONText(unchecked: Array(text.utf8))), as: UTF8.self)
}

@Suite struct `The form of a server's tools` {
  @Test func `is names and schemas, sorted`() {
    #expect(
      canonical(
        #"{"tools":[{"name":"b"},{"inputSchema":{"type":"object","a":[2, 1]},"description":"d","name":"a"}],"ttlMs":1}"#
      ) == #"[["a",{"a":[2,1],"type":"object"}],["b",null]]"#)
  }

  @Test(arguments: [#"{"tools":[]}"#, "{}", "[]"])
  func `is an empty list without tools`(text: String) {
    #expect(canonical(text) == "[]")
  }

  @Test(arguments: [
    (#"{"tools":[{"name":"a"}]}"#, #"{"tools":[{"name":"b"}]}"#),
    (#"{"tools":[{"name":"a"}]}"#, #"{"tools":[{"name":"a"},{"name":"a"}]}"#),
    (#"{"tools":[{"name":"a"}]}"#, #"{"tools":[{"name":"a","inputSchema":{}}]}"#),
    (
      #"{"tools":[{"name":"a","inputSchema":{"required":["x"]}}]}"#,
      #"{"tools":[{"name":"a","inputSchema":{"required":["y"]}}]}"#
    ),
    (
      #"{"tools":[{"name":"a","inputSchema":{"x":1}},{"name":"b"}]}"#,
      #"{"tools":[{"name":"a"},{"name":"b","inputSchema":{"x":1}}]}"#
    ),
    (#"{"tools":[{"name":"a\",null],[\"b"}]}"#, #"{"tools":[{"name":"a"},{"name":"b"}]}"#),
  ])
  func `differs where the tools do`(left: String, right: String) {
    #expect(canonical(left) != canonical(right))
  }

  @Test func `counts the first of members with one key`() {
    #expect(
      canonical(#"{"tools":[{"name":"a","inputSchema":{"x":1,"x":2}}]}"#) == #"[["a",{"x":1}]]"#)
  }

  @Test(arguments: 0..<200)
  func `does not depend on how it is written`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let tools = (0..<Int.random(in: 0...4, using: &random)).map { number in
      Value.object([
        ("name", .string("tool-\(number)")), ("inputSchema", .random(depth: 4, &random)),
      ])
    }
    let first = Value.object([("tools", .array(tools))]).text(&random)
    let second = Value.object([("tools", .array(tools.shuffled(using: &random)))]).text(&random)
    #expect(canonical(first) == canonical(second))
  }
}
