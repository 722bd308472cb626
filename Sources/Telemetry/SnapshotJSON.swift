package import FleetModel

/// A snapshot as the JSON document that scripts read; keys keep their order, later ones may be added.
package enum SnapshotJSON {
  package static let schema = "mcpdash.snapshot/1"

  package static func render(_ snapshot: Snapshot) -> JSONText {
    var writer = JSONWriter()
    writer.object { json in
      json.member("schema", schema)
      json.member("at", snapshot.at.rfc3339)
      json.member(
        "engine",
        object: {
          $0.member("name", snapshot.engine.name)
          $0.member("version", snapshot.engine.version)
          $0.member("startedAt", snapshot.engine.startedAt.rfc3339)
        })
      ServerJSON.writeList(of: snapshot, to: &json)
      json.member(
        "totals",
        object: {
          $0.member("calls", snapshot.totals.calls)
          $0.member("successRate", snapshot.totals.successRate)
          $0.member("retriesPerSecond", snapshot.totals.retriesPerSecond)
        })
      json.member("backoff", object: { write(snapshot.backoff, to: &$0) })
      json.member(
        "deadLetters",
        object: {
          $0.member("size", snapshot.deadLetters.size)
          $0.member("oldest", snapshot.deadLetters.oldest?.rfc3339)
        })
      json.member(
        "notices",
        array: { list in
          for notice in snapshot.notices { write(notice, to: &list) }
        })
    }
    return writer.json
  }

  private static func write(_ histogram: HistogramSnapshot, to json: inout JSONWriter) {
    json.member("count", histogram.count)
    json.member("sum", histogram.sum)
    json.member(
      "buckets",
      array: { list in
        for bucket in histogram.buckets {
          list.object {
            if bucket.upperBound.isFinite {
              $0.member("le", bucket.upperBound)
            } else {
              $0.member("le", "+Inf")
            }
            $0.member("count", bucket.count)
          }
        }
      })
  }

  private static func write(_ notice: Notice, to json: inout JSONWriter) {
    json.object {
      $0.member("number", notice.number)
      $0.member("at", notice.at.rfc3339)
      $0.member("severity", notice.severity.rawValue)
      $0.member("server", notice.server?.name)
      $0.member("text", notice.text)
    }
  }
}
