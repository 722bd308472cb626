/// One operation that several callers wait for; cancelled when the last of them has left.
actor SharedTask<Value: Sendable> {
  private let loop: EventLoop
  private let operation: @Sendable () async -> Value
  private var task: Task<Void, Never>?
  private var callers: [Int: CheckedContinuation<Value?, Never>] = [:]
  private var lastCaller = 0
  /// Everyone left: what comes of it is for nobody.
  private var isAbandoned = false

  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  init(loop: EventLoop, operation: @escaping @Sendable () async -> Value) {
    self.loop = loop
    self.operation = operation
  }

  /// How many wait.
  var callerCount: Int { callers.count }

  /// The value of the operation under way, or of one that is begun for it; nil when the caller's
  /// task is cancelled.
  func value() async -> Value? {
    lastCaller += 1
    let number = lastCaller
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        guard !Task.isCancelled else { return continuation.resume(returning: nil) }
        callers[number] = continuation
        if task == nil { begin() }
      }
    } onCancel: {
      loop.run { self.assumeIsolated { $0.leave(number) } }
    }
  }

  /// Gives up what is under way, and returns when it has ended.
  func stop() async {
    for number in callers.keys.sorted() { leave(number) }
    await task?.value
  }

  private func begin() {
    isAbandoned = false
    task = Task { finish(await operation()) }
  }

  private func leave(_ number: Int) {
    guard let caller = callers.removeValue(forKey: number) else { return }
    caller.resume(returning: nil)
    guard callers.isEmpty else { return }
    isAbandoned = true
    task?.cancel()
  }

  private func finish(_ value: Value) {
    task = nil
    // Those who came after it was abandoned want one of their own.
    if isAbandoned, !callers.isEmpty { return begin() }
    let callers = callers
    self.callers = [:]
    for number in callers.keys.sorted() { callers[number]?.resume(returning: value) }
  }
}
