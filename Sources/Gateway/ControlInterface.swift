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

  private let fleet: any Fleet
  private let makeCallID: @Sendable () async -> CallID
  private let now: @Sendable () -> Instant
  private let wallClock: @Sendable () -> Timestamp

  /// - Parameters:
  ///   - makeCallID: a new id for a call that came in here.
  ///   - now: the engine's monotonic clock, for the deadlines of calls.
  ///   - wallClock: civil time, for the ages of dead letters.
  package init(
    fleet: any Fleet, makeCallID: @escaping @Sendable () async -> CallID,
    now: @escaping @Sendable () -> Instant, wallClock: @escaping @Sendable () -> Timestamp
  ) {
    self.fleet = fleet
    self.makeCallID = makeCallID
    self.now = now
    self.wallClock = wallClock
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
    case .deadLettersJSON: .json(DeadLetterJSON.render(try await letters(target)))
    case .deadLettersText:
      .text(
        DeadLetterTable.text(
          try await letters(target), now: wallClock(), columns: try columns(target)))
    case .replay: try await replay(ControlLetterChoice(body))
    case .discard: try await discard(ControlLetterChoice(body))
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

  private func columns(_ target: ControlTarget) throws(ControlError) -> Int {
    try target.number("columns", in: 1...Self.columnLimit, otherwise: Self.standardColumns)
  }

  private func perform(_ command: Command) async throws(ControlError) -> ControlResponse {
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

  private func letters(_ target: ControlTarget) async throws(ControlError) -> [DeadLetter] {
    let limit = try target.number(
      "limit", in: 1...Self.letterLimit, otherwise: Self.standardLetterLimit)
    guard let server = target.parameter("server").map({ ServerID($0) }) else {
      return try await letters(of: .all, limit: limit)
    }
    let letters = try await letters(of: .server(server), limit: limit)
    if letters.isEmpty { try check(server) }
    return letters
  }

  private func letters(
    of selection: DeadLetterSelection, limit: Int
  ) async throws(ControlError) -> [DeadLetter] {
    do throws(CommandError) {
      return try await fleet.deadLetters(of: selection, after: nil, limit: limit).letters
    } catch {
      throw ControlError(error)
    }
  }

  private func replay(_ choice: ControlLetterChoice) async throws(ControlError) -> ControlResponse {
    if let server = choice.server { try check(server) }
    return try await perform(.replay(ReplayOrder(choice.selection, isForced: choice.force)))
  }

  /// Letters of a server that the configuration no longer has can still be discarded.
  private func discard(
    _ choice: ControlLetterChoice
  ) async throws(ControlError) -> ControlResponse {
    if let server = choice.server,
      try await letters(of: choice.selection, limit: 1).isEmpty
    {
      try check(server)
    }
    return try await perform(.delete(choice.selection))
  }

  private func call(
    _ request: ControlCallRequest, _ onProgress: @escaping @Sendable (CallProgress) -> Void
  ) async throws(ControlError) -> Outcome {
    try check(request.server)
    let call = request.call(id: await makeCallID(), now: now())
    return await fleet.call(call, onProgress: onProgress)
  }

  private func check(_ server: ServerID) throws(ControlError) {
    let known = fleet.latest().servers.map(\.id)
    guard known.contains(server) else {
      throw .unknownServer(server.name, known: known.map(\.name))
    }
  }
}
