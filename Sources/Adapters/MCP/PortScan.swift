import Engine
import FleetModel
import Wire

/// Asks every port of a server's range at once who is there.
///
/// The server's headers and credentials go to each port of its own host that the operator named: a
/// range is a word of trust.
actor PortScan {
  /// Ports of a range that are asked; of a larger range the first.
  static let portLimit = 1024
  /// Ports that are asked at once.
  static let concurrencyLimit = 64
  /// For everything that one port is asked.
  static let portTimeLimit = Duration.seconds(2)
  /// For the whole scan; what was found until then counts.
  static let timeLimit = Duration.seconds(30)

  private let server: ServerDefinition
  private let loop: EventLoop
  /// Its own, so that nothing of a scan outlives it.
  private let transport: MCPTransport
  private var found: [PortCandidate] = []

  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  private init(_ server: ServerDefinition, _ loop: EventLoop, _ transport: MCPTransport) {
    self.server = server
    self.loop = loop
    self.transport = transport
  }

  /// Those that answer as MCP servers, by port; cut short by the task's cancellation.
  ///
  /// - Parameter credentials: in the place of headers of their names; nothing else authorises.
  static func candidates(
    for server: ServerDefinition, credentials: [HeaderField], loop: EventLoop,
    transport: MCPTransport
  ) async -> [PortCandidate] {
    var server = server
    if case .http(var endpoint) = server.endpoint {
      let names = credentials.map { $0.name.lowercased() }
      endpoint.headers.removeAll { names.contains($0.name.lowercased()) }
      endpoint.headers += credentials
      endpoint.authorization = .none
      server.endpoint = .http(endpoint)
    }
    let scan = PortScan(server, loop, transport)
    await scan.run()
    await transport.shutdown()
    return await scan.found.sorted { $0.port < $1.port }
  }

  private func run() async {
    guard case .http(let endpoint) = server.endpoint, let range = endpoint.portRange else { return }
    let ports = range.prefix(Self.portLimit)
    await loop.limited(to: Self.timeLimit) {
      await withTaskGroup(of: Void.self) { group in
        for (index, port) in ports.enumerated() {
          if index >= Self.concurrencyLimit { await group.next() }
          guard !Task.isCancelled else { break }
          group.addTask { await self.ask(port, endpoint) }
        }
      }
    }
  }

  private func ask(_ port: Int, _ endpoint: HTTPEndpoint) async {
    guard let url = CurlURL.replacingPort(of: endpoint.url, with: port) else { return }
    var there = endpoint
    there.url = url
    there.portRange = nil
    var server = server
    server.id = ServerID(String(port))
    server.endpoint = .http(there)
    let connection = ConnectionID(number: UInt64(port))
    let identity = await loop.limited(to: Self.portTimeLimit) { [server] in
      await self.identity(of: server, over: connection)
    }
    if let identity { found.append(PortCandidate(port: port, identity: identity)) }
    await transport.close(connection)
  }

  private func identity(
    of server: ServerDefinition, over connection: ConnectionID
  ) async -> ServerIdentity? {
    do throws(Failure) {
      let info = try await transport.open(connection, to: server, knownEra: nil)
      return ServerIdentity(
        name: info.serverName, tools: try await transport.listTools(on: connection))
    } catch {
      // Nobody, or nobody that we look for: the usual case, and of no use to anyone.
      return nil
    }
  }
}

extension ServerIdentity {
  init(name: String?, tools: ToolList) {
    self.init(
      name: name ?? "",
      toolsDigest: Digest.hexadecimal(Digest.sha256(ToolsDigest.canonical(tools.result))))
  }
}
