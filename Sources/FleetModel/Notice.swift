/// A fact with a time: what the event panel, the log and the "why" of a transition are made of.
package struct Notice: Hashable, Sendable {
  package enum Severity: String, Hashable, Sendable, CaseIterable, Comparable {
    case info, warning, error

    package static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }

    private var rank: Int {
      switch self {
      case .info: 0
      case .warning: 1
      case .error: 2
      }
    }
  }

  /// Counts up by one for each notice of an engine, so that a reader knows what it has seen.
  package var number: UInt64
  package var at: Timestamp
  package var severity: Severity
  package var server: ServerID?
  /// One line; may hold a server's text, so it is cleaned before it is drawn.
  package var text: String

  package init(
    number: UInt64, at: Timestamp, severity: Severity, server: ServerID?, text: String
  ) {
    self.number = number
    self.at = at
    self.severity = severity
    self.server = server
    self.text = text
  }
}
