package import FleetModel

/// What a modern server says about keeping an answer (`ttlMs`, `cacheScope`).
package enum CacheHint {
  /// Methods whose results may carry the hint.
  private static let methods: Set<String> = [
    "tools/list", "prompts/list", "resources/list", "resources/templates/list", "resources/read",
  ]

  /// How long the result may be kept; nil when the server does not allow it.
  ///
  /// `private` scope is for one principal, and so are we: every call of a server goes out with the
  /// same credentials.
  package static func timeToLive(of result: JSONText, method: String) -> Duration? {
    guard methods.contains(method),
      let milliseconds = JSONView(trusted: result).member("ttlMs")?.int, milliseconds > 0
    else { return nil }
    return .milliseconds(milliseconds)
  }
}
