package import FleetModel

/// A snapshot in the Prometheus text format 0.0.4.
///
/// Names that the seed systems' dashboards and alerts use stay as they were (`mcp_client_*`,
/// `mcp_cache_*`, `mcp_pool_*`, `fastmcp_retry_backoff_seconds`; rates there are percentages); what
/// they did not have is `mcpdash_*`. A series that the snapshot does not know is left out.
package enum SnapshotPrometheus {
  package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  package static func render(_ snapshot: Snapshot) -> String {
    var writer = PrometheusWriter()
    writeEngine(snapshot, to: &writer)
    writeClients(snapshot.servers, to: &writer)
    writeCaches(snapshot.servers, to: &writer)
    writePools(snapshot.servers, to: &writer)
    writeBreakers(snapshot.servers, to: &writer)
    writeCalls(snapshot.servers, to: &writer)
    writeHealth(snapshot.servers, to: &writer)
    writeBackoff(snapshot.backoff, to: &writer)
    writeDeadLetters(snapshot, to: &writer)
    return writer.text
  }

  private static func label(_ server: ServerSnapshot) -> PrometheusWriter.Label {
    ("server", server.id.name)
  }

  private static func seconds(_ timestamp: Timestamp) -> Double {
    Double(timestamp.millisecondsSinceEpoch) / 1000
  }

  /// One gauge for each server that knows the value.
  private static func gauge(
    _ name: String, _ help: String, _ servers: [ServerSnapshot],
    to writer: inout PrometheusWriter, kind: PrometheusWriter.Kind = .gauge,
    value: (ServerSnapshot) -> Double?
  ) {
    writer.family(name, kind, help) { samples in
      for server in servers {
        if let value = value(server) { samples.add([label(server)], value) }
      }
    }
  }

  private static func counter(
    _ name: String, _ help: String, _ servers: [ServerSnapshot],
    to writer: inout PrometheusWriter, value: (ServerSnapshot) -> Int
  ) {
    gauge(name, help, servers, to: &writer, kind: .counter) { Double(value($0)) }
  }

  private static func writeEngine(_ snapshot: Snapshot, to writer: inout PrometheusWriter) {
    writer.family("mcpdash_engine_info", .gauge, "The engine that answers.") {
      $0.add([("name", snapshot.engine.name), ("version", snapshot.engine.version)], 1)
    }
    writer.family("mcpdash_engine_start_time_seconds", .gauge, "When the engine started.") {
      $0.add([], seconds(snapshot.engine.startedAt))
    }
    writer.family("mcpdash_snapshot_time_seconds", .gauge, "When these values were taken.") {
      $0.add([], seconds(snapshot.at))
    }
    writer.family("mcpdash_server_info", .gauge, "How a server is reached.") { samples in
      for server in snapshot.servers {
        samples.add(
          [
            label(server), ("transport", server.transport.rawValue), ("era", server.era.rawValue),
            ("protocol_version", server.protocolVersion ?? ""),
          ], 1)
      }
    }
  }

  private static func writeClients(
    _ servers: [ServerSnapshot], to writer: inout PrometheusWriter
  ) {
    gauge("mcp_client_connected", "1 if the server is connected.", servers, to: &writer) {
      $0.isConnected ? 1 : 0
    }
    gauge("mcp_client_tools_discovered", "Tools the server lists.", servers, to: &writer) {
      $0.toolCount.map(Double.init)
    }
    counter("mcp_client_calls_total", "Calls that ended.", servers, to: &writer) {
      $0.calls.total
    }
    counter("mcp_client_calls_success", "Calls that ended well.", servers, to: &writer) {
      $0.calls.success
    }
    counter("mcp_client_calls_failed", "Calls that ended otherwise.", servers, to: &writer) {
      $0.calls.total - $0.calls.success
    }
    gauge(
      "mcp_client_error_rate", "Failed calls of the last minute, in percent.", servers,
      to: &writer
    ) { $0.successRate.map { (1 - $0) * 100 } }
  }

  private static func writeCaches(
    _ servers: [ServerSnapshot], to writer: inout PrometheusWriter
  ) {
    counter("mcp_cache_hits_total", "Answers from the cache.", servers, to: &writer) {
      $0.cache.hits
    }
    counter("mcp_cache_misses_total", "Looked for in vain.", servers, to: &writer) {
      $0.cache.misses
    }
    gauge("mcp_cache_hit_rate", "Hits among look-ups, in percent.", servers, to: &writer) {
      let lookups = $0.cache.hits + $0.cache.misses
      return lookups > 0 ? Double($0.cache.hits) / Double(lookups) * 100 : nil
    }
    counter("mcp_cache_evictions_total", "Dropped for want of room.", servers, to: &writer) {
      $0.cache.evictions
    }
    gauge("mcp_cache_size", "Answers in the cache.", servers, to: &writer) {
      Double($0.cache.size)
    }
  }

  private static func writePools(
    _ servers: [ServerSnapshot], to writer: inout PrometheusWriter
  ) {
    gauge("mcp_pool_connections_total", "Open connections.", servers, to: &writer) {
      Double($0.pool.open)
    }
    gauge("mcp_pool_connections_idle", "Connections without a call.", servers, to: &writer) {
      Double($0.pool.idle)
    }
    gauge("mcp_pool_connections_active", "Connections with a call.", servers, to: &writer) {
      Double($0.pool.open - $0.pool.idle)
    }
    gauge("mcpdash_pool_calls_active", "Calls on connections.", servers, to: &writer) {
      Double($0.pool.active)
    }
    gauge("mcpdash_pool_calls_limit", "Calls that fit at once.", servers, to: &writer) {
      Double($0.pool.max)
    }
    gauge("mcpdash_pool_waiting", "Calls that wait for a connection.", servers, to: &writer) {
      Double($0.pool.waiting)
    }
  }

  private static func writeBreakers(
    _ servers: [ServerSnapshot], to writer: inout PrometheusWriter
  ) {
    writer.family("mcp_circuit_breaker_state", .gauge, "1 for the breaker's state.") { samples in
      for server in servers {
        for state in [
          BreakerSnapshot.State.closed, .open, .halfOpen, .forcedOpen, .disabled,
        ] {
          samples.add(
            [label(server), ("state", state.rawValue)], server.breaker.state == state ? 1 : 0)
        }
      }
    }
    gauge(
      "mcpdash_breaker_consecutive_failures", "Failures in a row.", servers, to: &writer
    ) { Double($0.breaker.consecutiveFailures) }
    gauge(
      "mcpdash_breaker_failure_ratio", "Failures in the breaker's window, 0 to 1.", servers,
      to: &writer
    ) { $0.breaker.failureRate }
  }

  private static func writeCalls(
    _ servers: [ServerSnapshot], to writer: inout PrometheusWriter
  ) {
    writer.family("mcpdash_calls_total", .counter, "Calls by how they ended.") { samples in
      for server in servers {
        let calls = server.calls
        for (outcome, count) in [
          ("success", calls.success), ("tool_error", calls.toolError),
          ("protocol_error", calls.protocolError), ("transport_failure", calls.transportFailure),
        ] {
          samples.add([label(server), ("outcome", outcome)], Double(count))
        }
      }
    }
    counter("mcpdash_retries_total", "Tries after the first.", servers, to: &writer) {
      $0.retries.total
    }
    gauge("mcpdash_retries_per_second", "Retries of late.", servers, to: &writer) {
      $0.retries.perSecond
    }
    writer.family(
      "mcpdash_latency_seconds", .gauge, "Percentiles of the last minute's calls."
    ) { samples in
      for server in servers {
        for (quantile, latency) in [
          ("0.5", server.latency.p50), ("0.95", server.latency.p95), ("0.99", server.latency.p99),
        ] {
          guard let latency else { continue }
          samples.add([label(server), ("quantile", quantile)], latency.seconds)
        }
      }
    }
  }

  private static func writeHealth(
    _ servers: [ServerSnapshot], to writer: inout PrometheusWriter
  ) {
    gauge("mcpdash_healthy", "1 if the last health check went well.", servers, to: &writer) {
      switch $0.health.status {
      case .healthy: 1
      case .unhealthy: 0
      case .unknown: nil
      }
    }
    gauge(
      "mcpdash_health_response_seconds", "How long the last health check took.", servers,
      to: &writer
    ) { $0.health.responseTime?.seconds }
    gauge(
      "mcpdash_health_consecutive_failures", "Failed health checks in a row.", servers,
      to: &writer
    ) { Double($0.health.consecutiveFailures) }
  }

  private static func writeBackoff(
    _ histogram: HistogramSnapshot, to writer: inout PrometheusWriter
  ) {
    writer.family("fastmcp_retry_backoff_seconds", .histogram, "Delays before retries.") {
      guard !histogram.buckets.isEmpty else { return }
      for bucket in histogram.buckets {
        $0.add(
          [("le", PrometheusWriter.number(bucket.upperBound))], Double(bucket.count),
          suffix: "_bucket")
      }
      $0.add([], histogram.sum, suffix: "_sum")
      $0.add([], Double(histogram.count), suffix: "_count")
    }
  }

  private static func writeDeadLetters(
    _ snapshot: Snapshot, to writer: inout PrometheusWriter
  ) {
    gauge("mcpdash_dead_letters", "Dead letters kept.", snapshot.servers, to: &writer) {
      Double($0.deadLetterCount)
    }
    if let oldest = snapshot.deadLetters.oldest {
      writer.family("mcpdash_dead_letters_oldest_time_seconds", .gauge, "The oldest's time.") {
        $0.add([], seconds(oldest))
      }
    }
  }
}
