package import FleetModel

/// A point in time as an operator writes it: a date, or how long ago it was.
package enum ControlTime: Hashable, Sendable {
  case at(Timestamp)
  case ago(Duration)

  /// What is taken, for messages.
  package static let form =
    "a time such as 2026-11-21T03:04:05Z, or an age such as 15m, 1h30m or 2d"

  private static let units: [(name: Character, seconds: Int64)] = [
    ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400),
  ]
  /// A century, in seconds.
  private static let ageLimit: Int64 = 100 * 366 * 86_400

  /// Nil for what is neither RFC 3339 nor an age.
  package init?(_ text: String) {
    if let time = Timestamp(rfc3339: text) {
      self = .at(time)
      return
    }
    var seconds: Int64 = 0
    var rest = Substring(text)
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      let digits = rest.prefix { ("0"..."9").contains($0) }
      rest = rest.dropFirst(digits.count)
      guard let number = Int64(digits), number <= Self.ageLimit,
        let name = rest.popFirst(), let unit = Self.units.first(where: { $0.name == name })
      else { return nil }
      seconds += number * unit.seconds
      guard seconds <= Self.ageLimit else { return nil }
    }
    self = .ago(.seconds(seconds))
  }

  package func timestamp(now: Timestamp) -> Timestamp {
    switch self {
    case .at(let time): time
    case .ago(let age): now + (.zero - age)
    }
  }
}
