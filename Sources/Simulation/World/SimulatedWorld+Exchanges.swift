import Engine
import FleetModel

// What becomes of a request.
extension SimulatedWorld {
  /// - Returns: whether the server has run the call.
  mutating func send(
    _ call: Call, _ attempt: AttemptID, _ id: ConnectionID, at now: Instant
  ) -> Bool {
    guard let link = links[id], link.isOpen else {
      answer(attempt, Self.failed(.connectionReset, .notSent, closes: true), in: .zero, at: now)
      return false
    }
    let server = link.server
    let silence = now - sites[server].lastRequestAt
    sites[server].lastRequestAt = now
    place(attempt, on: id)
    if isAway(server, endpoint: link.endpoint, at: now) {
      answer(
        attempt, Exchange(reply: .failure(Self.refusal), closesConnection: true),
        in: .milliseconds(1), at: now)
      return false
    }
    if link.isSessionLost {
      answer(
        attempt, Self.failed(.sessionLost, .refused, closes: true), in: .milliseconds(2), at: now)
      return false
    }
    guard let fault = fault(of: server, endpoint: link.endpoint, at: now) else {
      answer(attempt, Self.done(call), in: usual(), at: now)
      return true
    }
    return send(call, attempt, server, under: fault.kind, after: silence, at: now)
  }

  private mutating func send(
    _ call: Call, _ attempt: AttemptID, _ server: Int, under kind: Fault.Kind,
    after silence: Duration, at now: Instant
  ) -> Bool {
    switch kind {
    case .slow(let time):
      let length = between(time, time + time)
      if chance(oneIn: 2) { report(on: attempt, every: length / 5, times: 6, at: now) }
      answer(attempt, Self.done(call), in: length, at: now)
      return true
    case .failing(let afterRunning):
      let exchange =
        afterRunning
        ? Self.failed(.httpStatus(500), .unknown) : Self.failed(.httpStatus(503), .refused)
      answer(attempt, exchange, in: usual(), at: now)
      return afterRunning
    case .throttling(let time):
      var exchange = Self.failed(.httpStatus(429), .refused)
      if time > .zero { exchange = Self.throttled(time) }
      answer(attempt, exchange, in: usual(), at: now)
      return false
    case .trap(let gap):
      if silence >= gap { sites[server].hangsUntil = now + .milliseconds(200) }
      if now < sites[server].hangsUntil { return true }
      answer(attempt, Self.failed(.httpStatus(503), .refused), in: usual(), at: now)
      return false
    case .lostReplies(let isSilent):
      if !isSilent {
        answer(
          attempt, Self.failed(.connectionReset, .unknown, closes: true), in: usual(), at: now)
      }
      return true
    case .silent:
      if chance(oneIn: 3) { report(on: attempt, every: .milliseconds(300), times: 9, at: now) }
      return chance(oneIn: 2)
    case .odd: return odd(call, attempt, at: now)
    case .outage, .flapping, .crashing, .unreachable, .rotting:
      answer(attempt, Self.done(call), in: usual(), at: now)
      return true
    }
  }

  /// Answers that servers give on a bad day.
  private mutating func odd(_ call: Call, _ attempt: AttemptID, at now: Instant) -> Bool {
    let (exchange, hasRun): (Exchange, Bool) =
      switch random.next() % 10 {
      case 0: (Exchange(reply: .toolError(.emptyObject)), true)
      case 1: (Self.wrong(-32602), false)
      case 2: (Self.wrong(-32603), chance(oneIn: 2))
      case 3: (Self.wrong(-32000, status: 503, retryAfter: .seconds(1)), false)
      case 4: (Self.garbled(call), true)
      case 5: (Self.failed(.answerTooLarge, .unknown, closes: true), true)
      case 6: (Self.failed(.unauthorized, .refused), false)
      case 7: (Self.failed(.httpStatus(418), .refused), false)
      case 8: (Self.failed(.incompatibleProtocol, .refused), false)
      default: (Self.done(call), true)
      }
    answer(attempt, exchange, in: usual(), at: now)
    return hasRun
  }

  /// Some of them may come after the answer, or after the attempt was given up.
  private mutating func report(
    on attempt: AttemptID, every gap: Duration, times: Int, at now: Instant
  ) {
    for number in 1...times {
      let report = CallProgress(progress: Double(number), total: Double(times))
      later(gap * number, .report(.progress(attempt, report)), at: now)
    }
  }

  private mutating func usual() -> Duration { between(.milliseconds(1), .milliseconds(10)) }

  private mutating func answer(
    _ attempt: AttemptID, _ exchange: Exchange, in delay: Duration, at now: Instant
  ) {
    later(delay, .answer(attempt, exchange), at: now)
  }

  // MARK: Answers

  private static func done(_ call: Call) -> Exchange {
    Exchange(
      reply: .success(answer(to: call)),
      timeToLive: call.method == "resources/read" ? .seconds(2) : nil)
  }

  /// What is opened by a caller's own token says so.
  static func answer(to call: Call) -> JSONText {
    guard let token = call.token else { return .emptyObject }
    return JSONText(unchecked: Array("{\"for\":\"\(token.value)\"}".utf8))
  }

  private static func failed(
    _ kind: Failure.Kind, _ delivery: Delivery, closes: Bool = false
  ) -> Exchange {
    Exchange(
      reply: .failure(Failure(kind, kind.label, delivery: delivery)), closesConnection: closes)
  }

  /// An answer that cannot be read, and says the caller's token back.
  private static func garbled(_ call: Call) -> Exchange {
    let text = "not JSON: \(call.token?.value ?? "")"
    return Exchange(reply: .failure(Failure(.malformedAnswer, text, delivery: .unknown)))
  }

  private static func throttled(_ time: Duration) -> Exchange {
    Exchange(
      reply: .failure(
        Failure(.httpStatus(429), "too many requests", delivery: .refused, retryAfter: time)))
  }

  private static func wrong(
    _ code: Int, status: Int? = nil, retryAfter: Duration? = nil
  ) -> Exchange {
    Exchange(
      reply: .protocolError(
        RPCError(code: code, message: "no", httpStatus: status, retryAfter: retryAfter)))
  }
}
