import FleetModel
import TerminalUI

/// The table of dead letters: which columns fit, its header and its rows.
struct LetterColumns {
  /// In the order of the screen.
  private enum Column: CaseIterable {
    case age, server, call, cause, tries, certainty, state, client, message

    var header: String {
      switch self {
      case .age: "AGE"
      case .server: "SERVER"
      case .call: "CALL"
      case .cause: "CAUSE"
      case .tries: "TRIES"
      case .certainty: "CERTAINTY"
      case .state: "STATE"
      case .client: "CLIENT"
      case .message: "MESSAGE"
      }
    }

    var isRight: Bool { self == .age || self == .tries }

    /// The least it takes to say something.
    func minimum(isNarrow: Bool) -> Int {
      switch self {
      case .age: 4
      case .server: isNarrow ? 8 : 12
      case .call: isNarrow ? 10 : 14
      case .cause: isNarrow ? 8 : 10
      case .tries: 5
      case .certainty: 14
      case .state: 10
      case .client: isNarrow ? 8 : 10
      case .message: 16
      }
    }

    /// Where there is no message, the call gets what is left over too.
    var maximum: Int {
      switch self {
      case .age: 4
      case .server: 24
      case .call: 40
      case .message: .max
      case .cause: 20
      case .tries: 5
      case .certainty: 14
      case .state: 26
      case .client: 20
      }
    }
  }

  /// Who gets a place first where not all do, and who grows first to what its texts take. The
  /// message has what is left over.
  private static let priority: [Column] = [
    .age, .call, .cause, .server, .certainty, .state, .tries, .client,
  ]
  private static let growth: [Column] = [.cause, .state, .server, .client, .call]

  private let places: [(Column, offset: Int, width: Int)]
  private let hasState: Bool
  private let hasMessage: Bool

  /// Below it a few letters of everything say more than all of a little.
  private static let narrowWidth = 56
  /// The mark and the blank behind it.
  private static let margin = 2

  /// - Parameter letters: those on the screen, whose texts say how wide a column needs to be.
  init(width: Int, letters: [DeadLetter]) {
    var widths: [Column: Int] = [:]
    var left = width - Self.margin
    for column in Self.priority {
      let minimum = column.minimum(isNarrow: width < Self.narrowWidth)
      let taken = minimum + (widths.isEmpty ? 0 : 1)
      guard taken <= left else { break }
      widths[column] = minimum
      left -= taken
    }
    for column in Self.growth {
      guard let width = widths[column], left > 0 else { continue }
      let wanted = min(Self.wanted(column, letters), column.maximum)
      let growth = min(max(0, wanted - width), left)
      widths[column] = width + growth
      left -= growth
    }
    if left > Column.message.minimum(isNarrow: false) {
      widths[.message] = left - 1
    } else if let width = widths[.call] {
      widths[.call] = width + max(0, left)
    }
    var offset = Self.margin
    places = Column.allCases.compactMap { column in
      guard let width = widths[column] else { return nil }
      defer { offset += width + 1 }
      return (column, offset, width)
    }
    hasState = widths[.state] != nil
    hasMessage = widths[.message] != nil
  }

  private static func wanted(_ column: Column, _ letters: [DeadLetter]) -> Int {
    switch column {
    case .server: letters.map(\.server.name.columnWidth).max() ?? 0
    case .cause: letters.map { $0.errorKind.columnWidth }.max() ?? 0
    case .client: letters.map(\.client.columnWidth).max() ?? 0
    case .state: letters.contains { $0.state == .replaying } ? column.maximum : 0
    case .call: letters.map { ($0.target ?? $0.method).columnWidth }.max() ?? 0
    case .age, .tries, .certainty, .message: 0
    }
  }

  func header(on drawing: inout Drawing, in inside: Rect) {
    for (column, offset, width) in places {
      let start = inside.column + offset
      if column.isRight {
        drawing.right(column.header, start, inside.row, width, .header)
      } else {
        drawing.text(column.header, start, inside.row, width, .header)
      }
    }
  }

  func row(
    _ letter: DeadLetter, isMarked: Bool, isSelected: Bool, on drawing: inout Drawing,
    in line: Rect
  ) {
    if isSelected { drawing.canvas.clear(line, isSelected: true) }
    if isMarked {
      drawing.canvas.put(
        drawing.glyphs.mark, column: line.column, row: line.row, role: .key,
        isSelected: isSelected)
    }
    for (column, offset, width) in places {
      let (words, role) = content(of: column, letter, drawing.now)
      let start = line.column + offset
      if column.isRight {
        drawing.right(words, start, line.row, width, role, isSelected: isSelected)
      } else {
        drawing.text(words, start, line.row, width, role, isSelected: isSelected)
      }
    }
  }

  private func content(
    of column: Column, _ letter: DeadLetter, _ now: Timestamp
  ) -> (String, Role) {
    let isUnreadable = letter.fault != nil
    switch column {
    case .age: return (Figures.age(seconds: letter.createdAt.seconds(until: now)), .muted)
    case .server: return (letter.server.name, .fg)
    case .call:
      if let fault = letter.fault, !hasMessage { return (fault, .muted) }
      return (letter.target ?? letter.method, .fg)
    case .cause:
      if isUnreadable { return ("unreadable", .bad) }
      let standing = letter.standing(now: now)
      // Where there is no room for the state, what is not pending is said here.
      return hasState || standing.isPending
        ? (letter.errorKind, .bad) : (standing.word, standing.role)
    case .tries: return isUnreadable ? ("-", .muted) : ("\(letter.attempts.count)", .fg)
    case .certainty:
      guard !isUnreadable else { return ("  -", .muted) }
      let isUnsafe = letter.isUnsafeToReplay
      return (
        (isUnsafe ? "! " : "  ") + letter.delivery.certainty, isUnsafe ? .warn : .muted
      )
    case .state:
      let standing = letter.standing(now: now)
      return (standing.short, standing.role)
    case .client: return (letter.client, .muted)
    case .message: return (letter.fault ?? letter.errorMessage, .muted)
    }
  }
}
