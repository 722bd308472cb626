/// What a run came to.
package struct SimulationReport: Hashable, Sendable {
  /// How much happened.
  package struct Tallies: Hashable, Sendable {
    /// That the machine was given.
    package var events = 0
    package var calls = 0
    /// Outcomes of those calls, and of probes.
    package var finished = 0
    package var attempts = 0
    /// Calls that a server ran, counted each time.
    package var executions = 0
    package var deadLetters = 0
    package var breakerOpenings = 0

    package init() {}
  }

  /// Of every event and effect in order: equal for equal seeds, in any process.
  package var digest: UInt64
  package var tallies: Tallies
  /// Which of the rarer things were seen, for those who want to know what a seed shows.
  package var sights: Set<String>
  /// Broken invariants; empty in a right engine. At most 50.
  package var violations: [Violation]
}
