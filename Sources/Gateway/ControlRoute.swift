/// What can be asked of a running engine, each with its method and path.
enum ControlRoute: CaseIterable {
  case engine
  case snapshotJSON, snapshotText, metrics
  case serversJSON, serversText
  case breakersJSON, breakersText
  case openBreaker, closeBreaker, disableBreaker, resetBreaker
  case reconnect, trust
  case cacheJSON, cacheText, clearCache
  case statisticsJSON, statisticsText
  case deadLettersJSON, deadLettersText, addDeadLetters
  case countDeadLetters, exportDeadLetters
  case letterStatisticsJSON, letterStatisticsText
  case replays, replay, stopReplay, discard, delete
  case call

  /// Stands for a percent-encoded name in a path.
  static let name = "NAME"

  var method: String {
    switch self {
    case .engine, .snapshotJSON, .snapshotText, .metrics, .serversJSON, .serversText,
      .breakersJSON, .breakersText, .cacheJSON, .cacheText, .statisticsJSON, .statisticsText,
      .deadLettersJSON, .deadLettersText, .countDeadLetters, .exportDeadLetters,
      .letterStatisticsJSON, .letterStatisticsText, .replays:
      "GET"
    case .openBreaker, .closeBreaker, .disableBreaker, .resetBreaker, .reconnect, .trust,
      .clearCache, .addDeadLetters, .replay, .stopReplay, .discard, .delete, .call:
      "POST"
    }
  }

  var path: String {
    switch self {
    case .engine: "/engine"
    case .snapshotJSON: "/snapshot"
    case .snapshotText: "/snapshot.txt"
    case .metrics: "/metrics"
    case .serversJSON: "/servers.json"
    case .serversText: "/servers.txt"
    case .breakersJSON: "/breakers.json"
    case .breakersText: "/breakers.txt"
    case .openBreaker: "/breakers/\(Self.name)/open"
    case .closeBreaker: "/breakers/\(Self.name)/close"
    case .disableBreaker: "/breakers/\(Self.name)/disable"
    case .resetBreaker: "/breakers/\(Self.name)/reset"
    case .reconnect: "/servers/\(Self.name)/reconnect"
    case .trust: "/servers/\(Self.name)/trust"
    case .cacheJSON: "/cache"
    case .cacheText: "/cache.txt"
    case .clearCache: "/cache/clear"
    case .statisticsJSON: "/stats"
    case .statisticsText: "/stats.txt"
    case .deadLettersJSON: "/dead-letters"
    case .deadLettersText: "/dead-letters.txt"
    case .addDeadLetters: "/dead-letters"
    case .countDeadLetters: "/dead-letters/count"
    case .exportDeadLetters: "/dead-letters/export"
    case .letterStatisticsJSON: "/dead-letters/stats"
    case .letterStatisticsText: "/dead-letters/stats.txt"
    case .replays: "/dead-letters/replays"
    case .replay: "/dead-letters/replay"
    case .stopReplay: "/dead-letters/replay/stop"
    case .discard: "/dead-letters/discard"
    case .delete: "/dead-letters/delete"
    case .call: "/calls"
    }
  }

  /// The query parameters it knows.
  var parameters: [String] {
    switch self {
    case .snapshotText, .serversText, .breakersText, .letterStatisticsText: ["columns"]
    case .cacheJSON, .statisticsJSON: ["server"]
    case .cacheText, .statisticsText: ["server", "columns"]
    case .deadLettersJSON, .exportDeadLetters:
      ControlLetterChoice.parameters + ["after", "limit"]
    case .deadLettersText: ControlLetterChoice.parameters + ["after", "limit", "columns"]
    case .countDeadLetters: ControlLetterChoice.parameters
    case .engine, .snapshotJSON, .metrics, .serversJSON, .breakersJSON, .openBreaker,
      .closeBreaker, .disableBreaker, .resetBreaker, .reconnect, .trust, .clearCache,
      .addDeadLetters, .letterStatisticsJSON, .replays, .replay, .stopReplay, .discard, .delete,
      .call:
      []
    }
  }

  /// The route of a request, and the name in its path where the route has one.
  static func find(
    _ method: String, _ target: ControlTarget
  ) throws(ControlError) -> (route: ControlRoute, name: String) {
    var allowed: [String] = []
    for route in allCases {
      guard let name = route.match(target.segments) else { continue }
      if route.method == method {
        try target.allowParameters(route.parameters, lists: ControlLetterChoice.lists)
        return (route, name)
      }
      allowed.append(route.method)
    }
    guard !allowed.isEmpty else { throw .unknownRoute(path: target.path) }
    throw .wrongMethod(method, path: target.path, allowed: allowed)
  }

  /// The name in the path, empty for a route without one; nil when the path is another.
  private func match(_ segments: [String]) -> String? {
    let pattern = path.split(separator: "/").map(String.init)
    guard pattern.count == segments.count else { return nil }
    var name = ""
    for (expected, segment) in zip(pattern, segments) {
      if expected == Self.name, !segment.isEmpty {
        name = segment
      } else if expected != segment {
        return nil
      }
    }
    return name
  }
}
