import Engine
import FleetModel

// Calls: each ends once and in time, is sent only while it may be, never runs twice unknowingly.
extension Ledger {
  mutating func submitted(_ call: Call, at now: Instant) {
    guard let number = numbers[call.server] else {
      strays.insert(call.id)
      return
    }
    let index = add(call, to: number, at: now)
    tallies.calls += 1
    if call.method == "tools/call", call.origin != .probe {
      servers[number].order.submitted(index, call.origin.priority)
    }
  }

  private mutating func add(
    _ call: Call, to number: Int, isSafe: Bool? = nil, deadline: Instant? = nil, at now: Instant
  ) -> Int {
    let policy = servers[number].definition.policies.retry
    let limit = now + policy.totalTimeout
    let isListedSafe =
      call.method != "tools/call" || servers[number].safeTools.contains(call.target ?? "")
    calls.append(
      CallRecord(
        call: call, server: number, submittedAt: now,
        deadline: deadline ?? min(limit, call.deadline ?? limit), isSafe: isSafe ?? isListedSafe,
        begunAt: now))
    let index = calls.count - 1
    callNumbers[call.id] = index
    servers[number].unfinished += 1
    servers[number].unfinishedPeak = max(
      servers[number].unfinishedPeak, servers[number].unfinished)
    if let work = call.work { works[work] = works[work] ?? index }
    return index
  }

  mutating func cancelled(_ id: CallID) {
    if let index = callNumbers[id], !calls[index].isFinished { calls[index].isCancelled = true }
  }

  // MARK: On the wire

  mutating func sent(
    _ call: Call, _ attempt: AttemptID, on connection: ConnectionID, at now: Instant
  ) {
    let known = callNumbers[call.id]
    guard let number = known.map({ calls[$0].server }) ?? numbers[call.server],
      !servers[number].isGone
    else {
      return violate("\(call.id) is sent to \(call.server), which is no server", at: now)
    }
    if connections[connection]?.isStranger ?? false {
      violate("\(call.id) is sent to another in the place of \(call.server)", at: now)
    }
    tallies.attempts += 1
    let index = known ?? foreign(call, of: number, at: now)
    if Int(attempt.number) != attempts.count {
      violate("attempt \(attempt.number) is not new", at: now)
    }
    let isHedge = calls[index].inFlight > 0
    let usesBudget = judgeTry(of: index, isHedge: isHedge, at: now)
    attempts.append(
      AttemptRecord(
        call: index, server: number, connection: connection, sentAt: now,
        begunAt: calls[index].begunAt,
        until: now + servers[number].definition.policies.retry.tryTimeout))
    liveAttempts += 1
    if !isHedge { calls[index].lastReply = nil }
    calls[index].sends += 1
    calls[index].inFlight += 1
    servers[number].sends += 1
    if calls[index].sends == 1 { firstSent(index, at: now) }
    if isHedge { servers[number].hedges += 1 } else { servers[number].callsOnWire += 1 }
    let (onWire, limit) = (servers[number].callsOnWire, servers[number].bulkheadLimit)
    if onWire > limit { violate("\(name(number)): \(onWire) calls at once, not \(limit)", at: now) }
    occupy(connection, by: number, at: now)
    if let words = servers[number].breaker.sent(attempt, at: now) {
      violate("\(name(number)): \(words)", at: now)
    }
    if servers[number].rate?.sent(at: now) ?? false {
      violate("\(name(number)): more tries than its rate allows", at: now)
    }
    if usesBudget { takeBudget(for: index, at: now) }
    if isDraining { violate("\(call.id) is sent after the drain", at: now) }
  }

  /// A call of the engine's own: a probe, or one that stands in for another.
  private mutating func foreign(_ call: Call, of number: Int, at now: Instant) -> Int {
    guard call.origin != .probe else {
      let server = servers[number]
      guard now <= server.unseenUntil else { return addForeign(call, to: number, at: now) }
      servers[number].spanning += 1
      let limit = now + server.definition.policies.retry.totalTimeout
      return addForeign(call, to: number, deadline: max(server.unseenUntil, limit), at: now)
    }
    guard let principal = principal(of: call, on: number) else {
      violate("\(call.id) is sent, which nobody asked for", at: now)
      return addForeign(call, to: number, at: now)
    }
    // Which tools were listed when it was submitted, is not seen.
    let isSafe =
      call.method != "tools/call"
      || servers[number].everSafeTools.contains(call.target ?? "")
    let index = addForeign(
      call, to: number, isSafe: isSafe, deadline: calls[principal].deadline, at: now)
    calls[index].principal = principal
    calls[principal].standIn = index
    if calls[principal].isFinished { violate("\(call.id) stands in for an ended call", at: now) }
    if !(calls[principal].isSafe || !calls[principal].mayHaveRun) {
      violate("\(call.id) stands in for \(calls[principal].call.id), which may have run", at: now)
    }
    return index
  }

