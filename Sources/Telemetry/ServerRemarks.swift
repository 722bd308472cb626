import FleetModel

/// What a row of figures cannot tell of a server, a sentence a line, cleaned, in the order of the
/// configuration.
enum ServerRemarks {
  static func lines(_ snapshot: Snapshot) -> [String] {
    snapshot.servers.flatMap { server in
      [
        server.impostor.map(impostor) ?? connectFailure(server),
        override(server.breaker, snapshot.at),
        server.health.disagreement.map { "disagreement: \($0)" },
        server.crashLoop.map { crashLoop($0, snapshot.at) }, server.endpoint.flatMap(endpoint),
        leaks(server.pool),
      ].compactMap { remark in remark.map { PlainText.clean("\(server.id.name): \($0)") } }
    }
  }

  /// A child's crash loop has a sentence of its own, with its last words.
  private static func connectFailure(_ server: ServerSnapshot) -> String? {
    guard server.crashLoop == nil, let failure = server.connectFailure else { return nil }
    return "not connected: \(failure)"
  }

  private static func impostor(_ impostor: ImpostorSnapshot) -> String {
    "another server answers at \(impostor.address): expected \(words(impostor.expected)), found"
      + " \(words(impostor.found))"
  }

  /// Twelve digits tell two digests apart.
  private static func words(_ identity: ServerIdentity) -> String {
    "\(identity.name.isEmpty ? "no name" : "'\(identity.name)'") with tools"
      + " \(identity.toolsDigest.prefix(12))"
  }

  private static func override(_ breaker: BreakerSnapshot, _ now: Timestamp) -> String? {
    guard let override = breaker.override, let why = BreakerTable.why(breaker) else { return nil }
    let end = override.until == nil ? ", until it is reset" : ""
    return "breaker \(BreakerTable.words(for: breaker, at: now)) \(why)\(end)"
  }

  private static func crashLoop(_ loop: CrashLoopSnapshot, _ now: Timestamp) -> String {
    let next =
      loop.nextTry.map { "next start in \(Figures.countdown(from: now, to: $0))" } ?? "starting"
    return "crash loop, ended \(Figures.count(loop.count, "time")) in a row, \(next): "
      + loop.lastWords
  }

  private static func endpoint(_ endpoint: EndpointSnapshot) -> String? {
    guard endpoint.position > 1 else { return nil }
    return "on endpoint \(endpoint.name), \(endpoint.position) of \(endpoint.count)"
  }

  private static func leaks(_ pool: PoolSnapshot) -> String? {
    guard pool.leaks > 0 else { return nil }
    return "\(Figures.count(pool.leaks, "call")) held a connection too long"
  }
}
