/// A canvas as a picture: one text for each run of cells of one style, on an exact grid.
package enum CanvasSVG {
  private static let cellWidth = 9
  private static let cellHeight = 18
  /// Makes DejaVu's letters as wide as a cell, also where `textLength` is not understood.
  private static let fontSize = "14.95"
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
    lines += runs.compactMap { $0.isGraph ? graph($0, on: paper) : text($0, on: paper) }
    return (lines + ["</g>", "</svg>", ""]).joined(separator: "\n")
  }

  // MARK: Runs

  private struct Run {
    var row: Int
    var column: Int
    var columns: Int
    var style: Style
    /// Of braille and blocks, which are drawn: few fonts have them, and none without gaps.
    var isGraph: Bool
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
      let isGraph = graphRanges.contains { $0.contains(scalar.value) }
      if joins, !isWide, runs[runs.count - 1].style == style,
        runs[runs.count - 1].isGraph == isGraph
      {
        runs[runs.count - 1].columns += 1
        runs[runs.count - 1].text.append(scalar)
      } else {
        runs.append(
          Run(
            row: row, column: column, columns: isWide ? 2 : 1, style: style, isGraph: isGraph,
            text: [scalar]))
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

  /// Braille patterns; the lower blocks, full one last; the left blocks, narrowest last.
  private static let graphRanges: [ClosedRange<UInt32>] = [
    0x2800...0x28FF, 0x2581...0x2588, 0x2589...0x258F,
  ]
  /// Column and row of the dot for each bit of a braille pattern.
  private static let dots = [
    (0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3),
  ]

  private static func graph(_ run: Run, on paper: Paper) -> String? {
    var path = ""
    for (offset, scalar) in run.text.enumerated() {
      let (x, y) = ((run.column + offset) * cellWidth, run.row * cellHeight)
      let value = Int(scalar.value)
      if value >= 0x2800 {
        for (bit, (column, row)) in dots.enumerated() where value >> bit & 1 == 1 {
          path += "M\(x + 1 + 4 * column) \(y + 1 + 9 * row / 2)h3v3h-3z"
        }
      } else if value <= 0x2588 {
        let height = (value - 0x2580) * cellHeight / 8
        path += "M\(x) \(y + cellHeight - height)h\(cellWidth)v\(height)h-\(cellWidth)z"
      } else {
        let width = (0x2590 - value) * cellWidth / 8
        path += "M\(x) \(y)h\(width)v\(cellHeight)h-\(width)z"
      }
    }
    guard !path.isEmpty else { return nil }
    return #"<path fill="\#(paper.colors(of: run.style).letters)""#
      + attributes(run.style.attributes.intersection(.dim)) + #" d="\#(path)"/>"#
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
