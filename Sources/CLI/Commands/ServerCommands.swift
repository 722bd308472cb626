import FleetModel
import Gateway
import Wire

/// `mcpdash servers`, and commands to a running engine that end with a line of what was done:
/// `breaker`, `reconnect`, `trust`, `cache clear`.
struct ServerCommands {
  /// Who it was when not even the system knows.
  static let unknownOwner = "unknown"

  let context: CommandContext

  func list(isJSON: Bool) async throws(CommandFailure) {
    if let door = await context.runningDoorIfAny() {
      let response = try await context.ask(door, .servers(.json))
      await door.close()
      guard !isJSON else { return try context.print(bytes: response.body) }
      return try context.print(
        ServerListText.running(
          Self.servers(in: response), columns: context.columns, ink: context.ink))
    }
    let configuration = try context.configuration()
    context.tell(configuration.errors, as: "error")
    try context.print(
      isJSON
        ? ConfigurationText.serversJSON(configuration)
        : ServerListText.configured(
          configuration, columns: context.columns, ink: context.ink))
  }

  /// Of an answer with a member `servers`.
  static func servers(in response: ControlResponse) -> [ServerPicture] {
    response.view?.member("servers")?.elements
      .compactMap { ServerPicture($0) } ?? []
  }

  /// Says who is accepted, for the name alone may be the same.
  func trust(_ server: String) async throws(CommandFailure) {
    let door = try await context.runningDoor()
    let pictures = Self.servers(in: try await context.ask(door, .servers(.json)))
    if let impostor = pictures.first(where: { $0.name == server })?.impostor {
      for line in ServerListText.words(of: impostor) { context.complain(line) }
    }
    try await perform(.trust(ServerID(server)), through: door, about: server)
  }

  func reconnect(_ server: String) async throws(CommandFailure) {
    let door = try await context.runningDoor()
    try await perform(.reconnect(ServerID(server)), through: door, about: server)
  }

  func clearCache(_ selection: CacheSelection) async throws(CommandFailure) {
    let server: ServerID? =
      switch selection {
      case .all: nil
      case .server(let server), .entry(let server, _): server
      }
    let door = try await context.runningDoor()
    try await perform(.invalidateCache(selection), through: door, about: server?.name)
  }

  /// - Parameter servers: none for all.
  func breaker(
    _ change: Invocation.BreakerChange, _ servers: [String]
  ) async throws(CommandFailure) {
    let door = try await context.runningDoor()
    let names = servers.isEmpty ? try await allServers(through: door) : servers
    for name in names {
      let command: Command =
        switch change {
        case .hold(let request): .override(ServerID(name), override(request))
        case .reset: .resetBreaker(ServerID(name))
        }
      try await perform(command, through: door, about: name)
    }
  }

  private func override(_ request: OverrideRequest) -> BreakerOverride {
    BreakerOverride(
      request.kind, reason: request.reason,
      owner: request.owner ?? context.userName ?? Self.unknownOwner,
      timeToLive: request.timeToLive)
  }

  private func allServers(
    through door: any EngineDoor
  ) async throws(CommandFailure) -> [String] {
    Self.servers(in: try await context.ask(door, .servers(.json))).map(\.name)
  }

  private func perform(
    _ command: Command, through door: any EngineDoor, about server: String?
  ) async throws(CommandFailure) {
    let response = try await context.ask(door, .perform(command), about: server)
    try context.print(try receiptText(of: response) + "\n")
  }

  private func receiptText(
    of response: ControlResponse
  ) throws(CommandFailure) -> String {
    do throws(ControlClientError) { return try response.receipt().text } catch {
      throw CommandFailure(error)
    }
  }
}
