import FleetModel

// A dead letter on its way again.
extension DeadLetter {
  /// Whether there is an MCP request to send; another program may keep letters of its own doings,
  /// such as `connect`.
  var hasMethod: Bool { method.contains("/") || method == "ping" }

  /// The same call under the same id: its idempotency key does not change.
  func call(to server: ServerID, params: JSONText, token: Secret?) -> Call {
    Call(
      id: id.call, server: server, method: method, target: target, params: params, origin: .replay,
      client: client, token: needsToken ? token : nil)
  }

  /// The letter after a replay: its history longer, and pending again unless it was delivered.
  func after(_ outcome: Outcome, at now: Timestamp) -> DeadLetter {
    var letter = self
    letter.state = .pending
    letter.attempts = Array((attempts + outcome.attempts).suffix(Self.attemptLimit))
    if case .failure(let failure) = outcome.reply,
      outcome.reply.isInterruption || outcome.reply.isOwnRefusal
    {
      // It says nothing new of the server: the letter keeps its cause, but may have run now.
      if letter.delivery != .executed, failure.delivery == .unknown { letter.delivery = .unknown }
      return letter
    }
    // Whatever program wrote the entry may have written any number.
    if letter.replayCount < .max { letter.replayCount += 1 }
    letter.lastAttemptAt = now
    switch outcome.reply {
    case .success: return letter
    case .toolError:
      letter.errorMessage = "the tool ran and says it failed"
      letter.delivery = .executed
    case .protocolError(let error):
      letter.errorMessage = error.message
      // Doubt about an earlier try is not ended by a later refusal.
      if delivery != .unknown, delivery != .executed { letter.delivery = .refused }
    case .failure(let failure):
      letter.errorMessage = failure.message
      if delivery != .unknown, delivery != .executed { letter.delivery = failure.delivery }
    }
    letter.errorKind = outcome.reply.label
    return letter
  }
}

extension Outcome {
  /// The open breaker turned it away before anything of it was sent.
  var isTurnedAway: Bool {
    guard attempts.isEmpty, case .failure(let failure) = reply else { return false }
    return failure.kind == .breakerOpen && failure.delivery == .notSent
  }
}

extension Reply {
  /// We ended the call, not the server.
  var isInterruption: Bool {
    guard case .failure(let failure) = self else { return false }
    return failure.kind == .cancelled || failure.kind == .shuttingDown
  }

  /// Refused before the wire: by the open breaker, or for want of a place.
  fileprivate var isOwnRefusal: Bool {
    guard case .failure(let failure) = self else { return false }
    return failure.kind == .breakerOpen || failure.kind == .bulkheadFull
      || failure.kind == .rateLimited
  }
}
