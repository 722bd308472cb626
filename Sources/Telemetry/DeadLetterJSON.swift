package import FleetModel

/// Dead letters as JSON: `{"entries": [...]}` in the order given.
package enum DeadLetterJSON {
  package static func render(_ letters: [DeadLetter]) -> JSONText {
    var writer = JSONWriter()
    writer.object {
      $0.key("entries")
      $0.array { writer in
        for letter in letters { entry(letter, &writer) }
      }
    }
    return PlainText.escapingHidden(in: writer.json)
  }

  private static func entry(_ letter: DeadLetter, _ writer: inout JSONWriter) {
    writer.object {
      $0.member("id", letter.id.description)
      $0.member("server", letter.server.name)
      $0.member("client", letter.client)
      $0.member("method", letter.method)
      $0.member("target", letter.target)
      $0.member("params", letter.params)
      $0.member("errorKind", letter.errorKind)
      $0.member("errorMessage", letter.errorMessage)
      $0.member("delivery", letter.delivery.rawValue)
      $0.member("idempotent", letter.isIdempotent)
      $0.member("unsafeToReplay", letter.isUnsafeToReplay)
      $0.attempts(letter.attempts)
      $0.member("createdAt", letter.createdAt)
      $0.member("lastAttemptAt", letter.lastAttemptAt)
      $0.member("expiresAt", letter.expiresAt)
      $0.member("state", letter.state.rawValue)
      $0.member("replayCount", letter.replayCount)
    }
  }
}
