import FleetModel

/// Writes Prometheus' text format, version 0.0.4, one family after the other.
struct PrometheusText {
  enum Kind: String {
    case counter, gauge, histogram
    /// For names of others that carry a suffix which their kind must not have.
    case untyped
  }

  struct Label {
    var name: String
    var value: String

    init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
  }

  private(set) var text = ""
  private var pendingHead = ""
  private var name = ""

  /// One family; its head is written with its first sample, so that none stands alone.
  mutating func family(
    _ name: String, _ kind: Kind, _ help: String, _ samples: (inout PrometheusText) -> Void
  ) {
    self.name = name
    pendingHead =
      "# HELP \(name) \(Self.escape(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n"
    samples(&self)
  }

  mutating func sample(suffix: String = "", labels: [Label] = [], _ value: Double?) {
    guard let value else { return }
    text += pendingHead + name + suffix
    pendingHead = ""
    if !labels.isEmpty {
      let pairs = labels.map { "\($0.name)=\"\(Self.escape($0.value, quotes: true))\"" }
      text += "{\(pairs.joined(separator: ","))}"
    }
    text += " \(Self.number(value))\n"
  }

  mutating func sample(suffix: String = "", labels: [Label] = [], _ value: Int?) {
    sample(suffix: suffix, labels: labels, value.map(Double.init))
  }

  /// The samples of one cumulative histogram.
  mutating func histogram(_ histogram: HistogramSnapshot, labels: [Label]) {
    for bucket in histogram.buckets where bucket.upperBound.isFinite {
      let bound = Label("le", Self.number(bucket.upperBound))
      sample(suffix: "_bucket", labels: labels + [bound], bucket.count)
    }
    // The format asks for it whether or not the histogram carries one.
    sample(suffix: "_bucket", labels: labels + [Label("le", "+Inf")], histogram.count)
    sample(suffix: "_sum", labels: labels, histogram.sum)
    sample(suffix: "_count", labels: labels, histogram.count)
  }

  /// The shortest text that reads back as the same number.
  static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    if let whole = Int64(exactly: value), abs(value) < 1e15 { return String(whole) }
    return String(value)
  }

  private static func escape(_ text: String, quotes: Bool) -> String {
    var escaped = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": escaped.append(contentsOf: "\\\\".unicodeScalars)
      case "\n": escaped.append(contentsOf: "\\n".unicodeScalars)
      case "\"" where quotes: escaped.append(contentsOf: "\\\"".unicodeScalars)
      default: escaped.append(scalar)
      }
    }
    return String(escaped)
  }
}
