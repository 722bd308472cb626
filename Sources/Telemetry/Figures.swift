import FleetModel

/// Numbers in the few columns a table has.
enum Figures {
  /// What stands where nothing is known.
  static let none = "-"

  /// `98.5%`, `100%`; rounded down, so that 100 % means that nothing failed.
  static func percent(_ ratio: Double?) -> String {
    guard let ratio, ratio.isFinite else { return none }
    let tenths = Int((min(max(ratio, 0), 1) * 1000 + 1e-9).rounded(.down))
    return tenths == 1000 ? "100%" : "\(tenths / 10).\(tenths % 10)%"
  }

  /// `0.4`, `12.0`.
  static func rate(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e12 else { return none }
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(abs(tenths % 10))"
  }

  /// A latency: `<1ms`, `250ms`, `1.2s`, `75s`.
  static func latency(_ duration: Duration?) -> String {
    guard let duration else { return none }
    let milliseconds = duration.nanoseconds / 1_000_000
    if milliseconds < 1 { return "<1ms" }
    if milliseconds < 1000 { return "\(milliseconds)ms" }
    if milliseconds < 10_000 { return "\(milliseconds / 1000).\(milliseconds / 100 % 10)s" }
    return "\(milliseconds / 1000)s"
  }

  /// An age or a countdown in its largest unit: `12s`, `3m`, `5h`, `2d`; never below zero.
  static func age(_ duration: Duration) -> String {
    let seconds = max(0, duration.nanoseconds / 1_000_000_000)
    if seconds < 60 { return "\(seconds)s" }
    if seconds < 3600 { return "\(seconds / 60)m" }
    if seconds < 86_400 { return "\(seconds / 3600)h" }
    return "\(seconds / 86_400)d"
  }

  /// What is left until a time: `12s`, rounded up so that it ends at `0s` and not before; `6m30s`
  /// above a minute, `3h59m` above an hour.
  static func countdown(from now: Timestamp, to then: Timestamp) -> String {
    let (left, isTooFar) = then.millisecondsSinceEpoch.subtractingReportingOverflow(
      now.millisecondsSinceEpoch)
    let whole = isTooFar ? (then > now ? Int64.max : 0) : max(0, left)
    let seconds = whole / 1000 + (whole % 1000 > 0 ? 1 : 0)
    if seconds < 60 { return "\(seconds)s" }
    if seconds < 3600 { return "\(seconds / 60)m\(seconds % 60)s" }
    return "\(seconds / 3600)h\(seconds / 60 % 60)m"
  }

  /// Tries on the wire per call: `1.4x`.
  static func amplification(_ value: Double?) -> String {
    guard let value, value.isFinite, abs(value) < 1e12 else { return none }
    return rate(value) + "x"
  }

  /// `1 call`, `2 calls`.
  static func count(_ number: Int, _ noun: String) -> String {
    number == 1 ? "1 \(noun)" : "\(number) \(noun)s"
  }
}
