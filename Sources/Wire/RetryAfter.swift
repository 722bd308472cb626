package import FleetModel

/// The `Retry-After` header (RFC 9110 §10.2.3).
package enum RetryAfter {
  /// - Returns: how long to wait; zero for a date in the past; nil for a value of neither form.
  package static func parse(_ value: String, now: Timestamp) -> Duration? {
    let text = value.drop { $0 == " " || $0 == "\t" }.reversed()
      .drop { $0 == " " || $0 == "\t" }.reversed()
    let trimmed = String(text)
    if !trimmed.isEmpty, trimmed.utf8.allSatisfy({ (48...57).contains($0) }) {
      // More than the clock holds is as good as for ever.
      return .seconds(min(Int64(trimmed) ?? .max, 9_000_000_000))
    }
    guard let date = HTTPDate.parse(trimmed, now: now) else { return nil }
    return max(date - now, .zero)
  }
}

/// The three forms of a date in HTTP (RFC 9110 §5.6.7).
enum HTTPDate {
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// - Parameter now: says which century a year of two digits is of.
  static func parse(_ text: String, now: Timestamp) -> Timestamp? {
    let words = text.split(separator: " ").map(String.init)
    switch words.count {
    // Sun, 06 Nov 1994 08:49:37 GMT
    case 6 where words[5] == "GMT":
      return date(year: words[3], month: words[2], day: words[1], clock: words[4])
    // Sunday, 06-Nov-94 08:49:37 GMT
    case 4 where words[3] == "GMT":
      let parts = words[1].split(separator: "-").map(String.init)
      guard parts.count == 3, let short = Int64(parts[2]), parts[2].utf8.count == 2 else {
        return nil
      }
      let year = fullYear(short, now: now)
      return date(year: String(year), month: parts[1], day: parts[0], clock: words[2])
    // Sun Nov  6 08:49:37 1994
    case 5: return date(year: words[4], month: words[1], day: words[2], clock: words[3])
    default: return nil
    }
  }

  /// The last year with these digits that is not more than 50 years ahead.
  private static func fullYear(_ short: Int64, now: Timestamp) -> Int64 {
    let current = Int64(now.rfc3339.prefix(4)) ?? 2000
    let years = [100, 0, -100].map { current - current % 100 + $0 + short }
    return years.first { $0 <= current + 50 } ?? current
  }

  private static func date(
    year: String, month: String, day: String, clock: String
  ) -> Timestamp? {
    let time = clock.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard time.count == 3, let month = months.firstIndex(of: month),
      let year = number(year, 1900...9999), let day = number(day, 1...31),
      let hour = number(time[0], 0...23), let minute = number(time[1], 0...59),
      let second = number(time[2], 0...60)
    else { return nil }
    return Timestamp(
      year: year, month: Int64(month) + 1, day: day, hour: hour, minute: minute, second: second)
  }

  private static func number(_ text: String, _ range: ClosedRange<Int64>) -> Int64? {
    guard text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int64(text),
      range.contains(number)
    else { return nil }
    return number
  }
}
