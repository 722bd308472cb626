/// What one cell of the screen shows.
package struct Cell: Hashable, Sendable {
  /// Width 1 or 2; a wide scalar's second cell is `continuation`.
  package var scalar: Unicode.Scalar
  package var role: Role
  /// Drawn as the selected row: the theme's selection colours under the role's attributes.
  package var isSelected: Bool
  /// The right half of the wide scalar before it; draws nothing itself.
  package var isContinuation: Bool

  package init(
    _ scalar: Unicode.Scalar = " ", role: Role = .fg, isSelected: Bool = false,
    isContinuation: Bool = false
  ) {
    self.scalar = scalar
    self.role = role
    self.isSelected = isSelected
    self.isContinuation = isContinuation
  }
}

/// What a piece of the screen means; only a theme knows its colour.
package enum Role: String, Hashable, Sendable, CaseIterable {
  case fg
  case muted
  case title
  case border
  case borderFocus = "border.focus"
  case accent
  case key
  case ok
  case warn
  case bad
  case info
  case header
  case selection
  case graphLow = "graph.low"
  case graphMid = "graph.mid"
  case graphHigh = "graph.high"
  case meterEmpty = "meter.empty"
  case breakerClosed = "breaker.closed"
  case breakerHalf = "breaker.half"
  case breakerOpen = "breaker.open"
  case logError = "log.err"
  case logWarning = "log.warn"
  case logInfo = "log.info"
  case dialogDanger = "dialog.danger"
  case healthDisagreement = "health.disagreement"
}

/// How a role looks: resolved by a theme, realised by the terminal with the colours it has.
package struct Style: Hashable, Sendable {
  package enum Color: Hashable, Sendable {
    case terminalDefault
    /// One of the 16 ANSI colours, 0…15.
    case ansi(UInt8)
    case rgb(red: UInt8, green: UInt8, blue: UInt8)
  }

  package struct Attributes: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let bold = Attributes(rawValue: 1)
    package static let dim = Attributes(rawValue: 2)
    package static let underline = Attributes(rawValue: 4)
    package static let reverse = Attributes(rawValue: 8)
    package static let italic = Attributes(rawValue: 16)
  }

  package var foreground: Color
  package var background: Color
  package var attributes: Attributes

  package init(
    foreground: Color = .terminalDefault, background: Color = .terminalDefault,
    attributes: Attributes = []
  ) {
    self.foreground = foreground
    self.background = background
    self.attributes = attributes
  }
}
