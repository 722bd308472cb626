import FleetModel
import Wire

/// What happened so far, for tests that must know what a server really ran.
struct FaultCounters {
  /// Idempotency keys remembered; beyond it new ones are only counted as calls.
  static let keyLimit = 100_000

  var requests = 0
  var calls = 0
  var lists = 0
  var healthChecks = 0
  var initializations = 0
  var cancellations = 0
  var notifications = 0
  var garbageLines = 0
  /// How often the tool `counter` ran.
  var counter = 0
  /// How often `counter` ran for a key that it had run for before.
  var repeats = 0
  private var runsByKey: [String: Int] = [:]
  private var faults = [Int](repeating: 0, count: FaultRule.Name.allCases.count)

  mutating func hit(_ name: FaultRule.Name) {
    guard let index = FaultRule.Name.allCases.firstIndex(of: name) else { return }
    faults[index] += 1
  }

  /// Counts one run of `counter`; returns how often it has now run for that key.
  mutating func run(key: String?) -> Int? {
    counter += 1
    guard let key, runsByKey.count < Self.keyLimit || runsByKey[key] != nil else { return nil }
    let runs = runsByKey[key, default: 0] + 1
    runsByKey[key] = runs
    if runs > 1 { repeats += 1 }
    return runs
  }

  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("requests", requests)
      $0.member("calls", calls)
      $0.member("lists", lists)
      $0.member("healthChecks", healthChecks)
      $0.member("initializations", initializations)
      $0.member("cancellations", cancellations)
      $0.member("notifications", notifications)
      $0.member("garbageLines", garbageLines)
      $0.member("counter", counter)
      $0.member("repeats", repeats)
      $0.member(
        "keys",
        object: {
          for (key, runs) in runsByKey.sorted(by: { $0.key < $1.key }) { $0.member(key, runs) }
        })
      $0.member(
        "faults",
        object: {
          for (name, count) in zip(FaultRule.Name.allCases, faults) where count > 0 {
            $0.member(name.rawValue, count)
          }
        })
    }
  }
}
