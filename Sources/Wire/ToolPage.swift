package import FleetModel

/// One tool of a `tools/list` result.
package struct ToolDescription: Hashable, Sendable {
  package var name: String
  package var description: String?
  /// `readOnlyHint`; untrusted, false when absent.
  package var isReadOnly: Bool
  /// `idempotentHint`; untrusted, false when absent.
  package var isIdempotent: Bool
  /// Can be called as a task only (2025-11-25).
  package var needsTask = false
  /// Which arguments go into headers too (modern HTTP).
  package var parameterHeaders: [ParameterHeader]
}

/// One page of `tools/list`.
package struct ToolPage: Sendable {
  fileprivate let result: JSONView
  fileprivate var tools: [(description: ToolDescription, json: JSONText)] = []
  /// Nil on the last page; an empty cursor is a cursor.
  package let nextCursor: String?
  fileprivate let timeToLive: Duration?
  /// Tools left out because of an invalid `x-mcp-header`, with the reason.
  package private(set) var droppedTools: [(name: String, reason: String)] = []

  /// - Parameter readsHeaders: the server is modern and spoken to over HTTP, where a tool with an
  ///   invalid `x-mcp-header` must be left out.
  /// - Throws: `malformedAnswer` when there is no list of tools, or a tool without a name.
  package init(_ result: JSONView, readsHeaders: Bool) throws(Failure) {
    guard let list = result.member("tools"), list.kind == .array else {
      throw Classification.malformed("the answer to tools/list has no tools")
    }
    self.result = result
    nextCursor = result.member("nextCursor")?.string
    timeToLive = result.member("ttlMs")?.int.map { .milliseconds(max(0, $0)) }
    for tool in list.elements {
      guard let name = tool.member("name")?.string else {
        throw Classification.malformed("the answer to tools/list has a tool without a name")
      }
      let hints = tool.member("annotations")
      var description = ToolDescription(
        name: name, description: tool.member("description")?.string,
        isReadOnly: hints?.member("readOnlyHint")?.bool ?? false,
        isIdempotent: hints?.member("idempotentHint")?.bool ?? false,
        needsTask: tool.member("execution")?.member("taskSupport")?.string == "required",
        parameterHeaders: [])
      if readsHeaders, let schema = tool.member("inputSchema") {
        switch ParameterHeader.all(in: schema) {
        case .valid(let headers): description.parameterHeaders = headers
        case .invalid(let reason):
          droppedTools.append((name, reason))
          continue
        }
      }
      tools.append((description, tool.json))
    }
  }
}

/// All pages of `tools/list` as one.
package struct ToolListing: Sendable {
  package private(set) var tools: [ToolDescription] = []
  /// The shortest of the pages'.
  package private(set) var timeToLive: Duration?
  private var pages: [ToolPage] = []

  package init() {}

  package mutating func append(_ page: ToolPage) {
    tools.append(contentsOf: page.tools.map(\.description))
    if let timeToLive = page.timeToLive {
      self.timeToLive = min(self.timeToLive ?? timeToLive, timeToLive)
    }
    pages.append(page)
  }

  /// A `result` object: the first page's members, with the tools of all pages and no cursor.
  package var result: JSONText {
    guard let first = pages.first else { return JSONText(unchecked: Array(#"{"tools":[]}"#.utf8)) }
    if pages.count == 1, first.nextCursor == nil, first.droppedTools.isEmpty {
      return first.result.json
    }
    var writer = JSONWriter()
    writer.object { writer in
      for member in first.result.members where member.key != "nextCursor" {
        switch member.key {
        case "tools":
          writer.member(
            "tools",
            array: { writer in
              for page in pages { page.tools.forEach { writer.value($0.json) } }
            })
        case "ttlMs": writer.member("ttlMs", timeToLive.map { $0.nanoseconds / 1_000_000 })
        default: writer.member(member.key, member.value.json)
        }
      }
    }
    return writer.json
  }
}
