package import FleetModel
import Wire

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

  /// - Parameter server: nil for all servers.
  package static func cache(of server: ServerID?, _ format: Format) -> ControlRequest {
    read(.cacheJSON, .cacheText, format, query(server))
  }

  /// - Parameter server: nil for all servers.
  package static func statistics(of server: ServerID?, _ format: Format) -> ControlRequest {
    read(.statisticsJSON, .statisticsText, format, query(server))
  }

  /// Any command; the engine gets it as it is, but for texts and times beyond `ControlOverride`'s
  /// limits.
  package static func perform(_ command: Command) -> ControlRequest {
    switch command {
    case .override(let server, let override):
      send(route(of: override.kind), name: server.name) {
        ControlOverride.write(override, to: &$0)
      }
    case .resetBreaker(let server): send(.resetBreaker, name: server.name)
    case .reconnect(let server): send(.reconnect, name: server.name)
    case .trust(let server): send(.trust, name: server.name)
    case .invalidateCache(let selection):
      send(.clearCache) { ControlCacheChoice.write(selection, to: &$0) }
    case .replay(let order): send(.replay) { ControlReplayRequest.write(order, to: &$0) }
    case .stopReplay(let number):
      send(.stopReplay) { ControlReplayRequest.writeStop(number, to: &$0) }
    case .discard(let selection):
      send(.discard) { ControlLetterChoice.write(selection, to: &$0) }
    case .delete(let selection):
      send(.delete) { ControlLetterChoice.write(selection, to: &$0) }
    }
  }

  /// A `tools/call`.
  /// - Parameter timeout: nil leaves the server's own policies alone; at most a day.
  package static func call(
    _ tool: String, arguments: JSONText, on server: ServerID, timeout: Duration? = nil,
    client: String? = nil, token: Secret? = nil
  ) -> ControlRequest {
    send(.call) {
      $0.member("server", server.name)
      $0.member("tool", tool)
      $0.member("arguments", arguments)
      $0.member("timeoutSeconds", timeout?.seconds)
      $0.member("client", client)
      $0.member("token", token?.value)
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

  static func read(_ route: ControlRoute, _ query: [String] = []) -> ControlRequest {
    ControlRequest(
      method: route.method,
      target: query.isEmpty ? route.path : route.path + "?" + query.joined(separator: "&"))
  }

  static func read(
    _ json: ControlRoute, _ text: ControlRoute, _ format: Format, _ query: [String] = []
  ) -> ControlRequest {
    switch format {
    case .json: read(json, query)
    case .text(let columns): read(text, query + ["columns=\(columns)"])
    }
  }

  private static func route(of kind: BreakerOverride.Kind) -> ControlRoute {
    switch kind {
    case .open: .openBreaker
    case .closed: .closeBreaker
    case .disabled: .disableBreaker
    }
  }

  private static func query(_ server: ServerID?) -> [String] {
    server.map { ["server=\(PercentCoding.encode($0.name))"] } ?? []
  }

  /// - Parameter members: of the body; a request without them has none.
  private static func send(
    _ route: ControlRoute, name: String, _ members: ((inout JSONWriter) -> Void)? = nil
  ) -> ControlRequest {
    var writer = JSONWriter()
    if let members { writer.object(members) }
    let segments = route.path.split(separator: "/").map {
      $0 == ControlRoute.name ? PercentCoding.encode(name) : String($0)
    }
    return ControlRequest(
      method: route.method, target: "/" + segments.joined(separator: "/"), body: writer.bytes)
  }

  private static func send(
    _ route: ControlRoute, _ members: (inout JSONWriter) -> Void
  ) -> ControlRequest {
    var writer = JSONWriter()
    writer.object(members)
    return ControlRequest(method: route.method, target: route.path, body: writer.bytes)
  }
}
