package import FleetModel

extension EventLoop {
  /// Returns at the instant, or at once when the task is cancelled; occupies no thread.
  package func sleep(until instant: Instant) async {
    let sleeper = Sleeper()
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        run {
          sleeper.begin(continuation) { wake in self.schedule(at: instant, wake) }
        }
      }
    } onCancel: {
      run { sleeper.wake { self.cancel($0) } }
    }
  }

  /// The loop's thread alone touches it.
  private final class Sleeper: @unchecked Sendable {
    private var continuation: CheckedContinuation<Void, Never>?
    private var token: TimerToken?
    private var isAwake = false

    func begin(
      _ continuation: CheckedContinuation<Void, Never>,
      _ schedule: (@escaping @Sendable () -> Void) -> TimerToken
    ) {
      guard !isAwake else { return continuation.resume() }
      self.continuation = continuation
      token = schedule { self.wake { _ in } }
    }

    func wake(_ cancel: (TimerToken) -> Void) {
      isAwake = true
      if let token { cancel(token) }
      token = nil
      continuation?.resume()
      continuation = nil
    }
  }
}

extension EventLoop {
  /// Runs a body on the loop's thread and returns what it made.
  package func perform<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
      run { continuation.resume(returning: body()) }
    }
  }
}
