import FleetModel

/// Collects what is wrong in policies: those of one server, which then stays out, or those of all
/// servers, which run without the faulty settings.
struct PolicyFaults: Sendable {
  /// nil: the policies are for every server.
  let server: ServerID?
  private(set) var report = ConfigurationReport()
  /// What is wrong may have been meant as a limit on sending a call twice.
  var isDeliveryInDoubt = false

  init(server: ServerID?) { self.server = server }

  var count: Int { report.errors.count }

  mutating func add(_ spot: Spot, _ message: String) {
    report.fail(spot, message, server: server, isBorne: server == nil)
  }

  /// - Parameter what: such as `key`.
  mutating func addUnknown(
    _ what: String, _ name: String, at spot: Spot, among known: [String]
  ) {
    let suggestion = Suggestion.phrase(for: name, among: known)
    let cure = suggestion.isEmpty ? "; write " + known.joined(separator: ", ") : suggestion
    add(spot, "unknown \(what) '\(name)'" + cure)
  }
}
