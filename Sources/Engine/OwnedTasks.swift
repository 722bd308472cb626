import FleetModel

/// The tasks an actor has started and not yet seen end.
struct OwnedTasks {
  /// What a task is doing.
  enum Key: Hashable {
    case open(ConnectionID)
    case close(ConnectionID)
    case attempt(AttemptID)
    case tools(ServerID)
    case check(ServerID)
    case validate(ConnectionID)
    case watch(ServerID)
    case locate(ServerID)
    /// Something about dead letters that is done to its end.
    case letters
    case tally

    /// It waits for the store of dead letters.
    var isOfStore: Bool {
      switch self {
      case .letters, .tally: true
      case .open, .close, .attempt, .tools, .check, .validate, .watch, .locate: false
      }
    }
  }

  private var tasks: [UInt64: Task<Void, Never>] = [:]
  /// Those that wait for the store.
  private var storeTasks: Set<UInt64> = []
  /// The newest task of each key: an aborted one may still be ending beside it.
  private var newest: [Key: UInt64] = [:]
  private var count: UInt64 = 0

  /// - Returns: the number by which the task is to be ended.
  mutating func reserve(_ key: Key) -> UInt64 {
    count += 1
    newest[key] = count
    if key.isOfStore { storeTasks.insert(count) }
    return count
  }

  mutating func add(_ task: Task<Void, Never>, _ number: UInt64) { tasks[number] = task }

  mutating func end(_ key: Key, _ number: UInt64) {
    tasks[number] = nil
    storeTasks.remove(number)
    if newest[key] == number { newest[key] = nil }
  }

  func cancel(_ key: Key) {
    if let number = newest[key] { tasks[number]?.cancel() }
  }

  /// Gives up everything but what must be done to its end: writes and closings.
  func cancelWaits() {
    for (key, number) in newest {
      switch key {
      case .open, .attempt, .tools, .check, .validate, .watch, .locate: tasks[number]?.cancel()
      case .close, .letters, .tally: break
      }
    }
  }

  var hasStoreTasks: Bool { !storeTasks.isEmpty }

  /// Nobody waits any more for a store that does not answer.
  mutating func forgetStoreTasks() {
    for number in storeTasks { tasks[number] = nil }
    storeTasks = []
  }

  /// Any one of them, no longer owned.
  mutating func removeFirst() -> Task<Void, Never>? { tasks.popFirst()?.value }
}
