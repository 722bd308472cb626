package import Engine
package import FleetModel
import Synchronization
package import Wire

/// Carries calls to MCP servers of both eras: over streamable HTTP, over HTTP with SSE, through
/// child processes and through FastMCP bridges.
package actor MCPTransport: Transport {
  private enum Link {
    case http(HTTPUpstream)
    case legacy(LegacyStreamUpstream)
    case stdio(StdioUpstream)
    case bridge(BridgeUpstream)
  }

  private struct Scan {
    var server: ServerDefinition
    var task: SharedTask<[PortCandidate]>
  }

  private let loop: EventLoop
  private let client: ClientIdentity
  private let curl: CurlClient
  private let events = EventSink()
  private let tokens: TokenStore?
  private let person: AuthorizationPerson?
  private var links: [ConnectionID: Link] = [:]
  /// What was learned about a server outlives its connections.
  private var upstreams: [ServerID: HTTPUpstream] = [:]
  private var scans: [ServerID: Scan] = [:]
  private var authorizers: [ServerID: Authorizer] = [:]
  private var bridges: [ServerID: BridgeUpstream] = [:]
  /// Those that turned out to speak HTTP with SSE only.
  private var legacyServers: [ServerID: ServerDefinition] = [:]

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    loop.asUnownedSerialExecutor()
  }

  /// - Parameters:
  ///   - client: what the servers are told about us.
  ///   - tokens: the file of logins; nil keeps them in memory.
  ///   - person: who consents to logins while it runs; nil asks nobody and says what to do.
  package init(
    loop: EventLoop, client: ClientIdentity, tokens: String? = nil,
    person: AuthorizationPerson? = nil
  ) {
    self.loop = loop
    self.client = client
    self.person = person
    self.tokens = tokens.map { TokenStore(path: $0) }
    curl = CurlClient(loop: loop)
  }

  package nonisolated func onEvent(_ sink: @escaping @Sendable (TransportEvent) -> Void) {
    events.set(sink)
  }

  package func open(
    _ connection: ConnectionID, to server: ServerDefinition, knownEra: ConnectionInfo?
  ) async throws(Failure) -> ConnectionInfo {
    do throws(Failure) {
      switch server.endpoint {
      case .http(let endpoint):
        guard endpoint.portRange != nil else {
          return try await openHTTP(connection, to: server, knownEra: knownEra)
        }
        return try await openKnown(connection, to: server)
      case .bridge:
        let upstream = try bridge(of: server)
        let info = try await upstream.open(connection)
        links[connection] = .bridge(upstream)
        return info
      case .stdio: return try await openStdio(connection, to: server, knownEra: knownEra)
      }
    } catch {
      // What was sent was ours; no call was.
      var failure = error
      failure.delivery = .notSent
      throw failure
    }
  }

  /// Opens a connection and finds out who is at its other end, believing nothing of earlier ones.
  private func openKnown(
    _ connection: ConnectionID, to server: ServerDefinition
  ) async throws(Failure) -> ConnectionInfo {
    var info = try await openHTTP(connection, to: server, knownEra: nil)
    do throws(Failure) {
      info.identity = ServerIdentity(
        name: info.serverName, tools: try await listTools(on: connection))
    } catch {
      await close(connection)
      throw error
    }
    return info
  }

  private func openHTTP(
    _ connection: ConnectionID, to server: ServerDefinition, knownEra: ConnectionInfo?
  ) async throws(Failure) -> ConnectionInfo {
    if speaksLegacy(server) {
      do throws(Failure) {
        return try await openLegacy(connection, to: server)
      } catch {
        // It may have been replaced; where it was not configured, that is found out anew.
        guard legacyServers.removeValue(forKey: server.id) != nil, error.saysNoStream else {
          throw error
        }
      }
    }
    let upstream = try upstream(of: server)
    let era = knownEra?.transport == .sse ? nil : knownEra
    switch try await upstream.open(connection, knownEra: era) {
    case .opened(let info):
      links[connection] = .http(upstream)
      return info
    case .older(let failure): return try await fallBack(connection, to: server, after: failure)
    }
  }

  private func speaksLegacy(_ server: ServerDefinition) -> Bool {
    guard case .http(let endpoint) = server.endpoint else { return false }
    return endpoint.style == .sse || legacyServers[server.id] == server
  }

  /// `initialize` was refused as a server of 2024-11-05 refuses any POST.
  private func fallBack(
    _ connection: ConnectionID, to server: ServerDefinition, after refusal: Failure
  ) async throws(Failure) -> ConnectionInfo {
    do throws(Failure) {
      let info = try await openLegacy(connection, to: server)
      legacyServers[server.id] = server
      return info
    } catch {
      throw error.saysNoStream ? refusal : error
    }
  }

  private func openLegacy(
    _ connection: ConnectionID, to server: ServerDefinition
  ) async throws(Failure) -> ConnectionInfo {
    let upstream = try LegacyStreamUpstream(
      server: server, connection: connection, loop: loop, client: client, events: events,
      authorizer: authorizer(of: server))
    links[connection] = .legacy(upstream)
    do throws(Failure) {
      return try await upstream.open()
    } catch {
      links[connection] = nil
      await upstream.close()
      throw error
    }
  }

  /// On a stream of its own, which lasts as long as the check.
  private func checkLegacy(_ server: ServerDefinition) async throws(Failure) {
    let upstream = try LegacyStreamUpstream(
      server: server, connection: ConnectionID(number: 0), loop: loop, client: client,
      events: EventSink(), authorizer: authorizer(of: server))
    var failure: Failure?
    do throws(Failure) {
      _ = try await upstream.open()
    } catch {
      failure = error
    }
    await upstream.close()
    if let failure { throw failure }
  }

  private func openStdio(
    _ connection: ConnectionID, to server: ServerDefinition, knownEra: ConnectionInfo?
  ) async throws(Failure) -> ConnectionInfo {
    let upstream = StdioUpstream(
      server: server, connection: connection, loop: loop, client: client, events: events)
    links[connection] = .stdio(upstream)
    do throws(Failure) {
      let info = try await upstream.open(knownEra: knownEra)
      await listen(to: server.id)
      return info
    } catch {
      links[connection] = nil
      await upstream.close()
      throw error
    }
  }

  /// One of a server's processes tells of its changes; the next one when that has ended.
  private func listen(to server: ServerID) async {
    for connection in links.keys.sorted() {
      guard case .stdio(let upstream)? = links[connection], upstream.server.id == server,
        await upstream.isOpen
      else { continue }
      return await upstream.listen()
    }
  }

  /// Callers share a scan of one server; it ends early when none of them waits any more.
  package func locate(_ server: ServerDefinition) async -> [PortCandidate] {
    let scan: Scan
    if let known = scans[server.id], known.server == server {
      scan = known
    } else {
      let task = SharedTask(loop: loop) { [weak self] in await self?.scan(server) ?? [] }
      scan = Scan(server: server, task: task)
      scans[server.id] = scan
    }
    return await scan.task.value() ?? []
  }

  /// The credentials in use are shown to each port, but none are renewed at a stranger's word.
  private func scan(_ server: ServerDefinition) async -> [PortCandidate] {
    guard case .http(let endpoint) = server.endpoint, endpoint.portRange != nil else { return [] }
    var credentials: [HeaderField] = []
    do throws(Failure) {
      credentials = try await authorizer(of: server).credentials(for: nil).fields
    } catch {
      // Without them, those who want them are not recognised; who asks for none still is.
    }
    return await PortScan.candidates(
      for: server, credentials: credentials, loop: loop,
      transport: MCPTransport(loop: loop, client: client))
  }

  package func close(_ connection: ConnectionID) async {
    switch links.removeValue(forKey: connection) {
    case .http(let upstream): await upstream.close(connection)
    case .legacy(let upstream): await upstream.close()
    case .stdio(let upstream):
      await upstream.close()
      await listen(to: upstream.server.id)
    case .bridge(let upstream): await upstream.close(connection)
    case nil: break
    }
  }

  package func exchange(
    _ call: Call, attempt: AttemptID, on connection: ConnectionID
  ) async -> Exchange {
    switch links[connection] {
    case .http(let upstream):
      await upstream.authorizer.clean(
        await upstream.exchange(call, attempt: attempt, on: connection))
    case .legacy(let upstream):
      await upstream.authorizer.clean(await upstream.exchange(call, attempt: attempt))
    case .stdio(let upstream): await upstream.exchange(call, attempt: attempt)
    case .bridge(let upstream): await upstream.exchange(call, on: connection)
    case nil: .connectionGone
    }
  }

  package func listTools(on connection: ConnectionID) async throws(Failure) -> ToolList {
    switch links[connection] {
    case .http(let upstream): try await upstream.listTools(on: connection)
    case .legacy(let upstream): try await upstream.listTools()
    case .stdio(let upstream): try await upstream.listTools()
    case .bridge(let upstream): try await upstream.listTools(on: connection)
    case nil: throw Self.notOpen
    }
  }

  package func check(
    _ server: ServerDefinition, knownEra: ConnectionInfo?, connection: ConnectionID?
  ) async throws(Failure) {
    if let connection, case .legacy(let upstream)? = links[connection] {
      return try await upstream.check()
    }
    if case .http = server.endpoint {
      if speaksLegacy(server) { return try await checkLegacy(server) }
      let era = knownEra?.transport == .sse ? nil : knownEra
      return try await upstream(of: server).check(knownEra: era, connection: connection)
    }
    if case .bridge = server.endpoint { return try await bridge(of: server).check() }
    guard let connection, case .stdio(let upstream)? = links[connection] else {
      throw Self.notOpen
    }
    try await upstream.check()
  }

  /// Whether one connection still works: a `ping` within its session over HTTP, the sign of life
  /// that `check` wants of a child process.
  ///
  /// A modern server's connection is no socket and has no session, so it always works; libcurl
  /// keeps the sockets. Bounded by the caller's cancellation only.
  package func validate(_ connection: ConnectionID) async throws(Failure) {
    switch links[connection] {
    case .http(let upstream): try await upstream.validate(connection)
    case .legacy(let upstream): try await upstream.check()
    case .stdio(let upstream): try await upstream.check()
    case .bridge(let upstream): try await upstream.validate(connection)
    case nil: throw Self.notOpen
    }
  }

  package func shutdown() async {
    for id in scans.keys.sorted() { await scans[id]?.task.stop() }
    let open = links.keys.sorted()
    await withTaskGroup(of: Void.self) { group in
      for connection in open { group.addTask { await self.close(connection) } }
    }
    for id in upstreams.keys.sorted() { await upstreams[id]?.settle() }
    upstreams = [:]
    for id in authorizers.keys.sorted() { await authorizers[id]?.settle() }
    await curl.shutdown()
  }

  /// A changed definition is another server.
  private func upstream(of server: ServerDefinition) throws(Failure) -> HTTPUpstream {
    if let known = upstreams[server.id], known.server == server { return known }
    let upstream = try HTTPUpstream(
      server: server, loop: loop, client: client, events: events,
      authorizer: authorizer(of: server))
    upstreams[server.id] = upstream
    return upstream
  }

  /// All connections to a server share its credentials.
  private func authorizer(of server: ServerDefinition) -> Authorizer {
    guard case .http(let endpoint) = server.endpoint else {
      preconditionFailure("only an HTTP upstream sends credentials")
    }
    if let known = authorizers[server.id], known.endpoint == endpoint { return known }
    let authorizer = Authorizer(
      server: server.id, endpoint: endpoint, loop: loop, curl: curl, store: tokens,
      person: person)
    authorizers[server.id] = authorizer
    return authorizer
  }

  private func bridge(of server: ServerDefinition) throws(Failure) -> BridgeUpstream {
    if let known = bridges[server.id], known.server == server { return known }
    let upstream = try BridgeUpstream(server: server, loop: loop, curl: curl)
    bridges[server.id] = upstream
    return upstream
  }

  private static let notOpen = Failure(
    .notConnected, "the connection is not open", delivery: .notSent)
}

extension Failure {
  /// There is somebody, but no event stream of 2024-11-05.
  fileprivate var saysNoStream: Bool {
    switch kind {
    case .httpStatus(400..<500), .incompatibleProtocol, .malformedAnswer: true
    default: false
    }
  }
}

extension Exchange {
  /// The connection ended between its grant and the sending: the call may go at once over another.
  static let connectionGone = Exchange(
    reply: .failure(
      Failure(.sessionLost, "the connection has just been closed", delivery: .notSent)),
    closesConnection: true)
}

/// Where unasked events go; set once.
final class EventSink: Sendable {
  private let sink = Mutex<(@Sendable (TransportEvent) -> Void)?>(nil)

  func set(_ sink: @escaping @Sendable (TransportEvent) -> Void) {
    self.sink.withLock { $0 = sink }
  }

  func send(_ event: TransportEvent) {
    guard let sink = sink.withLock({ $0 }) else { return }
    sink(event)
  }
}

/// Ids for requests that are no one's attempt: above every attempt's number, and exact in a
/// double.
struct OwnIDs {
  private var last = 1 << 50

  mutating func next() -> Int {
    last += 1
    return last
  }
}
