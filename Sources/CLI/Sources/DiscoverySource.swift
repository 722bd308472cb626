import Adapters
import FleetModel

/// ToolHive or Kubernetes as a source, with a thread and connections of its own while it runs.
struct DiscoverySource: ServerSource {
  let settings: DiscoverySettings
  /// Without it there is nothing to run, so its end is the program's.
  let isOnlySource: Bool
  let read: @Sendable (String) throws(FileError) -> [UInt8]
  let log: @Sendable (DiscoveryLogLine) async -> Void

  func run(
    _ report: @escaping @Sendable (SourceReport) async -> Void
  ) async throws(CommandFailure) {
    let connection = DiscoveryConnection(
      to: settings, hasFile: { path in (try? read(path)) != nil }, log: log)
    let end: Result<Void, CommandFailure> = await follow(report, over: connection.world)
    await connection.close()
    try end.get()
  }

  private func follow(
    _ report: @escaping @Sendable (SourceReport) async -> Void, over world: DiscoveryWorld
  ) async -> Result<Void, CommandFailure> {
    do throws(CommandFailure) {
      switch settings {
      case .toolHive(let settings):
        let client = ToolHiveClient(settings: settings, world: world)
        try await ToolHiveSource(client: client, world: world, isOnlySource: isOnlySource)
          .run(report)
      case .kubernetes(let settings):
        let client = KubernetesClient(settings: settings, world: world, read: read)
        try await KubernetesSource(client: client, isOnlySource: isOnlySource).run(report)
      }
      return .success(())
    } catch {
      return .failure(error)
    }
  }
}

/// The way to ToolHive or Kubernetes for as long as somebody needs it.
struct DiscoveryConnection: Sendable {
  let world: DiscoveryWorld
  private let loop: EventLoop
  private let client: RESTClient

  init(
    to settings: DiscoverySettings, hasFile: (String) -> Bool,
    log: @escaping @Sendable (DiscoveryLogLine) async -> Void
  ) {
    let authority: String? =
      switch settings {
      case .toolHive: nil
      case .kubernetes(let settings):
        [settings.credentials + "/ca.crt"].first { hasFile($0) }
      }
    loop = EventLoop(name: "discovery")
    loop.start()
    client = RESTClient(loop: loop, certificateAuthority: authority)
    world = .real(on: loop, asking: client, log: log)
  }

  func close() async {
    await client.shutdown()
    loop.stop()
  }
}
