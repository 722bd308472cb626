import Engine
import FleetModel
import Wire

/// Leads a conversation over any transport.
enum ConversationRun {
  /// Asks until the conversation has its reply.
  ///
  /// - Parameters:
  ///   - ask: sends one request and waits for what comes back. Each has a wire id of its own.
  ///   - abandon: sends one request that nobody waits for.
  nonisolated(nonsending) static func converse(
    _ conversation: inout Conversation, attempt: AttemptID, notices: PeerNotices,
    ask: (Conversation.Request) async -> Reply, abandon: (Conversation.Request) -> Void
  ) async -> Reply {
    var reply = await ask(conversation.opening)
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
          ? await ask(request)
          : .failure(Failure(.cancelled, "the caller gave up", delivery: .unknown))
      }
    }
  }

  /// - Returns: whether the task goes on.
  private nonisolated(nonsending) static func pause(_ delay: Duration) async -> Bool {
    guard delay > .zero else { return !Task.isCancelled }
    do {
      try await Task.sleep(for: delay)
      return true
    } catch {
      return false
    }
  }
}
