import FleetModel

/// One place that servers come from, watched for as long as the engine runs.
protocol ServerSource: Sendable {
  /// Reports what it holds now and again whenever that changes, until its task is cancelled.
  /// - Throws: when it gives up for good.
  func run(_ report: @escaping @Sendable (SourceReport) async -> Void) async throws(CommandFailure)
}

/// What one source holds at one time.
struct SourceReport: Hashable, Sendable {
  var snapshot: SourceSnapshot
  /// In the order to be shown.
  var servers: [DiscoveredServer]
}

/// A server as a source names it; its policies come from the configuration.
struct DiscoveredServer: Hashable, Sendable {
  var name: String
  var endpoint: Endpoint
  /// For the operator: the source and the place in it.
  var source: String
}
