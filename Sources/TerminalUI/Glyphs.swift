/// The signs the program draws with; text from servers is not touched by it.
package struct Glyphs: Hashable, Sendable {
  package enum Kind: String, Hashable, Sendable, CaseIterable { case unicode, ascii }

  package let kind: Kind
  package let topLeft, topRight, bottomLeft, bottomRight: Unicode.Scalar
  package let horizontal, vertical: Unicode.Scalar
  /// Eight heights of a cell, lowest first.
  package let levels: [Unicode.Scalar]
  /// Eight widths of a cell, narrowest first.
  package let widths: [Unicode.Scalar]
  package let meterTrack: Unicode.Scalar
  package let ellipsis: Unicode.Scalar
  package let closed, half, open, forced, held, disabled: Unicode.Scalar
  package let up, idle, sick, waiting, down, disagreement, crashLoop, impostor: Unicode.Scalar
  package let rising, falling, mark, crumb, strip, times: Unicode.Scalar

  package static func of(_ kind: Kind) -> Glyphs {
    switch kind {
    case .unicode: unicode
    case .ascii: ascii
    }
  }

  /// Every one takes one column in every terminal asked (no emoji, nothing of disputed width).
  package static let unicode = Glyphs(
    kind: .unicode, topLeft: "╭", topRight: "╮", bottomLeft: "╰", bottomRight: "╯",
    horizontal: "─", vertical: "│", levels: Array("▁▂▃▄▅▆▇█".unicodeScalars),
    widths: Array("▏▎▍▌▋▊▉█".unicodeScalars), meterTrack: "·", ellipsis: "…", closed: "●",
    half: "◐", open: "✗", forced: "■", held: "□", disabled: "-", up: "✓", idle: "○", sick: "!",
    waiting: "…", down: "✗", disagreement: "≠", crashLoop: "↻", impostor: "‼", rising: "▲",
    falling: "▼",
    mark: "▌", crumb: "›", strip: "▬", times: "×")

  package static let ascii = Glyphs(
    kind: .ascii, topLeft: "+", topRight: "+", bottomLeft: "+", bottomRight: "+",
    horizontal: "-", vertical: "|", levels: Array("_.,:-=*#".unicodeScalars),
    widths: Array("....####".unicodeScalars), meterTrack: ".", ellipsis: "~", closed: "o",
    half: "%", open: "X", forced: "H", held: "h", disabled: "-", up: "+", idle: "o", sick: "!",
    waiting: "~", down: "X", disagreement: "?", crashLoop: "@", impostor: "#", rising: "^",
    falling: "v",
    mark: ">", crumb: ">", strip: "=", times: "x")
}
