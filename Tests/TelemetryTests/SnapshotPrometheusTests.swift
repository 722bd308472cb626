import FleetModel
import Telemetry
import Testing

@Suite struct SnapshotPrometheusTests {
  @Test(arguments: SnapshotExamples.Kind.allCases)
  func `a strict reader takes every exposition, and each family has help and type`(
    kind: SnapshotExamples.Kind
  ) throws {
    let read = try SnapshotExposition(SnapshotPrometheus.render(kind.snapshot))
    #expect(Set(read.helps.keys) == Set(read.kinds.keys))
    #expect(!read.samples.isEmpty)
  }

  @Test(arguments: [
    ("mcp_client_connected", 1.0), ("mcp_client_tools_discovered", 4),
    ("mcp_client_calls_total", 100), ("mcp_client_calls_success", 90),
    ("mcp_client_calls_failed", 10), ("mcp_client_error_rate", 10), ("mcp_cache_hits_total", 30),
    ("mcp_cache_misses_total", 10), ("mcp_cache_hit_rate", 75), ("mcp_cache_evictions_total", 1),
    ("mcp_cache_size", 6), ("mcp_pool_connections_total", 3), ("mcp_pool_connections_idle", 1),
    ("mcp_pool_connections_active", 2), ("mcp_pool_wait_count", 8), ("mcpdash_pool_calls", 2),
    ("mcpdash_pool_capacity", 10),
    ("mcpdash_breaker_failure_ratio", 0.25), ("mcpdash_health_response_seconds", 0.012),
    ("mcpdash_health_last_success_time_seconds", 1_795_230_245.678),
    ("mcpdash_success_ratio", 0.9), ("mcpdash_retries_total", 7), ("mcpdash_dead_letters", 2),
    ("mcp_pool_wait_duration_seconds", 2.5), ("mcpdash_pool_waiting", 0),
    ("mcpdash_pool_connecting", 1), ("mcpdash_pool_refusals_total", 2),
    ("mcpdash_pool_leaks_total", 0), ("mcp_circuit_breaker_state_changes", 2),
    ("mcpdash_breaker_probes_in_flight", 1), ("mcpdash_breaker_slow_call_ratio", 0.125),
    ("mcpdash_health_last_attempt_time_seconds", 1_795_230_245.678), ("mcpdash_probe_success", 1),
    ("mcpdash_probe_duration_seconds", 0.031), ("mcpdash_retry_amplification", 1.4),
    ("mcpdash_retry_budget_used", 1), ("mcpdash_retry_budget_limit", 3),
    ("mcpdash_cache_expired_total", 4), ("mcpdash_cache_stale_answers_total", 5),
    ("mcpdash_load_running", 2), ("mcpdash_load_limit", 20), ("mcpdash_load_waiting", 3),
    ("mcpdash_load_refused_total", 4), ("mcpdash_load_delayed_total", 5),
    ("mcpdash_hedges_total", 6), ("mcpdash_hedge_wins_total", 2), ("mcpdash_coalesced_total", 7),
    ("mcpdash_crash_loop_length", 0), ("mcpdash_breaker_rejections_total", 17),
    ("mcpdash_breaker_last_success_time_seconds", 1_795_230_245.678),
    ("mcpdash_breaker_last_failure_time_seconds", 1_795_230_215.678),
  ])
  func `a server's value is read back as it was`(name: String, value: Double) throws {
    let read = try SnapshotExposition(SnapshotPrometheus.render(SnapshotExamples.fleet))
    #expect(read[name, ["server": "search"]] == value)
  }

  @Test(arguments: [
    ("mcpdash_fleet_calls_total", 100.0), ("mcpdash_fleet_success_ratio", 0.9),
    ("mcpdash_fleet_retries_per_second", 0.5), ("mcpdash_dead_letter_queue_size", 2),
    ("mcpdash_dead_letter_oldest_time_seconds", 1_795_229_525.678),
    ("mcp_dlq_store_up", 0), ("mcp_dlq_store_lossy", 1), ("mcp_dlq_spilled", 3),
    ("mcp_dlq_dropped_total", 4),
    ("mcp_dlq_replays_running", 1),
    ("mcpdash_snapshot_time_seconds", 1_795_230_245.678),
    ("mcpdash_engine_start_time_seconds", 1_795_226_645.678),
    ("mcpdash_backoff_seconds_sum", 33.25), ("mcpdash_backoff_seconds_count", 6),
  ])
  func `a value of the fleet is read back as it was`(name: String, value: Double) throws {
    let read = try SnapshotExposition(SnapshotPrometheus.render(SnapshotExamples.fleet))
    #expect(read[name, [:]] == value)
  }

