package import FleetModel

/// The picture in Prometheus' text format 0.0.4, for `GET /metrics`.
///
/// Names that begin with `mcp_` and `fastmcp_` are those of the systems an operator already draws
/// graphs of; the rest is `mcpdash_`. A value that is not known has no sample. Families and servers
/// come in a fixed order.
package enum SnapshotPrometheus {
  package static func render(_ snapshot: Snapshot) -> String {
    var text = PrometheusText()
    engine(snapshot, &text)
    client(snapshot.servers, &text)
    cache(snapshot.servers, &text)
    pool(snapshot.servers, &text)
    breaker(snapshot.servers, &text)
    health(snapshot.servers, &text)
    calls(snapshot.servers, &text)
    load(snapshot.servers, &text)
    operations(snapshot.servers, &text)
    fleet(snapshot, &text)
    deadLetters(snapshot.deadLetters, &text)
    return text.text
  }

  typealias Label = PrometheusText.Label
  typealias Kind = PrometheusText.Kind

  /// A family with at most one sample for each server.
  static func each(
    _ servers: [ServerSnapshot], _ text: inout PrometheusText, _ name: String, _ kind: Kind,
    _ help: String, _ value: (ServerSnapshot) -> Double?
  ) {
    text.family(name, kind, help) { family in
      for server in servers {
        family.sample(labels: [Label("server", server.id.name)], value(server))
      }
    }
  }

  /// A family with one sample for each server and each value of a second label.
  static func each(
    _ servers: [ServerSnapshot], _ text: inout PrometheusText, _ name: String, _ kind: Kind,
    _ help: String, by label: String, _ values: (ServerSnapshot) -> [(String, Double?)]
  ) {
    text.family(name, kind, help) { family in
      for server in servers {
        for (key, value) in values(server) {
          family.sample(labels: [Label("server", server.id.name), Label(label, key)], value)
        }
      }
    }
  }

  /// A family of gauges that are 1 on one of several values and 0 on the others.
  static func oneOf(
    _ servers: [ServerSnapshot], _ text: inout PrometheusText, _ name: String, _ help: String,
    by label: String, _ values: [String], _ current: (ServerSnapshot) -> String?
  ) {
    each(servers, &text, name, .gauge, help, by: label) { server in
      let current = current(server)
      return values.map { ($0, $0 == current ? 1 : 0) }
    }
  }

  /// The rates under the older names are percentages there, and in the alerts made for them.
  static func percentage(_ part: Int, of whole: Int) -> Double? {
    whole > 0 ? 100 * Double(part) / Double(whole) : nil
  }

  static func seconds(_ time: Timestamp?) -> Double? {
    time.map { Double($0.millisecondsSinceEpoch) / 1000 }
  }

  private static func engine(_ snapshot: Snapshot, _ text: inout PrometheusText) {
    text.family("mcpdash_engine_info", .gauge, "The engine; always 1.") {
      $0.sample(
        labels: [Label("name", snapshot.engine.name), Label("version", snapshot.engine.version)], 1)
    }
    text.family("mcpdash_engine_start_time_seconds", .gauge, "When the engine started.") {
      $0.sample(seconds(snapshot.engine.startedAt))
    }
    text.family("mcpdash_snapshot_time_seconds", .gauge, "When these values were taken.") {
      $0.sample(seconds(snapshot.at))
    }
  }

  private static func client(_ servers: [ServerSnapshot], _ text: inout PrometheusText) {
    each(servers, &text, "mcp_client_connected", .gauge, "1 while the server is connected.") {
      $0.isConnected ? 1 : 0
    }
    each(
      servers, &text, "mcp_client_tools_discovered", .gauge, "Tools the server lists."
    ) { $0.toolCount.map(Double.init) }
    each(
      servers, &text, "mcp_client_calls_total", .counter, "Calls that ended, in any way."
    ) { Double($0.calls.total) }
    each(
      servers, &text, "mcp_client_calls_success", .untyped, "Calls that ended well (counts up)."
    ) { Double($0.calls.success) }
    each(
      servers, &text, "mcp_client_calls_failed", .untyped,
      "Calls that ended in a tool error, a protocol error or without an answer (counts up)."
    ) { Double($0.calls.total - $0.calls.success) }
    each(
      servers, &text, "mcp_client_error_rate", .gauge,
      "Percentage of all calls so far that failed, 0 to 100."
    ) { percentage($0.calls.total - $0.calls.success, of: $0.calls.total) }
  }

  private static func calls(_ servers: [ServerSnapshot], _ text: inout PrometheusText) {
    each(
      servers, &text, "mcpdash_calls_total", .counter, "Calls by how they ended.", by: "outcome"
    ) {
      [
        ("success", Double($0.calls.success)), ("toolError", Double($0.calls.toolError)),
        ("protocolError", Double($0.calls.protocolError)),
        ("transportFailure", Double($0.calls.transportFailure)),
      ]
    }
    each(
      servers, &text, "fastmcp_operations_total", .counter,
      "Calls by how they ended: success, failure (the tool says so), error (no result).",
      by: "status"
    ) {
      [
        ("success", Double($0.calls.success)), ("failure", Double($0.calls.toolError)),
        ("error", Double($0.calls.protocolError + $0.calls.transportFailure)),
      ]
    }
    each(
      servers, &text, "mcpdash_success_ratio", .gauge,
      "Share of calls that ended well in the last minute, 0 to 1."
    ) { $0.successRate }
    each(servers, &text, "mcpdash_retries_total", .counter, "Tries after a call's first.") {
      Double($0.retries.total)
    }
    each(
      servers, &text, "mcpdash_retry_amplification", .gauge,
      "Tries on the wire per call that reached it, since the engine started."
    ) { $0.retries.amplification }
    each(servers, &text, "mcpdash_retry_budget_used", .gauge, "Retries under way now.") {
      Double($0.retries.budgetUsed)
    }
    each(
      servers, &text, "mcpdash_retry_budget_limit", .gauge, "Retries that may be under way now."
    ) { Double($0.retries.budgetLimit) }
    each(
      servers, &text, "mcpdash_call_latency_seconds", .gauge,
      "Latency of calls in the last minute, by percentile.", by: "percentile"
    ) {
      [
        ("50", $0.latency.p50?.seconds), ("95", $0.latency.p95?.seconds),
        ("99", $0.latency.p99?.seconds),
      ]
    }
    each(
      servers, &text, "mcpdash_dead_letters", .gauge, "Dead letters that wait, by server."
    ) { Double($0.deadLetterCount) }
  }

  private static func fleet(_ snapshot: Snapshot, _ text: inout PrometheusText) {
    text.family("mcpdash_fleet_calls_total", .counter, "Calls that ended, of all servers.") {
      $0.sample(snapshot.totals.calls)
    }
    text.family(
      "mcpdash_fleet_success_ratio", .gauge,
      "Share of the fleet's calls that ended well in the last minute, 0 to 1."
    ) { $0.sample(snapshot.totals.successRate) }
    text.family(
      "mcpdash_fleet_retries_per_second", .gauge, "Retries a second over the last tick."
    ) { $0.sample(snapshot.totals.retriesPerSecond) }
    text.family("mcpdash_backoff_seconds", .histogram, "Waits before retries, of all servers.") {
      $0.histogram(snapshot.backoff, labels: [])
    }
  }
}
