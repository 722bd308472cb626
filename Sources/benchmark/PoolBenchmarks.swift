import FleetModel
import Resilience

/// A stream of a connection taken and given back, with nobody else about.
enum PoolBenchmarks {
  static let all = [
    MicroBenchmark(
      id: "pool", name: "pool, 10 connections open: acquire and release", limit: 150,
      peers: ["puddle"], prepare: { count in try lease(count, from: PoolPolicy(), open: 10) }),
    MicroBenchmark(
      id: "pool-streams", name: "pool, 1 connection of 10 streams: acquire and release", limit: 150,
      prepare: { count in try lease(count, from: .stdio, open: 1) }),
  ]

  private static func lease(
    _ count: Int, from policy: PoolPolicy, open: Int
  ) throws -> MicroBenchmark.Work {
    let instants = MicroBenchmark.readings(count)
    guard let start = instants.first else { return {} }
    var policy = policy
    policy.idleLimit = open
    let filled = try filled(policy, open: open, at: start)
    return {
      var pool = filled
      var leases: UInt64 = 0
      for now in instants {
        let caller = CallID(high: 2, low: leases)
        let actions = pool.acquire(caller, at: now)
        guard case .grant(_, let connection)? = actions.first else { continue }
        _ = pool.release(connection, by: caller, isBroken: false, at: now)
        leases += 1
      }
      try MicroBenchmark.expect(Int(leases), count, "a lease")
    }
  }

  /// As many callers at once as connections are wanted open, all of which have left again.
  private static func filled(
    _ policy: PoolPolicy, open: Int, at now: Instant
  ) throws -> Pool<CallID> {
    var pool = Pool<CallID>(policy, opensOnDemand: true, firstNumber: 1)
    var random = SplitMix64(seed: 1)
    var pending = pool.start(at: now)
    for number in 0..<open {
      pending += pool.acquire(CallID(high: 1, low: UInt64(number)), at: now)
    }
    var grants: [(CallID, ConnectionID)] = []
    while !pending.isEmpty {
      switch pending.removeFirst() {
      case .open(let id): pending += pool.opened(id, at: now, using: &random)
      case .grant(let caller, let id): grants.append((caller, id))
      case .close, .refuse, .validate, .leak: break
      }
    }
    for (caller, id) in grants { _ = pool.release(id, by: caller, isBroken: false, at: now) }
    try MicroBenchmark.expect(pool.snapshot.idle, open, "an idle connection")
    return pool
  }
}
