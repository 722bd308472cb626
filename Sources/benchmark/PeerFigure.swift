/// What a library of the same trade takes for the same.
struct PeerFigure: Sendable {
  /// Its name and version.
  var name: String
  /// Each round; a single value where it was not measured here.
  var runs: [Double]
  var unit = "ns"
  /// Where the value comes from when it was not measured in these rounds.
  var origin: String?

  var text: String {
    let value = "\(name): \(Measurement.text(Measurement.median(runs))) \(unit)"
    return origin.map { "\(value) (\($0))" } ?? "\(value) [\(Measurement.span(runs))]"
  }
}