  /// A call whose submission was not seen.
  private mutating func addForeign(
    _ call: Call, to number: Int, isSafe: Bool? = nil, deadline: Instant? = nil, at now: Instant
  ) -> Int {
    let index = add(call, to: number, isSafe: isSafe, deadline: deadline, at: now)
    calls[index].begunAt = Instant(nanoseconds: .min)
    calls[index].spansChange = now <= servers[number].unseenUntil
    return index
  }

  /// For which call another that nobody submitted stands in.
  private func principal(of call: Call, on number: Int) -> Int? {
    if let work = call.work { return works[work] }
    // Reads of the same thing are alike; any of them that is not over will do.
    return calls.lastIndex {
      !$0.isFinished && $0.server != number && $0.call.method == call.method
        && $0.call.params == call.params && $0.call.client == call.client
    }
  }

  private mutating func firstSent(_ index: Int, at now: Instant) {
    let record = calls[index]
    servers[record.server].callsSent += 1
    guard record.principal == nil, record.call.origin != .probe else { return }
    let policy = servers[record.server].definition.policies.load
    if record.submittedAt < servers[record.server].changedAt { return }
    servers[record.server].callers.sent(
      client: record.call.client, came: record.submittedAt, policy)
    guard record.call.method == "tools/call" else { return }
    let calls = calls
    let late = servers[record.server].order.sent(index, record.call.origin.priority) {
      calls[$0].sends == 0 && !calls[$0].isFinished && calls[$0].storedAt == nil
    }
    if let late {
      violate(
        "\(name(record.server)): \(record.call.id) goes before \(calls[late].call.id), which came"
          + " before it and is as urgent", at: now)
    }
  }

  mutating func exchanged(_ attempt: AttemptID, _ exchange: Exchange, at now: Instant) {
    guard let record = end(attempt, at: now) else { return }
    servers[record.server].breaker.ended(
      attempt, exchange.reply, begunAt: record.begunAt, after: now - record.sentAt, at: now)
    calls[record.call].lastReply = exchange.reply
    if case .failure(let failure) = exchange.reply,
      failure.delivery == .unknown || failure.delivery == .executed
    {
      calls[record.call].mayHaveRun = true
    }
  }

  mutating func aborted(_ attempt: AttemptID, at now: Instant) {
    guard let record = end(attempt, at: now) else {
      return violate("attempt \(attempt.number), which is not out, is aborted", at: now)
    }
    servers[record.server].breaker.endedNeutrally(attempt)
    calls[record.call].mayHaveRun = true
    // A second sending's loser is aborted after the answer; a try that timed out has none.
    if calls[record.call].inFlight > 0 || !calls[record.call].isAnswered {
      calls[record.call].lastReply = nil
    }
  }

  private mutating func end(_ attempt: AttemptID, at now: Instant) -> AttemptRecord? {
    let number = Int(attempt.number)
    guard number < attempts.count, let record = attempts[number], record.isLive else { return nil }
    attempts[number]?.isLive = false
    judgeLength(of: record, at: now)
    liveAttempts -= 1
    calls[record.call].inFlight -= 1
    let isLast = calls[record.call].inFlight == 0
    // The first of two ends gives the second sending's unit back, whichever it is.
    let units = isLast ? calls[record.call].units : 1
    calls[record.call].units -= units
    servers[record.server].budgetInUse -= units
    if isLast {
      servers[record.server].callsOnWire -= 1
      calls[record.call].lastEnd = now
      calls[record.call].begunAt = now
    }
    vacate(record.connection)
    return record
  }

  /// A server has run a call.
  mutating func executed(_ call: Call, at now: Instant) {
    tallies.executions += 1
    guard let index = callNumbers[call.id] else { return }
    calls[index].executions += 1
    let record = calls[index]
    let rule = servers[record.server].definition.policies.retry.delivery(of: call.target)
    if !record.isSafe, rule != .atLeastOnce, !record.spansChange {
      if record.executions != 1 {
        violate(
          "\(call.id) has run \(record.executions) times on"
            + " \(call.server), and must not", at: now)
      }
    }
    if let principal = record.principal, !calls[principal].isSafe {
      if calls[principal].executions != 0 {
        violate(
          "\(call.id) has run on \(call.server) in the place of"
            + " \(calls[principal].call.id), which had run on \(name(calls[principal].server))",
          at: now)
      }
    }
  }
}

extension Call {
  /// The number in its arguments that tells calls apart even where ids are new.
  var work: Int? {
    guard method == "tools/call" else { return nil }
    var number = 0
    var scale = 1
    var hasDigits = false
    for byte in params.bytes.reversed() {
      if byte >= 48, byte <= 57 {
        hasDigits = true
        number += Int(byte - 48) * scale
        scale *= 10
      } else if hasDigits {
        return byte == UInt8(ascii: ":") ? number : nil
      } else if byte != UInt8(ascii: "}") {
        return nil
      }
    }
    return nil
  }
}
