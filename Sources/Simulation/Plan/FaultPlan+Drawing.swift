package import FleetModel

// What a seed decides.
extension FaultPlan {
  /// The plan of a seed; the same in every process.
  package init(seed: UInt64) {
    var drawing = PolicyDrawing(random: SplitMix64(seed: seed ^ 0x5EED_0F_FA17))
    let storm = drawing.duration(.seconds(8), .seconds(60))
    let servers = Self.servers(&drawing)
    let ending = drawing.pick([Ending.quiet, .quiet, .drained, .cut])
    self.init(seed: seed, storm: storm, over: servers, ending: ending, &drawing)
  }

  /// A storm from a seed over servers of somebody else's making; ends in its middle.
  package init(seed: UInt64, servers: [ServerDefinition], storm: Duration) {
    var drawing = PolicyDrawing(random: SplitMix64(seed: seed))
    self.init(seed: seed, storm: storm, over: servers, ending: .cut, &drawing)
  }

  private init(
    seed: UInt64, storm: Duration, over servers: [ServerDefinition], ending: Ending,
    _ drawing: inout PolicyDrawing
  ) {
    var plan = FaultPlan(
      seed: seed, servers: servers, stormEnd: .origin + storm,
      callsPerSecond: Double(drawing.count(10...80)), ending: ending)
    for number in servers.indices { plan.drawFaults(of: number, in: storm, &drawing) }
    plan.drawOperator(in: storm, &drawing)
    plan.drawFleetTrouble(in: storm, &drawing)
    plan.drawChanges(in: storm, &drawing)
    plan.faults = Self.sorted(plan.faults, by: \.from)
    plan.happenings = Self.sorted(plan.happenings, by: \.at)
    self = plan
  }

  /// Keeps the order of equals.
  private static func sorted<Element>(
    _ elements: [Element], by time: (Element) -> Instant
  ) -> [Element] {
    elements.enumerated()
      .sorted { (time($0.element), $0.offset) < (time($1.element), $1.offset) }
      .map(\.element)
  }

  // MARK: Servers

  private static func servers(_ drawing: inout PolicyDrawing) -> [ServerDefinition] {
    let count = drawing.count(1...5)
    return (0..<count).map { number in
      let isHTTP = !drawing.chance(oneIn: 3)
      let name = "server-\(number + 1)"
      var definition = ServerDefinition(
        id: ServerID(name), endpoint: endpoint(name, 1, isHTTP: isHTTP),
        policies: drawing.chance(oneIn: 4)
          ? standard(isHTTP: isHTTP) : drawing.policies(isHTTP: isHTTP))
      if isHTTP, drawing.chance(oneIn: 3) {
        definition.choices = (1...drawing.count(2...3)).map { position in
          EndpointChoice(
            name: "\(name)-\(position)", endpoint: endpoint(name, position, isHTTP: true),
            priority: position)
        }
      }
      if isHTTP, definition.choices.isEmpty, drawing.chance(oneIn: 2) {
        definition.endpoint = rangedEndpoint(name)
        if drawing.chance(oneIn: 4) {
          definition.identity = SimulatedWorld.identity(of: definition.id, toolsVersion: 0)
        }
      }
      if drawing.chance(oneIn: 2) {
        definition.probes = [
          Probe(
            tool: drawing.pick(["read", "add"]), arguments: .emptyObject,
            interval: drawing.duration(.milliseconds(200), .seconds(5)))
        ]
      }
      definition.policies.fallbacks = fallbacks(of: number, among: count, &drawing)
      return definition
    }
  }

  /// The defaults, but with shorter times, so that a storm sees their ends.
  private static func standard(isHTTP: Bool) -> Policies {
    var policies = Policies()
    if !isHTTP { policies.pool = .stdio }
    policies.retry.tryTimeout = .seconds(3)
    policies.retry.totalTimeout = .seconds(20)
    policies.retry.progressTimeout = .seconds(8)
    policies.breaker.openDuration = .seconds(5)
    policies.pool.reconnectDelayCap = .seconds(10)
    policies.pool.connectTimeout = .seconds(5)
    policies.health.interval = .seconds(10)
    policies.failover.returnAfter = .seconds(10)
    return policies
  }

  private static func endpoint(_ name: String, _ position: Int, isHTTP: Bool) -> Endpoint {
    isHTTP
      ? .http(url: "http://\(name).invalid:\(8000 + position)/mcp", headers: [])
      : .stdio(command: name, arguments: [], environment: [], workingDirectory: nil)
  }

  private static func fallbacks(
    of number: Int, among count: Int, _ drawing: inout PolicyDrawing
  ) -> [Fallback] {
    guard drawing.chance(oneIn: 3) else { return [] }
    return (1...drawing.count(1...2)).map { _ in
      // Its own name too: a server cannot stand in for itself.
      let other = ServerID("server-\(drawing.count(1...count))")
      return Fallback(
        target: NamePattern(drawing.pick(["*", "read", "add", "m*", "file:*"])),
        source: drawing.pick([
          .answer(.emptyObject), .tool(other, nil), .tool(other, "add"), .tool(other, "read"),
          .staleCache,
        ]))
    }
  }

