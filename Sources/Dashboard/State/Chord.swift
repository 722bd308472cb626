package import TerminalUI

/// One way to ask for an action from the keyboard: a key, or keys one after another.
package struct Chord: Hashable, Sendable {
  package let keys: [Key]

  init(_ keys: Key...) { self.keys = keys }

  /// Each character is a key of its own: `gg`.
  init(_ text: String) { keys = text.map { .character($0) } }

  /// As help shows it: `q`, `^L`, `PgUp`.
  package var label: String { keys.map(\.label).joined() }
}

extension Key {
  var label: String {
    switch self {
    case .character(" "): "Space"
    case .character(let character): String(character)
    case .control(let character): "^" + String(character).uppercased()
    case .enter: "Enter"
    case .escape: "Esc"
    case .tab: "Tab"
    case .backTab: "S-Tab"
    case .backspace: "Bksp"
    case .delete: "Del"
    case .up: "Up"
    case .down: "Down"
    case .left: "Left"
    case .right: "Right"
    case .home: "Home"
    case .end: "End"
    case .pageUp: "PgUp"
    case .pageDown: "PgDn"
    case .function(let number): "F\(number)"
    }
  }
}
