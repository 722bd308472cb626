/// Writes the Prometheus text format 0.0.4: one HELP and one TYPE line a family, its samples below.
///
/// https://prometheus.io/docs/instrumenting/exposition_formats/
struct PrometheusWriter {
  enum Kind: String { case counter, gauge, histogram }

  typealias Label = (name: String, value: String)

  private(set) var text = ""

  /// A family without samples is left out.
  mutating func family(
    _ name: String, _ kind: Kind, _ help: String, _ body: (inout Samples) -> Void
  ) {
    var samples = Samples(name: name)
    body(&samples)
    guard !samples.text.isEmpty else { return }
    text += "# HELP \(name) \(PrometheusWriter.escaped(help, quote: false))\n"
    text += "# TYPE \(name) \(kind.rawValue)\n"
    text += samples.text
  }

  struct Samples {
    let name: String
    fileprivate(set) var text = ""

    /// - Parameter suffix: of a histogram's parts, such as `_bucket`.
    mutating func add(_ labels: [Label], _ value: Double, suffix: String = "") {
      text += name + suffix
      if !labels.isEmpty {
        let pairs = labels.map { label in
          "\(label.name)=\"\(PrometheusWriter.escaped(label.value, quote: true))\""
        }
        text += "{" + pairs.joined(separator: ",") + "}"
      }
      text += " \(PrometheusWriter.number(value))\n"
    }
  }

  static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    if let whole = Int64(exactly: value), abs(whole) < 1 << 53 { return String(whole) }
    return String(value)
  }

  private static func escaped(_ text: String, quote: Bool) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": escaped += #"\\"#
      case "\n": escaped += #"\n"#
      case "\"" where quote: escaped += #"\""#
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
