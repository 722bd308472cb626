import FleetModel
import TerminalUI

/// Where the parts of a server's page are, in rows from the page's own first.
struct ServerLayout {
  enum Block: Hashable {
    case facts, calls, breaker, history, operations, traffic, cache, retryGraph, callGraph, events
    case letters
  }

  struct Place: Hashable {
    var block: Block
    var rect: Rect
  }

  private let server: ServerSnapshot
  private let now: Timestamp
  private(set) var places: [Place] = []
  private(set) var height = 0
  /// Rows of the page a screen shows.
  let visibleRows: Int

  private static let callRows = 6
  private static let graphRows = 9
  private static let listRows = 9
  private static let factColumns = 90
  /// A screen with fewer rows shows the graphs last.
  private static let tallMinimum = 50

  init(size: Size, server: ServerSnapshot, now: Timestamp) {
    self.server = server
    self.now = now
    visibleRows = max(1, Self.body(of: size).size.rows - 1)
    let columns = size.columns
    let share = columns * 3 / 5
    let isTall = size.rows >= Self.tallMinimum
    switch Breakpoint(size) {
    case .tooSmall, .tiny:
      for block in [
        .facts, .calls, .breaker, .history, .operations, .traffic, .cache, .events,
        .letters,
      ] as [Block] {
        stack([(block, columns)])
      }
    case .compact:
      head(columns, left: share)
      stack([(.events, share), (.letters, columns)])
      for block in [.history, .operations, .traffic, .cache] as [Block] {
        stack([(block, columns)])
      }
      stack([(.retryGraph, columns / 2), (.callGraph, columns)])
    case .medium, .large:
      head(columns, left: min(share, Self.factColumns))
      if isTall { stack([(.retryGraph, columns / 2), (.callGraph, columns)]) }
      stack([(.operations, share), (.traffic, columns)])
      stack([(.history, share), (.cache, columns)])
      stack([(.events, share), (.letters, columns)])
      if !isTall { stack([(.retryGraph, columns / 2), (.callGraph, columns)]) }
    }
    stretch()
  }

  static func body(of size: Size) -> Rect {
    Rect(column: 0, row: 1, columns: size.columns, rows: size.rows - 2)
  }

  /// The furthest the page can be scrolled.
  var lastTop: Int { max(0, height - visibleRows) }

  /// The facts, and beside them the calls over the breaker.
  private mutating func head(_ columns: Int, left: Int) {
    let least = Self.callRows + 5
    let rows = max(least, height(of: .facts, columns: left))
    let row = Rect(column: 0, row: height, columns: columns, rows: rows)
    let (facts, right) = row.split(left: left)
    let (calls, breaker) = right.split(top: Self.callRows)
    places += [
      Place(block: .facts, rect: facts), Place(block: .calls, rect: calls),
      Place(block: .breaker, rect: breaker),
    ]
    height += rows
  }

  /// Blocks side by side, each to its right edge; one that has nothing to show leaves its place to
  /// its neighbour.
  private mutating func stack(_ blocks: [(Block, right: Int)]) {
    let columns = blocks.last?.right ?? 0
    let shown = blocks.filter { height(of: $0.0, columns: columns) > 0 }
    var left = 0
    var widths: [(Block, column: Int, columns: Int)] = []
    for (index, (block, right)) in shown.enumerated() {
      let end = index == shown.count - 1 ? columns : right
      widths.append((block, left, end - left))
      left = end
    }
    let rows = widths.map { height(of: $0.0, columns: $0.columns) }.max() ?? 0
    places += widths.map { block, column, columns in
      Place(block: block, rect: Rect(column: column, row: height, columns: columns, rows: rows))
    }
    height += rows
  }

  /// A page shorter than the screen gives what is left to its last row.
  private mutating func stretch() {
    let spare = visibleRows - height
    guard spare > 0, let last = places.last?.rect.row else { return }
    for index in places.indices where places[index].rect.row == last {
      let rect = places[index].rect
      places[index].rect = Rect(
        column: rect.column, row: rect.row, columns: rect.size.columns,
        rows: rect.size.rows + spare)
    }
    height += spare
  }

  /// Rows a block wants with its frame; 0 when it has nothing to show.
  private func height(of block: Block, columns: Int) -> Int {
    let frame = 2
    switch block {
    case .facts:
      let facts = ServerFacts(server: server).facts(now: now, .unicode)
      return FactList(facts: facts).height(columns: columns - frame) + frame
    case .traffic:
      let facts = TrafficFacts(server: server).facts
      return FactList(facts: facts).height(columns: columns - frame) + frame
    case .calls: return Self.callRows
    case .breaker: return 5
    case .history: return BreakerHistory(breaker: server.breaker).height
    case .operations: return OperationTable(operations: server.operations).height
    case .cache: return CacheEntries(cache: server.cache).height
    case .retryGraph, .callGraph: return Self.graphRows
    case .events, .letters: return Self.listRows
    }
  }
}
