import FleetModel
import TerminalUI

/// The top line: the fleet in numbers, and how old they are.
struct StatusLine {
  let snapshot: Snapshot?
  let newest: Snapshot?
  let state: ViewState

  let now: Timestamp

  private struct Piece {
    var text: String
    var role: Role
    /// Higher gives way first where room is short.
    var rank = 0
    var isReversed = false

    var width: Int { text.columnWidth }
  }

  /// Intervals without a snapshot after which the data are called old.
  private static let staleAfter = 4
  private static let staleAtLeast: Int64 = 3
  private static let gap = 2
  /// From here on trouble is told in its own words.
  private static let roomyWidth = 160

  func draw(on drawing: inout Drawing) {
    let size = drawing.canvas.size
    let isTiny = Breakpoint(size) == .tiny
    let right = trailing(isTiny: isTiny)
    let room = size.columns - 2
    let left = Self.fitting(
      leading(drawing.glyphs, isTiny: isTiny),
      in: room - right.reduce(0) { $0 + $1.width + Self.gap })
    var column = 1
    for piece in left {
      column += drawing.text(piece.text, column, 0, piece.width, piece.role) + Self.gap
    }
    var end = size.columns - 1
    for piece in right.reversed() {
      end -= piece.width
      drawing.text(piece.text, end, 0, piece.width, piece.role, isSelected: piece.isReversed)
      end -= Self.gap
    }
  }

  private static func fitting(_ pieces: [Piece], in room: Int) -> [Piece] {
    var pieces = pieces
    while pieces.reduce(-gap, { $0 + $1.width + gap }) > room,
      let worst = pieces.indices.max(by: { pieces[$0].rank <= pieces[$1].rank })
    {
      pieces.remove(at: worst)
    }
    return pieces
  }

  private func leading(_ glyphs: Glyphs, isTiny: Bool) -> [Piece] {
    var pieces = [Piece(text: "mcpdash", role: .accent, rank: isTiny ? 9 : 1)]
    guard let snapshot else {
      let count = state.configured.count
      if count > 0 { pieces.append(Piece(text: Figures.counted(count, "server"), role: .fg)) }
      return pieces + [Piece(text: "starting", role: .info)]
    }
    let breakers = snapshot.servers.map(\.breaker.state)
    let open = breakers.count { $0 == .open || $0 == .forcedOpen }
    let half = breakers.count { $0 == .halfOpen }
    let liveness = snapshot.servers.map { Liveness(of: $0) }
    let impostors = liveness.count { $0 == .impostor }
    let down = liveness.count { $0.isGone } - impostors
    let split = liveness.count { $0 == .disagreeing }
    let held = snapshot.servers.count { $0.breaker.override != nil }
    let servers = Figures.counted(snapshot.servers.count, "server")
    pieces.append(Piece(text: servers, role: .fg, rank: 8))
    if open > 0 { pieces.append(Piece(text: "\(glyphs.open) \(open) open", role: .breakerOpen)) }
    if half > 0 {
      pieces.append(Piece(text: "\(glyphs.half) \(half) half", role: .breakerHalf, rank: 3))
    }
    if impostors > 0 {
      let words = "\(glyphs.impostor) \(Figures.counted(impostors, "impostor"))"
      pieces.append(Piece(text: words, role: .bad))
    }
    if down > 0 {
      pieces.append(Piece(text: "\(glyphs.down) \(down) down", role: .bad, rank: 2))
    }
    if split > 0 {
      let words = "\(glyphs.disagreement) \(split) split"
      pieces.append(Piece(text: words, role: .healthDisagreement, rank: 6))
    }
    if held > 0 { pieces.append(Piece(text: "\(held) by hand", role: .warn, rank: 7)) }
    let ill = snapshot.sources.count { !$0.isWell }
    if ill > 0 {
      pieces.append(Piece(text: "\(Figures.counted(ill, "source")) ill", role: .warn, rank: 5))
    }
    if open + half + down + split + held + impostors == 0, !snapshot.servers.isEmpty {
      pieces.append(Piece(text: "\(glyphs.closed) all closed", role: .breakerClosed))
    }
    let store = snapshot.deadLetters
    if store.trouble != nil || store.spilled > 0 {
      let short = store.spilled > 0 ? "\(Figures.count(store.spilled)) letters wait" : "store ill"
      let isRoomy = state.size.columns >= Self.roomyWidth
      let words = isRoomy ? store.troubleWords ?? short : short
      pieces.append(Piece(text: "\(glyphs.sick) \(words)", role: .bad))
    }
    let size = store.size
    if size > 0 { pieces.append(Piece(text: "DLQ \(Figures.count(size))", role: .warn, rank: 4)) }
    return pieces
  }

  private func trailing(isTiny: Bool) -> [Piece] {
    var pieces: [Piece] = []
    if let age = staleSeconds(now) {
      let words = isTiny ? "old" : "no data for"
      pieces.append(Piece(text: "\(words) \(Figures.age(seconds: age))", role: .bad))
    }
    if let frozen = state.frozen {
      let time = isTiny ? "" : " at \(frozen.at.clockText)"
      pieces.append(Piece(text: " PAUSED\(time) ", role: .warn, isReversed: true))
    } else if !isTiny {
      pieces.append(Piece(text: rate, role: .muted))
    }
    pieces.append(Piece(text: now.clockText + (isTiny ? "" : " UTC"), role: .title))
    return pieces
  }

  private func staleSeconds(_ now: Timestamp) -> Int64? {
    guard let newest else { return nil }
    let age = newest.at.seconds(until: now)
    let interval = state.refreshInterval.seconds
    return age >= max(Self.staleAtLeast, Int64(interval * Double(Self.staleAfter))) ? age : nil
  }

  private var rate: String {
    let hertz = 1 / state.refreshInterval.seconds
    return Figures.decimal(hertz, places: hertz < 1 ? 1 : 0) + " Hz"
  }
}
