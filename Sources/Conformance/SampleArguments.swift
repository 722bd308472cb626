import FleetModel
import Wire

/// Arguments that satisfy a tool's input schema as far as its required properties go.
enum SampleArguments {
  static func object(for schema: JSONView?) -> JSONText {
    let required = schema?.member("required")?.elements.compactMap(\.string) ?? []
    let properties = schema?.member("properties")
    var writer = JSONWriter()
    writer.object { object in
      for name in required { object.member(name, value(for: properties?.member(name))) }
    }
    return writer.json
  }

  private static func value(for schema: JSONView?) -> JSONText {
    if let standard = schema?.member("default") { return standard.json }
    if let first = schema?.member("enum")?.elements.first(where: { _ in true }) {
      return first.json
    }
    let text =
      switch schema?.member("type")?.string {
      case "integer", "number": "5"
      case "boolean": "true"
      case "array": "[]"
      case "object": "{}"
      case "null": "null"
      default: #""test""#
      }
    return JSONText(unchecked: Array(text.utf8))
  }
}
