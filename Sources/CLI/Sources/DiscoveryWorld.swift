import Adapters
import FleetModel

/// What the clients of ToolHive and Kubernetes need of the outside world; tests bring their own.
struct DiscoveryWorld: Sendable {
  var now: @Sendable () -> Instant
  /// Returns at the instant, or at once when the task is cancelled.
  var sleep: @Sendable (Instant) async -> Void
  var ask: @Sendable (CurlRequest, Duration) async throws(Failure) -> RESTAnswer
  /// Takes lines of the log as they are made.
  var log: @Sendable (DiscoveryLogLine) async -> Void

  /// The real one.
  static func real(
    on loop: EventLoop, asking client: RESTClient,
    log: @escaping @Sendable (DiscoveryLogLine) async -> Void
  ) -> DiscoveryWorld {
    DiscoveryWorld(
      now: { loop.now }, sleep: { await loop.sleep(until: $0) },
      ask: { request, limit throws(Failure) in try await client.ask(request, within: limit) },
      log: log)
  }
}
