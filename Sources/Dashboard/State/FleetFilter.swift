import FleetModel

/// The words of a filter: all must hold. `is:open` and its like ask for a state, `from:mcp.json`
/// for a part of the source, every other word for a part of the name.
struct FleetFilter {
  /// States a filter may ask for, any beginning of the word is enough.
  static let states = [
    "open", "half", "closed", "down", "idle", "sick", "dlq", "split", "loop", "held", "impostor",
  ]

  private let words: [String]

  init(_ text: String) {
    words = text.lowercased().split(separator: " ").map(String.init)
  }

  func admits(_ server: ServerSnapshot) -> Bool {
    words.allSatisfy { word in
      if word.hasPrefix("from:") {
        return server.source.lowercased().contains(word.dropFirst(5))
      }
      guard word.hasPrefix("is:") else {
        return server.id.name.lowercased().contains(word)
      }
      let wanted = word.dropFirst(3)
      return Self.states.contains { $0.hasPrefix(wanted) && Self.holds($0, for: server) }
    }
  }

  private static func holds(_ state: String, for server: ServerSnapshot) -> Bool {
    let breaker = server.breaker.state
    return switch state {
    case "open": breaker == .open || breaker == .forcedOpen
    case "half": breaker == .halfOpen
    case "closed": breaker == .closed
    case "held": server.breaker.override != nil
    case "down": Liveness(of: server).isGone
    case "loop": Liveness(of: server) == .crashing
    case "split": Liveness(of: server) == .disagreeing
    case "impostor": Liveness(of: server) == .impostor
    case "idle": Liveness(of: server) == .idle
    case "sick": Liveness(of: server) == .sick
    default: server.deadLetterCount > 0
    }
  }
}
