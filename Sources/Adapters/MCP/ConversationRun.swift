import Engine
import FleetModel
import Wire

/// One try of a call over any transport, from its first request to its reply.
struct ConversationRun {
  let call: Call
  let attempt: AttemptID
  let dialect: Dialect
  let policy: SessionPolicy
  /// The server runs tools as tasks (2025-11-25).
  let offersTasks: Bool
  /// The tools that it runs as tasks only.
  let taskTools: Set<String>
  let notices: PeerNotices
  /// Whether parameters of tools travel as headers.
  var readsHeaders = false

  /// Asks until the reply is there, with all its pages where it is a list.
  ///
  /// - Parameters:
  ///   - ask: sends one request under the wire id given, else under the next one, and waits for
  ///     what comes back.
  ///   - abandon: sends one request that nobody waits for.
  /// - Returns: an exchange that leaves the connection open.
  nonisolated(nonsending) func exchange(
    ask: (Conversation.Request, _ id: Int?) async -> Reply,
    abandon: (Conversation.Request) -> Void
  ) async -> Exchange {
    notices.begin(attempt)
    defer { notices.end(attempt) }
    var conversation = Conversation(
      call, dialect: dialect, answer: policy.inputAnswer, offersTasks: offersTasks,
      needsTask: call.target.map(taskTools.contains) ?? false)
    var reply = await converse(&conversation, ask: ask, abandon: abandon)
    reply = await ListPages.all(of: call, first: reply, readsHeaders: readsHeaders) { params in
      await ask(Conversation.Request(method: call.method, params: params), nil)
    }
    var exchange = Exchange(reply: reply)
    if conversation.isPlain, case .success(let result) = reply {
      exchange.timeToLive = CacheHint.timeToLive(of: result, method: call.method)
    }
    return exchange
  }

  /// The first request has the attempt's number as its wire id.
  private nonisolated(nonsending) func converse(
    _ conversation: inout Conversation, ask: (Conversation.Request, _ id: Int?) async -> Reply,
    abandon: (Conversation.Request) -> Void
  ) async -> Reply {
    var reply = await ask(conversation.opening, Int(attempt.number))
    while true {
      let turn = conversation.take(reply)
      notices.take(turn, of: attempt)
      switch turn.step {
      case .finish(let reply):
        if let request = conversation.abandonment { abandon(request) }
        return reply
      case .send(let request, let delay):
        reply =
          await pause(delay)
          ? await ask(request, nil)
          : .failure(Failure(.cancelled, "the caller gave up", delivery: .unknown))
      }
    }
  }

  /// - Returns: whether the task goes on.
  private nonisolated(nonsending) func pause(_ delay: Duration) async -> Bool {
    guard delay > .zero else { return !Task.isCancelled }
    do {
      try await Task.sleep(for: delay)
      return true
    } catch {
      return false
    }
  }
}
