package import FleetModel
package import TerminalUI

/// What the dashboard is told.
package enum Message: Sendable {
  case input(Input)
  case snapshot(Snapshot)
  case commandFinished(Result<CommandReceipt, CommandError>)
}

/// What the dashboard asks of the program around it; a new frame is due after every message anyway.
package enum Effect: Hashable, Sendable {
  case perform(Command)
  case quit
  /// Paint the whole screen anew, whatever the terminal is thought to show.
  case redraw
  /// Load this theme; its glyphs belong into `ViewState.glyphs`.
  case setTheme(String)
  /// Put a text on the terminal's clipboard.
  case copy(String)
  /// Take the next snapshots at this interval.
  case setRefreshRate(Duration)
}
