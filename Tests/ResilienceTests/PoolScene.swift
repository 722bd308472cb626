import FleetModel
import Resilience

/// A pool of HTTP or of child processes with its first connections open, and its own chance.
struct PoolScene {
  typealias Actions = [Pool<String>.Action]

  var random = SplitMix64(seed: 1)
  var pool: Pool<String>
  let dead = Failure.of(.connectionReset, delivery: .unknown)

  /// Connections 1 to `count` are open and idle since 0 s, 1 unused for longest.
  init(
    _ count: UInt64 = 1, onDemand: Bool = true, _ change: (inout PoolPolicy) -> Void = { _ in }
  ) {
    var policy = onDemand ? PoolPolicy() : .stdio
    change(&policy)
    pool = Pool(policy, opensOnDemand: onDemand, firstNumber: 1)
    _ = pool.start(at: at(0))
    guard count > 0 else { return }
    _ = pool.opened(.of(1), at: at(0), using: &random)
    for number in 1...count {
      _ = pool.acquire("\(number)", at: at(0))
      if number > 1 { _ = pool.opened(.of(number), at: at(0), using: &random) }
    }
    for number in 1...count {
      _ = pool.release(.of(number), by: "\(number)", isBroken: false, at: at(0))
    }
  }

  mutating func time(_ now: Instant) -> Actions { pool.timeReached(now, using: &random) }

  mutating func opened(_ number: UInt64, at now: Instant) -> Actions {
    pool.opened(.of(number), at: now, using: &random)
  }

  mutating func openFailed(_ number: UInt64, at now: Instant) -> Actions {
    pool.openFailed(.of(number), dead, at: now, using: &random)
  }

  mutating func closed(_ number: UInt64, at now: Instant) -> Actions {
    pool.closed(.of(number), dead, at: now, using: &random)
  }

  mutating func validated(_ number: UInt64, works: Bool, at now: Instant) -> Actions {
    pool.validated(.of(number), works ? nil : dead, at: now, using: &random)
  }

  mutating func release(_ number: UInt64, by waiter: String, at now: Instant) -> Actions {
    pool.release(.of(number), by: waiter, isBroken: false, at: now)
  }
}

extension ConnectionID {
  static func of(_ number: UInt64) -> ConnectionID { ConnectionID(number: number) }
}
