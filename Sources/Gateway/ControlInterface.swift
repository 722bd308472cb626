package import FleetModel
import Telemetry

/// The control interface of a running engine: requests in, answers out; somebody else serves the
/// Unix socket.
package struct ControlInterface: Sendable {
  /// Of a text's line when the request names none.
  package static let standardColumns = 120
  package static let columnLimit = 1000
  /// Dead letters of one answer when the request names no limit.
  package static let standardLetterLimit = 100
  package static let letterLimit = 10_000

  let fleet: any Fleet
  private let makeCallID: @Sendable () async -> CallID
  private let now: @Sendable () -> Instant
  let wallClock: @Sendable () -> Timestamp
  /// Of a letter that comes without its time of expiry.
  let letterLifetime: Duration

  /// - Parameters:
  ///   - makeCallID: a new id for a call that came in here.
  ///   - now: the engine's monotonic clock, for the deadlines of calls.
  ///   - wallClock: civil time, for the ages of dead letters.
  ///   - letterLifetime: of a letter that comes without its time of expiry.
  package init(
    fleet: any Fleet, makeCallID: @escaping @Sendable () async -> CallID,
    now: @escaping @Sendable () -> Instant, wallClock: @escaping @Sendable () -> Timestamp,
    letterLifetime: Duration = DeadLetterPolicy().lifetime
  ) {
    self.fleet = fleet
    self.makeCallID = makeCallID
    self.now = now
    self.wallClock = wallClock
    self.letterLifetime = letterLifetime
  }

  /// Never throws: every mistake is an answer that says what to do about it.
  ///
  /// - Parameter onProgress: of a request that takes progress: each report on its call, from any
  ///   thread, never after the answer.
  package func answer(
    _ request: ControlRequest,
    onProgress: @escaping @Sendable (CallProgress) -> Void = { _ in }
  ) async -> ControlResponse {
    do throws(ControlError) {
      guard request.body.count <= ControlRequest.bodyLimit else {
        throw .bodyTooLarge(byteCount: request.body.count)
      }
      let target = try ControlTarget(request.target)
      let (route, name) = try ControlRoute.find(request.method, target)
      guard route == .call, request.takesProgress else {
        return try await answer(route, ServerID(name), target, request.body)
      }
      return ControlLines.response(try await call(ControlCallRequest(request.body), onProgress))
    } catch {
      return error.response
    }
  }

  private func answer(
    _ route: ControlRoute, _ server: ServerID, _ target: ControlTarget, _ body: [UInt8]
  ) async throws(ControlError) -> ControlResponse {
    switch route {
    case .engine: .json(SnapshotJSON.render(fleet.latest().engine))
    case .snapshotJSON: .json(SnapshotJSON.render(fleet.latest()))
    case .snapshotText:
      .text(SnapshotText.render(fleet.latest(), columns: try columns(target)))
    case .metrics: .metrics(SnapshotPrometheus.render(fleet.latest()))
    case .serversJSON: .json(ServerTable.json(fleet.latest()))
    case .serversText: .text(ServerTable.text(fleet.latest(), columns: try columns(target)))
    case .breakersJSON: .json(BreakerTable.json(fleet.latest()))
    case .breakersText: .text(BreakerTable.text(fleet.latest(), columns: try columns(target)))
    case .openBreaker:
      try await perform(.override(server, ControlOverride.read(body, .open)))
    case .closeBreaker:
      try await perform(.override(server, ControlOverride.read(body, .closed)))
    case .disableBreaker:
      try await perform(.override(server, ControlOverride.read(body, .disabled)))
    case .resetBreaker:
      try await perform(ControlOverride.reset(server, body))
    case .reconnect: try await perform(.reconnect(server))
    case .trust: try await perform(.trust(server))
    case .cacheJSON: .json(CacheTable.json(try servers(target)))
    case .cacheText:
      .text(CacheTable.text(try servers(target), columns: try columns(target)))
    case .clearCache: try await clear(ControlCacheChoice.read(body))
    case .statisticsJSON: .json(StatisticsTable.json(try servers(target)))
    case .statisticsText:
      .text(StatisticsTable.text(try servers(target), columns: try columns(target)))
    case .deadLettersJSON: .json(DeadLetterJSON.render(try await page(target).portion))
    case .deadLettersText: .text(try await table(target))
    case .addDeadLetters: try await add(body)
    case .countDeadLetters: .json(ControlLetterCount.write(try await count(target)))
    case .exportDeadLetters: .json(ControlLetterExport.write(try await page(target).portion))
    case .letterStatisticsJSON: .json(DeadLetterStatisticsTable.json(try await statistics()))
    case .letterStatisticsText:
      .text(
        DeadLetterStatisticsTable.text(
          try await statistics(), now: wallClock(), columns: try columns(target)))
    case .replays: .json(ReplayJSON.render(fleet.latest().deadLetters.replays))
    case .replay: try await perform(.replay(try await replay(body)))
    case .stopReplay: try await perform(.stopReplay(ControlReplayRequest.readStop(body)))
    case .discard: try await perform(.discard(try await choice(body)))
    case .delete: try await perform(.delete(try await choice(body)))
    case .call: .json(OutcomeJSON.render(try await call(ControlCallRequest(body), { _ in })))
    }
  }

  /// The picture with the server that the query names, or with all.
  private func servers(_ target: ControlTarget) throws(ControlError) -> Snapshot {
    var snapshot = fleet.latest()
    if let server = target.parameter("server").map({ ServerID($0) }) {
      try check(server)
      snapshot.servers.removeAll { $0.id != server }
    }
    return snapshot
  }

  func columns(_ target: ControlTarget) throws(ControlError) -> Int {
    try target.number("columns", in: 1...Self.columnLimit, otherwise: Self.standardColumns)
  }

  func perform(_ command: Command) async throws(ControlError) -> ControlResponse {
    do throws(CommandError) {
      return .json(ReceiptJSON.render(try await fleet.perform(command)))
    } catch {
      throw ControlError(error)
    }
  }

  private func clear(_ selection: CacheSelection) async throws(ControlError) -> ControlResponse {
    switch selection {
    case .all: break
    case .server(let server), .entry(let server, _): try check(server)
    }
    return try await perform(.invalidateCache(selection))
  }

  private func call(
    _ request: ControlCallRequest, _ onProgress: @escaping @Sendable (CallProgress) -> Void
  ) async throws(ControlError) -> Outcome {
    try check(request.server)
    let call = request.call(id: await makeCallID(), now: now())
    return await fleet.call(call, onProgress: onProgress)
  }

  func check(_ server: ServerID) throws(ControlError) {
    let known = fleet.latest().servers.map(\.id)
    guard known.contains(server) else {
      throw .unknownServer(server.name, known: known.map(\.name))
    }
  }
}
