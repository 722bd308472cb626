package import FleetModel

/// What lies over the page and takes the keys.
package enum Overlay: Hashable, Sendable {
  /// The first line on the screen.
  case help(top: Int)
  /// The first line on the screen.
  case sources(top: Int)
  case palette(Palette)
  case confirm(Confirmation)
  case letters(LetterDialog)
  case override(OverrideRequest)
}

/// The command palette: actions by name.
package struct Palette: Hashable, Sendable {
  var query = ""
  var index = 0

  /// Characters a typed line may have.
  static let queryLimit = 64

  /// The actions of the page whose words hold every word typed.
  func actions(in scope: Action.Scope) -> [Action] {
    let words = query.lowercased().split(separator: " ")
    return ActionTable.actions.filter { action in
      guard action.id != .palette, !action.scope.isDisjoint(with: scope) else { return false }
      let text = "\(action.label) \(action.help)".lowercased()
      return words.allSatisfy { text.contains($0) }
    }
  }
}

/// A page over the fleet's.
package enum Page: Hashable, Sendable {
  case server(ServerID)
  case deadLetters(DeadLetterBrowser)
}
