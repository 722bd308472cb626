import FleetModel
import TerminalUI

/// The top line: the fleet in numbers, and how old they are.
struct StatusLine {
  let snapshot: Snapshot?
  let newest: Snapshot?
  let state: ViewState

  private struct Piece {
    var text: String
    var role: Role
    var isReversed = false
  }

  /// Intervals without a snapshot after which the data are called old.
  private static let staleAfter = 4
  private static let staleAtLeast: Int64 = 3

  func draw(on drawing: inout Drawing) {
    var end = drawing.canvas.size.columns - 1
    for piece in trailing(drawing).reversed() {
      let width = piece.text.columnWidth
      guard end - width > 10 else { break }
      end -= width
      drawing.text(piece.text, end, 0, width, piece.role, isSelected: piece.isReversed)
      end -= 2
    }
    var column = 1
    for piece in leading(drawing) {
      let width = piece.text.columnWidth
      guard column + width <= end else { break }
      drawing.text(piece.text, column, 0, width, piece.role)
      column += width + 2
    }
  }

  private func leading(_ drawing: Drawing) -> [Piece] {
    let name = Piece(text: "mcpdash", role: .accent)
    guard let snapshot else {
      let count = state.configured.count
      let known = Piece(text: Figures.counted(count, "server"), role: .fg)
      return [name] + (count > 0 ? [known] : []) + [Piece(text: "starting", role: .info)]
    }
    let glyphs = drawing.glyphs
    let breakers = snapshot.servers.map(\.breaker.state)
    let open = breakers.count { $0 == .open || $0 == .forcedOpen }
    let half = breakers.count { $0 == .halfOpen }
    let down = snapshot.servers.count { Liveness(of: $0) == .down }
    var pieces = [
      name, Piece(text: Figures.counted(snapshot.servers.count, "server"), role: .fg),
    ]
    if open > 0 { pieces.append(Piece(text: "\(glyphs.open) \(open) open", role: .breakerOpen)) }
    if half > 0 { pieces.append(Piece(text: "\(glyphs.half) \(half) half", role: .breakerHalf)) }
    if down > 0 { pieces.append(Piece(text: "\(glyphs.down) \(down) down", role: .bad)) }
    if open + half + down == 0 {
      pieces.append(Piece(text: "\(glyphs.closed) all closed", role: .breakerClosed))
    }
    let size = snapshot.deadLetters.size
    if size > 0 { pieces.append(Piece(text: "DLQ \(Figures.count(size))", role: .warn)) }
    return pieces
  }

  private func trailing(_ drawing: Drawing) -> [Piece] {
    var pieces: [Piece] = []
    if let age = staleSeconds(drawing.now) {
      pieces.append(Piece(text: "no data for \(Figures.age(seconds: age))", role: .bad))
    }
    if let frozen = state.frozen {
      let isWide = Breakpoint(drawing.canvas.size) != .tiny
      let time = isWide ? " at \(frozen.at.clockText)" : ""
      pieces.append(Piece(text: " PAUSED\(time) ", role: .warn, isReversed: true))
    }
    pieces.append(Piece(text: rate, role: .muted))
    let zone = drawing.canvas.size.columns >= Breakpoint.compact.minimum.columns ? " UTC" : ""
    pieces.append(Piece(text: drawing.now.clockText + zone, role: .title))
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
