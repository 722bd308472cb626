import FleetModel
import TerminalUI
import Testing

@testable import Dashboard

@Suite struct HostileTests {
  /// Keys that lead to every page, panel and overlay.
  private static let ways = [
    "", "\r", "d", "?", ":", "o", "R", "/x", "p", "dX", "\rd ", "2", "33", "44", "55", "66", "77",
    "88", "\t", "ss", ":zzz", "d/q", "daR", "\r:o", "\rG", "\r\u{06}j", "c", "x\t\t\t\treason",
    "\rE", "N", "d/state:any\r\r", "dA", "d/state:any\rDdel", "dRdw", "d\rjjjj", "d/server:",
  ]

  @Test(arguments: 1...45)
  func `no size and no text traps, leaves a control, or tears a wide scalar`(rows: Int) {
    let hostile = HostileFleet.snapshot(seed: UInt64(rows), serverCount: rows % 13)
    for columns in 1...130 {
      let way = Self.ways[(columns + rows * 7) % Self.ways.count]
      var person = Operator(columns, rows)
      person.state.glyphs = columns % 5 == 0 ? .ascii : .unicode
      // What has expired by its own clock is listed too, for it may expire while it is shown.
      person.queue.letters = hostile.deadLetters.recent.map { letter in
        var letter = letter
        if columns % 2 == 0 { letter.expiresAt = SampleFleet.now + .seconds(9) }
        return letter
      }
      person.see(hostile)
      // Through a large window, so that the way is open at any size.
      person.send(.resize(Size(columns: 100, rows: 30)))
      person.type(way)
      person.send(.resize(Size(columns: columns, rows: rows)))
      let (canvas, hits) = frame(
        snapshot: hostile, state: person.state, size: person.state.size, now: SampleFleet.now)
      #expect(faults(canvas) == [], "\(columns)x\(rows), \(way)")
      #expect(hits.allSatisfy { isInside($0.rect, canvas.size) }, "\(columns)x\(rows), \(way)")
    }
  }

  /// Enter is the yes of an override alone.
  @Test(arguments: 0..<8, [true, false])
  func `whatever is typed and clicked, nothing dangerous happens without a yes`(
    seed: UInt64, pressesEnter: Bool
  ) {
    var random = SplitMix64(seed: seed)
    var person = Operator(80, 24)
    let keys: [Key] =
      "jkgGsSpZ+-TdocxNEzrRXDAaew /:?12345678qnhlxisopen".map { .character($0) }
      + (pressesEnter ? [.enter] : []) + [
        .escape, .tab, .backTab, .up, .down, .left, .right, .home, .end, .pageUp,
        .pageDown, .backspace, .control("l"), .control("u"), .function(1),
      ]
    for step in 0..<1500 {
      switch Int.random(in: 0..<40, using: &random) {
      case 0:
        let size = Size(
          columns: Int.random(in: 1...210, using: &random),
          rows: Int.random(in: 1...60, using: &random))
        person.send(.resize(size))
      case 1: person.send(.paste("y\ny\r"))
      case 2:
        person.see(
          step % 2 == 0
            ? SampleFleet.snapshot(seed: seed)
            : HostileFleet.snapshot(
              seed: seed, serverCount: step % 9), after: .seconds(step))
      case 3:
        let action: MouseEvent.Action = step % 2 == 0 ? .wheelUp : .wheelDown
        person.send(.mouse(MouseEvent(action: action, column: step % 80, row: step % 24)))
      default: person.press(keys[Int.random(in: 0..<keys.count, using: &random)])
      }
    }
    #expect(
      person.effects.allSatisfy {
        !$0.isCommand || $0.isStop || pressesEnter && $0.isOverride
      })
    #expect(faults(draw(person)) == [])
  }

  private func isInside(_ rect: Rect, _ size: Size) -> Bool {
    rect.column >= 0 && rect.row >= 0 && rect.column + rect.size.columns <= size.columns
      && rect.row + rect.size.rows <= size.rows
  }
}

extension Effect {
  var isCommand: Bool {
    if case .perform = self { true } else { false }
  }
}

extension Effect {
  var isOverride: Bool {
    if case .perform(.override) = self { true } else { false }
  }

  /// Stopping a replay does no harm, and is not asked about.
  var isStop: Bool {
    if case .perform(.stopReplay) = self { true } else { false }
  }
}

/// What is wrong with a canvas: controls, or halves of wide scalars alone.
func faults(_ canvas: Canvas) -> [String] {
  var found: [String] = []
  for row in 0..<canvas.size.rows {
    var previous = Cell()
    for column in 0..<canvas.size.columns {
      let cell = canvas[column, row]
      let shown = ScreenScalar(cell.scalar)
      let previousWidth = previous.isContinuation ? 1 : ScreenScalar(previous.scalar).width
      if cell.isContinuation != (previousWidth == 2) {
        found.append("half alone at \(column),\(row)")
      }
      if shown.scalar != cell.scalar || shown.width == 0 {
        found.append("raw scalar \(cell.scalar.value) at \(column),\(row)")
      }
      previous = cell
    }
    if !previous.isContinuation, ScreenScalar(previous.scalar).width == 2 {
      found.append("half alone at the end of row \(row)")
    }
  }
  return found
}
