import FleetModel

/// Reads the object `toolhive` of a file.
struct DiscoverySettingsReader {
  let expansion: VariableExpansion

  /// What is sound in it; the rest is told, and makes the configuration unusable: a fleet that is
  /// looked for in the wrong place is no fleet.
  func read(_ spot: Spot, _ report: inout ConfigurationReport) -> DiscoveryOptions {
    var options = DiscoveryOptions()
    guard let members = spot.members else {
      report.fail(spot, "must be an object such as {port: 50000}, not \(spot.value.kind)")
      return options
    }
    options.isWanted = true
    for (key, value) in members {
      guard let field = DiscoveryField.all.first(where: { $0.key == key }) else {
        let keys = DiscoveryField.all.map(\.key)
        report.warn(value, "unknown key '\(key)'" + Suggestion.phrase(for: key, among: keys))
        continue
      }
      guard let text = text(value, &report) else { continue }
      guard field.set(text, &options) else {
        report.fail(value, "\(value.value.shown) is not \(field.form)")
        continue
      }
    }
    if let path = options.kubernetesCredentials {
      options.kubernetesCredentials = FilePath.resolve(path, beside: spot.file, expansion)
    }
    return options
  }

  /// A string with its variables, or a number as it was written.
  private func text(_ spot: Spot, _ report: inout ConfigurationReport) -> String? {
    switch spot.value.content {
    case .number(_, let literal?): return literal
    case .string(let text):
      do throws(VariableExpansion.Failure) { return try expansion.expand(text) } catch {
        report.fail(spot, error.message)
        return nil
      }
    case .object, .array, .bool, .null, .number:
      report.fail(spot, "must be a string or a number, not \(spot.value.kind)")
      return nil
    }
  }
}
