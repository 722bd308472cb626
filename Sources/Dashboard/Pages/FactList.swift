import TerminalUI

/// Something known: a name and a text.
struct Fact {
  var name: String
  var text: String
  var role = Role.fg
  /// Words of a person or a server, which take the lines they need; figures take one.
  var isProse = false
}

/// Facts under each other, what matters most on top.
struct FactList {
  let facts: [Fact]

  private static let nameWidth = 10
  /// Lines of one fact; a text of a server's own has no end.
  private static let lineLimit = 3

  func height(columns: Int) -> Int {
    facts.reduce(0) { $0 + lines(of: $1, columns: columns).count }
  }

  func draw(on drawing: inout Drawing, in inside: Rect) {
    var row = inside.row
    let column = inside.column + Self.nameWidth
    for fact in facts {
      if row < inside.bottom {
        drawing.text(
          fact.name, inside.column, row, min(Self.nameWidth, inside.size.columns), .header)
      }
      for line in lines(of: fact, columns: inside.size.columns) where row < inside.bottom {
        drawing.text(line, column, row, inside.right - column, fact.role)
        row += 1
      }
    }
  }

  private func lines(of fact: Fact, columns: Int) -> [String] {
    let width = max(1, columns - Self.nameWidth)
    guard fact.isProse else { return [fact.text] }
    let lines = Figures.wrap(fact.text, width: width, limit: Self.lineLimit)
    return lines.isEmpty ? [""] : Array(lines.prefix(Self.lineLimit))
  }
}
