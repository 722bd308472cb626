import FleetModel
import Telemetry
import Wire

/// `mcpdash toolhive …`: what ToolHive runs and can install, and orders to it.
struct ToolHiveCommands {
  let context: CommandContext
  let request: ToolHiveRequest

  func run() async throws(CommandFailure) {
    let settings = try settings()
    let connection = DiscoveryConnection(
      to: settings, hasFile: context.files.exists,
      log: { [context] in context.console.complaint($0.line) })
    let answer = await answer(settings, over: connection.world)
    await connection.close()
    try context.print(try answer.get())
  }

  /// These commands need no `--toolhive`: who types one means it.
  private func settings() throws(CommandFailure) -> DiscoverySettings {
    var options = context.options.discovery
    // Without any file flags and environment say it all.
    if let configuration = try? context.configuration() {
      options = options.over(configuration.settings.discovery)
    }
    options.isWanted = true
    let settings = try DiscoverySettings.resolve(options, environment: context.environment)
    guard let settings else { preconditionFailure("what is wanted is resolved or refused") }
    return settings
  }

  private func answer(
    _ settings: DiscoverySettings, over world: DiscoveryWorld
  ) async -> Result<String, CommandFailure> {
    switch settings {
    case .toolHive(let settings):
      let client = ToolHiveClient(settings: settings, world: world)
      do throws(ToolHiveFault) { return .success(try await ask(client)) } catch {
        return .failure(await failure(error, client, world))
      }
    case .kubernetes(let settings):
      let client = KubernetesClient(settings: settings, world: world, read: context.files.read)
      do throws(ToolHiveFault) { return .success(try await ask(client)) } catch {
        return .failure(await failure(error, client))
      }
    }
  }

  private var text: ToolHiveText {
    ToolHiveText(isJSON: request.isJSON, columns: context.columns, ink: context.ink)
  }

  // MARK: - ToolHive

  private func ask(_ client: ToolHiveClient) async throws(ToolHiveFault) -> String {
    switch request.verb {
    case .list(let all): return text.list(try await client.workloads(all: all))
    case .show(let name): return text.details(try await details(of: name, client))
    case .registry(let name): return text.registry(try await client.registry(name))
    case .install(let name): return try await install(name, client)
    case .start(let name):
      try await client.restart(name)
      return text.receipt("\(name) is being started", of: name)
    case .stop(let name):
      try await client.stop(name)
      return text.receipt("\(name) is being stopped", of: name)
    case .restart(let name):
      try await client.restart(name)
      return text.receipt("\(name) is being restarted", of: name)
    case .logs(let name): return text.logs(try await client.logs(of: name), of: name)
    }
  }

  /// The list has the state, the details what newer versions leave out of it.
  private func details(
    of name: String, _ client: ToolHiveClient
  ) async throws(ToolHiveFault) -> ToolHiveWorkload {
    let details = try await client.details(of: name)
    guard var workload = try await client.workloads(all: true).first(where: { $0.name == name })
    else { return details }
    if workload.package.isEmpty { workload.package = details.package }
    if workload.tools.isEmpty { workload.tools = details.tools }
    if workload.group.isEmpty { workload.group = details.group }
    return workload
  }

  private func install(
    _ name: String, _ client: ToolHiveClient
  ) async throws(ToolHiveFault) -> String {
    let registry = try await client.registry(ToolHiveRequest.standardRegistry)
    let short = registry.filter { $0.name.hasSuffix("/" + name) }
    guard
      let server = registry.first(where: { $0.name == name })
        ?? (short.count == 1 ? short.first : nil)
    else {
      throw .refused(
        status: 404,
        "the registry has none of this name"
          + Suggestion.phrase(for: name, among: registry.map(\.name)))
    }
    let made = try await client.install(server, as: Self.workloadName(for: server.name))
    let port = made.port.map { " on port \($0)" } ?? ""
    return text.receipt(
      "\(server.name) is installed as \(made.name)\(port) and is being started", of: made.name)
  }

  /// `io.github.stacklok/fetch` runs as `fetch`.
  private static func workloadName(for name: String) -> String {
    let last = name.split(separator: "/").last.map(String.init) ?? name
    return String(
      last.map { letter in
        letter.isASCII && (letter.isLetter || letter.isNumber || "-_.".contains(letter))
          ? letter : "-"
      })
  }

  private func failure(
    _ fault: ToolHiveFault, _ client: ToolHiveClient, _ world: DiscoveryWorld
  ) async -> CommandFailure {
    switch fault {
    case .refused(status: 404, let reason):
      let name = request.verb.name.map { "'\($0)': " } ?? ""
      return CommandFailure(
        "ToolHive: \(name)\(reason)\(await suggestion(client))", .usage)
    case .exhausted(let last):
      let retry = DiscoveryRetry(limits: client.settings.limits)
      await world.log(retry.farewell(lastError: last))
      return CommandFailure("ToolHive is unavailable: \(last)", .failure)
    case .refused, .unreachable, .cancelled:
      return CommandFailure("ToolHive: \(fault.message)", .failure)
    }
  }

  /// Which workload may have been meant.
  private func suggestion(_ client: ToolHiveClient) async -> String {
    guard let name = request.verb.workload,
      // Without a list there is just nothing to suggest.
      let workloads = try? await client.workloads(all: true)
    else { return "" }
    return Suggestion.phrase(for: name, among: workloads.map(\.name))
  }

  // MARK: - Kubernetes

  private func ask(_ client: KubernetesClient) async throws(ToolHiveFault) -> String {
    switch request.verb {
    case .list(let all):
      let workloads = try await client.workloads()
      return text.list(all ? workloads : workloads.filter(\.status.isServed))
    case .show(let name):
      let workloads = try await client.workloads()
      guard let workload = workloads.first(where: { $0.fullName == name }) else {
        throw .refused(
          status: 404,
          "no mcpserver '\(name)'" + Suggestion.phrase(for: name, among: workloads.map(\.fullName)))
      }
      return text.details(workload)
    case .registry, .install, .start, .stop, .restart, .logs:
      throw .refused(
        status: 405, "in Kubernetes the operator runs the servers; use kubectl for this")
    }
  }

  private func failure(
    _ fault: ToolHiveFault, _ client: KubernetesClient
  ) async -> CommandFailure {
    switch fault {
    case .refused(status: 404...405, let reason): return CommandFailure(reason, .usage)
    case .exhausted(let last):
      let retry = DiscoveryRetry(of: "Kubernetes API", limits: client.settings.limits)
      await client.world.log(retry.farewell(lastError: last))
      return CommandFailure("the Kubernetes API is unavailable: \(last)", .failure)
    case .refused, .unreachable, .cancelled:
      return CommandFailure("Kubernetes: \(fault.message)", .failure)
    }
  }
}

extension ToolHiveRequest.Verb {
  /// What it is about; nil for all workloads.
  fileprivate var name: String? {
    switch self {
    case .list: nil
    case .registry(let name), .install(let name): name
    case .show, .start, .stop, .restart, .logs: workload
    }
  }

  fileprivate var workload: String? {
    switch self {
    case .show(let name), .start(let name), .stop(let name), .restart(let name), .logs(let name):
      name
    case .list, .registry, .install: nil
    }
  }
}
