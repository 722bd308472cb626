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

extension BreakerOverride.Kind {
  /// In capitals, so that what a person did never reads as the rules' own doing.
  var word: String {
    switch self {
    case .open: "FORCED"
    case .closed: "HELD"
    case .disabled: "OFF"
    }
  }

  /// `forced open`, for a line of text.
  var phrase: String {
    switch self {
    case .open: "forced open"
    case .closed: "held closed"
    case .disabled: "disabled"
    }
  }

  var role: Role {
    switch self {
    case .open: .breakerOpen
    // Calls flow, and nothing guards the server.
    case .closed, .disabled: .warn
    }
  }

  func sign(_ glyphs: Glyphs) -> Unicode.Scalar {
    switch self {
    case .open: glyphs.forced
    case .closed: glyphs.held
    case .disabled: glyphs.disabled
    }
  }
}

extension BreakerSnapshot {
  var role: Role { self.override?.kind.role ?? state.role }

  func sign(_ glyphs: Glyphs) -> Unicode.Scalar {
    self.override?.kind.sign(glyphs) ?? state.sign(glyphs)
  }

  /// `open 12s` with the time until the next probe, `FORCED 14m` with the time an override has
  /// left, for a table.
  func short(now: Timestamp) -> String {
    if let override = self.override {
      let left = override.until.map { " " + Figures.age(seconds: max(0, now.seconds(until: $0))) }
      return override.kind.word + (left ?? "")
    }
    guard state == .open, let until else { return state.word }
    return "open " + Figures.age(seconds: max(0, now.seconds(until: until)))
  }

  /// As `short`, an override to the second and with its owner: `FORCED 14:32 anna`.
  func long(now: Timestamp) -> String { self.override?.long(now: now) ?? short(now: now) }

  /// `open, next probe in 12 s`, for a line of text.
  func sentence(now: Timestamp) -> String {
    if let override = self.override {
      let end =
        override.until.map { "\(Figures.clock(seconds: now.seconds(until: $0))) left" }
        ?? "until it is reset"
      return "\(override.kind.phrase) by \(override.owner), \(end)"
    }
    switch state {
    case .closed: return "closed"
    case .halfOpen: return "half-open, trying a few calls"
    case .forcedOpen: return "forced open until it is reset"
    case .disabled: return "switched off"
    case .open:
      guard let until else { return "open" }
      return "open, next probe in \(max(0, now.seconds(until: until))) s"
    }
  }

  /// Why it is as it is: the owner's words while somebody holds it, else the rules'.
  var why: String? {
    guard let override = self.override else { return reason }
    return override.reason.isEmpty ? nil : "\(override.owner): \(override.reason)"
  }
}

extension BreakerOverrideSnapshot {
  func long(now: Timestamp) -> String {
    let left = until.map { " " + Figures.clock(seconds: now.seconds(until: $0)) } ?? ""
    return "\(kind.word)\(left) \(owner)"
  }
}
