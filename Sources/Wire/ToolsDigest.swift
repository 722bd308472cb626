package import FleetModel

/// The bytes by which a server's set of tools is known again.
///
/// A JSON array of `[name, inputSchema]` pairs sorted by name, then by schema, in the bytes of
/// UTF-8. A schema is written without white space, the members of objects sorted by key, the first
/// of members with one key, strings with the fewest escapes; numbers and the order of arrays stay
/// as the server wrote them. A tool without a schema has `null`. Descriptions, titles and
/// annotations of tools do not count: they change with the language and the mood of a release.
package enum ToolsDigest {
  /// - Parameter result: of `tools/list`, all pages together.
  package static func canonical(_ result: JSONText) -> [UInt8] {
    let tools = JSONView(trusted: result).member("tools")?.elements.map { $0 } ?? []
    let pairs = tools.map { tool -> [UInt8] in
      var writer = JSONWriter()
      writer.array {
        $0.value(tool.member("name")?.string ?? "")
        if let schema = tool.member("inputSchema") {
          $0.value(JSONText(unchecked: canonical(schema)))
        } else {
          $0.null()
        }
      }
      return writer.bytes
    }
    var writer = JSONWriter()
    writer.array { list in
      for pair in pairs.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
        list.value(JSONText(unchecked: pair))
      }
    }
    return writer.bytes
  }

  /// As deep as a document may be (`JSONLimits.depthLimit`).
  private static func canonical(_ value: JSONView) -> [UInt8] {
    var writer = JSONWriter()
    switch value.kind {
    case .object:
      var seen: Set<String> = []
      let members = value.members.filter { seen.insert($0.key).inserted }
      writer.object {
        for member in members.sorted(by: {
          $0.key.utf8.lexicographicallyPrecedes($1.key.utf8)
        }) {
          $0.member(member.key, JSONText(unchecked: canonical(member.value)))
        }
      }
    case .array:
      writer.array { list in
        for element in value.elements { list.value(JSONText(unchecked: canonical(element))) }
      }
    case .string: writer.value(value.string ?? "")
    case .number, .bool, .null: writer.value(value.json)
    }
    return writer.bytes
  }
}
