package import FleetModel
package import TerminalUI

/// What the dashboard is told.
package enum Message: Sendable {
  case input(Input)
  case snapshot(Snapshot)
  case commandFinished(Result<CommandReceipt, CommandError>)
  /// The answer to the `LetterRequest` of this number.
  case lettersRead(Int, Result<DeadLetterPage, CommandError>)
  /// The answer to `Effect.countLetters` of this number; nil where nobody can say.
  case lettersCounted(Int, Result<Int?, CommandError>)
  /// The answer to `Effect.rehearse` of this number.
  case rehearsed(Int, Result<CommandReceipt, CommandError>)
}

/// What the dashboard asks of the program around it; a new frame is due after every message anyway.
package enum Effect: Hashable, Sendable {
  case perform(Command)
  /// Reads some dead letters; `Message.lettersRead` is the answer.
  case readLetters(LetterRequest)
  /// Counts dead letters; `Message.lettersCounted` is the answer.
  case countLetters(Int, DeadLetterFilter)
  /// Asks what a replay would do, by an order that sends nothing; `Message.rehearsed` answers.
  case rehearse(Int, ReplayOrder)
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

/// One question to the store of dead letters. Its answer carries its number, so that one that comes
/// too late finds nobody who waits for it.
package struct LetterRequest: Hashable, Sendable {
  package let number: Int
  package let filter: DeadLetterFilter
  /// Nil begins with the newest.
  package let cursor: DeadLetterCursor?
  package let limit: Int

  package init(
    number: Int, filter: DeadLetterFilter, cursor: DeadLetterCursor?, limit: Int
  ) {
    self.number = number
    self.filter = filter
    self.cursor = cursor
    self.limit = limit
  }
}
