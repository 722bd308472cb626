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
    ("mcp_pool_connections_active", 2), ("mcp_pool_wait_count", 0), ("mcpdash_pool_calls", 2),
    ("mcpdash_pool_capacity", 10),
    ("mcpdash_breaker_failure_ratio", 0.25), ("mcpdash_health_response_seconds", 0.012),
    ("mcpdash_health_last_success_time_seconds", 1_795_230_245.678),
    ("mcpdash_success_ratio", 0.9), ("mcpdash_retries_total", 7), ("mcpdash_dead_letters", 2),
  ])
  func `a server's value is read back as it was`(name: String, value: Double) throws {
    let read = try SnapshotExposition(SnapshotPrometheus.render(SnapshotExamples.fleet))
    #expect(read[name, ["server": "search"]] == value)
  }

  @Test(arguments: [
    ("mcpdash_fleet_calls_total", 100.0), ("mcpdash_fleet_success_ratio", 0.9),
    ("mcpdash_fleet_retries_per_second", 0.5), ("mcpdash_dead_letter_queue_size", 2),
    ("mcpdash_dead_letter_oldest_time_seconds", 1_795_229_525.678),
    ("mcpdash_snapshot_time_seconds", 1_795_230_245.678),
    ("mcpdash_engine_start_time_seconds", 1_795_226_645.678),
    ("fastmcp_retry_backoff_seconds_sum", 33.25), ("fastmcp_retry_backoff_seconds_count", 6),
  ])
  func `a value of the fleet is read back as it was`(name: String, value: Double) throws {
    let read = try SnapshotExposition(SnapshotPrometheus.render(SnapshotExamples.fleet))
    #expect(read[name, [:]] == value)
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
    let buckets = read.samples.filter { $0.name == "fastmcp_retry_backoff_seconds_bucket" }
    #expect(buckets.map { $0.labels["le"] } == ["0.1", "0.5", "1", "+Inf"])
    #expect(buckets.map(\.value) == [3, 5, 5, 6])
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
    #expect(text.contains("fastmcp_retry_backoff_seconds_sum NaN\n"))
  }
}
