import FleetModel
import TerminalUI

/// What has to be said of the queue beside its letters, what matters most first.
struct LetterNotices {
  enum Notice {
    case trouble(String)
    case replay(ReplaySnapshot)
  }

  let notices: [Notice]
  private let now: Timestamp

  /// Nil before the first snapshot.
  init?(_ state: ViewState) {
    guard let shown = state.shown else { return nil }
    var failure: String?
    if case .deadLetters(let browser) = state.pages.last, browser.window.filter != nil {
      failure = browser.window.failure.map { "not read anew: \($0)" }
    }
    self.init(shown.deadLetters, dismissed: state.dismissedReplays, failure: failure, now: shown.at)
  }

  /// - Parameter failure: why what is listed could not be read anew.
  init(
    _ letters: DeadLetterSnapshot, dismissed: Set<Int>, failure: String? = nil, now: Timestamp
  ) {
    self.now = now
    notices =
      (letters.troubleWords.map { [Notice.trouble($0)] } ?? [])
      + (letters.trouble == nil ? failure.map { [Notice.trouble($0)] } ?? [] : [])
      + ReplayProgress.shown(letters.replays, dismissed: dismissed, now: now)
      .map { Notice.replay($0) }
  }

  func draw(on drawing: inout Drawing, in rect: Rect) {
    for (offset, notice) in notices.prefix(max(0, rect.size.rows)).enumerated() {
      let line = Rect(
        column: rect.column, row: rect.row + offset, columns: rect.size.columns, rows: 1)
      switch notice {
      case .trouble(let words):
        drawing.state(drawing.glyphs.sick, words, line.column, line.row, line.size.columns, .bad)
      case .replay(let replay): draw(replay, on: &drawing, in: line)
      }
    }
  }

  private static let gaugeLimit = 24

  private func draw(_ replay: ReplaySnapshot, on drawing: inout Drawing, in line: Rect) {
    let progress = ReplayProgress(replay: replay, now: now)
    let isWide = line.size.columns >= 60
    var column = line.column
    column +=
      drawing.text(
        progress.name(isWide: isWide), column, line.row, min(28, line.size.columns), .accent) + 1
    let width = replay.endedAt == nil ? min(Self.gaugeLimit, line.size.columns / 5) : 0
    drawing.canvas.gauge(
      progress.share, column: column, row: line.row, width: width, role: progress.role,
      glyphs: drawing.glyphs)
    column += width > 0 ? width + 1 : 0
    let pieces = progress.pieces
    for (index, piece) in pieces.enumerated() {
      let room = line.right - column - (index > 0 ? 2 : 0)
      // The first two say the most, and may be cut; so may words that have no end.
      let isCuttable = index < 2 || piece.words == replay.trouble
      guard room >= (isCuttable ? 4 : piece.words.columnWidth) else { return }
      if index > 0 { column += 2 }
      column += drawing.text(piece.words, column, line.row, room, piece.role)
    }
    let hint = "x dismisses"
    guard replay.endedAt != nil, isWide, line.right - column >= hint.count + 2 else { return }
    drawing.right(hint, line.column, line.row, line.size.columns, .muted)
  }
}

extension DeadLetterSnapshot {
  /// Why letters are not where they belong; nil while all is well.
  var troubleWords: String? {
    let waiting =
      spilled > 0
      ? "\(Figures.counted(spilled, "letter")) \(spilled == 1 ? "waits" : "wait") in memory" : nil
    let lost = counts.refused > 0 ? "\(Figures.counted(counts.refused, "letter")) NOT kept" : nil
    let words = [trouble, waiting, lost].compactMap(\.self)
    return words.isEmpty ? nil : "store: " + words.joined(separator: "; ")
  }
}
