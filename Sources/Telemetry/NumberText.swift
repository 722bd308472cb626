import FleetModel

/// Numbers as people read them in tables.
package enum NumberText {
  /// With so many decimals, 0…6; `-` for what is not finite.
  package static func fixed(_ value: Double, decimals: Int) -> String {
    guard value.isFinite, abs(value) < 1e12 else { return "-" }
    let scale = (0..<decimals).reduce(1.0) { power, _ in power * 10 }
    let scaled = Int64((abs(value) * scale).rounded())
    let whole = scaled / Int64(scale)
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard decimals > 0 else { return "\(sign)\(whole)" }
    let digits = String(scaled % Int64(scale))
    return "\(sign)\(whole)." + String(repeating: "0", count: decimals - digits.count) + digits
  }

  /// `97.5%` of a ratio 0…1; `-` for nil.
  package static func percent(_ ratio: Double?) -> String {
    ratio.map { fixed($0 * 100, decimals: 1) + "%" } ?? "-"
  }

  /// `0.4 ms`, `12 ms`, `1.25 s`, `12.5 s`, `5 min`; `-` for nil.
  package static func duration(_ duration: Duration?) -> String {
    guard let seconds = duration?.seconds else { return "-" }
    switch abs(seconds) {
    case ..<0.00995: return fixed(seconds * 1000, decimals: 1) + " ms"
    case ..<0.9995: return fixed(seconds * 1000, decimals: 0) + " ms"
    case ..<9.995: return fixed(seconds, decimals: 2) + " s"
    case ..<119.95: return fixed(seconds, decimals: 1) + " s"
    case ..<7170: return fixed(seconds / 60, decimals: 0) + " min"
    case ..<171_000: return fixed(seconds / 3600, decimals: 0) + " h"
    default: return fixed(seconds / 86_400, decimals: 0) + " d"
    }
  }
}
