/// What the operator did, as the terminal layer decodes it.
package enum Input: Hashable, Sendable {
  case key(Key)
  /// Text pasted in one piece (bracketed paste).
  case paste(String)
  case mouse(MouseEvent)
  case resize(Size)
}

/// One key, with the modifiers that terminals can tell apart.
package enum Key: Hashable, Sendable {
  /// A printable character as typed, shift included.
  case character(Character)
  /// Control with a lower-case letter.
  case control(Character)
  case enter, escape, tab, backTab, backspace, delete
  case up, down, left, right, home, end, pageUp, pageDown
  case function(Int)
}

/// One mouse event in cells from the top left.
package struct MouseEvent: Hashable, Sendable {
  package enum Action: Hashable, Sendable {
    case press, doubleClick, wheelUp, wheelDown
  }

  package var action: Action
  package var column: Int
  package var row: Int

  package init(action: Action, column: Int, row: Int) {
    self.action = action
    self.column = column
    self.row = row
  }
}
