package import FleetModel

/// The `Retry-After` header (RFC 9110 §10.2.3).
package enum RetryAfter {
  /// What stands for "for ever": more seconds than the engine's clock holds.
  package static let longest = Duration.seconds(9_000_000_000)

  /// - Returns: how long to wait, at most `longest`; zero for a date in the past; nil for a value
  ///   of neither form.
  package static func parse(_ value: String, now: Timestamp) -> Duration? {
    let words = value.split { $0 == " " || $0 == "\t" }
    if words.count == 1, words[0].utf8.allSatisfy({ (48...57).contains($0) }) {
      return min(Int64(words[0]).map { .seconds($0) } ?? longest, longest)
    }
    guard let date = HTTPDate.parse(words, now: now) else { return nil }
    return max(date - now, .zero)
  }
}

/// The three forms of a date in HTTP (RFC 9110 §5.6.7).
///
/// Read more freely than they are written, as that section advises: names in any case, a day of the
/// month without its zero, a day of the week that does not fit. A date that we cannot read would
/// mean coming back too early.
enum HTTPDate {
  private static let months = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
  ]

  /// - Parameters:
  ///   - words: the date, split at its spaces.
  ///   - now: says which century a year of two digits is of.
  static func parse(_ words: [Substring], now: Timestamp) -> Timestamp? {
    switch words.count {
    // Sun, 06 Nov 1994 08:49:37 GMT
    case 6 where isGMT(words[5]):
      return date(year: words[3], month: words[2], day: words[1], clock: words[4])
    // Sunday, 06-Nov-94 08:49:37 GMT
    case 4 where isGMT(words[3]):
      let parts = words[1].split(separator: "-", omittingEmptySubsequences: false)
      guard parts.count == 3, parts[2].utf8.count == 2, let short = number(parts[2], 0...99)
      else { return nil }
      return recent(short, now: now) { year in
        date(year: "\(year)", month: parts[1], day: parts[0], clock: words[2])
      }
    // Sun Nov  6 08:49:37 1994
    case 5: return date(year: words[4], month: words[1], day: words[2], clock: words[3])
    default: return nil
    }
  }

  private static func isGMT(_ zone: Substring) -> Bool { zone.lowercased() == "gmt" }

  /// The last date with these digits of a year that is not more than 50 years ahead.
  private static func recent(
    _ short: Int64, now: Timestamp, _ date: (Int64) -> Timestamp?
  ) -> Timestamp? {
    let text = now.rfc3339
    guard let year = Int64(text.prefix(4)),
      let limit = Timestamp(rfc3339: "\(year + 50)\(text.dropFirst(4))")
    else { return nil }
    return [100, 0, -100].compactMap { date(year - year % 100 + $0 + short) }
      .first { $0 <= limit }
  }

  private static func date(
    year: Substring, month: Substring, day: Substring, clock: Substring
  ) -> Timestamp? {
    let time = clock.split(separator: ":", omittingEmptySubsequences: false)
    guard time.count == 3, let month = months.firstIndex(of: month.lowercased()),
      let year = number(year, 1800...9999), let day = number(day, 1...31),
      let hour = number(time[0], 0...23), let minute = number(time[1], 0...59),
      let second = number(time[2], 0...60)
    else { return nil }
    func timestamp(_ hour: Int64, _ minute: Int64, _ second: Int64) -> Timestamp {
      Timestamp(
        year: year, month: Int64(month) + 1, day: day, hour: hour, minute: minute, second: second)
    }
    // A 31st that the month does not have has become a 1st.
    guard Int64(timestamp(0, 0, 0).rfc3339.dropFirst(8).prefix(2)) == day else { return nil }
    return timestamp(hour, minute, second)
  }

  private static func number(_ text: Substring, _ range: ClosedRange<Int64>) -> Int64? {
    guard text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int64(text),
      range.contains(number)
    else { return nil }
    return number
  }
}
