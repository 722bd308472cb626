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
    guard case .discard(let selection) = command else { throw .unreachable(Self.reason) }
    do throws(DeadLetterStoreError) {
      let count = try await store.delete(selection)
      return CommandReceipt(text: "\(count) dead letters discarded")
    } catch {
      throw .store(error.message)
    }
  }

  func deadLetters(
    of selection: DeadLetterSelection, limit: Int
  ) async throws(CommandError) -> [DeadLetter] {
    do throws(DeadLetterStoreError) {
      return try await store.list(selection, limit: limit)
    } catch {
      throw .store(error.message)
    }
  }

  private static let reason = "no mcpdash runs here; start 'mcpdash' first"
}
