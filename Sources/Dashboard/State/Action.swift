/// One thing an operator can do: a row of the table that dispatch, footer, help, palette and manual
/// are made of.
package struct Action: Hashable, Sendable {
  package enum ID: String, Hashable, Sendable, CaseIterable {
    case help, palette, open, filter, sort, reverse, deadLetters, read, mark, markAll
    case markEverything, replay, discard, deleteLetters, sameServer, sameKind, stopReplay
    case editLetter, dismissReplay
    case trip, close, disable, reset, reconnect, trust, clearCache, sources, copy, pause, faster,
      slower, theme,
      redraw
    case up, down, top, bottom, pageUp, pageDown, previousServer, nextServer
    case nextPanel, previousPanel
    case panel1, panel2, panel3, panel4, panel5, panel6, panel7, panel8
    case back, quit, forceQuit
  }

  /// The pages an action means something on.
  package struct Scope: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let fleet = Scope(rawValue: 1)
    package static let server = Scope(rawValue: 2)
    package static let deadLetters = Scope(rawValue: 4)
    package static let everywhere: Scope = [.fleet, .server, .deadLetters]
  }

  package enum Danger: Hashable, Sendable { case none, confirm }

  package let id: ID
  package let chords: [Chord]
  /// One word for the footer; empty keeps it out of there.
  package let label: String
  /// A few words for help and the manual.
  package let help: String
  package let scope: Scope
  package let danger: Danger

  init(
    _ id: ID, _ chords: [Chord], label: String = "", help: String, scope: Scope = .everywhere,
    danger: Danger = .none
  ) {
    self.id = id
    self.chords = chords
    self.label = label
    self.help = help
    self.scope = scope
    self.danger = danger
  }

  /// All keys, as help shows them: `j Down`.
  package var keyLabel: String { chords.map(\.label).joined(separator: " ") }
}

extension Action.ID {
  /// The panel an action leads to.
  var panel: Panel? {
    switch self {
    case .panel1: .fleet
    case .panel2: .retryRate
    case .panel3: .success
    case .panel4: .backoff
    case .panel5: .breakers
    case .panel6: .pools
    case .panel7: .deadLetters
    case .panel8: .events
    case .help, .palette, .open, .filter, .sort, .reverse, .deadLetters, .read, .mark, .markAll,
      .markEverything, .replay, .discard, .deleteLetters, .sameServer, .sameKind, .stopReplay,
      .editLetter, .dismissReplay, .trip, .close, .disable, .reset, .reconnect, .trust,
      .clearCache, .sources, .copy, .pause, .faster, .slower, .theme, .redraw, .up, .down, .top,
      .bottom, .pageUp, .pageDown, .previousServer, .nextServer, .nextPanel,
      .previousPanel, .back, .quit, .forceQuit:
      nil
    }
  }
}
