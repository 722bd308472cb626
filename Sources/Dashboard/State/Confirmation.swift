package import FleetModel

/// A dangerous command that waits for a yes.
package struct Confirmation: Hashable, Sendable {
  package enum Deed: Hashable, Sendable {
    case reset(ServerID)
    case reconnect(ServerID)
    case trust(ServerID)
    case clearCache(ServerID)
  }

  package enum Answer: Hashable, Sendable, CaseIterable {
    case no, yes
    /// Yes, and letters that may have executed are sent too.
    case force
  }

  package let deed: Deed

  var command: Command {
    switch deed {
    case .reset(let server): .resetBreaker(server)
    case .reconnect(let server): .reconnect(server)
    case .trust(let server): .trust(server)
    case .clearCache(let server): .invalidateCache(.server(server))
    }
  }

  var question: String {
    switch deed {
    case .reset(let server): "Reset the breaker of \(server)?"
    case .reconnect(let server): "Drop all connections to \(server) and connect again?"
    case .trust(let server): "Trust whoever answers in the place of \(server)?"
    case .clearCache(let server): "Clear the cache of \(server)?"
    }
  }

  /// What will happen, by what is known now.
  func facts(_ snapshot: Snapshot?, now: Timestamp) -> [String] {
    guard let snapshot else { return ["nothing is known of the fleet yet"] }
    switch deed {
    case .reset(let id):
      return snapshot.standing(of: id, now: now)
        + ["it closes under its rules, counts at zero, and forgets its history"]
    case .reconnect(let id): return snapshot.standing(of: id, now: now) + reconnection(id, snapshot)
    case .trust(let id): return acceptance(id, snapshot)
    case .clearCache(let id): return snapshot.standing(of: id, now: now) + oblivion(id, snapshot)
    }
  }

  private func reconnection(_ id: ServerID, _ snapshot: Snapshot) -> [String] {
    guard let server = snapshot.server(id) else { return [] }
    let open = Figures.counted(server.pool.open, "connection")
    let process =
      server.transport == .stdio
      ? ["its process is ended and started again: what it remembers is lost"] : []
    return ["\(open) dropped; calls on the wire keep theirs to their end"] + process
  }

  private func acceptance(_ id: ServerID, _ snapshot: Snapshot) -> [String] {
    guard let server = snapshot.server(id) else { return ["it is not in the fleet any more"] }
    guard let impostor = server.impostor else { return ["nobody stands in its place any more"] }
    return impostor.words + ["calls go to it, and it is the one to be known again"]
  }

  private func oblivion(_ id: ServerID, _ snapshot: Snapshot) -> [String] {
    guard let server = snapshot.server(id) else { return [] }
    let facts = [
      "\(Figures.counted(server.cache.size, "answer")) forgotten; the server is asked again"
    ]
    return server.breaker.state == .closed
      ? facts : facts + ["no answer past its time is left to give while the breaker is not closed"]
  }
}

extension Snapshot {
  func server(_ id: ServerID) -> ServerSnapshot? { servers.first { $0.id == id } }

  /// How a server's breaker stands, for a dialog that is about to move it.
  func standing(of id: ServerID, now: Timestamp) -> [String] {
    guard let server = server(id) else { return ["it is not in the fleet any more"] }
    let running = server.pool.active
    let calls = running > 0 ? ", \(Figures.counted(running, "call")) running" : ""
    return ["now: \(server.breaker.sentence(now: now))\(calls)"]
      + (server.breaker.why.map { ["because: \($0)"] } ?? [])
  }
}
