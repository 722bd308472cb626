import Engine
import FleetModel

// Connecting, asking whether a connection or a server works, and what tools there are.
extension SimulatedWorld {
  mutating func open(_ server: ServerDefinition, _ id: ConnectionID, at now: Instant) {
    guard let number = numbers[server.id] else { return }
    let endpoint = position(of: server)
    links[id] = Link(server: number, endpoint: endpoint)
    sites[number].links.append(id)
    let delay = between(.milliseconds(1), FaultPlan.answerTime - .milliseconds(1))
    if isAway(number, endpoint: endpoint, at: now) {
      return refuse(id, Self.refusal, at: now)
    }
    if server.endpoint.isRanged {
      guard let resident = resident(of: number, at: server.endpoint) else {
        return refuse(id, Self.refusal, at: now)
      }
      links[id]?.identity = resident
    }
    switch fault(of: number, endpoint: endpoint, at: now)?.kind {
    case .silent: break
    case .unreachable: refuse(id, Self.unreachable(server), at: now)
    case .crashing(let uptime):
      if chance(oneIn: 4) { return refuse(id, Self.exit, at: now) }
      later(delay, .opened(id), at: now)
      later(delay + between(.zero, uptime), .died(id, Self.exit), at: now)
    case .slow(let time): later(between(time, time + time), .opened(id), at: now)
    case .outage, .flapping, .failing, .throttling, .trap, .lostReplies, .rotting, .odd, nil:
      later(delay, .opened(id), at: now)
    }
  }

  private mutating func refuse(_ id: ConnectionID, _ failure: Failure, at now: Instant) {
    forget(id)
    later(.milliseconds(1), .report(.openFailed(id, failure)), at: now)
  }

  /// Which of its endpoints a definition names.
  private func position(of server: ServerDefinition) -> Int {
    server.choices.firstIndex { $0.endpoint == server.endpoint } ?? 0
  }

  mutating func validate(_ id: ConnectionID, at now: Instant) {
    guard let link = links[id] else { return }
    let fault = fault(of: link.server, endpoint: link.endpoint, at: now)
    switch fault?.kind {
    case .silent: break
    case .rotting:
      guard chance(oneIn: 2) else { return }
      let failure = Failure(.connectionReset, "broken pipe", delivery: .unknown)
      later(.milliseconds(3), .report(.validated(id, failure)), at: now)
    case .outage, .slow, .flapping, .failing, .throttling, .trap, .lostReplies, .crashing,
      .unreachable, .odd, nil:
      later(.milliseconds(3), .report(.validated(id, nil)), at: now)
    }
  }

  // MARK: Health

  mutating func check(_ server: ServerDefinition, at now: Instant) {
    guard let number = numbers[server.id] else { return }
    sites[number].check += 1
    guard let result = health(of: number, server, at: now) else { return }
    later(
      .milliseconds(3), .check(server: number, number: sites[number].check, result.failure),
      at: now)
  }

  mutating func watch(_ server: ServerDefinition, _ id: ServerID, at now: Instant) {
    guard let number = numbers[id] else { return }
    sites[number].watch += 1
    guard let result = health(of: number, server, at: now) else { return }
    later(
      .milliseconds(3), .watch(server: number, number: sites[number].watch, result.failure),
      at: now)
  }

  private struct Health {
    /// Nil is well.
    var failure: Failure?
  }

  /// Nil is no answer.
  private func health(of number: Int, _ server: ServerDefinition, at now: Instant) -> Health? {
    let endpoint = position(of: server)
    if server.endpoint.isRanged, resident(of: number, at: server.endpoint) == nil {
      return Health(failure: Self.refusal)
    }
    if isAway(number, endpoint: endpoint, at: now) { return Health(failure: Self.refusal) }
    switch fault(of: number, endpoint: endpoint, at: now)?.kind {
    case .silent: return nil
    case .unreachable:
      return Health(failure: Self.unreachable(sites[number].definition))
    case .crashing: return Health(failure: Self.exit)
    // Checks say well where calls say ill.
    case .outage, .slow, .flapping, .failing, .throttling, .trap, .lostReplies, .rotting, .odd,
      nil:
      return Health()
    }
  }

  // MARK: Tools

  /// `read` changes nothing, `put` may go twice, `add` must not, `maybe` changes its mind, and
  /// `ghost` is nowhere.
  static let tools = ["read", "put", "add", "maybe", "ghost"]

  mutating func listTools(_ server: ServerID, at now: Instant) {
    guard let number = numbers[server] else { return }
    sites[number].list += 1
    let list = sites[number].list
    if chance(oneIn: 20) {
      let failure = Failure(.malformedAnswer, "no list", delivery: .unknown)
      return later(
        .milliseconds(5),
        .tools(server: number, number: list, .toolsFailed(server, failure)), at: now)
    }
    let tools = ToolList(
      tools: [
        ToolList.Tool(name: "read", isReadOnly: true),
        ToolList.Tool(name: "put", isIdempotent: true),
        ToolList.Tool(name: "add"),
        ToolList.Tool(name: "maybe", isIdempotent: sites[number].isMaybeIdempotent),
      ], result: .emptyObject, timeToLive: chance(oneIn: 2) ? .seconds(10) : nil)
    later(
      .milliseconds(5), .tools(server: number, number: list, .toolsListed(server, tools)), at: now)
  }

  // MARK: Failures

  static let refusal = Failure(.connectionRefused, "connection refused", delivery: .notSent)

  private static let exit = Failure(
    .processExited, "exited with status 1: out of luck", delivery: .notSent)

  private static func unreachable(_ server: ServerDefinition) -> Failure {
    switch server.endpoint {
    case .http, .bridge: Failure(.nameNotResolved, "no such host", delivery: .notSent)
    case .stdio: Failure(.spawnFailed, "no such file", delivery: .notSent)
    }
  }
}
