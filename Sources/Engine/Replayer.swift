import FleetModel

/// Sends dead letters again through the normal stack, a few at a time.
struct Replayer: Sendable {
  /// Letters claimed and on their way at once: small, so that a recovering server is not drowned
  /// and no lease runs out in a queue.
  static let batchLimit = 8
  /// Letters one command takes on at most.
  static let commandLimit = 100_000
  /// How much longer than its call a lease lasts: for the disk.
  static let leaseMargin = Duration.seconds(60)

  /// The letters to send are fixed before the first is sent, so that one that fails again is not
  /// met again.
  ///
  /// Ends early when its task is cancelled or the engine stops: letters it has not come to stay as
  /// they are.
  /// - Parameter longestCall: no call takes longer, so that a lease outlives its call, but not by
  ///   much: the letters of a process that was killed are nobody's until it ends.
  func replay(
    _ order: ReplayOrder, store: any DeadLetterStore,
    longestCall: Duration, clock: @escaping @Sendable () -> Timestamp,
    call: @escaping @Sendable (Call) async -> Outcome
  ) async throws(DeadLetterStoreError) -> ReplayCount {
    var count = ReplayCount()
    let chosen = try await store.page(order.selection, after: nil, limit: Self.commandLimit)
    var isInterrupted = false
    var rest = chosen.letters.reversed().map(\.id)[...]
    while !rest.isEmpty, !Task.isCancelled, !isInterrupted {
      let batch = Array(rest.prefix(Self.batchLimit))
      rest = rest.dropFirst(batch.count)
      let claim = try await store.claim(
        batch, by: order.owner, isForced: order.isForced,
        until: clock() + longestCall + Self.leaseMargin)
      count.unsafe += claim.skippedUnsafe
      count.taken += max(0, batch.count - claim.letters.count - claim.skippedUnsafe)
      let results = await send(claim.letters, call)
      for (letter, outcome) in results {
        if case .success = outcome.reply {
          try await store.complete(letter, by: order.owner)
          count.delivered += 1
        } else {
          try await store.giveBack(letter.after(outcome, at: clock()), by: order.owner)
          count.failed += 1
          if outcome.reply.isInterruption { isInterrupted = true }
        }
      }
    }
    return count
  }

  private func send(
    _ letters: [DeadLetter], _ call: @escaping @Sendable (Call) async -> Outcome
  ) async -> [(DeadLetter, Outcome)] {
    await withTaskGroup(of: (Int, Outcome).self) { group in
      for (index, letter) in letters.enumerated() {
        group.addTask { (index, await call(letter.call)) }
      }
      var results: [(DeadLetter, Outcome)] = []
      for await (index, outcome) in group { results.append((letters[index], outcome)) }
      return results
    }
  }
}

extension DeadLetter {
  /// The same call under the same id: its idempotency key does not change.
  fileprivate var call: Call {
    Call(
      id: id.call, server: server, method: method, target: target, params: params, origin: .replay,
      client: client)
  }

  /// The letter after a replay that failed: pending again, its history longer.
  fileprivate func after(_ outcome: Outcome, at now: Timestamp) -> DeadLetter {
    var letter = self
    letter.state = .pending
    if case .failure(let failure) = outcome.reply,
      outcome.reply.isInterruption || outcome.reply.isOwnRefusal
    {
      // It says nothing new of the server: the letter keeps its cause, but may have run now.
      if letter.delivery != .executed, failure.delivery == .unknown { letter.delivery = .unknown }
      return letter
    }
    letter.replayCount += 1
    letter.attempts = Array((attempts + outcome.attempts).suffix(Self.attemptLimit))
    letter.lastAttemptAt = now
    letter.errorKind = outcome.reply.label
    switch outcome.reply {
    case .success: break
    case .toolError:
      letter.errorMessage = "the tool ran and says it failed"
      letter.delivery = .executed
    case .protocolError(let error):
      letter.errorMessage = error.message
      letter.delivery = delivery == .unknown ? .unknown : .refused
    case .failure(let failure):
      letter.errorMessage = failure.message
      // Doubt about an earlier try is not ended by a later refusal.
      if delivery != .unknown, delivery != .executed { letter.delivery = failure.delivery }
    }
    return letter
  }
}

extension Reply {
  /// We ended the call, not the server.
  fileprivate var isInterruption: Bool {
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

extension ReplayCount {
  /// `3 delivered, 1 failed again, 2 left out: they may have executed`.
  var text: String {
    var parts = ["\(delivered) delivered"]
    if failed > 0 { parts.append("\(failed) failed again") }
    if unsafe > 0 { parts.append("\(unsafe) left out: they may have executed (force sends them)") }
    if taken > 0 { parts.append("\(taken) left out: another replay has or had them") }
    return parts.joined(separator: ", ")
  }
}
