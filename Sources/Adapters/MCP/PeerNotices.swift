import Engine
import FleetModel
import Wire

/// What one server tells without being asked, on its way to the engine.
///
/// On the loop's thread alone, which its timer shares: hence unchecked.
final class PeerNotices: @unchecked Sendable {
  private let server: ServerID
  private let policy: SessionPolicy
  private let loop: EventLoop
  private let events: EventSink
  private var ledger = ProgressLedger()
  private var meter = LogMeter()
  private var restTimer: TimerToken?

  init(_ server: ServerDefinition, loop: EventLoop, events: EventSink) {
    self.server = server.id
    policy = server.policies.session
    self.loop = loop
    self.events = events
  }

  // MARK: Calls

  /// From now on the server may report on this attempt.
  func begin(_ attempt: AttemptID) { ledger.begin(Int(attempt.number)) }

  func end(_ attempt: AttemptID) { ledger.end(Int(attempt.number)) }

  /// What a turn of a conversation leaves to tell.
  func take(_ turn: Conversation.Turn, of attempt: AttemptID) {
    for note in turn.notes { events.send(.note(server, .info, note)) }
    guard let move = turn.move, let step = ledger.step(move.count, for: Int(attempt.number))
    else { return }
    events.send(.progress(attempt, CallProgress(progress: step, message: move.message)))
  }

  // MARK: Notifications

  @discardableResult
  func take(_ method: String, _ params: JSONView?) -> ServerNotice {
    let notice = ServerNotice(method: method, params: params)
    switch notice {
    case .toolsChanged: events.send(.toolsChanged(server))
    case .readsChanged(let methods): events.send(.readsChanged(server, methods))
    case .progress(let token, let progress):
      guard token >= 0, ledger.admits(progress.progress, for: token) else { break }
      events.send(.progress(AttemptID(number: UInt64(token)), progress))
    case .logged(let level, let text): log(level, text)
    case .acknowledged, .ended, .other: break
    }
    return notice
  }

  /// Whatever a stream would have told while it was away.
  func announceEverything(_ capabilities: ServerCapabilities) {
    if capabilities.announcesTools { events.send(.toolsChanged(server)) }
    if capabilities.announcesResources { events.send(.readsChanged(server, "resources/")) }
    if capabilities.announcesPrompts { events.send(.readsChanged(server, "prompts/")) }
  }

  func note(_ severity: Notice.Severity, _ text: String) {
    events.send(.note(server, severity, text))
  }

  private func log(_ level: SessionPolicy.LogLevel, _ text: String) {
    guard let wanted = policy.logLevel, level.rank >= wanted.rank else { return }
    if meter.admits(at: loop.now) { return events.send(.note(server, level.severity, text)) }
    guard restTimer == nil, let due = meter.restIsDue else { return }
    restTimer = loop.schedule(at: due) { [weak self] in self?.tellRest() }
  }

  private func tellRest() {
    restTimer = nil
    let rest = meter.takeRest()
    guard rest > 0 else { return }
    events.send(.note(server, .info, "\(rest) more log messages came too fast to be shown"))
  }
}
