import FleetModel
import Telemetry
import Wire

/// Tools and their results for people.
enum ToolText {
  /// The pages of a list as one list.
  static func joined(_ pages: [JSONText]) -> JSONText {
    if let only = pages.first, pages.count == 1 { return only }
    var writer = JSONWriter()
    writer.object {
      $0.key("tools")
      $0.array { list in
        for page in pages {
          guard let tools = JSONView(trusted: page).member("tools")?.elements else { continue }
          for tool in tools { list.value(tool.json) }
        }
      }
    }
    return writer.json
  }

  /// The content of a tool's result: texts as they are, anything else by what it is.
  static func result(_ result: JSONText) -> String {
    let view = JSONView(trusted: result)
    var blocks = view.member("content")?.elements.map(block) ?? []
    if blocks.isEmpty, let structured = view.member("structuredContent") {
      blocks = [structured.json.text]
    }
    return blocks.map { $0.hasSuffix("\n") ? $0 : $0 + "\n" }.joined()
  }

  private static func block(_ block: JSONView) -> String {
    switch block.member("type")?.string {
    case "text": return lines(block.member("text")?.string ?? "")
    case "image", "audio":
      let kind = PlainText.clean(block.member("mimeType")?.string ?? "data")
      let size = (block.member("data")?.byteCount ?? 0) * 3 / 4
      return "[\(kind), about \(size) bytes; --json shows them]"
    case "resource_link":
      return "[\(PlainText.clean(block.member("uri")?.string ?? ""))]"
    case "resource":
      let resource = block.member("resource")
      if let text = resource?.member("text")?.string { return lines(text) }
      return "[\(PlainText.clean(resource?.member("uri")?.string ?? "resource"))]"
    default: return "[\(PlainText.clean(block.json.text))]"
    }
  }

  /// Clean, its line ends kept; of any length, though a cleaned piece is not.
  static func lines(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      var rest = Substring(line).unicodeScalars
      var clean = ""
      while !rest.isEmpty {
        clean += PlainText.clean(String(rest.prefix(PlainText.scalarLimit)))
        rest = rest.dropFirst(PlainText.scalarLimit)
      }
      return clean
    }.joined(separator: "\n")
  }
}
