package import FleetModel

/// A tool's argument that a modern HTTP request repeats as `Mcp-Param-{name}` (`x-mcp-header` in
/// its schema).
package struct ParameterHeader: Hashable, Sendable {
  /// The header's last part.
  package var name: String
  /// From the arguments object to the value, by keys.
  package var path: [String]

  package enum Reading: Hashable, Sendable {
    case valid([ParameterHeader])
    /// The tool must not be offered.
    case invalid(reason: String)
  }

  /// Objects in objects that are searched for annotations.
  private static let depthLimit = 32

  /// All annotations of an input schema.
  package static func all(in schema: JSONView) -> Reading {
    guard mentionsAnnotation(schema) else { return .valid([]) }
    var search = Search()
    search.visit(schema, path: [], isReachable: true, depth: 0)
    if let reason = search.problem { return .invalid(reason: reason) }
    return .valid(search.found)
  }

  /// The header fields for a call; arguments that are absent or null give none.
  package static func fields(
    _ headers: [ParameterHeader], params: JSONText
  ) -> [HeaderField] {
    guard !headers.isEmpty, let arguments = JSONView(trusted: params).member("arguments") else {
      return []
    }
    return headers.compactMap { header in
      var value: JSONView? = arguments
      for key in header.path { value = value?.member(key) }
      return value.flatMap(text).map {
        HeaderField(name: "Mcp-Param-" + header.name, value: MCPHeaders.encode($0))
      }
    }
  }

  private static func text(_ value: JSONView) -> String? {
    switch value.kind {
    case .string: value.string
    case .number, .bool: value.json.text
    case .null, .object, .array: nil
    }
  }

  /// Nearly no schema does: spares the search.
  private static func mentionsAnnotation(_ schema: JSONView) -> Bool {
    let bytes = schema.json.bytes
    let word = Array("x-mcp-header".utf8)
    return bytes.indices.contains { index in
      bytes[index] == word[0] && bytes[index...].starts(with: word)
    }
  }

  private struct Search {
    var found: [ParameterHeader] = []
    var problem: String?

    /// - Parameter isReachable: only `properties` lead here from the root.
    mutating func visit(_ schema: JSONView, path: [String], isReachable: Bool, depth: Int) {
      guard problem == nil else { return }
      guard depth < depthLimit else { return problem = "its schema is nested too deep" }
      if let annotation = schema.member("x-mcp-header") {
        take(annotation, of: schema, path: path, isReachable: isReachable)
      }
      for member in schema.members {
        switch member.key {
        case "properties":
          for property in member.value.members {
            visit(
              property.value, path: path + [property.key], isReachable: isReachable,
              depth: depth + 1)
          }
        case "default", "const", "enum", "examples": break
        default:
          visitUnreachable(member.value, depth: depth + 1)
        }
      }
    }

    private mutating func visitUnreachable(_ value: JSONView, depth: Int) {
      switch value.kind {
      case .object: visit(value, path: [], isReachable: false, depth: depth)
      case .array:
        for element in value.elements where element.kind == .object {
          visit(element, path: [], isReachable: false, depth: depth)
        }
      case .string, .number, .bool, .null: break
      }
    }

    private mutating func take(
      _ annotation: JSONView, of schema: JSONView, path: [String], isReachable: Bool
    ) {
      guard let name = annotation.string, !name.isEmpty, name.utf8.allSatisfy(Self.isTokenByte)
      else { return problem = "its x-mcp-header is no header name" }
      guard isReachable, !path.isEmpty else {
        return problem = "its x-mcp-header \(name) is not reached by properties alone"
      }
      guard let type = schema.member("type")?.string,
        ["string", "integer", "boolean"].contains(type)
      else { return problem = "its x-mcp-header \(name) is on no string, integer or boolean" }
      guard !found.contains(where: { $0.name.lowercased() == name.lowercased() }) else {
        return problem = "its x-mcp-header \(name) occurs twice"
      }
      found.append(ParameterHeader(name: name, path: path))
    }

    /// RFC 9110 §5.6.2.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
      switch byte {
      case 48...57, 65...90, 97...122: true
      default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
      }
    }
  }
}
