import Engine
import FleetModel
import Wire

/// One server as a child process; its requests share the pipes.
actor StdioUpstream {
  struct Pending {
    var continuation: CheckedContinuation<Result<RPCAnswer, Failure>, Never>
    /// Of the request's last byte in the child's input; nil before it was queued.
    var position: Int
  }

  static let probeLimit = Duration.seconds(10)
  /// Requests that wait for their responses at once.
  static let pendingLimit = 1000

  nonisolated let server: ServerDefinition
  private let connection: ConnectionID
  let loop: EventLoop
  private let client: ClientIdentity
  private let events: EventSink
  let notices: PeerNotices
  private var child: ChildProcess?
  private(set) var dialect: Dialect?
  private var pending: [Int: Pending] = [:]
  var ids = OwnIDs()
  /// What the child said when it was started.
  private(set) var capabilities = ServerCapabilities()
  /// The tools that a handshake server runs as tasks only.
  var taskTools: Set<String> = []
  /// The `subscriptions/listen` under way.
  var subscription: SubscriptionCourse?
  var isSubscriptionRenewed = false
  private var listening: Task<Void, Never>?
  /// Counts the children, so that a late word of an earlier one is known as such.
  private var generation = 0
  private(set) var isOpen = false
  private(set) var exit: Failure?
  private var garbageCount = 0

  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  init(
    server: ServerDefinition, connection: ConnectionID, loop: EventLoop, client: ClientIdentity,
    events: EventSink
  ) {
    self.server = server
    self.connection = connection
    self.loop = loop
    self.client = client
    self.events = events
    notices = PeerNotices(server, loop: loop, events: events)
  }

  // MARK: The connection's life

  /// Starts the child and settles the era.
  ///
  /// A server may be bound for good by the first request it gets, and some die of one they do not
  /// know: where the probe was followed by trouble, a fresh child gets `initialize` first.
  func open(knownEra: ConnectionInfo?) async throws(Failure) -> ConnectionInfo {
    try spawn()
    var info: ConnectionInfo
    if knownEra?.era == .handshake {
      info = try await initialize(mayBeModern: true)
    } else {
      switch try await probe(version: ProtocolVersion.modern[0], isRetry: false) {
      case .settled(let settled): info = settled
      case .handshake:
        do throws(Failure) {
          info = try await initialize(mayBeModern: true)
        } catch {
          guard error.kind != .cancelled, !Task.isCancelled else { throw error }
          await stopChild()
          try spawn()
          info = try await initialize(mayBeModern: false)
        }
      }
    }
    await setLogLevel()
    if let exit { throw exit }
    isOpen = true
    return info
  }

  func close() async {
    isOpen = false
    listening?.cancel()
    await listening?.value
    listening = nil
    await stopChild()
  }

  /// Begins to listen for changes where a subscription is needed for that.
  func listen() {
    guard server.policies.session.listens, isOpen, listening == nil, dialect?.era == .modern
    else { return }
    listening = Task { await self.listenUntilRefused() }
  }

  private func spawn() throws(Failure) {
    guard
      case .stdio(let command, let arguments, let environment, let directory) = server.endpoint
    else { preconditionFailure("a stdio upstream has a stdio endpoint") }
    generation += 1
    exit = nil
    let current = generation
    child = try ChildProcess.start(
      ChildCommand(
        command: command, arguments: arguments, environment: environment,
        workingDirectory: directory), on: loop
    ) { [weak self] event in
      self?.assumeIsolated { if $0.generation == current { $0.take(event) } }
    }
  }

  private func stopChild() async {
    guard let child else { return }
    await child.stop()
    self.child = nil
  }

  // MARK: Eras

  private enum ProbeResult {
    case settled(ConnectionInfo)
    case handshake
  }

  private func probe(version: String, isRetry: Bool) async throws(Failure) -> ProbeResult {
    let dialect = modern(version)
    let id = ids.next()
    let body = dialect.request(id: id, method: MCPMethod.discover)
    let outcome = await probeOutcome(id: id, body)
    switch EraProbe.verdict(outcome, isRetry: isRetry) {
    case .modern(let version):
      self.dialect = modern(version)
      var introduction: ServerIntroduction?
      if case .answered(.result(let result), _) = outcome {
        introduction = ServerIntroduction(result)
      }
      capabilities = introduction?.capabilities ?? ServerCapabilities()
      return .settled(
        ConnectionInfo(
          era: .modern, protocolVersion: version, serverName: introduction?.name,
          serverVersion: introduction?.version))
    case .handshake: return .handshake
    case .retryAt(let version): return try await probe(version: version, isRetry: true)
    // It died of the question: perhaps it only knows `initialize`.
    case .inconclusive(let failure) where failure.kind == .processExited && !isRetry:
      return .handshake
    case .inconclusive(let failure), .incompatible(let failure): throw failure
    }
  }

  private func modern(_ version: String) -> Dialect {
    .modern(version: version, client: client, logLevel: server.policies.session.logLevel)
  }

  private func probeOutcome(id: Int, _ body: [UInt8]) async -> ProbeOutcome {
    let result = await loop.limited(to: Self.probeLimit) {
      await self.ask(id: id, body, cancellation: nil)
    }
    switch result {
    case .success(let answer): return .answered(answer, httpStatus: nil)
    case .failure(let failure):
      return failure.kind == .cancelled && !Task.isCancelled ? .silent : .failed(failure)
    }
  }

  private func initialize(mayBeModern: Bool) async throws(Failure) -> ConnectionInfo {
    let id = ids.next()
    let answer = await ask(
      id: id, MCPMessages.initialize(id: id, client: client), cancellation: nil)
    switch try answer.get() {
    case .error(let error):
      if mayBeModern, let version = EraProbe.modernVersion(refusing: error),
        case .settled(let info) = try await probe(version: version, isRetry: true)
      {
        return info
      }
      throw Failure(
        .incompatibleProtocol, "the server refused initialize: \(error.message) (\(error.code))",
        delivery: .refused)
    case .result(let result):
      let version = try ServerIntroduction.version(settledBy: result)
      dialect = .handshake(version: version)
      let introduction = ServerIntroduction(result)
      capabilities = introduction.capabilities
      _ = try write(MCPMessages.initialized())
      return ConnectionInfo(
        era: .handshake, protocolVersion: version, serverName: introduction.name,
        serverVersion: introduction.version)
    }
  }

  // MARK: Requests

  /// - Parameter cancellation: what the server is told when the task is cancelled.
  func ask(
    id: Int, _ body: [UInt8], cancellation: [UInt8]?
  ) async -> Result<RPCAnswer, Failure> {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        do throws(Failure) {
          // The handler found nothing yet, and does not come again.
          guard !Task.isCancelled else {
            throw Failure(.cancelled, "the caller gave up", delivery: .notSent)
          }
          guard pending.count < Self.pendingLimit else {
            throw Failure(
              .poolExhausted, "\(Self.pendingLimit) requests wait for the process already",
              delivery: .notSent)
          }
          let position = try write(body)
          pending[id] = Pending(continuation: continuation, position: position)
        } catch {
          continuation.resume(returning: .failure(error))
        }
      }
    } onCancel: {
      loop.run { self.assumeIsolated { $0.cancel(id, cancellation) } }
    }
  }

  private func cancel(_ id: Int, _ notice: [UInt8]?) {
    guard let request = pending.removeValue(forKey: id) else { return }
    request.continuation.resume(
      returning: .failure(Failure(.cancelled, "the caller gave up", delivery: .unknown)))
    // A process that cannot take the notice is in more trouble than an unwanted answer.
    if let notice { _ = try? write(notice) }
  }

  func write(_ line: [UInt8]) throws(Failure) -> Int {
    guard let child, exit == nil else { throw exit ?? Self.gone }
    let result: Result<Int, Failure> = child.assumeIsolated { child in
      do throws(Failure) { return .success(try child.write(line)) } catch { return .failure(error) }
    }
    return try result.get()
  }

  // MARK: What the child says

  private func take(_ event: ChildProcess.Event) {
    switch event {
    case .line(let line): takeLine(line)
    case .overlongLine(let beginning): takeOverlong(beginning)
    case .exited(let exit): takeExit(exit)
    }
  }

  private func takeLine(_ line: [UInt8]) {
    // Why it cannot be read does not matter: many programs print to the wrong stream.
    guard let view = try? JSONView(line), let messages = try? RPCMessage.all(in: view) else {
      garbageCount += 1
      if garbageCount == 1 {
        events.send(
          .note(server.id, .warning, "it prints lines that are no MCP messages to its output"))
      }
      return
    }
    for message in messages {
      switch message {
      case .response(let id, let answer): takeResponse(id, answer)
      case .notification(let method, let params): takeNotification(method, params, message)
      case .request(let id, let method, let params): answer(id, method, params)
      }
    }
  }

  private func takeNotification(_ method: String, _ params: JSONView?, _ message: RPCMessage) {
    guard dialect?.era == .modern else {
      notices.take(method, params)
      return
    }
    switch subscription?.take(message) {
    case .acknowledged:
      if isSubscriptionRenewed { notices.announceEverything(capabilities) }
    case .notice: notices.take(method, params)
    case .ended:
      if let id = subscription?.id { end(id) }
    case .nothing, .refused: break
    case nil:
      // Without a subscription only what belongs to a request is meant for us.
      switch ServerNotice(method: method, params: params) {
      case .progress, .logged: notices.take(method, params)
      case .toolsChanged, .readsChanged, .acknowledged, .ended, .other: break
      }
    }
  }

  /// A handshake server may ask us, and waits for it.
  private func answer(_ id: JSONText, _ method: String, _ params: JSONView?) {
    guard dialect?.era != .modern else { return }
    let response = PeerRequest.response(
      to: id, method, params, answer: server.policies.session.inputAnswer)
    if let note = response.note { notices.note(.info, note) }
    // It sees soon enough that we are gone.
    _ = try? write(response.bytes)
  }

  /// The server ended a request of ours without a response.
  private func end(_ id: Int) {
    pending.removeValue(forKey: id)?.continuation.resume(
      returning: .success(.result(JSONView(trusted: .emptyObject))))
  }

  private func takeResponse(_ id: JSONText?, _ answer: RPCAnswer) {
    guard let id = id.flatMap({ Classification.number($0) }) else { return }
    // Unknown: late, because its caller gave up.
    pending.removeValue(forKey: id)?.continuation.resume(returning: .success(answer))
  }

  /// The answer is lost, but its caller need not wait for the time limit.
  private func takeOverlong(_ beginning: [UInt8]) {
    let view = JSONView(trusted: JSONText(unchecked: beginning))
    let failure = Failure(
      .answerTooLarge, "the answer is larger than \(ChildProcess.lineLimit >> 20) MiB",
      delivery: .executed)
    let id = view.member("id").flatMap { Classification.number($0.json) }
    if let id, let request = pending.removeValue(forKey: id) {
      request.continuation.resume(returning: .failure(failure))
    } else {
      events.send(.note(server.id, .warning, failure.message))
    }
  }

  private func takeExit(_ end: ChildProcess.Exit) {
    let said = end.lastErrorLine.map { ": \($0)" } ?? ""
    var failure = Failure(
      .processExited, "the process \(end.text)\(said)", delivery: .notSent)
    exit = failure
    for id in pending.keys.sorted() {
      guard let request = pending.removeValue(forKey: id) else { continue }
      failure.delivery = request.position <= end.bytesWritten ? .unknown : .notSent
      request.continuation.resume(returning: .failure(failure))
    }
    guard isOpen else { return }
    isOpen = false
    failure.delivery = .notSent
    events.send(.closed(server.id, connection, failure))
  }

  static let gone = Failure(
    .processExited, "the process is gone", delivery: .notSent)
}
