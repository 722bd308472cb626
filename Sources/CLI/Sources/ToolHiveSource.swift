import FleetModel
import Wire

/// The workloads of a ToolHive as servers, looked at again and again.
struct ToolHiveSource: ServerSource {
  /// Between two rounds of tries where other sources keep the program going.
  static let restAfterExhaustion = Duration.seconds(300)

  let client: ToolHiveClient
  let world: DiscoveryWorld
  /// Without it there is nothing to run, so its end is the program's.
  let isOnlySource: Bool

  func run(
    _ report: @escaping @Sendable (SourceReport) async -> Void
  ) async throws(CommandFailure) {
    let reporter = DiscoveryReporter(kind: .toolhive, report)
    let attempts = client.settings.limits.attempts
    await client.onFailure { [client] text, attempt in
      await reporter.failed(
        "\(text); attempt \(attempt) of \(attempts)", at: await client.address)
    }
    var lastRefusal: String?
    var registry = RegistryWatch(interval: client.settings.registryInterval)
    while !Task.isCancelled {
      var rest = client.settings.pollInterval
      do throws(ToolHiveFault) {
        let workloads = try await client.workloads(all: true)
        await tell(workloads, registry.text, to: reporter)
        // The fleet does not wait for what it can do without.
        try await registry.look(client, at: world.now())
        await tell(workloads, registry.text, to: reporter)
        lastRefusal = nil
      } catch {
        switch error {
        case .cancelled: return
        case .refused:
          let text = await illness(error)
          await reporter.failed(text, at: await client.address)
          if text != lastRefusal { await world.log(refusal(text)) }
          lastRefusal = text
        case .exhausted(let last), .unreachable(let last, _, _):
          if isOnlySource { throw await end(last) }
          await reporter.failed(
            "\(last); given up after \(attempts) attempts, the next round comes in 5m",
            at: await client.address)
          rest = Self.restAfterExhaustion
        }
      }
      await world.sleep(world.now() + rest)
    }
  }

  private func tell(
    _ workloads: [ToolHiveWorkload], _ note: String?, to reporter: DiscoveryReporter
  ) async {
    await reporter.read(
      workloads, from: await client.address, place: "toolhive \(client.settings.host)", note: note)
  }

  private func refusal(_ text: String) -> DiscoveryLogLine {
    DiscoveryLogLine(.error, "ToolHive refused the list", [.init("error", .text(text))])
  }

  private func end(_ last: String) async -> CommandFailure {
    let retry = DiscoveryRetry(limits: client.settings.limits)
    await world.log(retry.farewell(lastError: last))
    return CommandFailure("ToolHive is unavailable: \(last)", .failure)
  }

  /// What its health check says of a refusal.
  private func illness(_ fault: ToolHiveFault) async -> String {
    // The refusal is told in any case; a health check that fails adds nothing.
    guard let illness = try? await client.illness(), !illness.isEmpty else { return fault.message }
    return "\(fault.message); its health check says: \(illness)"
  }

  /// The registry, looked at less often.
  private struct RegistryWatch {
    let interval: Duration
    private var next: Instant?
    private(set) var text: String?

    init(interval: Duration) { self.interval = interval }

    /// - Throws: what ends the tries; a refusal is told as it is.
    mutating func look(_ client: ToolHiveClient, at now: Instant) async throws(ToolHiveFault) {
      if let next, now < next { return }
      do throws(ToolHiveFault) {
        let count = try await client.registry("default").count
        text = "\(count) servers in the registry"
      } catch {
        guard case .refused = error else { throw error }
        text = "the registry cannot be read: \(error.message)"
      }
      next = now + interval
    }
  }
}
