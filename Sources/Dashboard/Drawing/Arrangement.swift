import TerminalUI

/// How much fits on a screen.
enum Breakpoint: Hashable, CaseIterable {
  case tooSmall, tiny, compact, medium, large

  init(_ size: Size) {
    self =
      Self.allCases.last {
        size.columns >= $0.minimum.columns && size.rows >= $0.minimum.rows
      } ?? .tooSmall
  }

  var minimum: Size {
    switch self {
    case .tooSmall: Size(columns: 0, rows: 0)
    case .tiny: Size(columns: 40, rows: 10)
    case .compact: Size(columns: 70, rows: 20)
    case .medium: Size(columns: 110, rows: 34)
    case .large: Size(columns: 180, rows: 50)
    }
  }
}

/// Which panels of the fleet page are on the screen, and where.
struct Arrangement {
  struct Place: Hashable {
    var panel: Panel
    var rect: Rect
  }

  /// The panels that share a place on smaller screens.
  struct Slots: Hashable {
    private(set) var left = Panel.retryRate
    private(set) var right = Panel.events
    private(set) var middle = Panel.pools

    /// Brings a panel to the screen where it is not there already.
    mutating func show(_ panel: Panel, at breakpoint: Breakpoint) {
      switch breakpoint {
      case .compact: if panel != .fleet, panel != right { left = panel }
      case .medium: if [.breakers, .pools, .deadLetters].contains(panel) { middle = panel }
      case .tooSmall, .tiny, .large: break
      }
    }

    mutating func cycleRight(by step: Int) {
      let panels = Panel.allCases.filter { $0 != .fleet && $0 != left }
      let index = panels.firstIndex(of: right) ?? 0
      right = panels[(index + step + panels.count) % panels.count]
    }
  }

  let places: [Place]

  init(_ state: ViewState, serverCount: Int) {
    let size = state.size
    let body = Rect(column: 0, row: 1, columns: size.columns, rows: size.rows - 2)
    let breakpoint = Breakpoint(size)
    let serverCount = serverCount == 0 ? Self.emptyRows : serverCount
    if state.isZoomed, breakpoint != .tooSmall {
      places = [Place(panel: state.focus, rect: body)]
      return
    }
    places =
      switch breakpoint {
      case .tooSmall: []
      case .tiny: [Place(panel: state.focus, rect: body)]
      case .compact: Self.compact(body, serverCount, state.slots)
      case .medium: Self.medium(body, serverCount, state.slots)
      case .large: Self.large(body, serverCount)
      }
  }

  /// Rows of servers in the fleet table; 0 when it is not on the screen.
  var fleetRowCount: Int {
    places.first { $0.panel == .fleet }.map { max(0, $0.rect.size.rows - 3) } ?? 0
  }

  /// Rows of a table without servers, which says what is waited for.
  private static let emptyRows = 6
  /// Frame and header of the fleet table.
  private static let fleetChrome = 3

  private static func compact(_ body: Rect, _ servers: Int, _ slots: Slots) -> [Place] {
    let height = min(max(servers, 2) + fleetChrome, max(5, body.size.rows * 3 / 5))
    let (top, rest) = body.split(top: height)
    let (left, right) = rest.split(left: rest.size.columns / 2)
    return [
      Place(panel: .fleet, rect: top), Place(panel: slots.left, rect: left),
      Place(panel: slots.right, rect: right),
    ]
  }

  private static func medium(_ body: Rect, _ servers: Int, _ slots: Slots) -> [Place] {
    let height = min(max(servers, 2) + fleetChrome, body.size.rows * 2 / 5)
    let (top, rest) = body.split(top: height)
    let (middle, low) = rest.split(top: min(rest.size.rows * 9 / 20, 14))
    let third = body.size.columns / 3
    let (first, others) = middle.split(left: third)
    let (second, last) = others.split(left: third)
    let (slot, events) = low.split(left: third)
    return [
      Place(panel: .fleet, rect: top), Place(panel: .retryRate, rect: first),
      Place(panel: .success, rect: second), Place(panel: .backoff, rect: last),
      Place(panel: slots.middle, rect: slot), Place(panel: .events, rect: events),
    ]
  }

  private static func large(_ body: Rect, _ servers: Int) -> [Place] {
    let columns = body.size.columns
    let height = min(max(servers + fleetChrome, 16), body.size.rows * 2 / 5)
    let (top, rest) = body.split(top: height)
    let (fleet, graphs) = top.split(left: columns * 2 / 3)
    let (rate, success) = graphs.split(top: height / 2)
    let (middle, low) = rest.split(top: min(max(servers + 5, 13), rest.size.rows / 2))
    let third = columns / 3
    let (backoff, others) = middle.split(left: third)
    let (breakers, pools) = others.split(left: third)
    let (letters, events) = low.split(left: third)
    return [
      Place(panel: .fleet, rect: fleet), Place(panel: .retryRate, rect: rate),
      Place(panel: .success, rect: success), Place(panel: .backoff, rect: backoff),
      Place(panel: .breakers, rect: breakers), Place(panel: .pools, rect: pools),
      Place(panel: .deadLetters, rect: letters), Place(panel: .events, rect: events),
    ]
  }
}
