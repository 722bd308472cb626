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
    var commands: [UInt64: Task<Void, Never>] = [:]
    var lastCommand: UInt64 = 0
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
    state.withLock { state in
      guard state.commands.count < Self.commandLimit else { return false }
      state.lastCommand += 1
      let number = state.lastCommand
      state.commands[number] = Task { await self.carryOut(command, number) }
      return true
    }
  }

  /// What arrived since the last look, in order.
  func take() -> [Message] {
    state.withLock { state in
      defer { state.messages = [] }
      return state.messages
    }
  }

  /// Ends when the last command has, which must have been told to give up before.
  func close() async {
    for command in state.withLock({ Array($0.commands.values) }) { await command.value }
  }

  private func carryOut(_ command: Command, _ number: UInt64) async {
    let result: Result<CommandReceipt, CommandError>
    do throws(CommandError) { result = .success(try await fleet.perform(command)) } catch {
      result = .failure(error)
    }
    state.withLock { state in
      state.messages.append(.commandFinished(result))
      state.commands[number] = nil
    }
    waker.wake()
  }
}
