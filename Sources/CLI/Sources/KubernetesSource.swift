import FleetModel
import Wire

/// The custom resources of ToolHive's operator as servers, looked at again and again.
struct KubernetesSource: ServerSource {
  var client: KubernetesClient
  /// Without it there is nothing to run, so its end is the program's.
  let isOnlySource: Bool

  func run(
    _ report: @escaping @Sendable (SourceReport) async -> Void
  ) async throws(CommandFailure) {
    let reporter = DiscoveryReporter(kind: .kubernetes, report)
    let (settings, world) = (client.settings, client.world)
    var client = client
    client.onFailure = { text, attempt in
      await reporter.failed(
        "\(text); attempt \(attempt) of \(settings.limits.attempts)", at: settings.api)
    }
    var lastRefusal: String?
    while !Task.isCancelled {
      var rest = settings.pollInterval
      do throws(ToolHiveFault) {
        let workloads = try await client.workloads()
        let place = client.namespace.map { "kubernetes \($0)" } ?? "kubernetes"
        await reporter.read(workloads, from: settings.api, place: place, note: nil)
        lastRefusal = nil
      } catch {
        switch error {
        case .cancelled: return
        case .refused:
          await reporter.failed(error.message, at: settings.api)
          if error.message != lastRefusal { await world.log(refusal(error)) }
          lastRefusal = error.message
        case .exhausted(let last), .unreachable(let last, _, _):
          if isOnlySource { throw await end(last) }
          await reporter.failed(
            "\(last); given up after \(settings.limits.attempts) attempts, the next round comes"
              + " in 5m", at: settings.api)
          rest = ToolHiveSource.restAfterExhaustion
        }
      }
      await world.sleep(world.now() + rest)
    }
  }

  private func refusal(_ fault: ToolHiveFault) -> DiscoveryLogLine {
    DiscoveryLogLine(
      .error, "Kubernetes API refused the list", [.init("error", .text(fault.message))])
  }

  private func end(_ last: String) async -> CommandFailure {
    let retry = DiscoveryRetry(of: "Kubernetes API", limits: client.settings.limits)
    await client.world.log(retry.farewell(lastError: last))
    return CommandFailure("the Kubernetes API is unavailable: \(last)", .failure)
  }
}
