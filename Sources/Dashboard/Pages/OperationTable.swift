import FleetModel
import TerminalUI

/// What was done for each operation of a server; under one that gave up, why.
struct OperationTable {
  let operations: [OperationSnapshot]

  private enum Column: CaseIterable {
    case name, calls, attempts, retries, amplification, giveUps, waited

    var header: String {
      switch self {
      case .name: "OPERATION"
      case .calls: "CALLS"
      case .attempts: "TRIES"
      case .retries: "RETRIES"
      case .amplification: "AMP"
      case .giveUps: "GAVE UP"
      case .waited: "WAITED"
      }
    }

    var width: Int { self == .name ? 12 : self == .retries || self == .giveUps ? 7 : 6 }
  }

  /// Rows it wants with its frame; 0 when nothing was done yet.
  var height: Int {
    operations.isEmpty ? 0 : operations.reduce(3) { $0 + ($1.detail == nil ? 1 : 2) }
  }

  func draw(on drawing: inout Drawing, in rect: Rect) {
    let inside = drawing.frame("operations", in: rect, note: "\(operations.count)")
    let columns = Self.columns(in: inside.size.columns)
    var row = inside.row
    let line = { (cells: (Column) -> (String, Role), drawing: inout Drawing) in
      guard row < inside.bottom else { return }
      var column = inside.column
      for (place, width) in columns {
        let (words, role) = cells(place)
        if place == .name {
          drawing.text(words, column, row, width, role)
        } else {
          drawing.right(words, column, row, width, role)
        }
        column += width + 1
      }
      row += 1
    }
    let glyphs = drawing.glyphs
    line({ ($0.header, .header) }, &drawing)
    for operation in operations {
      line({ Self.cell($0, operation, glyphs) }, &drawing)
      guard let detail = operation.detail, row < inside.bottom else { continue }
      drawing.text(detail, inside.column + 2, row, inside.size.columns - 2, .muted)
      row += 1
    }
  }

  /// As many as fit, the name as wide as is left.
  private static func columns(in width: Int) -> [(Column, Int)] {
    var columns: [(Column, Int)] = []
    var left = width
    for column in Column.allCases {
      guard column.width + (columns.isEmpty ? 0 : 1) <= left else { break }
      left -= column.width + (columns.isEmpty ? 0 : 1)
      columns.append((column, column.width))
    }
    if !columns.isEmpty { columns[0].1 += left }
    return columns
  }

  private static func cell(
    _ column: Column, _ operation: OperationSnapshot, _ glyphs: Glyphs
  ) -> (String, Role) {
    func counted(_ count: Int, _ role: Role) -> (String, Role) {
      (Figures.count(count), count > 0 ? role : .muted)
    }
    switch column {
    case .name: return (operation.name, .fg)
    case .calls: return counted(operation.calls, .fg)
    case .attempts: return counted(operation.attempts, .fg)
    case .retries: return counted(operation.retries, .fg)
    case .amplification:
      guard let value = operation.amplification else { return ("-", .muted) }
      return (Figures.amplification(value, glyphs), Thresholds.amplification(value))
    case .giveUps: return counted(operation.giveUpCount, .bad)
    case .waited:
      let waited = operation.timeWaiting
      return waited > .zero ? (Figures.latency(waited), .fg) : ("-", .muted)
    }
  }
}

extension OperationSnapshot {
  fileprivate var giveUpCount: Int { giveUps.reduce(0) { $0 + $1.count } }

  /// What retries saved, why others ended, and what servers asked for; nil when there is none.
  fileprivate var detail: String? {
    var parts = giveUps.filter { $0.count > 0 }.map { "\($0.reason) \(Figures.count($0.count))" }
    if successesAfterRetry > 0 {
      parts.append("\(Figures.count(successesAfterRetry)) saved by a retry")
    }
    if retryAfterHonoured > 0 {
      parts.append("Retry-After kept \(Figures.counted(retryAfterHonoured, "time"))")
    }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }
}
