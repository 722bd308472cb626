import FleetModel

/// Lengths of time as people write them: `100ms`, `1.5s`, `5m`, `1h30m`, `7d`.
enum DurationText {
  static let form = "a duration such as 100ms, 30s, 5m, 1h30m or 7d"

  private static let units: [(name: String, seconds: Double)] = [
    ("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400),
  ]

  /// nil for what is no duration; a number alone means seconds.
  static func read(_ text: String) -> Duration? {
    var rest = Substring(text)
    var seconds = 0.0
    guard !rest.isEmpty else { return nil }
    if let number = number(rest) { return duration(number) }
    while !rest.isEmpty {
      let digits = rest.prefix { ("0"..."9").contains($0) || $0 == "." }
      rest = rest.dropFirst(digits.count)
      let name = rest.prefix { $0.isLetter }
      rest = rest.dropFirst(name.count)
      guard let number = number(digits), let unit = units.first(where: { $0.name == name })
      else { return nil }
      seconds += number * unit.seconds
    }
    return duration(seconds)
  }

  /// nil for what is negative, no number, or longer than a clock runs.
  static func duration(_ seconds: Double) -> Duration? {
    guard seconds >= 0, seconds < 9e9 else { return nil }
    return .nanoseconds(Int64((seconds * 1e9).rounded()))
  }

  /// The shortest way to write it: `1h30m`, `250ms`; exact to the millisecond.
  static func write(_ duration: Duration) -> String {
    var left = duration.nanoseconds / 1_000_000
    guard left > 0 else { return "0s" }
    var text = ""
    for (name, size) in [
      ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ]
      as [(String, Int64)]
    {
      if left >= size { text += "\(left / size)\(name)" }
      left %= size
    }
    return text
  }

  private static func number(_ text: Substring) -> Double? {
    guard text.allSatisfy({ ("0"..."9").contains($0) || $0 == "." }) else { return nil }
    return Double(text)
  }
}
