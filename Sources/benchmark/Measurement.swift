/// One figure of the program: every run of it, and the bar it is held against.
struct Measurement: Sendable {
  /// Which side of the bar is good.
  enum Bar: Sendable {
    case atMost(Double)
    case atLeast(Double)
  }

  /// In words, with the conditions.
  var name: String
  var unit: String
  var bar: Bar
  /// Each run, in the order they were made.
  var runs: [Double]
  /// How to make one of these runs by hand.
  var command: String

  /// Of an even number of runs the better-known one: the upper of the middle two.
  var median: Double {
    let sorted = runs.sorted()
    return sorted.isEmpty ? .nan : sorted[sorted.count / 2]
  }

  var holds: Bool {
    switch bar {
    case .atMost(let limit): median <= limit
    case .atLeast(let limit): median >= limit
    }
  }

  var barText: String {
    switch bar {
    case .atMost(let limit): "≤ \(Self.text(limit))"
    case .atLeast(let limit): "≥ \(Self.text(limit))"
    }
  }

  /// Three significant digits, or all digits before the point.
  static func text(_ value: Double) -> String {
    guard value.isFinite else { return "none" }
    let magnitude = value.magnitude
    let places = magnitude >= 100 ? 1.0 : magnitude >= 10 ? 10 : magnitude >= 1 ? 100 : 1000
    let rounded = (value * places).rounded() / places
    return rounded == rounded.rounded() && magnitude >= 10
      ? String(Int(rounded)) : String(rounded)
  }
}
