package import FleetModel

/// What a server is told that asks for a person's input.
package struct Elicitation: Hashable, Sendable {
  /// The `result` of `elicitation/create`.
  package var result: JSONText
  /// For the operator: what was asked, and what was answered.
  package var note: String

  /// - Parameters:
  ///   - method: of the server's request.
  ///   - answer: by policy.
  /// - Returns: nil for what we did not declare: sampling and roots.
  package init?(
    method: String, params: JSONView?, answer: SessionPolicy.InputAnswer
  ) {
    guard method == MCPMethod.elicit else { return nil }
    let question = ServerText.line(params?.member("message")?.string ?? "", limit: 140)
    // Only forms are declared; nobody opens an address that a server names.
    let isForm = (params?.member("mode")?.string ?? "form") == "form"
    let action: String
    switch answer {
    case .decline: action = "decline"
    case .cancel: action = "cancel"
    case .defaults:
      let schema = params?.member("requestedSchema")
      if isForm, let content = Self.defaults(of: schema) {
        var writer = JSONWriter()
        writer.object {
          $0.member("action", "accept")
          $0.member("content", content)
        }
        result = writer.json
        note = "asked for input: \(question); accepted with the defaults"
        return
      }
      action = "decline"
    }
    result = JSONText(unchecked: Array(#"{"action":"\#(action)"}"#.utf8))
    note = "asked for input: \(question); answered with \(action)"
  }

  /// The defaults of a form's fields (SEP-1034); nil when a required field has none, or there are
  /// more than `fieldLimit`.
  private static func defaults(of schema: JSONView?) -> JSONText? {
    guard let schema else { return .emptyObject }
    var values: [(key: String, value: JSONText)] = []
    if let properties = schema.member("properties") {
      for property in properties.members {
        guard values.count < fieldLimit else { return nil }
        guard let value = property.value.member("default") else { continue }
        values.append((property.key, value.json))
      }
    }
    let names = Set(values.map(\.key))
    for required in schema.member("required")?.elements.compactMap(\.string) ?? []
    where !names.contains(required) { return nil }
    var writer = JSONWriter()
    writer.object { for value in values { $0.member(value.key, value.value) } }
    return writer.json
  }

  private static let fieldLimit = 1000
}
