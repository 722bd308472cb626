package import FleetModel

// Letters by number, and from elsewhere.
extension LiveFleet {
  package func deadLetterCount(
    of selection: DeadLetterSelection
  ) async throws(CommandError) -> Int {
    do { return try await store.count(selection) } catch { throw .store(error.message) }
  }

  package func add(_ letters: [DeadLetter]) async throws(CommandError) -> DeadLetterIntake {
    let intake: DeadLetterIntake
    do throws(DeadLetterStoreError) {
      intake = try await store.take(letters, now: host.wallClock)
    } catch {
      throw .store(error.message)
    }
    if intake.new > 0 {
      announce(.info, "\(Self.letters(intake.new)) taken in from elsewhere")
    }
    handle(LetterDesk.Event.dropped(intake.dropped))
    await retally()
    return intake
  }

  static func letters(_ count: Int) -> String {
    count == 1 ? "1 dead letter" : "\(count) dead letters"
  }
}

extension DeadLetterStore {
  /// Adds letters that come from elsewhere, several at once, so that they share a commit; those
  /// that the store cannot hold do not keep out the others.
  package func take(
    _ letters: [DeadLetter], now: Timestamp
  ) async throws(DeadLetterStoreError) -> DeadLetterIntake {
    let current = letters.filter { $0.expiresAt > now }
    var intake = DeadLetterIntake(expired: letters.count - current.count)
    var failure: DeadLetterStoreError?
    await withTaskGroup(of: Arrival.self) { group in
      for letter in current { group.addTask { await arrival(of: letter) } }
      for await arrival in group {
        if let error = arrival.error {
          if error.isOfLetter {
            intake.refused.append(
              DeadLetterIntake.Refusal(id: arrival.id, reason: error.message))
          } else {
            failure = failure ?? error
          }
        }
        if let addition = arrival.addition {
          intake.new += addition.isNew ? 1 : 0
          intake.known += addition.isNew ? 0 : 1
          intake.dropped += addition.dropped
        }
      }
    }
    if let failure { throw failure }
    return intake
  }

  /// Not as a tuple with a result in it, which the release build of Swift 6.3 hands over broken.
  private func arrival(of letter: DeadLetter) async -> Arrival {
    var arrival = Arrival(id: letter.id)
    do throws(DeadLetterStoreError) { arrival.addition = try await add(letter) } catch {
      arrival.error = error
    }
    return arrival
  }
}

/// What became of one letter.
private struct Arrival: Sendable {
  var id: DeadLetterID
  var addition: DeadLetterAddition?
  var error: DeadLetterStoreError?
}
