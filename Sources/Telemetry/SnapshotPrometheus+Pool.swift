import FleetModel

// The families of a server's cache, connections and load.
extension SnapshotPrometheus {
  static func cache(_ servers: [ServerSnapshot], _ text: inout PrometheusText) {
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
    each(
      servers, &text, "mcpdash_cache_expired_total", .counter,
      "Lookups that found an entry past its time; misses too."
    ) { Double($0.cache.expired) }
    each(
      servers, &text, "mcpdash_cache_stale_answers_total", .counter,
      "Answers given past their time because the breaker was open."
    ) { Double($0.cache.stale) }
  }

  static func pool(_ servers: [ServerSnapshot], _ text: inout PrometheusText) {
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
      servers, &text, "mcp_pool_wait_count", .untyped,
      "Calls that had to wait for a connection (counts up)."
    ) { Double($0.pool.waitCount) }
    each(
      servers, &text, "mcp_pool_wait_duration_seconds", .untyped,
      "How long calls waited for a connection, together (counts up)."
    ) { $0.pool.waitTime.seconds }
    each(servers, &text, "mcpdash_pool_waiting", .gauge, "Calls that wait for a connection now.") {
      Double($0.pool.waiting)
    }
    each(servers, &text, "mcpdash_pool_connecting", .gauge, "Connections being opened now.") {
      Double($0.pool.connecting)
    }
    each(
      servers, &text, "mcpdash_pool_refusals_total", .counter,
      "Waits that ended without a connection."
    ) { Double($0.pool.refusals) }
    each(
      servers, &text, "mcpdash_pool_closed_total", .counter, "Connections closed, by cause.",
      by: "cause"
    ) {
      [
        ("idle", Double($0.pool.closed.idle)), ("lifetime", Double($0.pool.closed.lifetime)),
        ("health", Double($0.pool.closed.health)), ("error", Double($0.pool.closed.error)),
        ("reset", Double($0.pool.closed.reset)),
      ]
    }
    each(
      servers, &text, "mcpdash_pool_leaks_total", .counter,
      "Calls that held a connection longer than the policy allows."
    ) { Double($0.pool.leaks) }
    each(servers, &text, "mcpdash_pool_calls", .gauge, "Calls on a connection now.") {
      Double($0.pool.active)
    }
    each(
      servers, &text, "mcpdash_pool_capacity", .gauge, "Calls that fit on the connections at once."
    ) { Double($0.pool.max) }
  }

  static func load(_ servers: [ServerSnapshot], _ text: inout PrometheusText) {
    let gauges: [(String, String, (LoadSnapshot) -> Int)] = [
      ("mcpdash_load_running", "Tries in the bulkhead now.", { $0.running }),
      ("mcpdash_load_limit", "Tries that may be in the bulkhead at once.", { $0.limit }),
      ("mcpdash_load_waiting", "Calls that wait for the bulkhead now.", { $0.waiting }),
    ]
    for (name, help, value) in gauges {
      each(servers, &text, name, .gauge, help) { Double(value($0.load)) }
    }
    let counters: [(String, String, (LoadSnapshot) -> Int)] = [
      ("mcpdash_load_refused_total", "Calls refused by a rate or quota.", { $0.refused }),
      ("mcpdash_load_delayed_total", "Calls delayed by a rate or quota.", { $0.delayed }),
      ("mcpdash_hedges_total", "Second sendings of safe calls.", { $0.hedges }),
      ("mcpdash_hedge_wins_total", "Second sendings that answered first.", { $0.hedgeWins }),
      (
        "mcpdash_coalesced_total", "Calls answered by the answer to another one like them.",
        { $0.coalesced }
      ),
    ]
    for (name, help, value) in counters {
      each(servers, &text, name, .counter, help) { Double(value($0.load)) }
    }
  }
}
