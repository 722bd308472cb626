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
    backoff(snapshot.backoff, &text)
    fleet(snapshot, &text)
    return text.text
  }

  private typealias Label = PrometheusText.Label
  private typealias Kind = PrometheusText.Kind

  /// A family with at most one sample for each server.
  private static func each(
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
  private static func each(
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

  /// The rates under the older names are percentages there, and in the alerts made for them.
  private static func percentage(_ part: Int, of whole: Int) -> Double? {
    whole > 0 ? 100 * Double(part) / Double(whole) : nil
  }

  private static func seconds(_ time: Timestamp?) -> Double? {
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

  private static func cache(_ servers: [ServerSnapshot], _ text: inout PrometheusText) {
    each(servers, &text, "mcp_cache_hits_total", .counter, "Answers from the tool cache.") {
      Double($0.cache.hits)
    }
    each(
      servers, &text, "mcp_cache_misses_total", .counter, "Lookups the tool cache had nothing for."
    ) { Double($0.cache.misses) }
    each(
      servers, &text, "mcp_cache_hit_rate", .gauge,
      "Percentage of lookups that were hits, 0 to 100."
    ) { percentage($0.cache.hits, of: $0.cache.hits + $0.cache.misses) }
    each(
      servers, &text, "mcp_cache_evictions_total", .counter, "Entries removed to make room."
    ) { Double($0.cache.evictions) }
    each(servers, &text, "mcp_cache_size", .gauge, "Entries in the tool cache.") {
      Double($0.cache.size)
    }
  }

  private static func pool(_ servers: [ServerSnapshot], _ text: inout PrometheusText) {
    each(
      servers, &text, "mcp_pool_connections_total", .untyped, "Connections that are open now."
    ) { Double($0.pool.open) }
    each(servers, &text, "mcp_pool_connections_idle", .gauge, "Connections without a call.") {
      Double($0.pool.idle)
    }
    each(servers, &text, "mcp_pool_connections_active", .gauge, "Connections with a call now.") {
      Double($0.pool.open - $0.pool.idle)
    }
    each(
      servers, &text, "mcp_pool_wait_count", .untyped, "Calls that wait for a connection now."
    ) { Double($0.pool.waiting) }
    each(servers, &text, "mcpdash_pool_calls", .gauge, "Calls on a connection now.") {
      Double($0.pool.active)
    }
    each(
      servers, &text, "mcpdash_pool_capacity", .gauge, "Calls that fit on the connections at once."
    ) { Double($0.pool.max) }
  }

  private static func breaker(_ servers: [ServerSnapshot], _ text: inout PrometheusText) {
    let states: [BreakerSnapshot.State] = [.closed, .open, .halfOpen, .forcedOpen, .disabled]
    each(
      servers, &text, "mcp_circuit_breaker_state", .gauge, "1 on the breaker's current state.",
      by: "state"
    ) { server in states.map { ($0.rawValue, server.breaker.state == $0 ? 1 : 0) } }
    each(
      servers, &text, "mcpdash_breaker_until_time_seconds", .gauge,
      "When the open breaker lets the next call through."
    ) { seconds($0.breaker.until) }
    each(
      servers, &text, "mcpdash_breaker_consecutive_failures", .gauge, "Failures in a row."
    ) { Double($0.breaker.consecutiveFailures) }
    each(
      servers, &text, "mcpdash_breaker_failure_ratio", .gauge,
      "Share of failures in the breaker's window, 0 to 1."
    ) { $0.breaker.failureRate }
  }

  private static func health(_ servers: [ServerSnapshot], _ text: inout PrometheusText) {
    text.family("mcpdash_server_info", .gauge, "How the server is reached; always 1.") { family in
      for server in servers {
        family.sample(
          labels: [
            Label("server", server.id.name), Label("transport", server.transport.rawValue),
            Label("era", server.era.rawValue),
            Label("protocol_version", PlainText.clean(server.protocolVersion ?? "")),
          ], 1)
      }
    }
    let states: [HealthSnapshot.Status] = [.healthy, .unhealthy, .unknown]
    each(
      servers, &text, "mcpdash_health_status", .gauge, "1 on what the last check says.",
      by: "status"
    ) { server in states.map { ($0.rawValue, server.health.status == $0 ? 1 : 0) } }
    each(
      servers, &text, "mcpdash_health_response_seconds", .gauge, "How long the last check took."
    ) { $0.health.responseTime?.seconds }
    each(
      servers, &text, "mcpdash_health_consecutive_failures", .gauge, "Failed checks in a row."
    ) { Double($0.health.consecutiveFailures) }
    each(
      servers, &text, "mcpdash_health_last_success_time_seconds", .gauge,
      "When a check last went well."
    ) { seconds($0.health.lastSuccess) }
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
      servers, &text, "mcpdash_success_ratio", .gauge,
      "Share of calls that ended well in the last minute, 0 to 1."
    ) { $0.successRate }
    each(servers, &text, "mcpdash_retries_total", .counter, "Tries after a call's first.") {
      Double($0.retries.total)
    }
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

  private static func backoff(_ histogram: HistogramSnapshot, _ text: inout PrometheusText) {
    text.family("fastmcp_retry_backoff_seconds", .histogram, "Waits before retries.") { family in
      for bucket in histogram.buckets where bucket.upperBound.isFinite {
        family.sample(
          suffix: "_bucket", labels: [Label("le", PrometheusText.number(bucket.upperBound))],
          bucket.count)
      }
      // The format asks for it whether or not the histogram carries one.
      family.sample(suffix: "_bucket", labels: [Label("le", "+Inf")], histogram.count)
      family.sample(suffix: "_sum", histogram.sum)
      family.sample(suffix: "_count", histogram.count)
    }
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
    text.family("mcpdash_dead_letter_queue_size", .gauge, "All dead letters that wait.") {
      $0.sample(snapshot.deadLetters.size)
    }
    text.family(
      "mcpdash_dead_letter_oldest_time_seconds", .gauge, "When the oldest dead letter was made."
    ) { $0.sample(seconds(snapshot.deadLetters.oldest)) }
  }
}
