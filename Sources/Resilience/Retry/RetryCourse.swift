package import FleetModel

/// What one call has used up of its retries so far.
package struct RetryCourse: Sendable {
  /// Which schedule a retry is made by: the policy's own, or that of the rule at a place.
  enum Plan: Sendable {
    case main
    case rule(Int, RetrySchedule)
  }

  /// One schedule's part: its retries and where its delays stand.
  private struct Progress: Sendable {
    let limit: Int
    var retriesMade = 0
    var backoff: Backoff

    init(_ schedule: RetrySchedule) {
      limit = schedule.retryLimit
      backoff = Backoff(schedule)
    }
  }

  /// Tries after the first, all schedules together, resends aside.
  package private(set) var retriesMade = 0
  private(set) var hasResent = false
  private var main: Progress
  /// Of the rules that were used, by their places in the policy; at most one each.
  private var ruled: [(rule: Int, progress: Progress)] = []

  package init(_ policy: RetryPolicy) { main = Progress(policy.schedule) }

  /// The server was found again: all delays begin from the first, the counts go on.
  package mutating func restartDelays() {
    main.backoff.restart()
    for index in ruled.indices { ruled[index].progress.backoff.restart() }
  }

  func isExhausted(_ plan: Plan) -> Bool {
    let progress = progress(plan)
    return progress.retriesMade >= progress.limit
  }

  /// The plan's next delay; drawn even if no try follows.
  mutating func nextDelay(
    _ plan: Plan, hint: Duration?, using random: inout some RandomNumberGenerator
  ) -> Duration {
    var progress = progress(plan)
    let delay = progress.backoff.nextDelay(hint: hint, using: &random)
    set(plan, progress)
    return delay
  }

  mutating func countRetry(_ plan: Plan) {
    var progress = progress(plan)
    progress.retriesMade += 1
    set(plan, progress)
    retriesMade += 1
  }

  mutating func countResend() { hasResent = true }

  private func progress(_ plan: Plan) -> Progress {
    switch plan {
    case .main: main
    case .rule(let rule, let schedule):
      ruled.first { $0.rule == rule }?.progress ?? Progress(schedule)
    }
  }

  private mutating func set(_ plan: Plan, _ progress: Progress) {
    switch plan {
    case .main: main = progress
    case .rule(let rule, _):
      if let index = ruled.firstIndex(where: { $0.rule == rule }) {
        ruled[index].progress = progress
      } else {
        ruled.append((rule, progress))
      }
    }
  }
}
