import Dashboard
import FleetModel
import Synchronization

/// Sends the dashboard's commands and questions to the fleet, and keeps what came of them until the
/// loop looks.
final class DashboardMailbox: Sendable {
  /// Commands on their way at once; more are refused, for an operator cannot mean them.
  static let commandLimit = 16
  /// Questions on their way at once; a store that does not answer is not asked ever more.
  static let questionLimit = 8

  private struct State {
    var messages: [Message] = []
    var commandCount = 0
    var questionCount = 0
  }

  private let fleet: any Fleet
  private let wake: @Sendable () -> Void
  private let state = Mutex(State())

  /// - Parameter wake: called when there is something to take.
  init(fleet: any Fleet, wake: @escaping @Sendable () -> Void) {
    self.fleet = fleet
    self.wake = wake
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

  /// - Returns: false when too many are on their way.
  func ask(_ request: LetterRequest) -> Bool {
    ask { [fleet] in
      let result: Result<DeadLetterPage, CommandError>
      do throws(CommandError) {
        result = .success(
          try await fleet.deadLetters(
            of: .matching(request.filter), after: request.cursor, limit: request.limit))
      } catch {
        result = .failure(error)
      }
      return .lettersRead(request.number, result)
    }
  }

  /// - Returns: false when too many are on their way.
  func count(_ number: Int, _ filter: DeadLetterFilter) -> Bool {
    ask { [fleet] in
      let result: Result<Int?, CommandError>
      do throws(CommandError) {
        result = .success(try await fleet.deadLetterCount(of: .matching(filter)))
      } catch {
        result = .failure(error)
      }
      return .lettersCounted(number, result)
    }
  }

  /// - Parameter order: sends nothing.
  /// - Returns: false when too many are on their way.
  func rehearse(_ number: Int, _ order: ReplayOrder) -> Bool {
    precondition(order.isDryRun, "a rehearsal sends nothing")
    return ask { [fleet] in
      let result: Result<CommandReceipt, CommandError>
      do throws(CommandError) { result = .success(try await fleet.perform(.replay(order))) } catch {
        result = .failure(error)
      }
      return .rehearsed(number, result)
    }
  }

  private func ask(_ question: @escaping @Sendable () async -> Message) -> Bool {
    let isTaken = state.withLock { state in
      guard state.questionCount < Self.questionLimit else { return false }
      state.questionCount += 1
      return true
    }
    guard isTaken else { return false }
    // As with commands: every question is answered before the engine stops.
    Task {
      let message = await question()
      state.withLock { state in
        state.messages.append(message)
        state.questionCount -= 1
      }
      wake()
    }
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
    wake()
  }
}
