import TerminalUI

/// Every action there is, in the order the footer and help show them.
package enum ActionTable {
  package static let actions: [Action] =
    deeds + letterDeeds + breakerDeeds + views + rareDeeds + moves + panels

  private static let deeds = [
    Action(.help, [Chord("?"), Chord(.function(1))], label: "help", help: "all keys"),
    Action(.open, [Chord(.enter)], label: "open", help: "open the selected server", scope: .fleet),
    Action(
      .read, [Chord(.enter)], label: "read", help: "read the letter; again: list",
      scope: .deadLetters),
    Action(
      .mark, [Chord(" ")], label: "mark", help: "mark or unmark the letter", scope: .deadLetters),
    Action(
      .filter, [Chord("/")], label: "filter", help: "filter; Esc clears it",
      scope: [.fleet, .deadLetters]),
    Action(.sort, [Chord("s")], label: "sort", help: "sort by the next column", scope: .fleet),
    Action(.reverse, [Chord("S")], help: "reverse the order", scope: .fleet),
    Action(
      .deadLetters, [Chord("d")], label: "dlq", help: "browse the dead letters",
      scope: [.fleet, .server]),
    Action(
      .replay, [Chord("R")], label: "replay", help: "replay dead letters", danger: .confirm),
    Action(
      .discard, [Chord("X")], label: "discard", help: "discard dead letters",
      scope: .deadLetters, danger: .confirm),
  ]

  private static let letterDeeds = [
    Action(
      .markEverything, [Chord("A")], label: "all", help: "mark ALL that match",
      scope: .deadLetters),
    Action(
      .markAll, [Chord("a")], help: "mark the listed, or none", scope: .deadLetters),
    Action(
      .deleteLetters, [Chord("D")], label: "delete", help: "delete for good",
      scope: .deadLetters, danger: .confirm),
    Action(
      .sameServer, [Chord("s")], label: "server", help: "only this letter's server",
      scope: .deadLetters),
    Action(
      .sameKind, [Chord("c")], label: "cause", help: "only this letter's cause",
      scope: .deadLetters),
    Action(
      .editLetter, [Chord("e")], label: "edit", help: "copy the command to edit it",
      scope: .deadLetters),
    Action(
      .stopReplay, [Chord("S")], label: "stop", help: "stop the running replay",
      scope: .deadLetters),
    Action(
      .dismissReplay, [Chord("x")], help: "dismiss replays' results", scope: .deadLetters),
  ]

  private static let breakerDeeds = [
    Action(
      .trip, [Chord("o")], label: "trip", help: "force the breaker open",
      scope: [.fleet, .server], danger: .confirm),
    Action(
      .close, [Chord("c")], label: "close", help: "hold breaker closed",
      scope: [.fleet, .server], danger: .confirm),
    Action(
      .reset, [Chord("r")], label: "reset", help: "reset the breaker",
      scope: [.fleet, .server], danger: .confirm),
  ]

  /// Rarer ones, which stand behind the views where the footer has little room.
  private static let rareDeeds = [
    Action(
      .disable, [Chord("x")], label: "disable", help: "disable the breaker",
      scope: [.fleet, .server], danger: .confirm),
    Action(
      .reconnect, [Chord("N")], label: "reconnect", help: "reconnect the server",
      scope: [.fleet, .server], danger: .confirm),
    Action(
      .trust, [Chord("t")], label: "trust", help: "trust the impostor",
      scope: [.fleet, .server], danger: .confirm),
    Action(
      .clearCache, [Chord("E")], help: "clear cache", scope: [.fleet, .server],
      danger: .confirm),
  ]

  private static let views = [
    Action(
      .pause, [Chord("p"), Chord("Z")], label: "pause", help: "freeze the screen"),
    Action(.palette, [Chord(":")], label: "command", help: "run an action by its name"),
    Action(.sources, [Chord("f")], label: "sources", help: "where servers come from"),
    Action(.copy, [Chord("y")], help: "copy the name or the letter"),
    Action(.faster, [Chord("+"), Chord("=")], help: "refresh more often"),
    Action(.slower, [Chord("-")], help: "refresh less often"),
    Action(.theme, [Chord("T")], help: "next theme"),
    Action(.redraw, [Chord(.control("l"))], help: "paint the screen anew"),
    Action(.back, [Chord(.escape)], label: "back", help: "back or clear, never quits"),
    Action(.quit, [Chord("q")], label: "quit", help: "back; quit from the fleet"),
    Action(.forceQuit, [Chord(.control("c"))], help: "quit at once"),
  ]

  private static let moves = [
    Action(.up, [Chord(.up), Chord("k")], help: "one row up"),
    Action(.down, [Chord(.down), Chord("j")], help: "one row down"),
    Action(.top, [Chord("gg"), Chord(.home)], help: "first row"),
    Action(.bottom, [Chord("G"), Chord(.end)], help: "last row"),
    Action(.pageUp, [Chord(.pageUp), Chord(.control("b"))], help: "one page up"),
    Action(.pageDown, [Chord(.pageDown), Chord(.control("f"))], help: "one page down"),
    Action(
      .previousServer, [Chord(.left), Chord("h")], help: "previous server or letter",
      scope: [.server, .deadLetters]),
    Action(
      .nextServer, [Chord(.right), Chord("l")], help: "next server or letter",
      scope: [.server, .deadLetters]),
  ]

  private static let panels =
    [
      Action(.nextPanel, [Chord(.tab)], help: "next panel", scope: .fleet),
      Action(.previousPanel, [Chord(.backTab)], help: "previous panel", scope: .fleet),
    ]
    + Action.ID.allCases.compactMap { id in
      id.panel.map { panel in
        Action(
          id, [Chord("\(panel.rawValue)")], help: "\(panel.title); again: zoom", scope: .fleet)
      }
    }

  package static func action(_ id: Action.ID) -> Action? { actions.first { $0.id == id } }

  /// What pressed keys mean on a page.
  enum Match: Hashable {
    case action(Action.ID)
    /// The beginning of a longer chord.
    case prefix
    case nothing
  }

  static func match(_ keys: [Key], in scope: Action.Scope) -> Match {
    var isPrefix = false
    for action in actions where !action.scope.isDisjoint(with: scope) {
      for chord in action.chords {
        if chord.keys == keys { return .action(action.id) }
        if chord.keys.starts(with: keys) { isPrefix = true }
      }
    }
    return isPrefix ? .prefix : .nothing
  }

  /// The table as text for `--keys` and the manual: keys, what they do, where.
  package static var keyTable: String {
    let width = (actions.map(\.keyLabel.count).max() ?? 0) + 2
    return actions.map { action in
      let pad = String(repeating: " ", count: width - action.keyLabel.count)
      let place = action.scope == .everywhere ? "" : " (\(placeNames(action.scope)))"
      let asks = action.danger == .confirm ? ", asks first" : ""
      return "\(action.keyLabel)\(pad)\(action.help)\(asks)\(place)\n"
    }.joined()
  }

  private static func placeNames(_ scope: Action.Scope) -> String {
    let names: [(Action.Scope, String)] = [
      (.fleet, "fleet"), (.server, "server"), (.deadLetters, "dead letters"),
    ]
    return names.filter { scope.contains($0.0) }.map(\.1).joined(separator: ", ")
  }
}
