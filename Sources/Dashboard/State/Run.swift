import FleetModel
import TerminalUI

extension ViewState {
  /// Carries out one action, whoever asked: key, click or palette.
  mutating func run(_ id: Action.ID) -> [Effect] {
    switch id {
    case .help: overlay = .help(top: 0)
    case .palette: overlay = .palette(Palette())
    case .sources: overlay = .sources(top: 0)
    case .open: open()
    case .deadLetters: browseDeadLetters()
    case .filter: beginFilter()
    case .sort: sortByNext()
    case .reverse: isReversed.toggle()
    case .read: changeBrowser { $0.toggleReading() }
    case .mark: changeBrowser { $0.toggleMark() }
    case .markAll: changeBrowser { $0.toggleAll() }
    case .markEverything: markEverything()
    case .sameServer: narrow(.server) { $0.server.name }
    case .sameKind: narrow(.kind) { $0.errorKind }
    case .editLetter: return copyCommand()
    case .stopReplay: return stopReplay()
    case .dismissReplay: dismissReplays()
    case .replay, .discard, .deleteLetters, .trip, .close, .disable, .reset, .reconnect, .trust,
      .clearCache:
      ask(id)
    case .pause: frozen = frozen == nil ? latest : nil
    case .faster, .slower: return changeRefresh(by: id == .faster ? 1 : -1)
    case .theme: return nextTheme()
    case .redraw: return [.redraw]
    case .copy: return copy()
    case .up: move(by: -1)
    case .down: move(by: 1)
    case .pageUp: move(by: -pageLength)
    case .pageDown: move(by: pageLength)
    case .top: move(by: -Self.farAway)
    case .bottom: move(by: Self.farAway)
    case .previousServer: moveServer(by: -1)
    case .nextServer: moveServer(by: 1)
    case .nextPanel, .previousPanel: cyclePanel(by: id == .nextPanel ? 1 : -1)
    case .panel1, .panel2, .panel3, .panel4, .panel5, .panel6, .panel7, .panel8:
      if let panel = id.panel { choose(panel) }
    case .back: back()
    case .quit: return quit()
    case .forceQuit: return [.quit]
    }
    return []
  }

  /// Further than any list is long.
  private static let farAway = 1_000_000

  private mutating func open() {
    if focus == .deadLetters { return browseDeadLetters() }
    guard let target, pages.count < Self.pageLimit else { return }
    selection = target.id
    serverTop = 0
    pages.append(.server(target.id))
  }

  private mutating func browseDeadLetters() {
    guard pages.count < Self.pageLimit else { return }
    var server: ServerID?
    if case .server(let id) = pages.last { server = id }
    pages.append(.deadLetters(DeadLetterBrowser(server: server)))
  }

  private mutating func sortByNext() {
    let columns = FleetColumn.allCases
    let index = sortColumn.flatMap { columns.firstIndex(of: $0) }
    let next = index.map { $0 + 1 } ?? 0
    sortColumn = next < columns.count ? columns[next] : nil
    isReversed = false
  }

  /// A click on a header: sorts by it, and the other way round the second time.
  mutating func sort(by column: FleetColumn) {
    isReversed = sortColumn == column ? !isReversed : false
    sortColumn = column
  }

  /// Opens the dialog of a dangerous action, where there is something to act on.
  private mutating func ask(_ id: Action.ID) {
    if case .deadLetters(let browser) = pages.last { return askAboutLetters(id, browser) }
    guard let target else { return refuse("no server is selected") }
    if id == .replay {
      guard target.deadLetterCount > 0, let shown else {
        return refuse("\(target.id) has no dead letters")
      }
      overlay = .letters(LetterDialog(.replay, LetterChoice(server: target, in: shown)))
      return
    }
    if id == .trust, target.impostor == nil {
      return refuse("nobody stands in the place of \(target.id)")
    }
    let kinds: [Action.ID: BreakerOverride.Kind] = [
      .trip: .open, .close: .closed, .disable: .disabled,
    ]
    if let kind = kinds[id] {
      overlay = .override(OverrideRequest(server: target.id, kind: kind))
      return
    }
    let deeds: [Action.ID: Confirmation.Deed] = [
      .reset: .reset(target.id), .reconnect: .reconnect(target.id), .trust: .trust(target.id),
      .clearCache: .clearCache(target.id),
    ]
    if let deed = deeds[id] { overlay = .confirm(Confirmation(deed: deed)) }
  }

  mutating func say(_ text: String) {
    answer = CommandAnswer(text: text, kind: .done, since: latest?.at)
  }

  /// Says why nothing is done.
  mutating func refuse(_ text: String) {
    answer = CommandAnswer(text: text, kind: .refused, since: latest?.at)
  }

  private mutating func changeRefresh(by step: Int) -> [Effect] {
    let next = refreshStep + step
    guard Self.refreshIntervals.indices.contains(next) else { return [] }
    refreshStep = next
    return [.setRefreshRate(refreshInterval)]
  }

  private mutating func copy() -> [Effect] {
    if case .deadLetters(let browser) = pages.last {
      guard let letter = browser.selected else { return [] }
      say("copied: id and params of \(letter.id)")
      return [.copy("\(letter.id) \(letter.params.text)")]
    }
    guard let target else { return [] }
    say("copied: \(target.id)")
    return [.copy(target.id.name)]
  }

  private mutating func back() {
    if stepBackInLetters() { return }
    if !pages.isEmpty {
      pages.removeLast()
    } else if isZoomed {
      isZoomed = false
    } else if focus != .fleet {
      focus = .fleet
      eventAnchor = nil
    } else {
      filter = ""
    }
  }

  private mutating func quit() -> [Effect] {
    if case .deadLetters(let browser) = pages.last, browser.isReading {
      changeBrowser { $0.isReading = false }
    } else if !pages.isEmpty {
      pages.removeLast()
    } else if isZoomed {
      isZoomed = false
    } else {
      return [.quit]
    }
    return []
  }
}
