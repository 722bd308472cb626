import FleetModel
import TerminalUI

/// What stands between the calls and a server: its connections, what holds load back, and what
/// spares it some.
struct TrafficFacts {
  let server: ServerSnapshot

  var facts: [Fact] { pool + load }

  private var pool: [Fact] {
    let pool = server.pool
    let mean =
      pool.waitCount > 0
      ? ", \(Figures.latency(pool.waitTime / pool.waitCount)) on average" : ""
    let refused = pool.refusals > 0 ? ", \(Figures.count(pool.refusals)) in vain" : ""
    var facts = [
      Fact(
        name: "open", text: "\(pool.open), \(pool.idle) idle, \(pool.connecting) connecting"),
      Fact(
        name: "waits", text: "\(Figures.count(pool.waitCount))\(mean)\(refused)",
        role: pool.refusals > 0 ? .warn : pool.waitCount > 0 ? .fg : .muted),
      closings,
    ]
    if pool.leaks > 0 {
      let calls = Figures.counted(pool.leaks, "call")
      facts.append(Fact(name: "leaks", text: "\(calls) held a connection too long", role: .bad))
    }
    return facts
  }

  private var closings: Fact {
    let closed = server.pool.closed
    let causes = [
      ("idle", closed.idle), ("too old", closed.lifetime), ("found dead", closed.health),
      ("broken", closed.error), ("reset", closed.reset),
    ]
    let known = causes.filter { $0.1 > 0 }.map { "\(Figures.count($0.1)) \($0.0)" }
    return Fact(
      name: "closed", text: known.isEmpty ? "none" : known.joined(separator: ", "),
      role: known.isEmpty ? .muted : .fg)
  }

  private var load: [Fact] {
    let (load, cache, retries) = (server.load, server.cache, server.retries)
    let limit = load.limit > 0 ? "/\(Figures.count(load.limit))" : ""
    let isFull = load.limit > 0 && load.running >= load.limit
    return [
      Fact(
        name: "running",
        text: "\(Figures.count(load.running))\(limit), \(Figures.count(load.waiting)) waiting",
        role: load.waiting > 0 ? .bad : isFull ? .warn : .fg),
      Fact(
        name: "budget",
        text: "\(Figures.count(retries.budgetUsed)) of \(Figures.count(retries.budgetLimit)) "
          + "retries under way",
        role: retries.budgetUsed == 0
          ? .muted : retries.budgetUsed >= retries.budgetLimit ? .bad : .fg),
      Fact(
        name: "rates",
        text: "\(Figures.count(load.refused)) refused, \(Figures.count(load.delayed)) delayed",
        role: load.refused > 0 ? .warn : load.delayed > 0 ? .fg : .muted),
      Fact(
        name: "hedges",
        text: "\(Figures.count(load.hedges)) sent, \(Figures.count(load.hedgeWins)) came first",
        role: load.hedges > 0 ? .fg : .muted),
      Fact(
        name: "coalesced", text: Figures.count(load.coalesced),
        role: load.coalesced > 0 ? .fg : .muted),
      Fact(
        name: "cache",
        text: "\(Figures.count(cache.evictions)) evicted, \(Figures.count(cache.expired)) expired, "
          + "\(Figures.count(cache.stale)) given stale", role: cache.stale > 0 ? .warn : .fg),
    ]
  }
}
