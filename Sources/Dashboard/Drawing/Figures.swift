import FleetModel
import TerminalUI

/// Numbers as an operator reads them: few digits, the unit beside them, never wider than their
/// column.
enum Figures {
  /// With a fixed count of decimals, 0…3; what is no number is a dash.
  static func decimal(_ value: Double, places: Int) -> String {
    let power = [1.0, 10, 100, 1000][min(max(places, 0), 3)]
    let scaled = (value * power).rounded()
    guard scaled.isFinite, abs(scaled) < 1e15 else { return "-" }
    let whole = Int64(scaled)
    let base = Int64(power)
    let sign = whole < 0 ? "-" : ""
    guard base > 1 else { return String(whole) }
    let digits = String(abs(whole) % base)
    let zeros = String(repeating: "0", count: max(0, places - digits.count))
    return "\(sign)\(abs(whole) / base).\(zeros)\(digits)"
  }

  /// A share of 0…1 as percent without its sign: `99.7`, `100`.
  static func percent(_ share: Double, places: Int = 1) -> String {
    decimal(share * 100, places: places)
  }

  /// `999`, `1.2k`, `57k`, `3.4M`.
  static func count(_ number: Int) -> String {
    switch abs(Double(number)) {
    case ..<10_000: String(number)
    case ..<100_000: decimal(Double(number) / 1e3, places: 1) + "k"
    case ..<1_000_000: decimal(Double(number) / 1e3, places: 0) + "k"
    default: decimal(Double(number) / 1e6, places: 1) + "M"
    }
  }

  /// To the last digit: `24,310`.
  static func grouped(_ number: Int) -> String {
    let digits = String(number.magnitude)
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return (number < 0 ? "-" : "") + text
  }

  /// Per second: `0.0`, `41.8`, `123`, `5.2k`.
  static func rate(_ value: Double) -> String {
    abs(value) < 100 ? decimal(value, places: 1) : count(Int(clamping: value))
  }

  /// `0.4ms`, `53ms`, `1.16s`, `12.3s`, `5m`.
  static func latency(_ duration: Duration) -> String {
    let seconds = duration.seconds
    switch seconds {
    case ..<0.00095: return decimal(seconds * 1e3, places: 1) + "ms"
    case ..<0.9995: return decimal(seconds * 1e3, places: 0) + "ms"
    case ..<9.995: return decimal(seconds, places: 2) + "s"
    case ..<99.95: return decimal(seconds, places: 1) + "s"
    default: return age(seconds: Int64(clamping: seconds))
    }
  }

  /// The bound of a histogram's bucket in at most four columns: `5ms`, `80ms`, `.16s`, `1.3s`, `∞`.
  static func bound(_ seconds: Double) -> String {
    switch seconds {
    case ..<0.0995: decimal(seconds * 1e3, places: 0) + "ms"
    case ..<0.995: String(decimal(seconds, places: 2).dropFirst()) + "s"
    case ..<9.95:
      seconds == seconds.rounded()
        ? decimal(seconds, places: 0) + "s" : decimal(seconds, places: 1) + "s"
    case ..<1000: decimal(seconds, places: 0) + "s"
    default: "more"
    }
  }

  /// `12s`, `2m`, `3h`, `4d`; what lies ahead is `0s`.
  static func age(seconds: Int64) -> String {
    switch seconds {
    case ..<0: "0s"
    case ..<120: "\(seconds)s"
    case ..<7200: "\(seconds / 60)m"
    case ..<172_800: "\(seconds / 3600)h"
    default: "\(seconds / 86_400)d"
    }
  }

  /// What is left, to the second: `0:07`, `14:32`; `3h59m` from an hour on, `5d` from two days.
  static func clock(seconds: Int64) -> String {
    let seconds = max(0, seconds)
    func padded(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
    switch seconds {
    case ..<3600: return "\(seconds / 60):\(padded(seconds % 60))"
    case ..<172_800: return "\(seconds / 3600)h\(padded(seconds / 60 % 60))m"
    default: return age(seconds: seconds)
    }
  }

  /// Tries on the wire per call: `×1.4`.
  static func amplification(_ value: Double, _ glyphs: Glyphs) -> String {
    "\(glyphs.times)\(rate(value))"
  }

  /// `1 letter`, `3 letters`.
  static func counted(_ number: Int, _ noun: String) -> String {
    "\(count(number)) \(noun)\(number == 1 ? "" : "s")"
  }

  /// Words into lines of at most `width` columns; a word that is longer goes on below.
  ///
  /// - Parameter limit: lines at most, one at least. What is left over makes the last one too wide,
  ///   so that whoever draws it shows that it was cut.
  static func wrap(_ text: String, width: Int, limit: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.prefix(String.screenScalarLimit).split(separator: " ") {
      for (index, piece) in pieces(of: word, width: max(1, width)).enumerated() {
        let isFirst = index == 0
        let next = line.isEmpty ? piece : line + (isFirst ? " " : "") + piece
        if next.columnWidth <= width || line.isEmpty || lines.count >= max(1, limit) - 1 {
          line = next
        } else {
          lines.append(line)
          line = piece
        }
        if lines.count >= max(1, limit) - 1, line.columnWidth > width { return lines + [line] }
      }
    }
    return line.isEmpty ? lines : lines + [line]
  }

  /// The word, in parts of at most `width` columns.
  private static func pieces(of word: Substring, width: Int) -> [String] {
    guard String(word).columnWidth > width else { return [String(word)] }
    var (pieces, piece, used) = ([String](), String.UnicodeScalarView(), 0)
    for scalar in word.unicodeScalars {
      let columns = ScreenScalar(scalar).width
      if used > 0, used + columns > width {
        pieces.append(String(piece))
        (piece, used) = (String.UnicodeScalarView(), 0)
      }
      piece.append(scalar)
      used += columns
    }
    return pieces + [String(piece)]
  }
}

extension Int {
  /// Saturates; what is no number is zero.
  fileprivate init(clamping value: Double) {
    self = value.isNaN ? 0 : Int(Swift.min(Swift.max(value, -1e15), 1e15))
  }
}

extension Int64 {
  fileprivate init(clamping value: Double) { self = Int64(Int(clamping: value)) }
}

extension Timestamp {
  /// Whole seconds from this one until a later one; saturates.
  func seconds(until later: Timestamp) -> Int64 {
    let (difference, overflow) = later.millisecondsSinceEpoch.subtractingReportingOverflow(
      millisecondsSinceEpoch)
    guard !overflow else { return later > self ? .max / 1000 : .min / 1000 }
    return difference / 1000
  }
}
