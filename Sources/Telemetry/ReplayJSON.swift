package import FleetModel

/// The replays of dead letters as JSON: `{"replays": [...]}` in the order given.
package enum ReplayJSON {
  package static func render(_ replays: [ReplaySnapshot]) -> JSONText {
    var writer = JSONWriter()
    writer.object { $0.replays(replays) }
    return PlainText.escapingHidden(in: writer.json)
  }
}

extension JSONWriter {
  mutating func replayCount(_ count: ReplayCount) {
    member("delivered", count.delivered)
    member("failed", count.failed)
    member("unsafe", count.unsafe)
    member("taken", count.taken)
    member("unsendable", count.unsendable)
    member("planned", count.planned)
    member("left", count.left)
  }

  mutating func replays(_ replays: [ReplaySnapshot]) {
    list("replays", replays) { writer, replay in
      writer.member("number", replay.number)
      writer.member("owner", replay.owner)
      writer.member("startedAt", replay.startedAt)
      writer.member("endedAt", replay.endedAt)
      writer.member("total", replay.total)
      writer.replayCount(replay.count)
      writer.member("waitsFor", replay.waitsFor?.name)
      writer.member("stopping", replay.isStopping)
      writer.member("trouble", replay.trouble)
    }
  }

  /// `{"grade", "text"}`, or null where the store has not told.
  package mutating func durability(_ durability: DeadLetterDurability?) {
    key("durability")
    guard let durability else { return null() }
    object {
      $0.member("grade", durability.grade.rawValue)
      $0.member("text", durability.text)
    }
  }

  mutating func deadLetters(_ letters: DeadLetterSnapshot) {
    key("deadLetters")
    object {
      $0.member("size", letters.size)
      $0.member("oldest", letters.oldest)
      $0.member("store", letters.store)
      $0.member("trouble", letters.trouble)
      $0.durability(letters.durability)
      $0.member("spilled", letters.spilled)
      $0.member("dropped", letters.dropped)
      $0.key("counts")
      $0.object {
        $0.member("kept", letters.counts.kept)
        $0.member("refused", letters.counts.refused)
        $0.member("delivered", letters.counts.delivered)
        $0.member("failed", letters.counts.failed)
        $0.member("discarded", letters.counts.discarded)
        $0.member("deleted", letters.counts.deleted)
        $0.member("expired", letters.counts.expired)
      }
      $0.replays(letters.replays)
    }
  }
}
