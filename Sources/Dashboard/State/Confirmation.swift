package import FleetModel

/// A dangerous command that waits for a yes.
package struct Confirmation: Hashable, Sendable {
  package enum Deed: Hashable, Sendable {
    case reset(ServerID)
    case reconnect(ServerID)
    case trust(ServerID)
    case clearCache(ServerID)
    case replayServer(ServerID)
    case replay([DeadLetterID])
    case discard([DeadLetterID])
  }

  package enum Answer: Hashable, Sendable, CaseIterable {
    case no, yes
    /// Yes, and letters that may have executed are sent too.
    case force
  }

  package let deed: Deed

  func command(isForced: Bool) -> Command {
    switch deed {
    case .reset(let server): .resetBreaker(server)
    case .reconnect(let server): .reconnect(server)
    case .trust(let server): .trust(server)
    case .clearCache(let server): .invalidateCache(.server(server))
    case .replayServer(let server): .replay(ReplayOrder(.server(server), isForced: isForced))
    case .replay(let ids): .replay(ReplayOrder(.ids(ids), isForced: isForced))
    case .discard(let ids): .discard(.ids(ids))
    }
  }

  func question(_ snapshot: Snapshot?) -> String {
    switch deed {
    case .reset(let server): return "Reset the breaker of \(server)?"
    case .reconnect(let server): return "Drop all connections to \(server) and connect again?"
    case .trust(let server): return "Trust whoever answers in the place of \(server)?"
    case .clearCache(let server): return "Clear the cache of \(server)?"
    case .replayServer(let server):
      let count = snapshot?.server(server)?.deadLetterCount ?? 0
      return "Replay \(Figures.counted(count, "dead letter")) to \(server)?"
    case .replay(let ids):
      return "Replay \(Figures.counted(ids.count, "dead letter"))?"
    case .discard(let ids):
      return "Discard \(Figures.counted(ids.count, "dead letter"))?"
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
    case .replayServer(let id):
      return prospects([(id, snapshot.server(id)?.deadLetterCount ?? 0)], snapshot, now)
        + leftOut(snapshot)
    case .replay:
      return prospects(Self.byServer(letters(snapshot)), snapshot, now) + leftOut(snapshot)
    case .discard:
      return Self.byServer(letters(snapshot)).prefix(Self.serverLimit).map { "\($1) of \($0)" }
        + ["they are deleted for good: there is no way back"]
    }
  }

  /// Letters that may have executed on a tool that is not declared idempotent, as far as known.
  func unsafeCount(_ snapshot: Snapshot?) -> Int {
    switch deed {
    case .reset, .reconnect, .trust, .clearCache, .discard: 0
    case .replayServer, .replay: snapshot.map { letters($0).count(where: \.isUnsafeToReplay) } ?? 0
    }
  }

  /// Servers whose prospects a dialog tells one by one.
  private static let serverLimit = 4

  private func letters(_ snapshot: Snapshot) -> [DeadLetter] {
    switch deed {
    case .reset, .reconnect, .trust, .clearCache: []
    case .replayServer(let server): snapshot.deadLetters.recent.filter { $0.server == server }
    case .replay(let ids), .discard(let ids):
      snapshot.deadLetters.recent.filter { ids.contains($0.id) }
    }
  }

  private func leftOut(_ snapshot: Snapshot) -> [String] {
    let unsafe = unsafeCount(snapshot)
    guard unsafe > 0 else { return [] }
    let known = letters(snapshot).count
    var newest = ""
    if case .replayServer(let id) = deed, let all = snapshot.server(id)?.deadLetterCount,
      all > known
    {
      newest = " of the newest \(known)"
    }
    return ["\(unsafe)\(newest) may have run: left out, F sends them too"]
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

  private func prospects(
    _ counts: [(ServerID, Int)], _ snapshot: Snapshot, _ now: Timestamp
  ) -> [String] {
    counts.prefix(Self.serverLimit).map { id, count in
      let name = counts.count > 1 ? "\(id), \(count): " : ""
      guard let server = snapshot.server(id) else {
        return name + "it is not in the fleet any more: they stay"
      }
      return name + Self.prospect(server, now)
    }
  }

  private static func prospect(_ server: ServerSnapshot, _ now: Timestamp) -> String {
    switch server.breaker.state {
    case .open:
      let probe = server.breaker.until.map { " (probe in \(max(0, now.seconds(until: $0))) s)" }
      return "breaker is open: they fail now\(probe ?? "")"
    case .forcedOpen:
      return "breaker is forced open: they fail now, until it is reset (r)"
    case .halfOpen:
      return "breaker is half-open: the first are its probes, the rest may fail"
    case .closed, .disabled:
      return Liveness(of: server).isGone
        ? "the server is down: they fail now and stay here"
        : "breaker is \(server.breaker.state.word): they are sent now"
    }
  }

  /// How many letters of which server, in the list's order.
  private static func byServer(_ letters: [DeadLetter]) -> [(ServerID, Int)] {
    var counts: [(ServerID, Int)] = []
    for letter in letters {
      if let index = counts.firstIndex(where: { $0.0 == letter.server }) {
        counts[index].1 += 1
      } else {
        counts.append((letter.server, 1))
      }
    }
    return counts
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
