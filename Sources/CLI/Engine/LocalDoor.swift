import Dispatch
import Gateway
import Glibc
import Synchronization

/// An engine of our own; it ends with the door.
///
/// Ctrl-C and SIGTERM end it in order too, so that no child process is left behind and what may
/// have run becomes a dead letter; a second signal ends the program at once.
final class LocalDoor: EngineDoor {
  private let engine: LocalEngine
  private let ending = Mutex<Task<Void, Never>?>(nil)

  init(engine: LocalEngine) {
    self.engine = engine
    for number in [SIGINT, SIGTERM] {
      // The source hears what would otherwise end the program.
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number)
      source.setEventHandler {
        source.cancel()
        signal(number, SIG_DFL)
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

  func answer(_ request: ControlRequest) async throws(CommandFailure) -> ControlResponse {
    if let failure = engine.keeper?.failure { throw failure }
    return await engine.control.answer(request)
  }

  func close() async { await end(with: nil).value }

  /// The one end, whoever asks for it first.
  private func end(with number: Int32?) -> Task<Void, Never> {
    ending.withLock { ending in
      if let ending { return ending }
      let task = Task { [engine] in
        await engine.stop()
        // To the process, for the threads of a task may block signals.
        if let number {
          signal(number, SIG_DFL)
          kill(getpid(), number)
        }
      }
      ending = task
      return task
    }
  }
}
