import FleetModel

/// The connections of one pool, and the rules that need to know of no caller.
///
/// Loops instead of closures throughout: the optimizer of Swift 6.3.1 dies of these, and a loop
/// over ten connections takes a few nanoseconds.
struct PoolMembers: Sendable {
  struct Tally: Sendable {
    var connecting = 0
    /// Of this generation, asked or not.
    var usable = 0
    var validating = 0
    var idle = 0
    var streams = 0
  }

  private(set) var limits: PoolLimits
  /// In the order of their numbers.
  private(set) var all: [PoolConnection] = []
  private(set) var closed = PoolClosings()
  /// Nothing is due of any connection before; may be too early, is never too late.
  private(set) var dueAt = Instant.never
  private var lastUse: UInt64 = 0
  private var hasNewUptime = false

  init(_ limits: PoolLimits) { self.limits = limits }

  /// Other limits from now on; nobody's life grows longer by that.
  mutating func adopt(_ limits: PoolLimits) {
    self.limits = limits
    for index in all.indices {
      all[index].expiresAt = min(
        all[index].expiresAt, all[index].openedAt.after(limits.lifetime))
    }
    setDue()
  }

  // MARK: What there is

  func index(of id: ConnectionID) -> Int? {
    for index in all.indices where all[index].id == id { return index }
    return nil
  }

  var tally: Tally {
    var tally = Tally()
    for index in all.indices {
      tally.streams += all[index].streams
      switch all[index].phase {
      case .connecting: tally.connecting += 1
      case .open: tally.usable += 1
      case .validating:
        tally.usable += 1
        tally.validating += 1
      case .retired: break
      }
      if all[index].isIdle { tally.idle += 1 }
    }
    return tally
  }

  var hasUsable: Bool {
    for index in all.indices where all[index].isUsable { return true }
    return false
  }

  /// One of this generation has been up for the sustained uptime.
  func hasLasting(at now: Instant) -> Bool {
    for index in all.indices where all[index].isUsable && lasted(all[index], at: now) {
      return true
    }
    return false
  }

  /// Nothing of this generation is open or being opened.
  var isEmpty: Bool {
    for index in all.indices where all[index].phase != .retired { return false }
    return true
  }

  /// The most recently used connection of this generation.
  var warmest: ConnectionID? {
    var best: Int?
    for index in all.indices where all[index].isUsable {
      if let found = best, all[found].lastUse > all[index].lastUse { continue }
      best = index
    }
    return best.map { all[$0].id }
  }

  /// One lasted for the sustained uptime, or ended after it, since this was last asked.
  mutating func takeNewUptime() -> Bool {
    defer { hasNewUptime = false }
    return hasNewUptime
  }

  // MARK: Calls

  /// The warmest connection with a free stream, one stream of it taken.
  mutating func takeStream(at now: Instant, onlyIdle: Bool = false) -> ConnectionID? {
    let limit = onlyIdle ? 1 : limits.streams
    var best = -1
    var bestUse: UInt64 = 0
    for index in all.indices {
      guard all[index].phase == .open, all[index].streams < limit, now < all[index].expiresAt,
        all[index].lastUse > bestUse
      else { continue }
      best = index
      bestUse = all[index].lastUse
    }
    guard best >= 0 else { return nil }
    lastUse += 1
    all[best].streams += 1
    all[best].lastUse = lastUse
    return all[best].id
  }

  /// One call less; whether that needs nothing more than this.
  mutating func giveBack(at index: Int, at now: Instant) -> Bool {
    lastUse += 1
    all[index].streams -= 1
    all[index].idleSince = now
    all[index].provenAt = now
    all[index].lastUse = lastUse
    guard all[index].phase == .open else { return false }
    guard all[index].streams == 0 else { return true }
    let due = min(
      all[index].expiresAt, now.after(min(limits.checkInterval, limits.idleTimeout)))
    dueAt = min(dueAt, due)
    guard now < dueAt else { return false }
    var idle = 0
    for index in all.indices where all[index].isIdle { idle += 1 }
    return idle <= limits.idle
  }

  // MARK: Coming

  mutating func add(_ id: ConnectionID) { all.append(PoolConnection(id: id)) }

  mutating func open(at index: Int, lifetime: Int64, at now: Instant) {
    lastUse += 1
    all[index].phase = .open
    all[index].openedAt = now
    all[index].expiresAt = now.after(lifetime)
    all[index].idleSince = now
    all[index].provenAt = now
    all[index].lastUse = lastUse
    setDue()
  }

  mutating func proved(at index: Int, at now: Instant) {
    all[index].phase = .open
    all[index].provenAt = now
    setDue()
  }

  // MARK: Time

