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
  /// Nil for a figure that is taken to be known, not to be held.
  var bar: Bar?
  /// Each run, in the order they were made.
  var runs: [Double]
  /// How to make one of these runs by hand.
  var command: String
  /// What others take for the same, measured in the same rounds.
  var peers: [PeerFigure] = []
  /// Where the time goes by a profile, for who reads that it misses.
  var profile: String?

  /// Of an even number of runs the better-known one: the upper of the middle two.
  var median: Double { Self.median(runs) }

  /// How far it is on the bad side of its bar, as a share of the bar; nil when it holds.
  var miss: Double? {
    switch bar {
    case nil: nil
    case .atMost(let limit): median <= limit ? nil : median / limit - 1
    case .atLeast(let limit): median >= limit ? nil : 1 - median / limit
    }
  }

  var holds: Bool { miss == nil }

  var barText: String {
    switch bar {
    case nil: "none"
    case .atMost(let limit): "≤ \(Self.text(limit))"
    case .atLeast(let limit): "≥ \(Self.text(limit))"
    }
  }

  var verdict: String {
    guard bar != nil else { return "no bar" }
    return miss.map { "misses by \(Self.text($0 * 100)) %" } ?? "holds"
  }

  /// The least and the greatest run.
  var span: String { Self.span(runs) }

  static func median(_ runs: [Double]) -> Double {
    let sorted = runs.sorted()
    return sorted.isEmpty ? .nan : sorted[sorted.count / 2]
  }

  static func span(_ runs: [Double]) -> String {
    [runs.min(), runs.max()].compactMap { $0.map(text) }.joined(separator: " … ")
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
