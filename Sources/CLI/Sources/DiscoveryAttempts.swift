import FleetModel

/// Carries out what `DiscoveryRetry` decides, until an operation succeeds or is given up.
struct DiscoveryAttempts: Sendable {
  let subject: String
  let limits: DiscoveryRetry.Limits
  let world: DiscoveryWorld
  /// Looks for the service again; the port it was found on.
  let search: @Sendable (_ previous: Int) async -> Int?
  /// Hears of each failure that is tried again.
  var onFailure: @Sendable (_ text: String, _ attempt: Int) async -> Void = { _, _ in }

  /// - Throws: `exhausted` after the last try, `refused` at once, `cancelled` with the task.
  func run<Value: Sendable>(
    _ operation: @Sendable () async throws(ToolHiveFault) -> Value
  ) async throws(ToolHiveFault) -> Value {
    var retry = DiscoveryRetry(of: subject, limits: limits)
    while true {
      let failed: DiscoveryRetry.Event
      do throws(ToolHiveFault) { return try await operation() } catch {
        guard case .unreachable(let text, let port, _) = error else { throw error }
        failed = .failed(error: text, port: port)
        await onFailure(text, retry.attempt + 1)
      }
      var events = [failed]
      while let event = events.popLast() {
        for effect in retry.handle(event, at: world.now()) {
          switch effect {
          case .log(let line): await world.log(line)
          case .search:
            if case .failed(_, let port?) = event {
              events.append(.searched(port: await search(port)))
            }
          case .retry(let instant): await world.sleep(instant)
          case .giveUp(let lastError): throw .exhausted(lastError)
          }
          if Task.isCancelled { throw .cancelled }
        }
      }
    }
  }
}