  // MARK: Trouble

  private mutating func drawFaults(
    of number: Int, in storm: Duration, _ drawing: inout PolicyDrawing
  ) {
    var time = drawing.duration(.milliseconds(100), .seconds(10))
    while time < storm {
      let length = min(drawing.duration(.milliseconds(100), .seconds(30)), storm - time)
      let endpoints = servers[number].choices.count
      let endpoint =
        endpoints > 1 && !drawing.chance(oneIn: 3) ? drawing.count(0...endpoints - 1) : nil
      let fault = Fault(
        server: number, endpoint: endpoint, from: .origin + time,
        until: .origin + time + length, kind: kind(for: servers[number], &drawing))
      faults.append(fault)
      cut(fault)
      time += length
      if !drawing.chance(oneIn: 3) { time += drawing.duration(.milliseconds(100), .seconds(10)) }
    }
    for _ in 0..<drawing.count(0...3) {
      happen(
        drawing.pick([
          .sessionLoss(number), .cut(number, endpoint: nil),
          .toolChange(number, isIdempotent: true), .toolChange(number, isIdempotent: false),
          .burst(number, calls: drawing.pick([5, 50, 300])),
        ]), in: storm, &drawing)
    }
  }

  private func kind(
    for server: ServerDefinition, _ drawing: inout PolicyDrawing
  ) -> Fault.Kind {
    let opening = server.policies.breaker.openDuration
    return drawing.pick([
      .outage, .outage, .slow(drawing.duration(.milliseconds(50), .seconds(4))),
      .flapping(drawing.duration(.milliseconds(100), .seconds(3))),
      .failing(afterRunning: false), .failing(afterRunning: true),
      .throttling(drawing.pick([.zero, .seconds(1), .seconds(3), .seconds(120)])),
      .trap(opening - opening / 10), .lostReplies(isSilent: false), .lostReplies(isSilent: true),
      .silent, .crashing(drawing.duration(.milliseconds(1), .seconds(2))), .unreachable, .rotting,
      .odd, .odd,
    ])
  }

  /// Connections break when a server goes away.
  private mutating func cut(_ fault: Fault) {
    switch fault.kind {
    case .outage, .unreachable, .crashing:
      happenings.append(
        Happening(at: fault.from, .cut(fault.server, endpoint: fault.endpoint)))
    case .flapping(let turn):
      var at = fault.from
      while at < fault.until {
        happenings.append(Happening(at: at, .cut(fault.server, endpoint: fault.endpoint)))
        at = at + turn + turn
      }
    case .slow, .failing, .throttling, .trap, .lostReplies, .silent, .rotting, .odd: break
    }
  }

  private mutating func drawOperator(in storm: Duration, _ drawing: inout PolicyDrawing) {
    for number in servers.indices where drawing.chance(oneIn: 2) {
      for _ in 0..<drawing.count(1...4) {
        let timeToLive =
          drawing.chance(oneIn: 4)
          ? Duration.zero : drawing.duration(.milliseconds(1), .seconds(20))
        let override = BreakerOverride(
          drawing.pick(BreakerOverride.Kind.allCases), reason: "drill", owner: "operator",
          timeToLive: timeToLive)
        happen(
          drawing.pick([
            .override(number, override), .override(number, override), .reset(number),
            .reconnect(number), .invalidate(number), .invalidate(nil),
          ]), in: storm, &drawing)
      }
      // What holds until reset is reset when the storm is over.
      happenings.append(Happening(at: stormEnd, .reset(number)))
    }
  }

  private mutating func drawFleetTrouble(in storm: Duration, _ drawing: inout PolicyDrawing) {
    for _ in 0..<drawing.count(0...4) {
      let offset = Duration.seconds(drawing.count(-48...48) * 1800)
      happen(
        drawing.pick([
          .clockJump(offset), .cancelStorm(oneIn: drawing.count(1...4)),
          Self.storeTrouble(drawing.duration(.milliseconds(100), .seconds(10))),
        ]), in: storm, &drawing)
    }
  }

  /// Every other one is a store that does not answer.
  private static func storeTrouble(_ length: Duration) -> Happening.Kind {
    .storeTrouble(length, hangs: length.nanoseconds / 1_000_000 % 2 == 0)
  }

  mutating func happen(
    _ kind: Happening.Kind, in storm: Duration, _ drawing: inout PolicyDrawing
  ) {
    let share = Int64.random(in: 0..<storm.nanoseconds, using: &drawing.random)
    happenings.append(Happening(at: .origin + .nanoseconds(share), kind))
  }
}
