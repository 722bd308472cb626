import Engine
import FleetModel

// Reports on attempts: none lets an attempt outlive its limit, and callers hear each once, before
// the outcome.
extension Ledger {
  mutating func progressed(_ attempt: AttemptID, _ report: CallProgress, at now: Instant) {
    let number = Int(attempt.number)
    guard number < attempts.count, let record = attempts[number], record.isLive else { return }
    let policy = servers[record.server].definition.policies.retry
    let limit = min(now + policy.tryTimeout, record.sentAt + policy.progressTimeout)
    attempts[number]?.until = max(record.until, limit)
    self.report = (record.call, report)
  }

  /// - Parameter record: of an attempt that ends.
  mutating func judgeLength(of record: AttemptRecord, at now: Instant) {
    if now > record.until {
      violate("\(calls[record.call].call.id) has an attempt that outlives its time", at: now)
    }
  }

  mutating func told(_ id: CallID, _ report: CallProgress, at now: Instant) {
    guard let index = callNumbers[id] else {
      return violate("\(id) is told of, which nobody submitted", at: now)
    }
    guard let cause = self.report, cause.report == report, isAbout(index, cause.call) else {
      return violate("\(id) is told what nobody reported", at: now)
    }
    if calls[index].isFinished { violate("\(id) is told after its outcome", at: now) }
    if report.progress <= calls[index].told { violate("\(id) is told less than before", at: now) }
    calls[index].told = report.progress
    sights.insert("progress")
  }

  /// Of itself, of the like read it follows, or of what stands in for either.
  private func isAbout(_ index: Int, _ cause: Int) -> Bool {
    let principal = calls[cause].principal ?? cause
    if index == cause || index == principal { return true }
    return [cause, principal].contains { other in
      calls[index].call.method != "tools/call" && calls[index].call.token == nil
        && calls[index].call.method == calls[other].call.method
        && calls[index].call.params == calls[other].call.params
    }
  }
}
