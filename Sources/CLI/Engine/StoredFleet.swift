import Engine
import FleetModel

/// Dead letters without an engine: they can be looked at and deleted, nothing else works.
struct StoredFleet: Fleet {
  let store: any DeadLetterStore
  let now: @Sendable () -> Timestamp

  func call(
    _ call: Call, onProgress: @escaping @Sendable (CallProgress) -> Void
  ) async -> Outcome {
    let failure = Failure(.shuttingDown, Self.reason, delivery: .notSent)
    return Outcome(call: call.id, reply: .failure(failure))
  }

  func latest() -> Snapshot {
    let engine = EngineIdentity(
      name: "mcpdash", version: ProgramVersion.text, startedAt: now())
    return Snapshot(at: now(), engine: engine)
  }

  func perform(_ command: Command) async throws(CommandError) -> CommandReceipt {
    do {
      switch command {
      case .discard(let selection):
        let count = try await store.discard(selection)
        return CommandReceipt(text: "\(Self.letters(count)) discarded", letters: count)
      case .delete(let selection):
        let count = try await store.delete(selection)
        return CommandReceipt(text: "\(Self.letters(count)) deleted", letters: count)
      default: break
      }
    } catch {
      throw .store(error.message)
    }
    throw .unreachable(Self.reason)
  }

  func deadLetters(
    of selection: DeadLetterSelection, after cursor: DeadLetterCursor?, limit: Int
  ) async throws(CommandError) -> DeadLetterPage {
    do throws(DeadLetterStoreError) {
      return try await store.page(selection, after: cursor, limit: limit)
    } catch {
      throw .store(error.message)
    }
  }

  func deadLetterStatistics() async throws(CommandError) -> DeadLetterStatistics {
    do throws(DeadLetterStoreError) { return try await store.statistics() } catch {
      throw .store(error.message)
    }
  }

  func deadLetterCount(
    of selection: DeadLetterSelection
  ) async throws(CommandError) -> Int {
    do throws(DeadLetterStoreError) { return try await store.count(selection) } catch {
      throw .store(error.message)
    }
  }

  func add(_ letters: [DeadLetter]) async throws(CommandError) -> DeadLetterIntake {
    do throws(DeadLetterStoreError) { return try await store.take(letters, now: now()) } catch {
      throw .store(error.message)
    }
  }

  private static func letters(_ count: Int) -> String {
    ConfigurationText.count(count, "dead letter")
  }

  private static let reason = "no mcpdash runs here; start 'mcpdash' first"
}
