/// Time, chance and concurrency stay outside of the modules that decide.
enum PurityRules {
  static let all = [noClock, noChance, noTaskOrLock]

  static let pureModules: Set<String> = [
    "FleetModel", "TerminalUI", "Resilience", "Wire", "Telemetry", "Dashboard", "Engine", "Gateway",
    "Simulation",
  ]

  /// The engine's driver and what it hands out to other threads.
  private static let drivers = ["LiveFleet", "PublishedSnapshot", "OwnedTasks"]

  @Sendable static func isPure(_ file: SourceFile) -> Bool {
    guard file.isSwiftSource, let module = file.module else { return false }
    let isDriver = module == "Engine" && drivers.contains { file.name.hasPrefix($0) }
    return pureModules.contains(module) && !isDriver
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
    let calls = [".random(", ".randomElement(", ".shuffled(", ".shuffle("]
    let found =
      file.linesOfCode(with: ["SystemRandomNumberGenerator"])
      + calls.flatMap { call in
        file.linesOfCode(with: call).compactMap { line in
          let rest = file.code[(line - 1)...].joined(separator: "\n")
          let start = rest.firstRange(of: call)?.upperBound ?? rest.endIndex
          return arguments(rest[start...]).contains("using:")
            ? nil : Violation(path: file.path, line: line, found: "\(call)…) without `using`")
        }
      }
    return found.sorted { $0.line < $1.line }
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
