import FleetModel

/// `mcpdash servers` for people.
enum ServerListText {
  /// Those of an engine, and under them what no column has room for.
  static func running(_ servers: [ServerPicture], columns: Int, ink: Ink) -> String {
    guard !servers.isEmpty else { return "" }
    var table = ColumnTable([
      .init(title: "SERVER"), .init(title: "STATE"), .init(title: "BREAKER"),
      .init(title: "TOOLS", isRight: true), .init(title: "TRANSPORT"), .init(title: "ERA"),
      .init(title: "ADDRESS", limit: 48, minimum: 10),
      .init(title: "SOURCE", limit: 64, minimum: 20),
    ])
    for server in servers {
      table.add([
        .init(server.name), .init(server.state.rawValue, server.state.colour),
        .init(server.breaker, server.breaker == "closed" ? nil : .yellow),
        .init(server.toolCount.map(String.init)), .init(server.transport), .init(server.era),
        .init(server.address), .init(server.source, .faint),
      ])
    }
    let remarks = servers.flatMap(remarks)
    return table.text(columns: columns, ink: ink)
      + (remarks.isEmpty ? "" : "\n")
      + remarks.map { ToolText.lines($0).replacing("\n", with: " ") + "\n" }.joined()
  }

  /// Those of the configuration, of which nothing else is known.
  static func configured(_ configuration: Configuration, columns: Int, ink: Ink) -> String {
    guard !configuration.servers.isEmpty else { return "" }
    var table = ColumnTable([
      .init(title: "SERVER"), .init(title: "TRANSPORT"),
      .init(title: "ADDRESS", limit: 64, minimum: 10),
      .init(title: "SOURCE", limit: 80, minimum: 20),
    ])
    for server in configuration.servers {
      table.add([
        .init(server.id.name), .init(ConfigurationText.transport(server.endpoint)),
        .init(server.endpoint.address + ConfigurationText.others(server)),
        .init(server.source, .faint),
      ])
    }
    return table.text(columns: columns, ink: ink)
  }

  private static func remarks(on server: ServerPicture) -> [String] {
    if let impostor = server.impostor {
      return Self.words(of: impostor).map { "\(server.name): \($0)" }
        + ["\(server.name): 'mcpdash trust \(server.name)' accepts it"]
    }
    return server.trouble.map { ["\(server.name): \($0)"] } ?? []
  }

  /// Who should answer there and who does.
  static func words(of impostor: ServerPicture.Impostor) -> [String] {
    let place = impostor.address.map { " at \($0)" } ?? ""
    return [
      "expected \(impostor.expected.words)", "found\(place) \(impostor.found.words)",
    ]
  }
}
