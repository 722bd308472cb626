package import FleetModel
import Glibc

/// The date format of HTTP headers (RFC 9110 §5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
package struct HTTPDate {
  private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  private var second = Int64.min
  private var cached: [UInt8] = []

  package init() {}

  /// The text for that second, made once per second.
  mutating func bytes(at time: Timestamp) -> [UInt8] {
    let now = time.millisecondsSinceEpoch / 1000
    if now != second {
      second = now
      cached = Array(Self.text(time).utf8)
    }
    return cached
  }

  package static func text(_ time: Timestamp) -> String {
    var seconds = time_t(time.millisecondsSinceEpoch / 1000)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    func two(_ number: Int32) -> String { (number < 10 ? "0" : "") + String(number) }
    let clock = "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
    return "\(days[Int(parts.tm_wday)]), \(two(parts.tm_mday)) \(months[Int(parts.tm_mon)]) "
      + "\(parts.tm_year + 1900) \(clock) GMT"
  }
}
