/// A canvas as a picture: one text for each run of cells of one style, on an exact grid.
package enum CanvasSVG {
  private static let cellWidth = 9
  private static let cellHeight = 18
  private static let fontSize = 15
  /// From a row's top down to the line its letters stand on.
  private static let ascent = 14
  private static let margin = 12
  /// What a terminal has behind colours that a theme leaves to it.
  private static let darkPaper = "#11161d"
  private static let lightPaper = "#ffffff"

  /// SVG 1.1, the same for the same cells and theme; any text in the cells is only ever text.
  package static func render(_ canvas: Canvas, theme: Theme) -> String {
    let width = canvas.size.columns * cellWidth + 2 * margin
    let height = canvas.size.rows * cellHeight + 2 * margin
    let paper = Paper(theme)
    var lines = [
      #"<svg xmlns="http://www.w3.org/2000/svg" width="\#(width)" height="\#(height)""#
        + #" viewBox="0 0 \#(width) \#(height)">"#,
      #"<rect width="\#(width)" height="\#(height)" rx="8" fill="\#(paper.background)"/>"#,
      #"<g transform="translate(\#(margin) \#(margin))" font-size="\#(fontSize)""#
        + #" font-family="'DejaVu Sans Mono','Noto Sans Mono',Menlo,Consolas,monospace""#
        + #" style="white-space:pre">"#,
    ]
    let runs = (0..<canvas.size.rows).flatMap { Self.runs(of: canvas, row: $0, theme: theme) }
    // All grounds lie below all letters, which may reach beyond their cells.
    lines += runs.compactMap { ground($0, on: paper) }
    lines += runs.compactMap { text($0, on: paper) }
    return (lines + ["</g>", "</svg>", ""]).joined(separator: "\n")
  }

  // MARK: Runs

  private struct Run {
    var row: Int
    var column: Int
    var columns: Int
    var style: Style
    var text: [Unicode.Scalar]
  }

  /// A wide scalar is a run of its own: fonts disagree about how wide it is.
  private static func runs(of canvas: Canvas, row: Int, theme: Theme) -> [Run] {
    var runs: [Run] = []
    var joins = false
    for column in 0..<canvas.size.columns {
      let cell = canvas[column, row]
      guard !cell.isContinuation else { continue }
      let isWide = canvas[column + 1, row].isContinuation
      let style = theme.style(of: cell.role, isSelected: cell.isSelected)
      let scalar = ScreenScalar(cell.scalar).scalar
      if joins, !isWide, runs[runs.count - 1].style == style {
        runs[runs.count - 1].columns += 1
        runs[runs.count - 1].text.append(scalar)
      } else {
        runs.append(
          Run(row: row, column: column, columns: isWide ? 2 : 1, style: style, text: [scalar]))
      }
      joins = !isWide
    }
    return runs
  }

  // MARK: Elements

  private static func ground(_ run: Run, on paper: Paper) -> String? {
    let fill = paper.colors(of: run.style).ground
    guard fill != paper.background else { return nil }
    return #"<rect x="\#(run.column * cellWidth)" y="\#(run.row * cellHeight)""#
      + #" width="\#(run.columns * cellWidth)" height="\#(cellHeight)" fill="\#(fill)"/>"#
  }

  private static func text(_ run: Run, on paper: Paper) -> String? {
    var run = run
    if !run.style.attributes.contains(.underline) {
      let blanks = run.text.prefix { $0 == " " }.count
      run.text.removeFirst(blanks)
      run.column += blanks
      run.columns -= blanks
      while run.text.last == " " {
        run.text.removeLast()
        run.columns -= 1
      }
    }
    guard !run.text.isEmpty else { return nil }
    return #"<text x="\#(run.column * cellWidth)" y="\#(run.row * cellHeight + ascent)""#
      + #" textLength="\#(run.columns * cellWidth)" lengthAdjust="spacingAndGlyphs""#
      + #" xml:space="preserve" fill="\#(paper.colors(of: run.style).letters)""#
      + attributes(run.style.attributes) + ">\(escaped(run.text))</text>"
  }

  private static func attributes(_ attributes: Style.Attributes) -> String {
    (attributes.contains(.bold) ? #" font-weight="bold""# : "")
      + (attributes.contains(.dim) ? #" opacity="0.6""# : "")
      + (attributes.contains(.italic) ? #" font-style="italic""# : "")
      + (attributes.contains(.underline) ? #" text-decoration="underline""# : "")
  }

  private static func escaped(_ text: [Unicode.Scalar]) -> String {
    var escaped = ""
    for scalar in text {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  // MARK: Colours

  /// The terminal the picture pretends to be: dark for a theme of light letters, else white.
  private struct Paper {
    let background: String
    private let foreground: String

    init(_ theme: Theme) {
      let style = theme.style(of: .fg)
      let isDark = CanvasSVG.channels(of: style.foreground).map { $0.reduce(0, +) > 384 } ?? true
      foreground = isDark ? "#d7dce2" : "#11161d"
      background =
        CanvasSVG.channels(of: style.background).map(CanvasSVG.hex)
        ?? (isDark ? darkPaper : lightPaper)
    }

    func colors(of style: Style) -> (letters: String, ground: String) {
      let letters = CanvasSVG.channels(of: style.foreground).map(CanvasSVG.hex) ?? foreground
      let ground = CanvasSVG.channels(of: style.background).map(CanvasSVG.hex) ?? background
      return style.attributes.contains(.reverse) ? (ground, letters) : (letters, ground)
    }
  }

  /// xterm's 16 colours.
  private static let ansi: [[Int]] = [
    [0, 0, 0], [205, 0, 0], [0, 205, 0], [205, 205, 0], [0, 0, 238], [205, 0, 205], [0, 205, 205],
    [229, 229, 229], [127, 127, 127], [255, 0, 0], [0, 255, 0], [255, 255, 0], [92, 92, 255],
    [255, 0, 255], [0, 255, 255], [255, 255, 255],
  ]

  /// Red, green, blue; nil leaves it to the terminal.
  private static func channels(of color: Style.Color) -> [Int]? {
    switch color {
    case .terminalDefault: nil
    case .ansi(let number): ansi[Int(number) % ansi.count]
    case .rgb(let red, let green, let blue): [Int(red), Int(green), Int(blue)]
    }
  }

  private static func hex(_ channels: [Int]) -> String {
    "#" + channels.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
