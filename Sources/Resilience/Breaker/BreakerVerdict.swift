package import FleetModel

extension Breaker {
  /// What a reply says about the server: does it live and do its work?
  ///
  /// An answer of any kind is a success, `isError` and 4xx too, except a 5xx and `-32603` (internal
  /// error). 429 is neutral, because a server that limits us lives, and so is a lost session,
  /// because one restart of a server loses all sessions at once. What never reached the server, and
  /// what a caller cut short, is neutral. The policy may see `-32603` and 429 otherwise.
  package static func verdict(on reply: Reply, policy: BreakerPolicy) -> Verdict {
    switch reply {
    case .success, .toolError: .success
    case .protocolError(let error): verdict(on: error, label: reply.label, policy)
    case .failure(let failure): verdict(on: failure.kind, policy)
    }
  }

  private static func verdict(
    on error: RPCError, label: String, _ policy: BreakerPolicy
  ) -> Verdict {
    if let status = error.httpStatus, let verdict = verdict(status, policy) { return verdict }
    return error.code == -32603 && policy.internalErrorFails ? .failure(label) : .success
  }

  private static func verdict(on kind: Failure.Kind, _ policy: BreakerPolicy) -> Verdict {
    switch kind {
    case .httpStatus(let status): verdict(status, policy) ?? .success
    case .unauthorized: .success
    case .sessionLost, .totalTimeout, .breakerOpen, .poolExhausted, .bulkheadFull,
      .rateLimited, .cancelled, .unknownServer, .shuttingDown, .impostor:
      .neutral
    // `notConnected` is our own refusal, but for the server's absence.
    case .nameNotResolved, .connectionRefused, .connectionReset, .notConnected, .tls, .tryTimeout,
      .malformedAnswer, .answerTooLarge, .spawnFailed, .processExited, .incompatibleProtocol:
      .failure(kind.label)
    }
  }

  /// Nil for a status that says nothing against the server.
  private static func verdict(_ status: Int, _ policy: BreakerPolicy) -> Verdict? {
    switch status {
    case 429: policy.tooManyRequestsFails ? .failure("429") : .neutral
    case 500...599: .failure(String(status))
    default: nil
    }
  }
}
