/// Time, chance and concurrency stay outside of the modules that decide.
enum PurityRules {
  static let all = [noClock, noChance, noTaskOrLock]

  static let pureModules: Set<String> = [
    "FleetModel", "TerminalUI", "Resilience", "Wire", "Telemetry", "Dashboard", "Engine", "Gateway",
    "Simulation",
  ]

  /// The engine's driver is the one impure part of a pure module.
  @Sendable static func isPure(_ file: SourceFile) -> Bool {
    guard file.isSwiftSource, let module = file.module else { return false }
    return pureModules.contains(module) && !(module == "Engine" && file.name.hasPrefix("LiveFleet"))
  }

  static let noClock = HouseRule.forbid(
    "a pure module reads no clock: time is an argument",
    ["Date(", "Date.now", "ContinuousClock", "SuspendingClock", "clock_gettime", "DispatchTime"],
    in: isPure)

  static let noTaskOrLock = HouseRule.forbid(
    "a pure module starts no task and holds no lock",
    [
      "Task {", "Task(", "Task.sleep", "Task.yield", "Task.detached", "withTaskGroup",
      "withThrowingTaskGroup", "Mutex", "NSLock", "DispatchQueue", "Atomic",
    ],
    in: isPure)

  static let noChance = HouseRule(name: "a pure module has no source of chance: it is an argument")
  {
    file in
    guard isPure(file) else { return [] }
    return file.code.enumerated().flatMap { index, line in
      var found: [String] = []
      if line.containsToken("SystemRandomNumberGenerator") {
        found.append("SystemRandomNumberGenerator")
      }
      for call in [".random(", ".randomElement(", ".shuffled(", ".shuffle("] {
        guard line.contains(call) else { continue }
        let rest = file.code[index...].joined(separator: "\n")
        guard let start = rest.firstRange(of: call) else { continue }
        if !arguments(rest[start.upperBound...]).contains("using:") {
          found.append("\(call)…) without `using`")
        }
      }
      return found.map { Violation(path: file.path, line: index + 1, found: $0) }
    }
  }

  /// Up to the parenthesis that closes the one that was opened just before the text.
  private static func arguments(_ text: Substring) -> Substring {
    var depth = 1
    for index in text.indices {
      if text[index] == "(" { depth += 1 }
      if text[index] == ")" { depth -= 1 }
      if depth == 0 { return text[..<index] }
    }
    return text
  }
}
