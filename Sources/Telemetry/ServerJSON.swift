package import FleetModel

/// The servers of a snapshot as JSON: `{"servers": […]}`, each as in the snapshot's document.
package enum ServerJSON {
  package static func render(_ snapshot: Snapshot) -> JSONText {
    var writer = JSONWriter()
    writer.object { writeList(of: snapshot, to: &$0) }
    return writer.json
  }

  static func writeList(of snapshot: Snapshot, to json: inout JSONWriter) {
    json.member(
      "servers",
      array: { list in
        for server in snapshot.servers { list.object { write(server, to: &$0) } }
      })
  }

  private static func write(_ server: ServerSnapshot, to json: inout JSONWriter) {
    json.member("name", server.id.name)
    json.member("transport", server.transport.rawValue)
    json.member("era", server.era.rawValue)
    json.member("protocolVersion", server.protocolVersion)
    json.member("connected", server.isConnected)
    json.member("health", object: { write(server.health, to: &$0) })
    json.member("tools", server.toolCount)
    json.member("calls", object: { write(server.calls, to: &$0) })
    json.member("successRate", server.successRate)
    json.member(
      "retries",
      object: {
        $0.member("total", server.retries.total)
        $0.member("perSecond", server.retries.perSecond)
      })
    json.member(
      "latencySeconds",
      object: {
        $0.member("p50", server.latency.p50?.seconds)
        $0.member("p95", server.latency.p95?.seconds)
        $0.member("p99", server.latency.p99?.seconds)
      })
    json.member("breaker", object: { BreakerJSON.write(server.breaker, to: &$0) })
    json.member("pool", object: { write(server.pool, to: &$0) })
    json.member(
      "cache",
      object: {
        $0.member("hits", server.cache.hits)
        $0.member("misses", server.cache.misses)
        $0.member("size", server.cache.size)
        $0.member("evictions", server.cache.evictions)
      })
    json.member("deadLetters", server.deadLetterCount)
  }

  private static func write(_ health: HealthSnapshot, to json: inout JSONWriter) {
    json.member("status", health.status.rawValue)
    json.member("responseSeconds", health.responseTime?.seconds)
    json.member("consecutiveFailures", health.consecutiveFailures)
    json.member("lastSuccess", health.lastSuccess?.rfc3339)
    json.member("lastError", health.lastError)
  }

  private static func write(_ calls: CallCounts, to json: inout JSONWriter) {
    json.member("total", calls.total)
    json.member("success", calls.success)
    json.member("toolError", calls.toolError)
    json.member("protocolError", calls.protocolError)
    json.member("transportFailure", calls.transportFailure)
  }

  private static func write(_ pool: PoolSnapshot, to json: inout JSONWriter) {
    json.member("open", pool.open)
    json.member("idle", pool.idle)
    json.member("active", pool.active)
    json.member("max", pool.max)
    json.member("waiting", pool.waiting)
  }
}
