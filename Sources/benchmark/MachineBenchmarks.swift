import Engine
import FleetModel

/// The whole policy stack around a call: the engine's machine without its driver, thread and wire.
enum MachineBenchmarks {
  static let all = [
    success(servers: 1, id: "stack"),
    success(servers: 100, id: "stack-100"),
    MicroBenchmark(
      id: "fail-fast", name: "a call to a server whose breaker is open: submit to outcome",
      unit: .microseconds, limit: 1
    ) { count in
      var open = try MachineStage(servers: 1)
      try open.openBreaker()
      let calls = open.makeCalls(count)
      return { [open] in
        var stage = open
        var refused = 0
        for call in calls {
          for effect in stage.feed(.submit(call)) {
            guard case .finish(let outcome) = effect, case .failure(let failure) = outcome.reply,
              failure.kind == .breakerOpen
            else { continue }
            refused += 1
          }
        }
        try MicroBenchmark.expect(refused, count, "a refusal by the breaker")
      }
    },
    MicroBenchmark(
      id: "cached-read", name: "a read that the cache answers: submit to outcome",
      unit: .microseconds
    ) { count in
      var connected = try MachineStage(servers: 1)
      let calls = connected.makeCalls(count, method: "tools/list")
      return { [connected] in
        var stage = connected
        var answered = 0
        for call in calls {
          for effect in stage.feed(.submit(call)) {
            guard case .finish(let outcome) = effect, outcome.source == .cache else { continue }
            answered += 1
          }
        }
        try MicroBenchmark.expect(answered, count, "an answer of the cache")
      }
    },
  ]

  /// Taken with `perf record -g` on 2026-11-21.
  private static let profile =
    "By a profile: about a third to copy values and count their references (a call's state has 625"
    + " bytes), a third to hash, compare and find ids (half of that for the two timers of a call),"
    + " a seventh to take and give back memory; each policy by itself is at most a twentieth."

  private static func success(servers: Int, id: String) -> MicroBenchmark {
    MicroBenchmark(
      id: id,
      name: "the whole policy stack around a call that succeeds, \(servers) connected: submit to"
        + " outcome", unit: .microseconds, limit: 3, profile: profile
    ) { count in
      var connected = try MachineStage(servers: servers)
      let calls = connected.makeCalls(count)
      let answer = Exchange(reply: .success(.emptyObject))
      return { [connected] in
        var stage = connected
        var succeeded = 0
        for call in calls {
          for effect in stage.feed(.submit(call)) {
            guard case .send(_, let attempt, _) = effect else { continue }
            for effect in stage.feed(.exchanged(attempt, answer)) {
              guard case .finish(let outcome) = effect, case .success = outcome.reply else {
                continue
              }
              succeeded += 1
            }
          }
        }
        try MicroBenchmark.expect(succeeded, count, "a success")
      }
    }
  }
}
