import TerminalUI
import Testing

@Suite struct ShapeTests {
  @Test func `a box has its key, its title and its note on the edge`() {
    var canvas = Canvas(24, 3)
    canvas.box(
      Rect(column: 0, row: 0, columns: 24, rows: 3), glyphs: .unicode, title: "fleet", key: "1",
      note: "2/8")
    #expect(
      picture(canvas) == [
        "╭─1 fleet ─────── 2/8 ─╮", "│                      │",
        "╰──────────────────────╯",
      ])
    #expect(canvas[2, 0].role == .key)
    #expect(canvas[4, 0].role == .title)
  }

  @Test func `a box in ascii needs nothing else`() {
    var canvas = Canvas(10, 2)
    canvas.box(Rect(column: 0, row: 0, columns: 10, rows: 2), glyphs: .ascii, title: "a")
    #expect(picture(canvas) == ["+- a ----+", "+--------+"])
  }

  @Test(arguments: 0...6, 0...3)
  func `a box of any size stays inside`(columns: Int, rows: Int) {
    var canvas = Canvas(8, 5)
    canvas.box(
      Rect(column: 1, row: 1, columns: columns, rows: rows), glyphs: .unicode, title: "日本日本",
      key: "9", note: "note")
    for row in 0..<5 {
      for column in 0..<8
      where !Rect(column: 1, row: 1, columns: columns, rows: rows).contains(
        column: column, row: row)
      {
        #expect(canvas[column, row] == Cell())
      }
    }
    #expect(faults(canvas) == [])
  }

  @Test func `the filled graph grows from the right, four heights a cell`() {
    var canvas = Canvas(3, 2)
    canvas.areaGraph(
      [0, 1, 4, 8], maximum: 8, in: Rect(column: 0, row: 0, columns: 3, rows: 2), glyphs: .unicode)
    #expect(picture(canvas) == ["  ⢸", " ⢀⣿"])
    #expect(canvas[2, 0].role == .graphMid)
    #expect(canvas[2, 1].role == .graphLow)
  }

  @Test func `the line joins its points and leaves gaps where there is no value`() {
    var canvas = Canvas(3, 1)
    canvas.lineGraph(
      [0, 0, nil, nil, 0, 3], from: 0, to: 3, in: Rect(column: 0, row: 0, columns: 3, rows: 1),
      glyphs: .unicode, role: { $0 < 1 ? .bad : .ok })
    #expect(picture(canvas) == ["⣀ ⡸"])
    #expect(canvas[2, 0].role == .bad)
  }

  @Test func `the sparkline shows zero faintly and the maximum in full`() {
    var canvas = Canvas(5, 1)
    canvas.sparkline(
      [0, 1, 4, 8], maximum: 8, column: 0, row: 0, width: 5, glyphs: .unicode)
    #expect(picture(canvas) == [" ▁▂▅█"])
    #expect(canvas[1, 0].role == .meterEmpty)
    #expect(canvas[2, 0].role == .graphLow)
    #expect(canvas[4, 0].role == .graphHigh)
  }

  @Test(
    arguments: [
      (0.0, "····"), (0.5, "██··"), (0.53, "██▏·"), (1.0, "████"), (7.0, "████"),
      (-1.0, "····"), (.nan, "····"),
    ])
  func `the gauge fills to an eighth of a cell`(share: Double, shown: String) {
    var canvas = Canvas(4, 1)
    canvas.gauge(share, column: 0, row: 0, width: 4, role: .ok, glyphs: .unicode)
    #expect(picture(canvas) == [shown])
  }

  @Test func `a bar stands on the lowest row and is seen even when it is tiny`() {
    var canvas = Canvas(4, 2)
    canvas.bar(0.75, in: Rect(column: 0, row: 0, columns: 2, rows: 2), role: .ok, glyphs: .unicode)
    canvas.bar(
      0.001, in: Rect(column: 2, row: 0, columns: 1, rows: 2), role: .ok, glyphs: .unicode)
    canvas.bar(0, in: Rect(column: 3, row: 0, columns: 1, rows: 2), role: .ok, glyphs: .unicode)
    #expect(picture(canvas) == ["▄▄  ", "██▁ "])
  }

  @Test func `values that are no numbers draw nothing and trap nowhere`() {
    var canvas = Canvas(4, 2)
    let rect = Rect(column: 0, row: 0, columns: 4, rows: 2)
    let values = [Double.nan, .infinity, -.infinity, -1, 1e308]
    canvas.areaGraph(values, maximum: 1, in: rect, glyphs: .unicode)
    canvas.lineGraph(
      values, from: 0, to: 1, in: rect, glyphs: .ascii, role: { _ in .ok })
    canvas.sparkline(values, maximum: .nan, column: 0, row: 0, width: 4, glyphs: .unicode)
    canvas.bar(.nan, in: rect, role: .ok, glyphs: .ascii)
    #expect(faults(canvas) == [])
  }

  @Test func `every sign of our own takes one column`() {
    for kind in Glyphs.Kind.allCases {
      let glyphs = Glyphs.of(kind)
      let signs =
        glyphs.levels + glyphs.widths + [
          glyphs.topLeft, glyphs.topRight, glyphs.bottomLeft, glyphs.bottomRight,
          glyphs.horizontal, glyphs.vertical, glyphs.meterTrack, glyphs.ellipsis, glyphs.closed,
          glyphs.half, glyphs.open, glyphs.forced, glyphs.disabled, glyphs.up, glyphs.idle,
          glyphs.sick, glyphs.waiting, glyphs.down, glyphs.rising, glyphs.falling, glyphs.mark,
          glyphs.crumb, glyphs.strip,
        ]
      #expect(signs.allSatisfy { ScreenScalar($0).width == 1 })
      #expect(kind == .unicode || signs.allSatisfy(\.isASCII))
    }
  }
}
