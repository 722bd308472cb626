import FleetModel

extension EventLoop {
  /// Runs an operation in a task of its own and cancels that after the limit; the operation must
  /// end when it is cancelled. On the loop only.
  nonisolated(nonsending) func limited<Success: Sendable>(
    to limit: Duration, _ operation: sending @escaping @isolated(any) () async -> Success
  ) async -> Success {
    let task = Task(executorPreference: self) { await operation() }
    let timer = schedule(at: now + limit) { task.cancel() }
    let result = await withTaskCancellationHandler {
      await task.value
    } onCancel: {
      task.cancel()
    }
    if isCurrent { cancel(timer) } else { run { self.cancel(timer) } }
    return result
  }
}
