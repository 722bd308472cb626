package import FleetModel

/// What was asked of a server, as the key of its answer.
package struct ReadKey: Hashable, Sendable {
  package var method: String
  package var params: JSONText

  package init(method: String, params: JSONText) {
    self.method = method
    self.params = params
  }

  /// As the operator sees it and names it.
  package var text: String { params == .emptyObject ? method : "\(method) \(params.text)" }

  /// All bytes in one step: one at a time they would take longer than the whole look-up.
  package func hash(into hasher: inout Hasher) {
    hasher.combine(method)
    params.bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
  }
}
