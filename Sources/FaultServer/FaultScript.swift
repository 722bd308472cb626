import FleetModel
package import Wire

/// Plans over time: each phase replaces the one before it.
package struct FaultScript: Hashable, Sendable {
  struct Phase: Hashable, Sendable {
    /// Seconds after the start, or after the start of a repetition.
    var start: Double
    var plan: FaultPlan
  }

  static let phaseLimit = 10_000

  /// Never empty, and each later than the one before.
  let phases: [Phase]
  /// Seconds after which the first phase begins again.
  let period: Double?

  /// Reads a list of phases, or an object with `phases` and `repeat`.
  package init(_ view: JSONView) throws(PlanError) {
    let whole = PlanField(view, path: "script", name: "script")
    var list = PlanField(view, path: "phases", name: "phases")
    var period: Double?
    if view.kind == .object {
      try whole.allow(["phases", "repeat"])
      guard let given = view.member("phases") else { throw whole.error("give \"phases\"") }
      list = PlanField(given, path: "phases", name: "phases")
      period = try view.member("repeat").map { given throws(PlanError) in
        try PlanField(given, path: "repeat", name: "repeat").number(in: 0.001...86_400, "seconds")
      }
    }
    let elements = list.elements
    guard list.view.kind == .array, !elements.isEmpty, elements.count <= Self.phaseLimit else {
      throw list.error("give a list of 1 to \(Self.phaseLimit) phases")
    }
    var phases: [Phase] = []
    for element in elements {
      try element.allow(["at", "faults"])
      let at = try element.required("at")
      let start = try at.number(in: 0...86_400_000, "seconds")
      if let last = phases.last, start <= last.start {
        throw at.error("begin later than the phase before, at \(last.start)")
      }
      if let period, start >= period { throw at.error("begin before the repetition at \(period)") }
      let faults = try element.required("faults")
      phases.append(Phase(start: start, plan: try FaultPlan(faults.view, path: faults.path)))
    }
    self.phases = phases
    self.period = period
  }

  /// The plan in force `elapsed` after the start, and how long until the next one.
  func plan(after elapsed: Duration) -> (plan: FaultPlan, next: Duration?) {
    let elapsed = elapsed.seconds
    let time = period.map { elapsed - $0 * (elapsed / $0).rounded(.down) } ?? elapsed
    let current = phases.last { $0.start <= time }
    let later = phases.first { $0.start > time }?.start ?? period.map { $0 + phases[0].start }
    return (
      current?.plan ?? (time < elapsed ? phases[phases.count - 1].plan : FaultPlan()),
      later.map { Duration(fractionalSeconds: $0 - time) }
    )
  }
}
