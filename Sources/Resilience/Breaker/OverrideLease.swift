import FleetModel

/// An operator's override in force, and how it reads.
struct OverrideLease: Sendable {
  /// Owner and reason are cut here.
  static let textLimit = 200

  let override: BreakerOverride
  let since: Instant
  /// Nil is until somebody resets it.
  let until: Instant?

  init(_ override: BreakerOverride, at now: Instant) {
    var cut = override
    cut.owner = OverrideLease.cut(override.owner)
    cut.reason = OverrideLease.cut(override.reason)
    self.override = cut
    since = now
    until = override.timeToLive == .zero ? nil : now + override.timeToLive
  }

  /// `forced open by anna: deploy of v2`
  var standing: String { "\(act)\(byOwner)\(because)" }

  /// `forced open by anna for 15 min: deploy of v2`
  var announcement: String {
    let length = until == nil ? "until reset" : "for \(override.timeToLive.words)"
    return "\(act)\(byOwner) \(length)\(because)"
  }

  /// `override by anna is over (15 min); probing`
  var ending: String {
    let next =
      switch override.kind {
      case .open: "probing"
      case .closed: "the rules go on"
      case .disabled: "counting from zero"
      }
    return "override\(byOwner) is over (\(override.timeToLive.words)); \(next)"
  }

  private var act: String {
    switch override.kind {
    case .open: "forced open"
    case .closed: "held closed"
    case .disabled: "disabled"
    }
  }

  private var byOwner: String { isBlank(override.owner) ? "" : " by \(override.owner)" }

  private var because: String { isBlank(override.reason) ? "" : ": \(override.reason)" }

  private func isBlank(_ text: String) -> Bool { text.allSatisfy(\.isWhitespace) }

  /// Scalars, because one character may be any number of bytes.
  private static func cut(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.prefix(textLimit)))
  }
}
