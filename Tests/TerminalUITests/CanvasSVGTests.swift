import TerminalUI
import Testing

@Suite struct CanvasSVGTests {
  private let theme: Theme

  init() throws {
    theme = try Theme.parse(
      """
      fg = "#ffffff"
      bad = "#d55e00 bold"
      key = "red underline"
      selection.bg = "#010203"
      selection.fg = "#ffffff"
      """, name: "own")
  }

  private func elements(_ canvas: Canvas, _ name: String, in theme: Theme? = nil) -> [String] {
    CanvasSVG.render(canvas, theme: theme ?? self.theme).split(separator: "\n").map(String.init)
      .filter { $0.hasPrefix("<\(name) ") }
  }

  private func text(_ x: Int, _ y: Int, _ length: Int, _ rest: String) -> String {
    #"<text x="\#(x)" y="\#(y)" textLength="\#(length)" lengthAdjust="spacingAndGlyphs""#
      + #" xml:space="preserve" \#(rest)</text>"#
  }

  @Test func `a row is one text for each run of a style, without blanks around it`() {
    var canvas = Canvas(20, 2)
    canvas.text("  up and", column: 0, row: 1, width: 20, role: .fg)
    canvas.text("down", column: 9, row: 1, width: 11, role: .bad)
    #expect(
      elements(canvas, "text") == [
        text(18, 32, 54, ##"fill="#ffffff">up and"##),
        text(81, 32, 36, ##"fill="#d55e00" font-weight="bold">down"##),
      ])
  }

  @Test func `a wide scalar stands alone, and what follows it is on the grid`() {
    var canvas = Canvas(6, 1)
    canvas.text("a日bc", column: 0, row: 0, width: 6, role: .fg)
    #expect(
      elements(canvas, "text") == [
        text(0, 14, 9, ##"fill="#ffffff">a"##), text(9, 14, 18, ##"fill="#ffffff">日"##),
        text(27, 14, 18, ##"fill="#ffffff">bc"##),
      ])
  }

  @Test func `text in the cells is never markup, nor a control`() {
    var canvas = Canvas(8, 1)
    for (column, scalar) in "</text>&".unicodeScalars.enumerated() {
      canvas[column, 0] = Cell(scalar)
    }
    #expect(
      elements(canvas, "text")
        == [text(0, 14, 72, ##"fill="#ffffff">&lt;/text&gt;&amp;"##)])
    canvas[0, 0] = Cell("\u{1B}")
    #expect(!CanvasSVG.render(canvas, theme: theme).unicodeScalars.contains("\u{1B}"))
  }

  @Test func `a ground that is not the paper's is drawn, blanks and all`() {
    var canvas = Canvas(10, 1)
    canvas.clear(Rect(column: 2, row: 0, columns: 5, rows: 1), isSelected: true)
    #expect(
      elements(canvas, "rect").dropFirst()
        == [##"<rect x="18" y="0" width="45" height="18" fill="#010203"/>"##])
    #expect(elements(canvas, "text").isEmpty)
  }

  @Test func `reverse exchanges letters and ground`() throws {
    let plain = try Theme.parse("fg = \"#ffffff\"", name: "plain")
    var canvas = Canvas(1, 1)
    canvas[0, 0] = Cell("x", isSelected: true)
    let rect = elements(canvas, "rect", in: plain).last
    #expect(rect == ##"<rect x="0" y="0" width="9" height="18" fill="#ffffff"/>"##)
    #expect(
      elements(canvas, "text", in: plain) == [text(0, 14, 9, ##"fill="#11161d">x"##)])
  }

  @Test func `an underline is drawn below blanks too`() {
    var canvas = Canvas(4, 1)
    canvas.text(" x ", column: 0, row: 0, width: 4, role: .key)
    #expect(
      elements(canvas, "text")
        == [text(0, 14, 27, ##"fill="#cd0000" text-decoration="underline"> x "##)])
  }

  @Test func `letters of a dark theme lie on white paper`() throws {
    let day = try Theme.parse("fg = \"#101010\"", name: "day")
    let svg = CanvasSVG.render(Canvas(1, 1), theme: day)
    #expect(svg.contains(##"rx="8" fill="#ffffff""##))
  }

  @Test func `braille and blocks are drawn dot by dot and to the eighth`() {
    var canvas = Canvas(4, 1)
    canvas.text("\u{2881}█▄▌", column: 0, row: 0, width: 4)
    #expect(
      elements(canvas, "path") == [
        ##"<path fill="#ffffff" d="M1 1h3v3h-3zM5 14h3v3h-3z"##
          + ##"M9 0h9v18h-9zM18 9h9v9h-9zM27 0h4v18h-4z"/>"##
      ])
    #expect(elements(canvas, "text").isEmpty)
  }

  @Test func `an empty canvas is still a picture`() {
    let svg = CanvasSVG.render(Canvas(0, 0), theme: theme)
    #expect(svg.hasPrefix(#"<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24""#))
    #expect(svg.hasSuffix("</svg>\n"))
  }
}
