package import FleetModel

/// What became of one call as JSON, for `mcpdash call --json` and `POST /calls`.
///
/// Of `result`, `error` and `failure` exactly one is an object and the others are null. `cached`
/// says whether the cache gave the answer, in time or past it; `source` where it came from.
/// `deadLettered` is whether a dead letter is kept; `deadLetter` where it is: `stored`, `memory`,
/// or `lost`, which is nowhere; null where the call leaves none.
package enum OutcomeJSON {
  package static func render(_ outcome: Outcome) -> JSONText {
    var writer = JSONWriter()
    writer.object {
      $0.member("id", outcome.call.description)
      reply(outcome.reply, &$0)
      $0.attempts(outcome.attempts)
      $0.member("latencySeconds", seconds: outcome.latency)
      $0.member("cached", outcome.source == .cache || outcome.source == .staleCache)
      $0.member("source", outcome.source.rawValue)
      $0.member("deadLettered", outcome.isDeadLettered)
      $0.member("deadLetter", outcome.deadLetter?.rawValue)
    }
    return PlainText.escapingHidden(in: writer.json)
  }

  private static func reply(_ reply: Reply, _ writer: inout JSONWriter) {
    let kind: String
    var (result, error, failure) = (JSONText.null, JSONText.null, JSONText.null)
    switch reply {
    case .success(let json): (kind, result) = ("success", json)
    case .toolError(let json): (kind, result) = ("toolError", json)
    case .protocolError(let answer): (kind, error) = ("protocolError", render(answer))
    case .failure(let reason): (kind, failure) = ("failure", render(reason))
    }
    writer.member("kind", kind)
    writer.member("result", result)
    writer.member("error", error)
    writer.member("failure", failure)
  }

  private static func render(_ error: RPCError) -> JSONText {
    var writer = JSONWriter()
    writer.object {
      $0.member("code", error.code)
      $0.member("message", error.message)
      $0.member("data", error.data ?? .null)
    }
    return writer.json
  }

  private static func render(_ failure: Failure) -> JSONText {
    var writer = JSONWriter()
    writer.object {
      $0.member("kind", failure.kind.label)
      $0.member("message", failure.message)
      $0.member("delivery", failure.delivery.rawValue)
      $0.member("retryAfterSeconds", seconds: failure.retryAfter)
    }
    return writer.json
  }
}
