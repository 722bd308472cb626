package import FleetModel
package import TerminalUI

/// A rectangle of the frame and what a click on it does; of overlapping ones the last counts.
package struct Hit: Hashable, Sendable {
  package enum Target: Hashable, Sendable {
    case action(Action.ID)
    case server(ServerID)
    case column(FleetColumn)
    case panel(Panel)
    case letter(DeadLetterID)
    case answer(Confirmation.Answer)
    case option(LetterDialog.Option)
    /// A time to live of an override, by its place in the dialog.
    case lifetime(Int)
    case paletteRow(Int)
  }

  package let rect: Rect
  package let target: Target
}
