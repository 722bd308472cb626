import FleetModel
import Simulation
import Testing

@testable import CLI

/// Whatever is allowed may be combined.
struct RandomPolicyTests {
  private static let servers = 4

  /// A value of the form, its ends as likely as all between.
  private func value(of field: PolicyField, using random: inout SplitMix64) -> String {
    switch field.target {
    case .count(_, let range):
      return String(
        pick(
          range.lowerBound, range.upperBound, Int.random(in: range, using: &random),
          using: &random))
    case .ratio(_, let range):
      let tiny = range.lowerBound.nextUp
      let between = Double.random(in: range, using: &random)
      return "\(pick(range.lowerBound, range.upperBound, tiny, between, using: &random))"
    case .time(_, let range):
      let (low, high) = (range.lowerBound.nanoseconds, range.upperBound.nanoseconds)
      // Too often a low cap would contradict what it caps, and keep the server out.
      let isCap = field.name.hasPrefix("max") && Int.random(in: 0..<8, using: &random) > 0
      if isCap { return "\(Double(high) / 1e9)" }
      let near = Int64.random(in: low...min(high, low + 5_000_000_000), using: &random)
      return "\(Double(pick(low, high, near, using: &random)) / 1e9)"
    case .flag: return pick("true", "false", using: &random)
    case .choice(let words, _, _):
      return "'\(words[Int.random(in: 0..<words.count, using: &random)])'"
    case .nested(.tools):
      return "{'e*': 'atMostOnce', '*': 'atLeastOnce'}"
    case .nested(.rules):
      let causes = pick("429", "'5xx'", "'refused'", "'timeout'", "'exited'", using: &random)
      let deed = pick(
        "then: 'giveUp'", "then: 'deadLetter'", "then: 'fallBack'", "then: 'retry'",
        "retries: 499, initialDelay: 0, maxDelay: 0", "profile: 'toolhive', jitterForm: 'full'",
        using: &random)
      return "[{on: \(causes), \(deed)}]"
    }
  }

  private func pick<Value>(_ values: Value..., using random: inout SplitMix64) -> Value {
    values[Int.random(in: 0..<values.count, using: &random)]
  }

  /// - Parameter share: of the fields that are written.
  private func policies(_ share: Double, using random: inout SplitMix64) -> String {
    var groups: [String] = []
    for group in PolicyField.groups {
      let members = PolicyField.fields(of: group).compactMap { field -> String? in
        guard field.rival == nil, Double.random(in: 0...1, using: &random) < share else {
          return nil
        }
        return "\(field.name): \(value(of: field, using: &random))"
      }
      groups.append("\(group): {\(members.joined(separator: ", "))}")
    }
    groups.append("fallbacks: [{tool: 'echo', text: ''}, {tool: '*', cache: true}]")
    return "{\(groups.joined(separator: ", "))}"
  }

  private func configuration(_ share: Double, using random: inout SplitMix64) -> Configuration {
    let entries = (0..<Self.servers).map { number in
      let endpoint = number % 3 == 2 ? "command: 'server'" : "url: 'http://server-\(number)/mcp'"
      return "'server-\(number)': {\(endpoint), policies: \(policies(share, using: &random)),"
        + " probes: [{tool: 'echo', every: 1}]}"
    }
    return ConfigurationBench.load("{servers: {\(entries.joined(separator: ", "))}}")
  }

  @Test func `most random servers are fit to run, those with every value written too`() {
    var count = 0
    for seed in 0..<100 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      count += configuration(1, using: &random).servers.count
    }
    #expect(count > 200, "\(count) of 400")
  }

  @Test(arguments: 0..<64 as Range<UInt64>)
  func `no combination of valid values crashes, and every call has its end`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let share = Double.random(in: 0.05...1, using: &random)
    let configuration = configuration(share, using: &random)
    // Only two values that contradict each other may keep a server out.
    for error in configuration.errors { #expect(error.message.contains(" here"), "\(error)") }
    guard !configuration.servers.isEmpty else { return }
    let plan = FaultPlan(seed: seed, servers: configuration.servers, storm: .seconds(8))
    var simulation = Simulation(plan: plan)
    let report = simulation.run()
    #expect(report.tallies.calls > 0)
    #expect(report.violations.isEmpty)
  }
}
