import Engine
import FleetModel

/// Watches a simulation and writes down every broken invariant.
struct Ledger: Sendable {
  var submitted: Set<CallID> = []
  private(set) var finished: Set<CallID> = []
  private(set) var stored: Set<CallID> = []
  private(set) var attempts = 0
  private(set) var openings = 0
  private(set) var violations: [String] = []
  private(set) var digest: UInt64 = 0xCBF2_9CE4_8422_2325

  private var wireAttempts: [CallID: Int] = [:]

  private var lastNotice: UInt64 = 0

  /// FNV-1a over the texts of all that happens.
  mutating func record(_ text: String, at now: Instant) {
    for byte in "\(now.nanoseconds) \(text)".utf8 {
      digest = (digest ^ UInt64(byte)) &* 0x100_0000_01B3
    }
  }

  mutating func judge(_ effect: FleetEffect, at now: Instant) {
    switch effect {
    case .send(let call, let attempt, _):
      record("send \(call.id) \(attempt.number)", at: now)
      attempts += 1
      wireAttempts[call.id, default: 0] += 1
      expect(wireAttempts[call.id, default: 0] <= 4, "\(call.id) tried more than 4 times")
      expect(!finished.contains(call.id), "\(call.id) sent after its outcome")
    case .finish(let outcome):
      record("finish \(outcome.call) \(outcome.reply.label)", at: now)
      expect(finished.insert(outcome.call).inserted, "\(outcome.call) finished twice")
      expect(
        outcome.isDeadLettered == stored.contains(outcome.call),
        "\(outcome.call) and its dead letter disagree")
    case .store(let letter):
      record("store \(letter.id) \(letter.delivery)", at: now)
      expect(stored.insert(letter.id).inserted, "\(letter.id) kept twice")
    case .publish(let snapshot): judge(snapshot)
    case .open, .close, .abort, .listTools, .check, .abortCheck, .tally, .readClock,
      .validate, .abortValidation, .watch, .abortWatch, .drained:
      break
    }
  }

  private mutating func judge(_ snapshot: Snapshot) {
    for server in snapshot.servers {
      let pool = server.pool
      expect(pool.active <= pool.max, "\(server.id): \(pool.active) active of \(pool.max)")
      expect(pool.open >= pool.idle, "\(server.id): more idle than open connections")
    }
    for notice in snapshot.notices where notice.number > lastNotice {
      lastNotice = notice.number
      if notice.text.hasPrefix("breaker open") { openings += 1 }
    }
  }

  /// After a long calm everything is up and closed, and nothing is stuck.
  mutating func judgeCalm(machine: inout FleetMachine, at now: Instant) {
    let snapshot = machine.snapshot(at: now)
    for server in snapshot.servers {
      expect(server.isConnected, "\(server.id) is not connected after the calm")
      expect(
        server.breaker.state == .closed,
        "\(server.id) is \(server.breaker.state) after the calm: \(server.breaker.reason ?? "")")
      expect(server.pool.waiting == 0, "\(server.id) has \(server.pool.waiting) waiting calls")
    }
  }

  mutating func judgeEnd() {
    let lost = submitted.subtracting(finished)
    expect(lost.isEmpty, "\(lost.count) calls never finished")
  }

  private mutating func expect(_ isTrue: Bool, _ text: @autoclosure () -> String) {
    if !isTrue { violations.append(text()) }
  }
}
