import Engine
import FleetModel

/// Letters that go to the server together; confined to the store's actor.
final class RedisBatch {
  typealias Outcome = Result<DeadLetterAddition, DeadLetterStoreError>
  typealias Waiter = CheckedContinuation<Outcome, Never>

  struct Item {
    var letter: DeadLetter
    var entry: [UInt8]
    var token: String
  }

  private enum State {
    /// With who waits, by the place in the batch; the first one's own task commits it.
    case open([Int: Waiter])
    case committed([Outcome])
  }

  /// Letters one batch carries at most: a few milliseconds' work for the server.
  static let limit = 128

  private(set) var items: [Item]
  private var state = State.open([:])

  init(_ item: Item) { items = [item] }

  /// - Returns: the letter's place in the batch.
  func join(_ item: Item) -> Int {
    items.append(item)
    return items.count - 1
  }

  func wait(_ waiter: Waiter, at place: Int) {
    switch state {
    case .open(var waiters):
      state = .committed([])
      waiters[place] = waiter
      state = .open(waiters)
    case .committed(let outcomes): waiter.resume(returning: outcomes[place])
    }
  }

  func end(_ outcomes: [Outcome]) {
    guard case .open(let waiters) = state else {
      preconditionFailure("a batch is committed once")
    }
    state = .committed(outcomes)
    for (place, waiter) in waiters { waiter.resume(returning: outcomes[place]) }
  }
}
