import Glibc
import Simulation

/// `mcpdash simulate`: runs of the production engine in a pretend world, judged.
struct SimulateCommand {
  let context: CommandContext
  let request: SimulateRequest

  /// So many failing seeds are told in full.
  private static let failureLimit = 5

  func run() async throws(CommandFailure) -> ExitStatus {
    guard let count = request.seeds else { return try runOne() }
    let clock = ContinuousClock()
    let start = clock.now
    let results = await Self.run(request.seed, count)
    let time = start.duration(to: clock.now)
    if request.isDigest {
      try context.print(
        results.map { "\($0.seed) \(Self.hexadecimal($0.report.digest))\n" }.joined())
    } else {
      try context.print(Self.text(results, in: time))
    }
    return results.allSatisfy { $0.report.violations.isEmpty } ? .success : .failure
  }

  private func runOne() throws(CommandFailure) -> ExitStatus {
    var simulation = Simulation(seed: request.seed)
    let report = simulation.run()
    if request.isDigest {
      try context.print(Self.hexadecimal(report.digest) + "\n")
    } else {
      try context.print(simulation.plan.timeline + Self.text(report, seed: request.seed))
    }
    return report.violations.isEmpty ? .success : .failure
  }

  // MARK: Many seeds

  struct Result: Sendable {
    var seed: UInt64
    var report: SimulationReport
  }

  /// On as many processors as there are; in the order of the seeds.
  static func run(_ first: UInt64, _ count: Int) async -> [Result] {
    let workers = max(1, min(count, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    let parts = await withTaskGroup(of: [Result].self) { group in
      for worker in 0..<workers {
        group.addTask {
          stride(from: worker, to: count, by: workers).map { index in
            let seed = first &+ UInt64(index)
            var simulation = Simulation(seed: seed)
            return Result(seed: seed, report: simulation.run())
          }
        }
      }
      return await group.reduce(into: []) { $0 += $1 }
    }
    return parts.sorted { $0.seed &- first < $1.seed &- first }
  }

  // MARK: Texts

  static func text(_ results: [Result], in time: Duration) -> String {
    let failing = results.filter { !$0.report.violations.isEmpty }
    let events = results.reduce(0) { $0 + $1.report.tallies.events }
    let attoseconds = time.components.attoseconds
    let seconds = max(1e-9, Double(time.components.seconds) + Double(attoseconds) / 1e18)
    let told = failing.prefix(failureLimit).map { result in
      "seed \(result.seed): \(result.report.violations.count) violations\n"
        + result.report.violations.prefix(3).map { "  \($0)\n" }.joined()
    }
    let rest = failing.dropFirst(failureLimit).map { String($0.seed) }.prefix(200)
    return told.joined()
      + (rest.isEmpty ? "" : "also failing: \(rest.joined(separator: " "))\n")
        + """
        seeds         \(results.count), \(Int(Double(results.count) / seconds)) a second
        events        \(events), \(Int(Double(events) / seconds)) a second
        failing       \(failing.count)

        """
  }

  static func text(_ report: SimulationReport, seed: UInt64) -> String {
    """
    seed          \(seed)
    events        \(report.tallies.events)
    calls         \(report.tallies.calls)
    outcomes      \(report.tallies.finished), those of probes among them
    attempts      \(report.tallies.attempts)
    executions    \(report.tallies.executions)
    dead letters  \(report.tallies.deadLetters)
    openings      \(report.tallies.breakerOpenings)
    digest        \(hexadecimal(report.digest))
    violations    \(report.violations.count)

    """ + report.violations.map { "  \($0)\n" }.joined()
  }

  /// 16 digits.
  private static func hexadecimal(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
