package import FleetModel

// One builder for each route, so that nobody else spells a path.
extension ControlRequest {
  /// How a list or a picture is wanted.
  package enum Format: Hashable, Sendable {
    case json
    /// - Parameter columns: of a line, 1…`ControlInterface.columnLimit`.
    case text(columns: Int)
  }

  package static var engine: ControlRequest { read(.engine) }

  package static var metrics: ControlRequest { read(.metrics) }

  package static func snapshot(_ format: Format) -> ControlRequest {
    read(.snapshotJSON, .snapshotText, format)
  }

  package static func servers(_ format: Format) -> ControlRequest {
    read(.serversJSON, .serversText, format)
  }

  package static func breakers(_ format: Format) -> ControlRequest {
    read(.breakersJSON, .breakersText, format)
  }

  /// - Parameters:
  ///   - server: nil for all servers.
  ///   - limit: 1…`ControlInterface.letterLimit`.
  package static func deadLetters(
    of server: ServerID?, limit: Int, _ format: Format
  ) -> ControlRequest {
    var query = ["limit=\(limit)"]
    if let server { query.append("server=\(PercentCoding.encode(server.name))") }
    return read(.deadLettersJSON, .deadLettersText, format, query)
  }

  package static func openBreaker(_ server: ServerID) -> ControlRequest {
    send(.openBreaker, name: server.name)
  }

  package static func closeBreaker(_ server: ServerID) -> ControlRequest {
    send(.closeBreaker, name: server.name)
  }

  package static func resetBreaker(_ server: ServerID) -> ControlRequest {
    send(.resetBreaker, name: server.name)
  }

  package static func replay(
    _ selection: DeadLetterSelection, force: Bool
  ) -> ControlRequest {
    send(.replay) {
      choice(selection, &$0)
      $0.member("force", force)
    }
  }

  package static func discard(_ selection: DeadLetterSelection) -> ControlRequest {
    send(.discard) { choice(selection, &$0) }
  }

  /// Any command, for who has one in hand.
  package static func perform(_ command: Command) -> ControlRequest {
    switch command {
    case .override(let server, let override):
      override.kind == .open ? .openBreaker(server) : .closeBreaker(server)
    case .resetBreaker(let server), .reconnect(let server): .resetBreaker(server)
    case .invalidateCache: .discard(.ids([]))
    case .replay(let selection, let force): .replay(selection, force: force)
    case .discard(let selection): .discard(selection)
    }
  }

  /// A `tools/call`.
  /// - Parameter timeout: nil leaves the server's own policies alone; at most a day.
  package static func call(
    _ tool: String, arguments: JSONText, on server: ServerID, timeout: Duration? = nil,
    client: String? = nil
  ) -> ControlRequest {
    send(.call) {
      $0.member("server", server.name)
      $0.member("tool", tool)
      $0.member("arguments", arguments)
      $0.member("timeoutSeconds", timeout?.seconds)
      $0.member("client", client)
    }
  }

  /// Any method.
  /// - Parameter timeout: nil leaves the server's own policies alone; at most a day.
  package static func call(
    method: String, params: JSONText, on server: ServerID, timeout: Duration? = nil,
    client: String? = nil
  ) -> ControlRequest {
    send(.call) {
      $0.member("server", server.name)
      $0.member("method", method)
      $0.member("params", params)
      $0.member("timeoutSeconds", timeout?.seconds)
      $0.member("client", client)
    }
  }

  private static func read(_ route: ControlRoute, _ query: [String] = []) -> ControlRequest {
    ControlRequest(
      method: route.method,
      target: query.isEmpty ? route.path : route.path + "?" + query.joined(separator: "&"))
  }

  private static func read(
    _ json: ControlRoute, _ text: ControlRoute, _ format: Format, _ query: [String] = []
  ) -> ControlRequest {
    switch format {
    case .json: read(json, query)
    case .text(let columns): read(text, query + ["columns=\(columns)"])
    }
  }

  private static func send(_ route: ControlRoute, name: String) -> ControlRequest {
    let segments = route.path.split(separator: "/").map {
      $0 == ControlRoute.name ? PercentCoding.encode(name) : String($0)
    }
    return ControlRequest(method: route.method, target: "/" + segments.joined(separator: "/"))
  }

  private static func send(
    _ route: ControlRoute, _ members: (inout JSONWriter) -> Void
  ) -> ControlRequest {
    var writer = JSONWriter()
    writer.object(members)
    return ControlRequest(method: route.method, target: route.path, body: writer.bytes)
  }

  private static func choice(_ selection: DeadLetterSelection, _ writer: inout JSONWriter) {
    switch selection {
    case .ids(let ids):
      writer.key("ids")
      writer.array { writer in
        for id in ids { writer.value(id.description) }
      }
    case .server(let server): writer.member("server", server.name)
    case .all: writer.member("all", true)
    }
  }
}
