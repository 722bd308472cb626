package import FleetModel

/// Dead letters as JSON, in the order given.
package enum DeadLetterJSON {
  /// `{"entries": [...], "next": cursor | null}`.
  package static func render(_ page: DeadLetterPage) -> JSONText {
    var writer = JSONWriter()
    writer.object {
      $0.list("entries", page.letters) { members(of: $1, &$0) }
      $0.member("next", page.next?.text)
    }
    return PlainText.escapingHidden(in: writer.json)
  }

  private static func members(of letter: DeadLetter, _ writer: inout JSONWriter) {
    writer.member("id", letter.id.description)
    writer.member("server", letter.server.name)
    writer.member("client", letter.client)
    writer.member("method", letter.method)
    writer.member("target", letter.target)
    writer.member("endpoint", letter.endpoint)
    writer.member("params", letter.params)
    writer.member("originalParams", letter.original ?? .null)
    writer.key("redacted")
    writer.array { writer in
      for place in letter.redacted { writer.value(place) }
    }
    writer.member("needsToken", letter.needsToken)
    writer.member("errorKind", letter.errorKind)
    writer.member("errorMessage", letter.errorMessage)
    writer.member("delivery", letter.delivery.rawValue)
    writer.member("idempotent", letter.isIdempotent)
    writer.member("unsafeToReplay", letter.isUnsafeToReplay)
    writer.attempts(letter.attempts)
    writer.member("createdAt", letter.createdAt)
    writer.member("lastAttemptAt", letter.lastAttemptAt)
    writer.member("expiresAt", letter.expiresAt)
    writer.member("state", letter.state.rawValue)
    lease(letter.lease, &writer)
    writer.member("replayCount", letter.replayCount)
    writer.member("fault", letter.fault)
  }

  private static func lease(_ lease: DeadLetter.Lease?, _ writer: inout JSONWriter) {
    writer.key("lease")
    guard let lease else { return writer.null() }
    writer.object {
      $0.member("owner", lease.owner)
      $0.member("until", lease.until)
    }
  }
}
