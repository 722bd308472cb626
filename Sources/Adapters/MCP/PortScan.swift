import FleetModel

/// Asks many ports at once who is there.
struct PortScan {
  /// Ports of a range that are looked at; of a larger range the first.
  static let portLimit = 1024
  /// Ports that are asked at once.
  static let concurrencyLimit = 64
  /// For everything that one port is asked.
  static let portTimeLimit = Duration.seconds(2)
  /// For the whole scan; what was found until then counts.
  static let timeLimit = Duration.seconds(30)

  let loop: EventLoop
  let ports: [Int]

  init(loop: EventLoop, range: ClosedRange<Int>) {
    self.loop = loop
    ports = Array(range.prefix(Self.portLimit))
  }

  /// - Parameter identity: nil when no MCP server answers there; must end when it is cancelled.
  /// - Returns: those that answered, by port.
  func run(_ identity: @escaping @Sendable (Int) async -> ServerIdentity?) async -> [PortCandidate] {
    let found = Findings()
    await loop.limited(to: Self.timeLimit) { await ask(identity, found) }
    return await found.candidates.sorted { $0.port < $1.port }
  }

  private func ask(
    _ identity: @escaping @Sendable (Int) async -> ServerIdentity?, _ found: Findings
  ) async {
    await withTaskGroup(of: Void.self) { group in
      for (index, port) in ports.enumerated() {
        if index >= Self.concurrencyLimit { await group.next() }
        guard !Task.isCancelled else { break }
        group.addTask {
          guard let who = await one(port, identity) else { return }
          await found.add(PortCandidate(port: port, identity: who))
        }
      }
    }
  }

  private func one(
    _ port: Int, _ identity: @escaping @Sendable (Int) async -> ServerIdentity?
  ) async -> ServerIdentity? {
    let task = Task { await identity(port) }
    let limit = Task {
      await loop.sleep(until: loop.now + Self.portTimeLimit)
      task.cancel()
    }
    let result = await withTaskCancellationHandler {
      await task.value
    } onCancel: {
      task.cancel()
    }
    limit.cancel()
    await limit.value
    return result
  }

  private actor Findings {
    private(set) var candidates: [PortCandidate] = []
    func add(_ candidate: PortCandidate) { candidates.append(candidate) }
  }
}
