package import Engine
package import FleetModel
import Synchronization
package import Wire

/// Carries calls to MCP servers of both eras, over Streamable HTTP and over child processes.
package actor MCPTransport: Transport {
  private enum Link {
    case http(HTTPUpstream)
    case stdio(StdioUpstream)
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
      case .http: return try await openHTTP(connection, to: server, knownEra: knownEra)
      case .bridge: throw Self.notOpen
      case .stdio: return try await openStdio(connection, to: server, knownEra: knownEra)
      }
    } catch {
      // What was sent was ours; no call was.
      var failure = error
      failure.delivery = .notSent
      throw failure
    }
  }

  private func openHTTP(
    _ connection: ConnectionID, to server: ServerDefinition, knownEra: ConnectionInfo?
  ) async throws(Failure) -> ConnectionInfo {
    let upstream = upstream(of: server)
    let info = try await upstream.open(connection, knownEra: knownEra)
    links[connection] = .http(upstream)
    return info
  }

  private func openStdio(
    _ connection: ConnectionID, to server: ServerDefinition, knownEra: ConnectionInfo?
  ) async throws(Failure) -> ConnectionInfo {
    let upstream = StdioUpstream(
      server: server, connection: connection, loop: loop, client: client, events: events)
    links[connection] = .stdio(upstream)
    do throws(Failure) {
      return try await upstream.open(knownEra: knownEra)
    } catch {
      links[connection] = nil
      await upstream.close()
      throw error
    }
  }

  package func locate(_ server: ServerDefinition) async -> [PortCandidate] { [] }

  package func close(_ connection: ConnectionID) async {
    switch links.removeValue(forKey: connection) {
    case .http(let upstream): await upstream.close(connection)
    case .stdio(let upstream): await upstream.close()
    case nil: break
    }
  }

  package func exchange(
    _ call: Call, attempt: AttemptID, on connection: ConnectionID
  ) async -> Exchange {
    var exchange =
      switch links[connection] {
      case .http(let upstream):
        await upstream.exchange(call, attempt: attempt, on: connection)
      case .stdio(let upstream): await upstream.exchange(call, attempt: attempt)
      case nil: Exchange.connectionGone
      }
    if case .success(let result) = exchange.reply {
      exchange.timeToLive = CacheHint.timeToLive(of: result, method: call.method)
    }
    return exchange
  }

  package func listTools(on connection: ConnectionID) async throws(Failure) -> ToolList {
    switch links[connection] {
    case .http(let upstream): try await upstream.listTools(on: connection)
    case .stdio(let upstream): try await upstream.listTools()
    case nil: throw Self.notOpen
    }
  }

  package func check(
    _ server: ServerDefinition, knownEra: ConnectionInfo?, connection: ConnectionID?
  ) async throws(Failure) {
    if case .http = server.endpoint {
      return try await upstream(of: server).check(knownEra: knownEra, connection: connection)
    }
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
    case .stdio(let upstream): try await upstream.check()
    case nil: throw Self.notOpen
    }
  }

  package func shutdown() async {
    let open = links.keys.sorted()
    await withTaskGroup(of: Void.self) { group in
      for connection in open { group.addTask { await self.close(connection) } }
    }
    for id in upstreams.keys.sorted() { await upstreams[id]?.settle() }
    upstreams = [:]
    await curl.shutdown()
  }

  /// A changed definition is another server.
  private func upstream(of server: ServerDefinition) -> HTTPUpstream {
    if let known = upstreams[server.id], known.server == server { return known }
    guard case .http(let endpoint) = server.endpoint else {
      preconditionFailure("an HTTP upstream has an HTTP endpoint")
    }
    let authorizer = Authorizer(
      server: server.id, endpoint: endpoint, loop: loop, curl: curl, store: tokens,
      person: person)
    let upstream = HTTPUpstream(
      server: server, loop: loop, curl: curl, client: client, events: events,
      authorizer: authorizer)
    upstreams[server.id] = upstream
    return upstream
  }

  private static let notOpen = Failure(
    .notConnected, "the connection is not open", delivery: .notSent)
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

  /// A server's notification, of which only changes matter.
  func noticed(_ method: String, by server: ServerID) {
    if method == MCPMethod.toolsChanged { send(.toolsChanged(server)) }
    if let methods = MCPMethod.changedReads(by: method) { send(.readsChanged(server, methods)) }
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
