package import FleetModel

/// The pages of `resources/list`, `resources/templates/list` or `prompts/list` as one result.
package struct PageMerge: Sendable {
  private let key: String
  private var pages: [JSONView] = []

  /// The member that holds the items of a list; nil for a method that is no list.
  package static func key(of method: String) -> String? {
    switch method {
    case "tools/list": "tools"
    case "resources/list": "resources"
    case "resources/templates/list": "resourceTemplates"
    case "prompts/list": "prompts"
    default: nil
    }
  }

  /// - Parameter key: see `key(of:)`.
  package init(key: String) { self.key = key }

  /// - Returns: the cursor of the next page, empty or not; nil on the last one.
  package mutating func append(_ result: JSONText) -> String? {
    let view = JSONView(trusted: result)
    pages.append(view)
    return view.member("nextCursor")?.string
  }

  /// The first page's members, with the items of all pages, the shortest `ttlMs` and no cursor.
  package var result: JSONText {
    guard let first = pages.first else { return .emptyObject }
    if pages.count == 1 { return first.json }
    let times = pages.map { $0.member("ttlMs")?.int ?? 0 }
    var writer = JSONWriter()
    writer.object { writer in
      for member in first.members where member.key != "nextCursor" {
        switch member.key {
        case key:
          writer.member(
            key,
            array: { writer in
              for page in pages {
                for item in page.member(key)?.elements.map(\.json) ?? [] { writer.value(item) }
              }
            })
        case "ttlMs": writer.member("ttlMs", times.min())
        default: writer.member(member.key, member.value.json)
        }
      }
    }
    return writer.json
  }
}
