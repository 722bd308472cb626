import FleetModel
import TerminalUI

/// A replay in numbers and words, while it runs and for some time after.
struct ReplayProgress {
  let replay: ReplaySnapshot
  let now: Timestamp

  /// How long the result of one that ended is shown, unless it is dismissed.
  static let resultSeconds: Int64 = 600

  /// Those worth showing: that run, the newest first, then the results nobody dismissed. What came
  /// of a dry run was told to who asked for it.
  static func shown(
    _ replays: [ReplaySnapshot], dismissed: Set<Int>, now: Timestamp
  ) -> [ReplaySnapshot] {
    let running = replays.filter { $0.endedAt == nil }
    let ended = replays.filter { replay in
      guard let end = replay.endedAt, !replay.isDryRun, !dismissed.contains(replay.number) else {
        return false
      }
      return end.seconds(until: now) < resultSeconds
    }
    return running.reversed() + ended.reversed()
  }

  /// `replay 3`, with its owner where there is room.
  func name(isWide: Bool) -> String {
    let deed = replay.isDryRun ? "dry run" : "replay"
    return "\(deed) \(replay.number)" + (isWide ? " by \(replay.owner)" : "")
  }

  private var settled: Int { replay.count.settled + replay.count.planned }

  /// 0…1; one with nothing to do is done.
  var share: Double {
    replay.total > 0 ? Double(settled) / Double(replay.total) : 1
  }

  private var elapsed: Double {
    max(0, ((replay.endedAt ?? now) - replay.startedAt).seconds)
  }

  /// Letters dealt with a second, on the average; nil in the first second.
  private var rate: Double? { elapsed >= 1 ? Double(settled) / elapsed : nil }

  /// What is left by the pace so far; nil where it stands still.
  private var left: Int64? {
    guard let rate, rate > 0, replay.waitsFor == nil, !replay.isStopping else { return nil }
    let seconds = Double(max(0, replay.total - settled)) / rate
    return seconds < 1e9 ? Int64(seconds.rounded(.up)) : nil
  }

  var role: Role {
    if replay.trouble != nil { return .bad }
    guard replay.endedAt != nil else { return .info }
    return replay.count.failed > 0 || replay.count.left > 0 ? .warn : .ok
  }

  /// What matters most first, so that the rest gives way where room is short; why it ended early
  /// last, in as many of its words as fit.
  var pieces: [(words: String, role: Role)] {
    var pieces: [(String, Role)] = []
    let count = replay.count
    if let end = replay.endedAt {
      let age = Figures.age(seconds: max(0, end.seconds(until: now)))
      pieces.append(("ended \(age) ago", role))
    } else {
      let counts = "\(Figures.grouped(settled)) of \(Figures.grouped(replay.total))"
      pieces.append((counts, .title))
    }
    if replay.isStopping, replay.endedAt == nil {
      pieces.append(("stopping: ends what is on the wire", .warn))
    } else if let server = replay.waitsFor, replay.endedAt == nil {
      pieces.append(("waits for the breaker of \(server)", .warn))
    }
    if count.planned > 0 { pieces.append(("\(Figures.grouped(count.planned)) planned", .info)) }
    pieces.append(("\(Figures.grouped(count.delivered)) delivered", .ok))
    if count.failed > 0 { pieces.append(("\(Figures.grouped(count.failed)) failed again", .bad)) }
    let out = count.unsafe + count.taken + count.unsendable
    if out > 0 { pieces.append(("\(Figures.grouped(out)) left out", .warn)) }
    if count.left > 0 { pieces.append(("\(Figures.grouped(count.left)) not come to", .warn)) }
    if replay.endedAt == nil {
      if let left { pieces.append(("\(Figures.clock(seconds: left)) left", .muted)) }
      if let rate { pieces.append(("\(Figures.rate(rate))/s", .muted)) }
    }
    if let trouble = replay.trouble { pieces.append((trouble, .bad)) }
    return pieces
  }
}
