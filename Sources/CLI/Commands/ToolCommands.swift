import FleetModel
import Gateway
import Telemetry
import Wire

/// `mcpdash tools`.
struct ToolCommands {
  /// Pages of a list of tools; a longer one has no end.
  static let pageLimit = 100

  let context: CommandContext
  let request: ToolsRequest

  func run() async throws(CommandFailure) -> ExitStatus {
    let (door, _) = try await context.anyDoor(for: request.server)
    do throws(CommandFailure) {
      let status =
        if let server = request.server {
          try await tools(of: server, through: door)
        } else {
          try await toolsOfAll(through: door)
        }
      await door.close()
      return status
    } catch {
      await door.close()
      throw error
    }
  }

  // MARK: - One server

  private func tools(
    of server: String, through door: any EngineDoor
  ) async throws(CommandFailure) -> ExitStatus {
    let list: JSONText
    switch try await listing(of: server, through: door) {
    case .tools(let json): list = json
    case .end(let end): return try end.tell(in: context)
    }
    if let name = request.tool { return try show(name, of: server, in: list) }
    if request.isJSON {
      try context.print(list.text + "\n")
    } else {
      try context.print(ToolListText.list(list, columns: context.columns, ink: context.ink))
    }
    return .success
  }

  private func show(
    _ name: String, of server: String, in list: JSONText
  ) throws(CommandFailure) -> ExitStatus {
    let tools = JSONView(trusted: list).member("tools")?.elements.map { $0 } ?? []
    guard let tool = tools.first(where: { $0.member("name")?.string == name }) else {
      let names = tools.compactMap { $0.member("name")?.string.map(PlainText.clean) }
      throw CommandFailure(
        "\(server) has no tool '\(name)'" + Suggestion.phrase(for: name, among: names), .usage)
    }
    try context.print(
      request.isJSON
        ? tool.json.text + "\n"
        : ToolListText.details(tool, columns: context.columns, ink: context.ink))
    return .success
  }

  private enum Listing: Sendable {
    case tools(JSONText)
    /// The list could not be had.
    case end(CallEnding)
  }

  private func listing(
    of server: String, through door: any EngineDoor
  ) async throws(CommandFailure) -> Listing {
    var pages: [JSONText] = []
    var seen: Set<String> = []
    var cursor: String?
    repeat {
      let answer = try await context.ask(
        door,
        .call(
          method: "tools/list", params: MCPMessages.page(after: cursor), on: ServerID(server),
          timeout: request.timeout), about: server)
      let ending = try CallEnding(answer)
      guard ending.end == .success else { return .end(ending) }
      pages.append(ending.detail)
      cursor = JSONView(trusted: ending.detail).member("nextCursor")?.string
      if let cursor, !seen.insert(cursor).inserted || pages.count == Self.pageLimit {
        throw CommandFailure("the server's list of tools has no end", .failure)
      }
    } while cursor != nil
    return .tools(ToolText.joined(pages))
  }

  // MARK: - All servers

  /// All at once; told in the fleet's order. The worst end is the command's.
  private func toolsOfAll(
    through door: any EngineDoor
  ) async throws(CommandFailure) -> ExitStatus {
    let names = ServerCommands.servers(in: try await context.ask(door, .servers(.json)))
      .map(\.name)
    let found = await withTaskGroup(
      of: (Int, Result<Listing, CommandFailure>).self
    ) { group in
      for (index, name) in names.enumerated() {
        group.addTask { (index, await result(of: name, through: door)) }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    let listings = found.sorted { $0.0 < $1.0 }.map { (name: names[$0.0], result: $0.1) }
    if request.isJSON {
      try context.print(json(of: listings) + "\n")
    } else {
      try printText(of: listings)
    }
    let isWhole = listings.allSatisfy { listing in
      if case .success(.tools) = listing.result { true } else { false }
    }
    return isWhole ? .success : .failure
  }

  private func result(
    of server: String, through door: any EngineDoor
  ) async -> Result<Listing, CommandFailure> {
    do throws(CommandFailure) {
      return .success(try await listing(of: server, through: door))
    } catch {
      return .failure(error)
    }
  }

  private func printText(
    of listings: [(name: String, result: Result<Listing, CommandFailure>)]
  ) throws(CommandFailure) {
    for (number, listing) in listings.enumerated() {
      let name = PlainText.clean(listing.name)
      switch listing.result {
      case .success(.tools(let tools)):
        try context.print(
          (number > 0 ? "\n" : "") + context.ink.paint(name, .bold) + "\n"
            + ToolListText.list(tools, columns: context.columns, ink: context.ink, indent: 2))
      case .success(.end(let end)): context.complain("\(name): \(end.words)")
      case .failure(let failure): context.complain("\(name): \(failure.message)")
      }
    }
  }

  private func json(
    of listings: [(name: String, result: Result<Listing, CommandFailure>)]
  ) -> String {
    var writer = JSONWriter()
    writer.object {
      $0.member(
        "servers",
        array: { list in
          for listing in listings {
            list.object { server in
              server.member("name", listing.name)
              var error: String?
              switch listing.result {
              case .success(.tools(let tools)):
                server.member(
                  "tools", JSONView(trusted: tools).member("tools")?.json ?? .null)
              case .success(.end(let end)): error = end.words
              case .failure(let failure): error = failure.message
              }
              if error != nil { server.member("tools", JSONText.null) }
              server.member("error", error)
            }
          }
        })
    }
    return PlainText.escapingHidden(in: writer.json).text
  }
}
