import FleetModel
import Glibc
import Wire

/// How long an answer is held back, in milliseconds, drawn anew for each request.
enum Latency: Hashable, Sendable {
  case constant(Double)
  case uniform(low: Double, high: Double)
  /// Draws below zero count as zero.
  case normal(mean: Double, deviation: Double)
  case exponential(mean: Double)
  /// Log-normal through these two percentiles: mostly quick, sometimes very slow.
  case tail(p50: Double, p99: Double)

  /// No answer is held back longer.
  static let limit = 3_600_000.0

  /// The 99th percentile of the standard normal distribution.
  private static let normal99 = 2.326_347_874

  func draw(using random: inout SplitMix64) -> Duration {
    let milliseconds =
      switch self {
      case .constant(let value): value
      case .uniform(let low, let high): low + (high - low) * random.unit()
      case .normal(let mean, let deviation):
        mean + deviation * Self.standardNormal(using: &random)
      case .exponential(let mean): -mean * log(1 - random.unit())
      case .tail(let p50, let p99):
        p50 * exp(log(p99 / p50) / Self.normal99 * Self.standardNormal(using: &random))
      }
    return Duration(fractionalSeconds: min(max(milliseconds, 0), Self.limit) / 1000)
  }

  /// Box and Muller.
  private static func standardNormal(using random: inout SplitMix64) -> Double {
    let radius = (-2 * log(1 - random.unit())).squareRoot()
    return radius * cos(2 * .pi * random.unit())
  }

  func write(to writer: inout JSONWriter) {
    writer.object {
      switch self {
      case .constant(let value): $0.member("constant", value)
      case .uniform(let low, let high):
        $0.member(
          "uniform",
          array: {
            $0.value(low)
            $0.value(high)
          })
      case .normal(let mean, let deviation):
        $0.member(
          "normal",
          object: {
            $0.member("mean", mean)
            $0.member("deviation", deviation)
          })
      case .exponential(let mean): $0.member("exponential", mean)
      case .tail(let p50, let p99):
        $0.member(
          "tail",
          object: {
            $0.member("p50", p50)
            $0.member("p99", p99)
          })
      }
    }
  }
}

extension Latency {
  /// Reads a number of milliseconds, or an object with one member that names the distribution.
  init(_ field: PlanField) throws(PlanError) {
    if field.view.kind == .number {
      self = .constant(try field.milliseconds())
      return
    }
    let shape = try field.onlyMember(["constant", "uniform", "normal", "exponential", "tail"])
    switch shape.name {
    case "constant": self = .constant(try shape.milliseconds())
    case "exponential": self = .exponential(mean: try shape.milliseconds())
    case "uniform":
      let ends = try shape.list(count: 2, "two numbers of milliseconds, such as [10, 50]")
      let (low, high) = (try ends[0].milliseconds(), try ends[1].milliseconds())
      guard low <= high else { throw shape.error("the second number must not be the smaller one") }
      self = .uniform(low: low, high: high)
    case "normal":
      try shape.allow(["mean", "deviation"])
      self = .normal(
        mean: try shape.required("mean").milliseconds(),
        deviation: try shape.required("deviation").milliseconds())
    default:
      try shape.allow(["p50", "p99"])
      let p50 = try shape.required("p50").number(in: 0.001...Self.limit, "milliseconds")
      let p99 = try shape.required("p99").number(in: 0.001...Self.limit, "milliseconds")
      guard p50 <= p99 else { throw shape.error("p99 must not be below p50") }
      self = .tail(p50: p50, p99: p99)
    }
  }
}
