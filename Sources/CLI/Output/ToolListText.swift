import FleetModel
import Telemetry
import Wire

/// Tools as their servers describe them, for people; nothing of it is proved.
enum ToolListText {
  /// One tool a line: name, what it may do, title and the first line of its description.
  static func list(_ result: JSONText, columns: Int, ink: Ink, indent: Int = 0) -> String {
    let tools = JSONView(trusted: result).member("tools")?.elements.map { $0 } ?? []
    let areHintsGiven = tools.contains { !hints(of: $0).isEmpty }
    let hintColumn = areHintsGiven ? [ColumnTable.Column(title: "HINTS")] : []
    var table = ColumnTable(
      [.init(title: "TOOL", limit: 40)] + hintColumn
        + [.init(title: "DESCRIPTION", limit: .max, minimum: 10)])
    for tool in tools {
      let hints = hints(of: tool)
      let hint = ColumnTable.Cell(
        hints.isEmpty ? nil : hints.joined(separator: " "),
        hints.contains("destructive") ? .yellow : .faint, blank: "")
      table.add(
        [.init(tool.member("name")?.string)] + (areHintsGiven ? [hint] : [])
          + [.init(summary(of: tool), blank: "")])
    }
    let text = table.text(columns: max(1, columns - indent), ink: ink, isHeadless: true)
    guard indent > 0 else { return text }
    let blanks = String(repeating: " ", count: indent)
    return text.split(separator: "\n").map { blanks + $0 + "\n" }.joined()
  }

  /// All that is said of one tool.
  static func details(_ tool: JSONView, columns: Int, ink: Ink) -> String {
    var text = ink.paint(PlainText.clean(tool.member("name")?.string ?? ""), .bold)
    if let title = title(of: tool) { text += "  " + PlainText.clean(title) }
    text += "\n"
    let hints = hints(of: tool)
    if !hints.isEmpty { text += "says it is " + hints.joined(separator: ", ") + "\n" }
    if let description = tool.member("description")?.string, !description.isEmpty {
      text += "\n"
      for line in ToolText.lines(description).split(
        separator: "\n", omittingEmptySubsequences: false)
      {
        let lines = String(line).wrapped(columns: columns)
        text += lines.isEmpty ? "\n" : lines.map { $0 + "\n" }.joined()
      }
    }
    return text + "\n" + arguments(of: tool, columns: columns, ink: ink)
  }

  private static func arguments(of tool: JSONView, columns: Int, ink: Ink) -> String {
    let schema = tool.member("inputSchema")
    let required = schema?.member("required")?.elements.compactMap(\.string) ?? []
    var table = ColumnTable([
      .init(title: "ARGUMENT"), .init(title: "TYPE", limit: 20), .init(title: "NEEDED"),
      .init(title: "DESCRIPTION", limit: .max, minimum: 10),
    ])
    var isEmpty = true
    for (name, property) in schema?.member("properties")?.members.map({ $0 }) ?? [] {
      isEmpty = false
      table.add([
        .init(name), .init(type(of: property)), .init(required.contains(name) ? "yes" : "no"),
        .init(property.member("description")?.string, blank: ""),
      ])
    }
    return isEmpty ? "It takes no arguments.\n" : table.text(columns: columns, ink: ink)
  }

  private static func type(of property: JSONView) -> String? {
    if let choices = property.member("enum")?.elements.map(\.json.text), !choices.isEmpty {
      return choices.joined(separator: "|")
    }
    guard let type = property.member("type") else { return nil }
    if let one = type.string { return one }
    return type.elements.compactMap(\.string).joined(separator: "|")
  }

  /// Only what the server says in words of its own: silence is no hint.
  private static func hints(of tool: JSONView) -> [String] {
    let annotations = tool.member("annotations")
    func says(_ hint: String) -> Bool { annotations?.member(hint)?.bool == true }
    if says("readOnlyHint") { return ["read-only"] }
    return (says("destructiveHint") ? ["destructive"] : [])
      + (says("idempotentHint") ? ["idempotent"] : [])
  }

  private static func title(of tool: JSONView) -> String? {
    let title = tool.member("title")?.string ?? tool.member("annotations")?.member("title")?.string
    return title.flatMap { $0.isEmpty || $0 == tool.member("name")?.string ? nil : $0 }
  }

  private static func summary(of tool: JSONView) -> String? {
    let description = tool.member("description")?.string?.split(whereSeparator: \.isNewline).first
    let parts = [title(of: tool), description.map(String.init)].compactMap(\.self)
    return parts.isEmpty ? nil : parts.joined(separator: ": ")
  }
}
