package import Engine
import FleetModel
import Wire

/// Entries that other programs add to the same queue, and remove from it.
extension RedisDeadLetterStore {
  /// What a look at a part of the list brought.
  private struct Found {
    /// How many more entries the list had than we knew of.
    var surplus: Int
    var seen: Int
    var removed: Int
    /// Known ones that somebody else wrote over, and that were taken up anew.
    var changed: Int
    var adopted: Int
  }

  /// Entries of the list that one script looks at.
  private static let glance = 16
  private static let portion = 100

  package func sweep() async throws(DeadLetterStoreError) -> Int {
    var expired = 0
    while true {
      let reply = try ask(command(.settle))
      expired += reply[1].number
      guard reply[0].number == 1 else { break }
      await Task.yield()
    }
    try await compare()
    do throws(RedisError) { try session.readSettings() } catch { throw self.error(error) }
    return expired
  }

  /// Takes up what others added since the last look, and drops what they removed. Cheap while
  /// nobody did: the newest entries of their list and the lengths of theirs and ours tell.
  func meetStrangers() async throws(DeadLetterStoreError) {
    var (place, count) = (0, Self.glance)
    while true {
      let found = try strangers(from: place, count: count)
      let left = found.surplus - found.adopted
      let isAllKnown = left == knownSurplus
      // Where some were written over, more may have been.
      if isAllKnown, found.changed == 0 || found.seen < count { return }
      // What was added last stands first; what was removed can be anywhere.
      guard isAllKnown || left > knownSurplus, found.seen > 0 else { return try await compare() }
      place += found.seen - found.removed
      count = Self.portion
      await Task.yield()
    }
  }

  /// Goes through their list and through ours.
  private func compare() async throws(DeadLetterStoreError) {
    var place = 0
    var surplus = 0
    while true {
      let found = try strangers(from: place, count: Self.portion)
      surplus = found.surplus
      guard found.seen > 0 else { break }
      place += found.seen - found.removed
      await Task.yield()
    }
    place = 0
    while true {
      var command = command(.vanished)
      command.add(place)
      command.add(Self.portion)
      let reply = try ask(command)
      guard reply[0].number > 0 else { break }
      place += reply[0].number - reply[1].number
      await Task.yield()
    }
    surplus = try strangers(from: 0, count: 1).surplus
    knownSurplus = surplus
  }

  private func strangers(
    from place: Int, count: Int
  ) throws(DeadLetterStoreError) -> Found {
    var command = command(.strangers)
    command.add(place)
    command.add(count)
    let reply = try ask(command)
    let found = reply[5].elements
    if !found.isEmpty { _ = try askEach(found.map(adoption)) }
    let changed = reply[4].number
    return Found(
      surplus: reply[0].number - reply[1].number, seen: reply[2].number, removed: reply[3].number,
      changed: changed, adopted: found.count - changed)
  }

  private func adoption(_ stranger: RedisReply) -> RedisCommand {
    let (member, kind, entry) = (stranger[0].bytes, stranger[3].text, stranger[4].bytes)
    let name = String(validating: member, as: UTF8.self).flatMap { DeadLetterID(checking: $0) }
    let seconds = Int64(min(max(stranger[1].number, 0), 1 << 36))
    let score = seconds == 0 ? now : Timestamp(millisecondsSinceEpoch: seconds * 1000)
    let id = name ?? DeadLetterID("unnamed")
    var letter =
      kind == "string"
      ? LetterCodec.decode(entry, storedUnder: id, lifetime: lifetime, now: score)
      : LetterCodec.unreadable(id, LetterRow.fault(kind), lifetime: lifetime, now: score)
    letter.lastAttemptAt = score
    // It lives as long as its own time to live says, and one without from now on.
    letter.expiresAt = now + lifetime
    var command = command(.adopt)
    command.add(name?.text ?? "")
    command.add(member)
    command.add(false)
    command.add(fieldsOf: letter, size: entry.count)
    return command
  }
}
