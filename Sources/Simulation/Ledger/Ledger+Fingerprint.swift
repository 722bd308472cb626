import Engine
import FleetModel

// What goes into the digest: which event or effect, of whom, and the words that people will read.
extension Ledger {
  mutating func mix(_ event: FleetEvent, at now: Instant) {
    digest.mix(UInt64(bitPattern: now.nanoseconds))
    digest.mix(event.tag)
    switch event {
    case .submit(let call): digest.mix(call.id)
    case .cancel(let id), .stored(let id, _, _): digest.mix(id)
    case .reconfigured(let definitions):
      for definition in definitions { digest.mix(definition.id.name) }
    case .opened(let id, _), .openFailed(let id, _), .closed(_, let id, _), .validated(let id, _):
      digest.mix(id.number)
    case .exchanged(let attempt, _), .progress(let attempt, _): digest.mix(attempt.number)
    case .toolsListed(let server, _), .toolsFailed(let server, _), .toolsChanged(let server),
      .readsChanged(let server, _), .checked(let server, _), .watched(let server, _),
      .noted(let server, _, _), .located(let server, _), .trust(let server),
      .override(let server, _), .resetBreaker(let server), .reconnect(let server):
      digest.mix(numbers[server] ?? 0)
    case .start, .drain, .stop, .sourcesChanged, .tallied, .storeFailed, .invalidateCache,
      .announced,
      .timeReached, .clockRead:
      break
    }
  }

  mutating func mix(_ effect: FleetEffect) {
    digest.mix(effect.tag)
    switch effect {
    case .open(_, let id, _), .close(let id), .validate(let id), .abortValidation(let id):
      digest.mix(id.number)
    case .send(let call, let attempt, let connection):
      digest.mix(call.id)
      digest.mix(attempt.number)
      digest.mix(connection.number)
    case .abort(let attempt): digest.mix(attempt.number)
    case .finish(let outcome):
      digest.mix(outcome.call)
      digest.mix(outcome.attempts.count)
      digest.mix(UInt64(bitPattern: outcome.latency.nanoseconds))
      if case .failure(let failure) = outcome.reply { digest.mix(failure.message) }
    case .store(let letter):
      digest.mix(letter.id.call)
      digest.mix(letter.errorMessage)
    case .publish(let snapshot):
      for notice in snapshot.notices.reversed().prefix(while: { $0.number > lastNotice }) {
        digest.mix(notice.text)
      }
      for server in snapshot.servers { digest.mix(server.calls.total) }
    case .progress(let call, _): digest.mix(call)
    case .locate, .abortLocate, .abortTools, .watch, .abortWatch, .listTools, .check, .abortCheck,
      .tally, .readClock, .drained:
      break
    }
  }
}

extension FleetEvent {
  fileprivate var tag: UInt64 {
    switch self {
    case .start: 1
    case .drain: 2
    case .stop: 3
    case .submit: 4
    case .cancel: 5
    case .opened: 6
    case .openFailed: 7
    case .closed: 8
    case .validated(_, let failure): failure == nil ? 9 : 10
    case .watched(_, let failure): failure == nil ? 11 : 12
    case .exchanged: 13
    case .toolsListed: 14
    case .toolsFailed: 15
    case .toolsChanged: 16
    case .checked(_, let failure): failure == nil ? 17 : 18
    case .noted: 19
    case .stored(_, let keeping, _): keeping == .lost ? 21 : 20
    case .tallied: 22
    case .storeFailed: 23
    case .override: 24
    case .readsChanged: 31
    case .resetBreaker: 25
    case .reconnect: 26
    case .invalidateCache: 27
    case .announced: 28
    case .timeReached: 29
    case .clockRead: 30
    case .reconfigured: 32
    case .sourcesChanged: 33
    case .progress: 34
    case .located: 35
    case .trust: 36
    }
  }
}

extension FleetEffect {
  fileprivate var tag: UInt64 {
    switch self {
    case .open: 1
    case .close: 2
    case .validate: 3
    case .abortValidation: 4
    case .watch: 5
    case .abortWatch: 6
    case .send: 7
    case .abort: 8
    case .listTools: 9
    case .check: 10
    case .abortCheck: 11
    case .finish: 12
    case .store: 13
    case .tally: 14
    case .publish: 15
    case .readClock: 16
    case .drained: 17
    case .abortTools: 18
    case .locate: 19
    case .abortLocate: 20
    case .progress: 21
    }
  }

  /// For a violation.
  var word: String {
    switch self {
    case .open: "open"
    case .close: "close"
    case .validate: "validate"
    case .abortValidation: "abort of a validation"
    case .watch: "watch"
    case .abortWatch: "abort of a watch"
    case .send: "send"
    case .abort: "abort"
    case .listTools: "list of tools"
    case .check: "health check"
    case .abortCheck: "abort of a health check"
    case .finish: "outcome"
    case .store: "dead letter"
    case .tally: "tally"
    case .publish: "picture"
    case .readClock: "reading of the clock"
    case .drained: "news of the drain"
    case .abortTools: "abort of a list of tools"
    case .locate: "search of ports"
    case .abortLocate: "abort of a search"
    case .progress: "report"
    }
  }
}