  /// Takes free connections that were neither used nor asked for too long out of service.
  mutating func beginValidation(at now: Instant) -> [ConnectionID] {
    var asked: [ConnectionID] = []
    for index in all.indices where all[index].phase == .open && all[index].streams == 0 {
      guard all[index].provenAt.after(limits.checkInterval) <= now else { continue }
      all[index].phase = .validating
      asked.append(all[index].id)
    }
    return asked
  }

  mutating func noticeUptime(at now: Instant) {
    for index in all.indices where all[index].isUsable && !all[index].hasLasted {
      guard lasted(all[index], at: now) else { continue }
      all[index].hasLasted = true
      hasNewUptime = true
    }
  }

  mutating func setDue() {
    let isOneOfMany = tally.usable > 1
    dueAt = .never
    for index in all.indices where all[index].isUsable {
      if !all[index].hasLasted {
        dueAt = min(dueAt, all[index].openedAt.after(limits.sustainedUptime))
      }
      guard all[index].streams == 0 else { continue }
      dueAt = min(dueAt, all[index].expiresAt)
      if isOneOfMany { dueAt = min(dueAt, all[index].idleSince.after(limits.idleTimeout)) }
      if all[index].phase == .open {
        dueAt = min(dueAt, all[index].provenAt.after(limits.checkInterval))
      }
    }
  }

  // MARK: Going

  enum Cause: Sendable { case idle, lifetime, health, error, reset }

  @discardableResult
  mutating func remove(at index: Int, _ cause: Cause?, at now: Instant) -> ConnectionID {
    let connection = all.remove(at: index)
    if connection.isUsable, lasted(connection, at: now) { hasNewUptime = true }
    switch cause {
    case .idle: closed.idle += 1
    case .lifetime: closed.lifetime += 1
    case .health: closed.health += 1
    case .error: closed.error += 1
    case .reset: closed.reset += 1
    case nil: break
    }
    return connection.id
  }

  func lasted(_ connection: PoolConnection, at now: Instant) -> Bool {
    connection.hasLasted || now >= connection.openedAt.after(limits.sustainedUptime)
  }

  /// Free connections whose life is over; one in use goes when it is given back.
  mutating func removeExpired(at now: Instant) -> [ConnectionID] {
    var removed: [ConnectionID] = []
    var index = 0
    while index < all.count {
      if all[index].isIdle, all[index].expiresAt <= now {
        removed.append(remove(at: index, .lifetime, at: now))
      } else {
        index += 1
      }
    }
    setDue()
    return removed
  }

  /// What was idle too long, the longest unused first, but never the last connection.
  mutating func removeIdle(at now: Instant) -> [ConnectionID] {
    var removed: [ConnectionID] = []
    for _ in 0..<max(0, tally.usable - 1) {
      guard let index = longestUnused, all[index].idleSince.after(limits.idleTimeout) <= now else {
        break
      }
      removed.append(remove(at: index, .idle, at: now))
    }
    return removed
  }

  /// What is more than may be idle, the longest unused first.
  mutating func removeSurplus(at now: Instant) -> [ConnectionID] {
    var removed: [ConnectionID] = []
    for _ in 0..<max(0, tally.idle - limits.idle) {
      guard let index = longestUnused else { break }
      removed.append(remove(at: index, .idle, at: now))
    }
    return removed
  }

  mutating func removeAllIdle(_ cause: Cause, at now: Instant) -> [ConnectionID] {
    var removed: [ConnectionID] = []
    var index = 0
    while index < all.count {
      if all[index].isIdle {
        removed.append(remove(at: index, cause, at: now))
      } else {
        index += 1
      }
    }
    return removed
  }

  /// Begins a new generation: what carries calls is retired, all else removed.
  mutating func retireAll(at now: Instant) -> [ConnectionID] {
    var removed: [ConnectionID] = []
    var index = 0
    while index < all.count {
      if all[index].streams > 0 {
        all[index].phase = .retired
        index += 1
      } else {
        let cause: Cause? = all[index].phase == .connecting ? nil : .reset
        removed.append(remove(at: index, cause, at: now))
      }
    }
    return removed
  }

  mutating func removeAll() -> [ConnectionID] {
    var removed: [ConnectionID] = []
    for connection in all {
      removed.append(connection.id)
      if connection.phase != .connecting { closed.reset += 1 }
    }
    all = []
    dueAt = .never
    return removed
  }

  /// The free connection with the oldest last use.
  private var longestUnused: Int? {
    var best: Int?
    for index in all.indices where all[index].isIdle {
      if let found = best, all[found].lastUse < all[index].lastUse { continue }
      best = index
    }
    return best
  }
}
