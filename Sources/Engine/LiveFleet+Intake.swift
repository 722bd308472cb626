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
    typealias Addition = Result<DeadLetterAddition, DeadLetterStoreError>
    let results = await withTaskGroup(of: (DeadLetterID, Addition).self) { group in
      for letter in current {
        group.addTask {
          do throws(DeadLetterStoreError) {
            return (letter.id, .success(try await add(letter)))
          } catch {
            return (letter.id, .failure(error))
          }
        }
      }
      var results: [(id: DeadLetterID, addition: Addition)] = []
      for await result in group { results.append(result) }
      return results
    }
    var intake = DeadLetterIntake(expired: letters.count - current.count)
    for (id, result) in results {
      if case .failure(let error) = result, error.isOfLetter {
        intake.refused.append(DeadLetterIntake.Refusal(id: id, reason: error.message))
        continue
      }
      let addition = try result.get()
      intake.new += addition.isNew ? 1 : 0
      intake.known += addition.isNew ? 0 : 1
      intake.dropped += addition.dropped
    }
    return intake
  }
}