  @Test func `what was done with dead letters is counted by operation`() throws {
    let read = try SnapshotExposition(SnapshotPrometheus.render(SnapshotExamples.fleet))
    let counts = read.samples.filter { $0.name == "fastmcp_dlq_operations_total" }
    #expect(counts.map(\.value) == [7, 1, 2, 3, 4, 5, 6])
    #expect(read["fastmcp_dlq_operations_total", ["operation": "delivered"]] == 2)
  }

  @Test func `a connection is in use once, however many calls it carries`() throws {
    var snapshot = SnapshotExamples.fleet
    snapshot.servers[0].pool.active = 7
    let read = try SnapshotExposition(SnapshotPrometheus.render(snapshot))
    let labels = ["server": snapshot.servers[0].id.name]
    #expect(read["mcp_pool_connections_active", labels] == 2)
    #expect(read["mcpdash_pool_calls", labels] == 7)
  }

  @Test func `what is not known has no sample`() throws {
    let read = try SnapshotExposition(SnapshotPrometheus.render(SnapshotExamples.fleet))
    let names = Set(read.samples.filter { $0.labels["server"] == "payments" }.map(\.name))
    #expect(names.contains("mcp_client_connected"))
    for name in [
      "mcp_client_tools_discovered", "mcp_client_error_rate", "mcp_cache_hit_rate",
      "mcpdash_success_ratio", "mcpdash_call_latency_seconds", "mcpdash_health_response_seconds",
    ] {
      #expect(!names.contains(name), "\(name)")
    }
  }

  @Test(arguments: [
    BreakerSnapshot.State.closed, .open, .halfOpen, .forcedOpen, .disabled,
  ])
  func `exactly the breaker's current state is 1`(state: BreakerSnapshot.State) throws {
    var snapshot = SnapshotExamples.empty
    snapshot.servers = [SnapshotExamples.search]
    snapshot.servers[0].breaker.state = state
    let read = try SnapshotExposition(SnapshotPrometheus.render(snapshot))
    let states = read.samples.filter { $0.name == "mcp_circuit_breaker_state" }
    #expect(states.count == 5)
    #expect(states.filter { $0.value == 1 }.map { $0.labels["state"] } == [state.rawValue])
    #expect(states.reduce(0) { $0 + $1.value } == 1)
  }

  @Test func `the calls by outcome add up to all calls`() throws {
    let read = try SnapshotExposition(SnapshotPrometheus.render(SnapshotExamples.fleet))
    let outcomes = read.samples.filter {
      $0.name == "mcpdash_calls_total" && $0.labels["server"] == "search"
    }
    #expect(outcomes.map(\.value) == [90, 5, 3, 2])
  }

  @Test func `the backoff's buckets are cumulative and end with the count`() throws {
    let read = try SnapshotExposition(SnapshotPrometheus.render(SnapshotExamples.fleet))
    let buckets = read.samples.filter { $0.name == "mcpdash_backoff_seconds_bucket" }
    #expect(buckets.map { $0.labels["le"] } == ["0.1", "0.5", "1", "+Inf"])
    #expect(buckets.map(\.value) == [3, 5, 5, 6])
  }

