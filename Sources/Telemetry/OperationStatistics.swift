package import FleetModel

/// What was done for each operation of one server, in fixed memory.
package struct OperationStatistics: Sendable {
  /// In bytes; operations with longer names are counted among the others.
  package static let nameLimit = 200
  /// Reasons an operation counts apart; the last gathers the rest.
  package static let reasonLimit = 20
  /// Where everything beyond a limit is counted.
  package static let otherName = "other"

  private struct Key: Hashable, Sendable {
    var method: String
    /// A tool; nil for every other method, whose targets have no end.
    var tool: String?
  }

  /// One operation; the histogram is its own, so that recording works in place.
  private struct Operation: Sendable {
    var counts: OperationSnapshot
    var sleeps = DelayHistogram()

    init(name: String) { counts = OperationSnapshot(name: name) }
  }

  /// In the order of their first calls.
  private var operations: [Operation] = []
  private var numbers: [Key: Int] = [:]
  private var otherNumber: Int?
  /// Of all operations.
  package private(set) var totals = (calls: 0, attempts: 0)

  package init() {}

  /// The operation of a call: kept by number, so that recording is an array access.
  ///
  /// Beyond `ServerSnapshot.operationLimit` all share one, named `other`.
  package mutating func number(of call: Call) -> Int {
    let tool = call.method == "tools/call" ? call.target : nil
    let key = Key(method: call.method, tool: tool)
    if let number = numbers[key] { return number }
    let named = operations.count - (otherNumber == nil ? 0 : 1)
    let length = call.method.utf8.count + 1 + (tool?.utf8.count ?? 0)
    guard named < ServerSnapshot.operationLimit - 1, length <= Self.nameLimit else {
      return numberOfOthers()
    }
    let name = tool.map { "\(call.method) \($0)" } ?? call.method
    let number = numberOf(name)
    numbers[key] = number
    return number
  }

  /// A call begins.
  package mutating func called(_ number: Int) {
    operations[number].counts.calls += 1
    totals.calls += 1
  }

  /// A try goes out on the wire.
  package mutating func attempted(_ number: Int) {
    operations[number].counts.attempts += 1
    totals.attempts += 1
  }

  /// A retry is due after a delay; the time it then waits is counted by `waited`.
  package mutating func retried(_ number: Int, after delay: Duration, isHinted: Bool) {
    operations[number].counts.retries += 1
    operations[number].sleeps.record(delay)
    if isHinted { operations[number].counts.retryAfterHonoured += 1 }
  }

  /// A call has its outcome, after so many retries.
  package mutating func ended(_ number: Int, isSuccess: Bool, retries: Int) {
    guard isSuccess else { return }
    operations[number].counts.successes += 1
    if retries > 0 { operations[number].counts.successesAfterRetry += 1 }
  }

  /// There was no further try.
  package mutating func gaveUp(_ number: Int, reason: String) {
    operations[number].counts.countGiveUp(reason)
  }

  /// A call was not worked on for so long: a delay, a queue, no connection.
  package mutating func waited(_ number: Int, _ duration: Duration) {
    operations[number].counts.timeWaiting += max(duration, .zero)
  }

  /// In the order of the first calls; the others last.
  package var snapshot: [OperationSnapshot] {
    let snapshots = operations.map { operation in
      var snapshot = operation.counts
      snapshot.sleeps = operation.sleeps.snapshot
      return snapshot
    }
    guard let otherNumber else { return snapshots }
    return snapshots[..<otherNumber] + snapshots[(otherNumber + 1)...] + [snapshots[otherNumber]]
  }

  private mutating func numberOfOthers() -> Int {
    if let otherNumber { return otherNumber }
    let number = numberOf(Self.otherName)
    otherNumber = number
    return number
  }

  /// Two calls may have one name: a method with a space in it looks like a tool's.
  private mutating func numberOf(_ name: String) -> Int {
    if let number = operations.firstIndex(where: { $0.counts.name == name }) { return number }
    operations.append(Operation(name: name))
    return operations.count - 1
  }
}

extension OperationSnapshot {
  /// Keeps the reasons sorted, and not more of them than the limit.
  fileprivate mutating func countGiveUp(_ reason: String) {
    let index = giveUps.firstIndex { $0.reason >= reason } ?? giveUps.count
    if index < giveUps.count, giveUps[index].reason == reason {
      giveUps[index].count += 1
    } else if giveUps.count < OperationStatistics.reasonLimit - 1
      || reason == OperationStatistics.otherName
    {
      giveUps.insert(GiveUpCount(reason: reason, count: 1), at: index)
    } else {
      countGiveUp(OperationStatistics.otherName)
    }
  }
}
