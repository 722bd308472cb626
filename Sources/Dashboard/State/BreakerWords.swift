import FleetModel
import TerminalUI

extension BreakerSnapshot.State {
  var word: String {
    switch self {
    case .closed: "closed"
    case .open: "open"
    case .halfOpen: "half"
    case .forcedOpen: "forced"
    case .disabled: "off"
    }
  }

  var role: Role {
    switch self {
    case .closed: .breakerClosed
    case .open, .forcedOpen: .breakerOpen
    case .halfOpen: .breakerHalf
    case .disabled: .muted
    }
  }

  func sign(_ glyphs: Glyphs) -> Unicode.Scalar {
    switch self {
    case .closed: glyphs.closed
    case .open: glyphs.open
    case .halfOpen: glyphs.half
    case .forcedOpen: glyphs.forced
    case .disabled: glyphs.disabled
    }
  }
}

extension BreakerSnapshot {
  /// `open 12s` with the time until the next probe, for a table.
  func short(now: Timestamp) -> String {
    guard state == .open, let until else { return state.word }
    return "open " + Figures.age(seconds: max(0, now.seconds(until: until)))
  }

  /// `open, next probe in 12 s`, for a line of text.
  func sentence(now: Timestamp) -> String {
    switch state {
    case .closed: return "closed"
    case .halfOpen: return "half-open, trying a few calls"
    case .forcedOpen: return "forced open until it is closed by hand"
    case .disabled: return "switched off"
    case .open:
      guard let until else { return "open" }
      return "open, next probe in \(max(0, now.seconds(until: until))) s"
    }
  }
}
