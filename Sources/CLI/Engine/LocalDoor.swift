import Dispatch
import FleetModel
import Gateway
import Glibc
import Synchronization

/// An engine of our own; it ends with the door.
///
/// Ctrl-C and SIGTERM end it in order too, so that no child process is left behind; a second signal
/// ends the program at once. Ctrl-C cancels the call under way, and its server is told; at SIGTERM
/// nobody gave it up, so that what may have run becomes a dead letter.
final class LocalDoor: EngineDoor {
  private let engine: LocalEngine
  private let ending = Mutex<Task<Void, Never>?>(nil)
  /// What is asked of the engine just now, each with its number.
  private let questions = Mutex<(last: Int, running: [Int: Task<ControlResponse, Never>])>((0, [:]))

  /// - Parameter endsAtInterrupt: whether Ctrl-C is ours; else the command has a use for it.
  init(engine: LocalEngine, endsAtInterrupt: Bool) {
    self.engine = engine
    for number in endsAtInterrupt ? [SIGINT, SIGTERM] : [SIGTERM] {
      // The source hears what would otherwise end the program.
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number)
      source.setEventHandler {
        source.cancel()
        signal(number, SIG_DFL)
        if number == SIGINT { self.cancelQuestions() }
        _ = self.end(with: number)
      }
      source.resume()
    }
    listenForHangup()
  }

  private func listenForHangup() {
    let terminal = ControllingTerminal()
    // As nohup leaves it: the end of the terminal is not to be ours.
    let isIgnored = SignalAction.isIgnored(SIGHUP)
    signal(SIGHUP, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: SIGHUP)
    source.setEventHandler {
      guard terminal.isGone else {
        self.engine.keeper?.reload()
        return
      }
      if isIgnored { return }
      source.cancel()
      // Ignored until the end: the terminal's end is told again when its session's leader ends.
      _ = self.end(with: SIGHUP)
    }
    source.resume()
  }

  func answer(
    _ request: ControlRequest, onProgress: @escaping @Sendable (CallProgress) -> Void
  ) async throws(CommandFailure) -> ControlResponse {
    if let failure = engine.keeper?.failure { throw failure }
    let (number, task) = questions.withLock { questions in
      questions.last += 1
      let task = Task { [engine] in
        await engine.control.answer(request, onProgress: onProgress)
      }
      questions.running[questions.last] = task
      return (questions.last, task)
    }
    defer { _ = questions.withLock { $0.running.removeValue(forKey: number) } }
    return await withTaskCancellationHandler {
      await task.value
    } onCancel: {
      task.cancel()
    }
  }

  private func cancelQuestions() {
    let running = questions.withLock { Array($0.running.values) }
    for task in running { task.cancel() }
  }

  func close() async { await end(with: nil).value }

  /// The one end, whoever asks for it first.
  private func end(with number: Int32?) -> Task<Void, Never> {
    ending.withLock { ending in
      if let ending { return ending }
      let task = Task { [engine] in
        await engine.stop()
        if let number {
          signal(number, SIG_DFL)
          // To this thread, unblocked: one for the process may still go to the cancelled source.
          var own = sigset_t()
          sigemptyset(&own)
          sigaddset(&own, number)
          pthread_sigmask(SIG_UNBLOCK, &own, nil)
          raise(number)
        }
      }
      ending = task
      return task
    }
  }
}