  @Test(arguments: [
    ("mcpdash_breaker_override", "kind", "open", 1.0),
    ("mcpdash_breaker_override", "kind", "closed", 0),
    ("mcpdash_health_status", "status", "disagreeing", 1),
    ("mcpdash_health_status", "status", "healthy", 0),
    ("mcpdash_endpoint_position", "endpoint", "fra-2", 2),
    ("mcpdash_pool_closed_total", "cause", "idle", 0),
  ])
  func `what an operator or the fleet did to a server has a label of its own`(
    name: String, label: String, key: String, value: Double
  ) throws {
    let read = try SnapshotExposition(SnapshotPrometheus.render(SnapshotExamples.fleet))
    #expect(read[name, ["server": "billing", label: key]] == value)
    #expect(
      read["mcpdash_breaker_override_until_time_seconds", ["server": "billing"]]
        == 1_795_231_117.678)
  }

  @Test(arguments: [
    ("idle", 1.0), ("lifetime", 2), ("health", 3), ("error", 4), ("reset", 5),
  ])
  func `connections closed are counted by their cause`(cause: String, count: Double) throws {
    let read = try SnapshotExposition(SnapshotPrometheus.render(SnapshotExamples.fleet))
    #expect(read["mcpdash_pool_closed_total", ["server": "search", "cause": cause]] == count)
  }

  @Test func `a crash loop is counted by its ends`() throws {
    let read = try SnapshotExposition(SnapshotPrometheus.render(SnapshotExamples.fleet))
    #expect(read["mcpdash_crash_loop_length", ["server": "payments"]] == 5)
  }

  @Test(arguments: [
    ("calls", 50.0), ("attempts", 70), ("retries", 20), ("successes", 45),
    ("successes_after_retry", 9), ("waiting_seconds", 34.5), ("retry_after_honoured", 1),
  ])
  func `an operation's counts are under its own name`(name: String, value: Double) throws {
    let read = try SnapshotExposition(SnapshotPrometheus.render(SnapshotExamples.fleet))
    let labels = ["server": "search", "operation": "tools/call web_search"]
    #expect(read["mcpdash_operation_\(name)_total", labels] == value)
  }

  @Test(arguments: [
    ("retryable_error", 40.0), ("success_after_retry", 18), ("max_retries_exceeded", 4),
    ("non_retryable_error", 0),
  ])
  func `the bridge client's reasons add up the tools of one operation`(
    reason: String, count: Double
  ) throws {
    let read = try SnapshotExposition(SnapshotPrometheus.render(SnapshotExamples.fleet))
    let labels = ["server": "search", "operation": "call_tool", "reason": reason]
    #expect(read["fastmcp_retry_attempts_total", labels] == count)
  }

  @Test func `the bridge client's backoff histogram adds up the tools of one operation`() throws {
    let read = try SnapshotExposition(SnapshotPrometheus.render(SnapshotExamples.fleet))
    let labels = ["server": "search", "operation": "call_tool"]
    let buckets = read.samples.filter { $0.name == "fastmcp_retry_backoff_seconds_bucket" }
    #expect(buckets.map { $0.labels["le"] } == ["0.1", "0.5", "1", "+Inf"])
    #expect(buckets.map(\.value) == [6, 10, 10, 12])
    #expect(read["fastmcp_retry_backoff_seconds_sum", labels] == 66.5)
    #expect(read["fastmcp_retry_backoff_seconds_count", labels] == 12)
  }

  @Test func `histograms of different buckets add up bound by bound`() throws {
    var snapshot = SnapshotExamples.fleet
    var other = HistogramSnapshot()
    other.buckets = [(0.2, 1), (0.5, 2), (.infinity, 2)].map {
      HistogramSnapshot.Bucket(upperBound: $0.0, count: $0.1)
    }
    other.count = 2
    snapshot.servers[0].operations[1].sleeps = other
    let read = try SnapshotExposition(SnapshotPrometheus.render(snapshot))
    let buckets = read.samples.filter { $0.name == "fastmcp_retry_backoff_seconds_bucket" }
    #expect(buckets.map { $0.labels["le"] } == ["0.1", "0.2", "0.5", "1", "+Inf"])
    #expect(buckets.map(\.value) == [3, 4, 7, 7, 8])
  }

  @Test(arguments: [("success", 90.0), ("failure", 5), ("error", 5)])
  func `the bridge client's statuses add up to all calls`(status: String, count: Double) throws {
    let read = try SnapshotExposition(SnapshotPrometheus.render(SnapshotExamples.fleet))
    #expect(read["fastmcp_operations_total", ["server": "search", "status": status]] == count)
  }

  @Test func `names of operations that become the same by cleaning share one sample`() throws {
    let text = SnapshotPrometheus.render(SnapshotExamples.hostile)
    let read = try SnapshotExposition(text)
    #expect(read.samples.filter { $0.name == "mcpdash_operation_calls_total" }.count == 4)
    let giveUps = read.samples.filter {
      $0.name == "mcpdash_operation_give_ups_total" && $0.labels["server"] == "billing"
    }
    #expect(giveUps.map(\.value) == [2])
    for sample in read.samples {
      for (label, value) in sample.labels where label != "server" {
        #expect(!value.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x9B })
      }
    }
  }

  /// promtool's own rules: what is named like a part of a histogram or a counter must be one.
  @Test(arguments: SnapshotExamples.Kind.allCases)
  func `names follow the kinds that Prometheus' checker asks for`(
    kind: SnapshotExamples.Kind
  ) throws {
    let read = try SnapshotExposition(SnapshotPrometheus.render(kind.snapshot))
    for (name, kind) in read.kinds where kind != "untyped" {
      #expect((kind == "counter") == name.hasSuffix("_total"), "\(name)")
      for suffix in ["_count", "_sum", "_bucket", "_info_total"] {
        #expect(!name.hasSuffix(suffix), "\(name)")
      }
      for word in ["counter", "gauge", "histogram", "milliseconds", "minutes"] {
        #expect(!name.contains(word), "\(name)")
      }
    }
  }

  @Test func `a name with quotes, backslashes and line ends is read back as it was`() throws {
    let read = try SnapshotExposition(SnapshotPrometheus.render(SnapshotExamples.hostile))
    #expect(read["mcp_client_connected", ["server": SnapshotExamples.hostileText]] == 1)
  }

  @Test func `values that are no numbers have their own words`() throws {
    var snapshot = SnapshotExamples.fleet
    snapshot.totals.retriesPerSecond = -.infinity
    snapshot.backoff.sum = .nan
    let text = SnapshotPrometheus.render(snapshot)
    #expect(text.contains("mcpdash_fleet_retries_per_second -Inf\n"))
    #expect(text.contains("mcpdash_backoff_seconds_sum NaN\n"))
  }
}
