import FleetModel
import TerminalUI

extension ViewState {
  /// Rows a page key moves.
  var pageLength: Int {
    guard let shown else { return 1 }
    let rows =
      scope == .deadLetters
      ? DeadLetterLayout(self).listRowCount
      : scope == .server
        ? ServerLayout.body(of: size).size.rows - 1
        : focus == .events
          ? eventRowCount : Arrangement(self, serverCount: shown.servers.count).fleetRowCount
    return max(1, rows - 1)
  }

  mutating func move(by rows: Int) {
    guard shown != nil else { return }
    switch pages.last {
    case .server: serverTop += rows
    case .deadLetters:
      changeBrowser { browser in
        if browser.isReading { browser.readingTop += rows } else { browser.move(by: rows) }
      }
    case nil:
      if focus == .events { scrollEvents(by: rows) } else { moveSelection(by: rows) }
    }
  }

  private mutating func moveSelection(by rows: Int) {
    guard let shown else { return }
    let fleet = self.rows(of: shown)
    guard let index = selectedIndex(in: fleet) else { return }
    selection = fleet.servers[min(max(index + rows, 0), fleet.servers.count - 1)].id
  }

  mutating func moveServer(by rows: Int) {
    changeBrowser { $0.move(by: rows) }
    guard case .server = pages.last else { return }
    moveSelection(by: rows)
    serverTop = 0
    if let selection { pages[pages.count - 1] = .server(selection) }
  }

  /// Moves the lowest event shown; at the newest it follows again.
  mutating func scrollEvents(by rows: Int) {
    guard let notices = shown?.notices, !notices.isEmpty else { return }
    let last = notices.count - 1
    let current = EventList.bottom(of: notices, anchor: eventAnchor)
    let next = min(max(current + rows, min(eventRowCount - 1, last)), last)
    eventAnchor = next == last ? nil : notices[next].number
  }

  private var eventRowCount: Int {
    let arrangement = Arrangement(self, serverCount: shown?.servers.count ?? 0)
    let place = arrangement.places.first { $0.panel == .events }
    return max(1, (place?.rect.size.rows ?? 3) - 2)
  }

  /// The number key of a panel: focus it, bring it to the screen, zoom it the second time.
  mutating func choose(_ panel: Panel) {
    guard focus != panel else {
      isZoomed.toggle()
      return
    }
    focus = panel
    isZoomed = false
    slots.show(panel, at: Breakpoint(size))
  }

  /// Tab: the next panel on the screen; on a small one the right slot shows the next panel.
  mutating func cyclePanel(by step: Int) {
    isZoomed = false
    if Breakpoint(size) == .compact {
      slots.cycleRight(by: step)
      focus = slots.right
      return
    }
    let panels =
      Breakpoint(size) == .tiny
      ? Panel.allCases
      : Arrangement(self, serverCount: shown?.servers.count ?? 0).places.map(\.panel)
    guard !panels.isEmpty else { return }
    let index = panels.firstIndex(of: focus) ?? 0
    focus = panels[(index + step + panels.count) % panels.count]
  }
}
