import FleetModel
import TerminalUI

/// The first page: the panels, each given what it draws and nothing more.
struct FleetPage {
  let snapshot: Snapshot?
  let state: ViewState

  func draw(on drawing: inout Drawing) {
    let picture = snapshot ?? placeholder(at: drawing.now)
    let places = Arrangement(state, serverCount: picture.servers.count).places
    let rows = state.rows(of: picture)
    for place in places {
      let isFocused = place.panel == state.focus
      switch place.panel {
      case .fleet:
        FleetTable(
          rows: rows, servers: picture.servers, sources: picture.sources,
          selected: state.selectedIndex(in: rows), top: state.fleetTop, column: state.sortColumn,
          isReversed: state.isReversed,
          filter: state.filter, isStarting: snapshot == nil, sampleInterval: state.sampleInterval
        ).draw(on: &drawing, in: place.rect, isFocused: isFocused)
      case .retryRate:
        RetryGraph(values: picture.series.retriesPerSecond)
          .draw(on: &drawing, in: place.rect, isFocused: isFocused)
      case .success:
        SuccessGraph(values: picture.series.successRate, now: picture.totals.successRate)
          .draw(on: &drawing, in: place.rect, isFocused: isFocused)
      case .backoff:
        BackoffHistogram(histogram: picture.backoff)
          .draw(on: &drawing, in: place.rect, isFocused: isFocused)
      case .breakers:
        BreakerList(servers: picture.servers)
          .draw(on: &drawing, in: place.rect, isFocused: isFocused)
      case .pools:
        PoolList(servers: picture.servers)
          .draw(on: &drawing, in: place.rect, isFocused: isFocused)
      case .deadLetters:
        DeadLetterSummary(
          letters: picture.deadLetters, servers: picture.servers,
          notices: LetterNotices(
            picture.deadLetters, dismissed: state.dismissedReplays, now: picture.at)
        ).draw(on: &drawing, in: place.rect, isFocused: isFocused)
      case .events:
        EventList(notices: picture.notices, anchor: state.eventAnchor)
          .draw(on: &drawing, in: place.rect, isFocused: isFocused)
      }
    }
  }

  /// Stands for the first snapshot: the servers of the configuration, about which nothing is known.
  private func placeholder(at now: Timestamp) -> Snapshot {
    Snapshot(
      at: now, engine: EngineIdentity(name: "", version: "", startedAt: now),
      servers: state.configured.map { ServerSnapshot(id: $0, transport: .http) })
  }
}
