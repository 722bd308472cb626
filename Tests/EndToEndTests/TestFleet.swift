import Foundation

/// A configuration file in the making.
struct TestFleet {
  /// The members of `mcpServers`, in order.
  private var servers: [String] = []
  private var probes: [String] = []
  /// Long enough for a busy machine; a test that waits for it to pass sets a shorter one.
  var tryTimeout = "10s"

  /// Short enough that a breaker's whole life fits into a test.
  private var policies: String {
    """
    {
      breaker: { openFor: "2s" },
      health: { interval: "2s", timeout: "1s" },
      retry: { retries: 1, initialDelay: "50ms", tryTimeout: "\(tryTimeout)" },
      pool: { reconnectDelay: "200ms", maxReconnectDelay: "1s" },
    }
    """
  }

  mutating func http(_ name: String, _ url: String) {
    servers.append("\"\(name)\": { url: \"\(url)\" }")
  }

  mutating func stdio(_ name: String, _ command: String, _ arguments: [String]) {
    let list = arguments.map { "\"\($0)\"" }.joined(separator: ", ")
    servers.append("\"\(name)\": { command: \"\(command)\", args: [\(list)] }")
  }

  /// Calls a tool every half second.
  mutating func probe(_ name: String, _ calls: [(tool: String, arguments: String)]) {
    let list = calls.map {
      "{ tool: \"\($0.tool)\", arguments: \($0.arguments), every: \"500ms\" }"
    }
    probes.append("\"\(name)\": [\(list.joined(separator: ", "))]")
  }

  var text: String {
    """
    {
      mcpServers: { \(servers.joined(separator: ",\n")) },
      policies: { "*": \(policies) },
      probes: { \(probes.joined(separator: ",\n")) },
    }
    """
  }
}
