import Adapters
import Dashboard
import FleetModel
import Synchronization

/// Sends the dashboard's commands to the fleet and keeps what came of them until the loop looks.
final class DashboardMailbox: Sendable {
  /// Commands on their way at once; more are refused, for an operator cannot mean them.
  static let commandLimit = 16

  private struct State {
    var messages: [Message] = []
    var commandCount = 0
  }

  private let fleet: any Fleet
  private let waker: Waker
  private let state = Mutex(State())

  init(fleet: any Fleet, waker: Waker) {
    self.fleet = fleet
    self.waker = waker
  }

  /// - Returns: false when too many are on their way.
  func send(_ command: Command) -> Bool {
    let isTaken = state.withLock { state in
      guard state.commandCount < Self.commandLimit else { return false }
      state.commandCount += 1
      return true
    }
    guard isTaken else { return false }
    // The engine ends every call before it stops, and so this task too.
    Task { await carryOut(command) }
    return true
  }

  /// What arrived since the last look, in order.
  func take() -> [Message] {
    state.withLock { state in
      defer { state.messages = [] }
      return state.messages
    }
  }

  private func carryOut(_ command: Command) async {
    let result: Result<CommandReceipt, CommandError>
    do throws(CommandError) { result = .success(try await fleet.perform(command)) } catch {
      result = .failure(error)
    }
    state.withLock { state in
      state.messages.append(.commandFinished(result))
      state.commandCount -= 1
    }
    waker.wake()
  }
}
