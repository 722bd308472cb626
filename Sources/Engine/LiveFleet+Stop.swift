import FleetModel

// The end of the engine, which no store holds up.
extension LiveFleet {
  enum Stage {
    case running
    /// Waits for the store to have what it must still be told.
    case settling
    /// Waits for the store to end what else it does, and for its own end.
    case closing
    case stopped
  }

  /// How long the store is waited for once every call has ended: for letters on their way to it and
  /// for what became of letters that were sent again.
  package static let settlingPatience = Duration.seconds(5)
  /// How long it may then take to close.
  package static let closingPatience = Duration.seconds(1)

  /// Ends every call with `.shuttingDown`, closes every connection and the store, and returns when
  /// all is quiet; a store that does not answer is left behind.
  ///
  /// - Parameter patience: how long calls on the wire that must not run twice are waited for; those
  ///   that then have no answer become dead letters that may have executed.
  /// - Returns: for a person, how many dead letters are lost and why; nil when none is.
  @discardableResult
  package func stop(patience: Duration = .seconds(2)) async -> String? {
    handle(LetterDesk.Event.stop)
    await withCheckedContinuation { waiter in
      drained = waiter
      handle(.drain(limit: patience))
    }
    handle(FleetEvent.stop)
    work.cancelWaits()
    await untilRest(.settling, within: Self.settlingPatience)
    for run in desk.abandonReplays() {
      replayCallers.removeValue(forKey: run.number)?.resume(returning: run)
    }
    let lost = saveSpill()
    run(.letters) { fleet in await fleet.store.close() }
    await untilRest(.closing, within: Self.closingPatience)
    stage = .stopped
    host.setAlarm(at: nil) {}
    work.forgetStoreTasks()
    while let task = work.removeFirst() {
      await task.value
    }
    await transport.shutdown()
    return lost
  }

  private func untilRest(_ stage: Stage, within limit: Duration) async {
    self.stage = stage
    restDeadline = host.now + limit
    setAlarm()
    await withCheckedContinuation { waiter in
      resting = waiter
      resumeAtRest()
    }
    restDeadline = nil
  }

  /// The stop goes on when nothing is left to wait for, or its patience is over.
  func resumeAtRest() {
    let isAtRest =
      switch stage {
      case .running, .stopped: false
      case .settling: desk.isQuiet
      case .closing: !work.hasStoreTasks
      }
    guard isAtRest || restDeadline.map({ $0 <= host.now }) ?? false else { return }
    resting?.resume()
    resting = nil
  }
}
