package import FleetModel

/// The whole picture as one JSON document, for scripts and for `GET /snapshot`.
///
/// Keys come in a fixed order, unknown values are null and never missing, times are RFC 3339 in
/// UTC, lengths of time are seconds, and no raw control scalar is left in it.
package enum SnapshotJSON {
  /// Names the shape; counted up when a key changes its meaning or goes.
  package static let schema = "mcpdash.snapshot/1"

  package static func render(_ snapshot: Snapshot) -> JSONText {
    var writer = JSONWriter()
    writer.object {
      $0.member("schema", schema)
      $0.member("at", snapshot.at)
      $0.key("engine")
      $0.engine(snapshot.engine)
      $0.key("servers")
      $0.array { writer in
        for server in snapshot.servers { writer.server(server) }
      }
      totals(snapshot.totals, &$0)
      $0.histogram("backoff", snapshot.backoff)
      $0.deadLetters(snapshot.deadLetters)
      notices(snapshot.notices, &$0)
      $0.sources(snapshot.sources)
    }
    return PlainText.escapingHidden(in: writer.json)
  }

  /// The engine alone: `{name, version, startedAt}`.
  package static func render(_ engine: EngineIdentity) -> JSONText {
    var writer = JSONWriter()
    writer.engine(engine)
    return PlainText.escapingHidden(in: writer.json)
  }

  private static func totals(_ totals: Totals, _ writer: inout JSONWriter) {
    writer.key("totals")
    writer.object {
      $0.member("calls", totals.calls)
      $0.member("successRate", totals.successRate)
      $0.member("retriesPerSecond", totals.retriesPerSecond)
    }
  }

  private static func notices(_ notices: [Notice], _ writer: inout JSONWriter) {
    writer.key("notices")
    writer.array { writer in
      for notice in notices {
        writer.object {
          $0.member("number", notice.number)
          $0.member("at", notice.at)
          $0.member("severity", notice.severity.rawValue)
          $0.member("server", notice.server?.name)
          $0.member("text", notice.text)
        }
      }
    }
  }
}
