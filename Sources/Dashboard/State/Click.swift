import FleetModel
import TerminalUI

extension ViewState {
  /// The mouse does what keys do: what lies under it is looked up in the frame on the screen.
  mutating func click(_ event: MouseEvent) -> [Effect] {
    guard !isTooSmall else { return [] }
    let hits = frame(
      snapshot: latest, state: self, size: size, now: shown?.at ?? Timestamp.start
    ).1
    // The last one drawn lies on top.
    let under = hits.reversed().filter { $0.rect.contains(column: event.column, row: event.row) }
    switch event.action {
    case .wheelUp, .wheelDown:
      wheel(event.action == .wheelUp ? -1 : 1, under)
      return []
    case .press: return under.first.map { press($0.target) } ?? []
    case .doubleClick:
      let effects = under.first.map { press($0.target) } ?? []
      if case .server = under.first?.target, overlay == nil { return effects + run(.open) }
      if case .letter = under.first?.target, overlay == nil { return effects + run(.read) }
      return effects
    }
  }

  /// Rows one notch of the wheel moves a text.
  private static let notch = 3

  private mutating func wheel(_ direction: Int, _ under: [Hit]) {
    switch overlay {
    case .confirm, .letters, .override: return
    case .help(let top):
      let last = HelpOverlay(scope: scope, size: size).lastTop
      overlay = .help(top: min(max(0, top + direction * Self.notch), last))
    case .sources(let top):
      scrollSources(to: top + direction * Self.notch)
    case .palette(var palette):
      let last = palette.actions(in: scope).count - 1
      palette.index = max(0, min(last, palette.index + direction))
      overlay = .palette(palette)
    case nil:
      if pages.isEmpty, under.contains(where: { $0.target == .panel(.events) }) {
        scrollEvents(by: direction * Self.notch)
      } else if pages.isEmpty, focus == .events {
        focus = .fleet
        move(by: direction)
      } else {
        move(by: direction)
      }
    }
  }

  private mutating func press(_ target: Hit.Target) -> [Effect] {
    switch target {
    case .action(let id): return run(id)
    case .server(let id):
      selection = id
      focus = .fleet
    case .column(let column): sort(by: column)
    case .panel(let panel): focus = panel
    case .letter(let id):
      changeBrowser { $0.select(id) }
    case .answer(let answer):
      if case .confirm(let confirmation) = overlay { return reply(answer, to: confirmation) }
      if case .override(let request) = overlay { return reply(answer, to: request) }
      if case .letters(let dialog) = overlay { return reply(answer, to: dialog) }
    case .option(let option):
      guard case .letters(let dialog) = overlay else { return [] }
      return choose(option, in: dialog)
    case .lifetime(let index):
      guard case .override(var request) = overlay else { return [] }
      request.chooseLifetime(index)
      overlay = .override(request)
    case .paletteRow(let index):
      guard case .palette(let palette) = overlay else { return [] }
      let actions = palette.actions(in: scope)
      overlay = nil
      return actions.indices.contains(index) ? run(actions[index].id) : []
    }
    return []
  }
}

extension Timestamp {
  /// A time for drawings whose time nobody sees.
  fileprivate static let start = Timestamp(millisecondsSinceEpoch: 0)
}
