import Adapters
import FleetModel
import Synchronization
import Wire

/// ToolHive's API, found again whenever it is not where it was.
///
/// Every operation is tried anew by `DiscoveryRetry`; a search for ToolHive is made once at a time,
/// and whoever needs one meanwhile gets its result.
actor ToolHiveClient {
  /// An installation fetches an image first.
  static let installLimit = Duration.seconds(600)

  let settings: ToolHiveSettings
  private let world: DiscoveryWorld
  private(set) var port: Int?
  private var search: Task<PortScan.Found?, Never>?
  private var onFailure: @Sendable (String, Int) async -> Void = { _, _ in }

  init(settings: ToolHiveSettings, world: DiscoveryWorld) {
    self.settings = settings
    self.world = world
    port = settings.port
  }

  /// `http://localhost:50000`, or without a port while none is known.
  var address: String { port.map(settings.address) ?? "http://\(settings.host)" }

  func onFailure(_ body: @escaping @Sendable (_ text: String, _ attempt: Int) async -> Void) {
    onFailure = body
  }

  // MARK: - Operations

  func version() async throws(ToolHiveFault) -> ToolHiveVersion {
    try await read("/api/v1beta/version", ToolHiveDocument.version)
  }

  /// Why its container runtime is not well; nil when it is.
  func illness() async throws(ToolHiveFault) -> String? {
    do throws(ToolHiveFault) {
      _ = try await ask(.get, "/health")
      return nil
    } catch {
      guard case .refused(_, let text) = error else { throw error }
      return text
    }
  }

  /// - Parameter all: those that do not run, too.
  func workloads(all: Bool) async throws(ToolHiveFault) -> [ToolHiveWorkload] {
    try await read(Self.collection + (all ? "?all=true" : ""), ToolHiveDocument.workloads)
  }

  func details(of name: String) async throws(ToolHiveFault) -> ToolHiveWorkload {
    try await read(Self.path(of: name), ToolHiveDocument.details)
  }

  func logs(of name: String) async throws(ToolHiveFault) -> [UInt8] {
    try await ask(.get, Self.path(of: name) + "/logs").body
  }

  func stop(_ name: String) async throws(ToolHiveFault) {
    _ = try await ask(.post, Self.path(of: name) + "/stop")
  }

  /// Starts it when it is stopped.
  func restart(_ name: String) async throws(ToolHiveFault) {
    _ = try await ask(.post, Self.path(of: name) + "/restart")
  }

  func registry(_ name: String) async throws(ToolHiveFault) -> [RegistryServer] {
    try await read(
      "/api/v1beta/registry/\(PercentCoding.encode(name))/servers", ToolHiveDocument.registry)
  }

  /// Makes and starts a workload; its name, and the port of its proxy.
  func install(
    _ server: RegistryServer, as name: String
  ) async throws(ToolHiveFault) -> (name: String, port: Int?) {
    let body = ToolHiveDocument.creation(of: server, name: name).bytes
    let mayBeDone = Mutex(false)
    let answer = try await attempts.run { () async throws(ToolHiveFault) -> RESTAnswer? in
      do throws(ToolHiveFault) {
        return try await self.answer(.post, Self.collection, body, Self.installLimit).answer
      } catch {
        switch error {
        // Our own earlier try made it.
        case .refused(status: 409, _) where mayBeDone.withLock({ $0 }): return nil
        case .unreachable(_, _, isMaybeDelivered: true): mayBeDone.withLock { $0 = true }
        case .refused, .unreachable, .exhausted, .cancelled: break
        }
        throw error
      }
    }
    // It is made, whatever else the answer says.
    return answer.flatMap { try? ToolHiveDocument.created($0.body) } ?? (name, nil)
  }

  private static let collection = "/api/v1beta/workloads"

  private static func path(of name: String) -> String {
    "\(collection)/\(PercentCoding.encode(name))"
  }

  // MARK: - Questions

  private func read<Value: Sendable>(
    _ path: String,
    _ parse: @Sendable ([UInt8]) throws(ToolHiveDocument.Unreadable) -> Value
  ) async throws(ToolHiveFault) -> Value {
    try await attempts.run { () async throws(ToolHiveFault) -> Value in
      let (answer, port) = try await self.answer(.get, path, [], self.settings.timeout)
      do throws(ToolHiveDocument.Unreadable) { return try parse(answer.body) } catch {
        guard await self.version(at: port) == nil else {
          throw .refused(
            status: answer.status, "it answers what cannot be understood: \(error.reason)")
        }
        throw .unreachable(
          "port \(port) does not answer as ToolHive does: \(error.reason)", port: port,
          isMaybeDelivered: true)
      }
    }
  }

  private func ask(
    _ method: CurlRequest.Method, _ path: String
  ) async throws(ToolHiveFault) -> RESTAnswer {
    try await attempts.run { () async throws(ToolHiveFault) -> RESTAnswer in
      try await self.answer(method, path, [], self.settings.timeout).answer
    }
  }

  /// One try. A refusal counts only from a port where ToolHive itself is.
  private func answer(
    _ method: CurlRequest.Method, _ path: String, _ body: [UInt8], _ limit: Duration
  ) async throws(ToolHiveFault) -> (answer: RESTAnswer, port: Int) {
    guard let port = try await knownPort() else {
      let range = settings.range
      throw .unreachable(
        "not found on \(settings.host) in the ports \(range.lowerBound) to \(range.upperBound)",
        port: nil, isMaybeDelivered: false)
    }
    let headers = [HeaderField(name: "Content-Type", value: "application/json")]
    let request = CurlRequest(
      method: method, url: settings.address(port) + path, headers: body.isEmpty ? [] : headers,
      body: body)
    let answer: RESTAnswer
    do throws(Failure) { answer = try await world.ask(request, limit) } catch {
      throw ToolHiveFault(error, port: port, limit: limit)
    }
    if (200..<300).contains(answer.status) { return (answer, port) }
    guard await version(at: port) != nil else {
      throw .unreachable(
        "port \(port) does not answer as ToolHive does: HTTP \(answer.status)", port: port,
        isMaybeDelivered: false)
    }
    throw .refused(status: answer.status, ToolHiveFault.words(answer.body))
  }

  private var attempts: DiscoveryAttempts {
    DiscoveryAttempts(
      subject: "ToolHive", limits: settings.limits, world: world,
      search: { await self.rediscover(from: $0) }, onFailure: onFailure)
  }

  // MARK: - The search

  private func knownPort() async throws(ToolHiveFault) -> Int? {
    if let port { return port }
    let found = await scan()
    if Task.isCancelled { throw .cancelled }
    return found?.port
  }

  /// Somebody else may have found it already.
  private func rediscover(from previous: Int) async -> Int? {
    if let port, port != previous { return port }
    return await scan()?.port
  }

  private func scan() async -> PortScan.Found? {
    if let search { return await search.value }
    let task = Task { await self.runScan() }
    search = task
    let found = await withTaskCancellationHandler {
      await task.value
    } onCancel: {
      task.cancel()
    }
    search = nil
    if let found { port = found.port }
    return found
  }

  private func runScan() async -> PortScan.Found? {
    var scan = PortScan(preferred: settings.port, range: settings.range, at: world.now())
    return await withTaskGroup(of: PortScan.Event.self) { group in
      var effects = scan.begin()
      while true {
        for effect in effects {
          switch effect {
          case .ask(let port):
            group.addTask { .answered(port: port, await self.version(at: port)) }
          case .wake(let instant):
            group.addTask { [world] in
              await world.sleep(instant)
              return .timeReached
            }
          case .finish(let found):
            group.cancelAll()
            return found
          }
        }
        guard !Task.isCancelled, let event = await group.next() else { return nil }
        effects = scan.handle(event, at: world.now())
      }
    }
  }

  /// nil unless it is ToolHive that answers there.
  private func version(at port: Int) async -> ToolHiveVersion? {
    let request = CurlRequest(method: .get, url: settings.address(port) + "/api/v1beta/version")
    // Who does not answer as ToolHive does is not ToolHive; why makes no difference.
    guard let answer = try? await world.ask(request, settings.timeout), answer.status == 200
    else { return nil }
    return try? ToolHiveDocument.version(answer.body)
  }
}
