import Simulation

/// `mcpdash simulate`: one run of the production engine in a pretend world, judged.
struct SimulateCommand {
  let context: CommandContext
  let seed: UInt64
  let isDigest: Bool

  func run() throws(CommandFailure) -> ExitStatus {
    var simulation = Simulation(seed: seed)
    let report = simulation.run()
    let digest = Self.hexadecimal(report.digest)
    if isDigest {
      try context.print(digest + "\n")
    } else {
      try context.print(Self.text(report, seed: seed, digest: digest))
    }
    return report.violations.isEmpty ? .success : .failure
  }

  static func text(_ report: SimulationReport, seed: UInt64, digest: String) -> String {
    """
    seed          \(seed)
    calls         \(report.calls)
    outcomes      \(report.finished), those of probes among them
    attempts      \(report.attempts)
    dead letters  \(report.deadLetters)
    openings      \(report.breakerOpenings)
    digest        \(digest)
    violations    \(report.violations.count)

    """ + report.violations.map { "  " + $0 + "\n" }.joined()
  }

  /// 16 digits.
  private static func hexadecimal(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
