/// A point in civil time, for people and files; the engine never decides by it.
package struct Timestamp: Hashable, Sendable, Comparable {
  /// Milliseconds since 1970-01-01T00:00:00Z.
  package var millisecondsSinceEpoch: Int64

  package init(millisecondsSinceEpoch: Int64) {
    self.millisecondsSinceEpoch = millisecondsSinceEpoch
  }

  package static func < (left: Timestamp, right: Timestamp) -> Bool {
    left.millisecondsSinceEpoch < right.millisecondsSinceEpoch
  }

  /// Stays at the end of the range: a stored time may be any number.
  package static func + (timestamp: Timestamp, duration: Duration) -> Timestamp {
    let step = duration.nanoseconds / 1_000_000
    let (sum, overflow) = timestamp.millisecondsSinceEpoch.addingReportingOverflow(step)
    return Timestamp(millisecondsSinceEpoch: overflow ? (step < 0 ? .min : .max) : sum)
  }

  /// No more than the most, and no less than the least, that an `Int64` of milliseconds holds.
  package static func - (left: Timestamp, right: Timestamp) -> Duration {
    let (difference, overflow) = left.millisecondsSinceEpoch.subtractingReportingOverflow(
      right.millisecondsSinceEpoch)
    return .milliseconds(overflow ? (left < right ? .min : .max) : difference)
  }

  /// RFC 3339 in UTC with milliseconds: `2026-11-21T03:04:05.678Z`.
  package var rfc3339: String {
    let (day, clock) = split
    let date = CivilDate(daysSinceEpoch: day)
    let second = clock / 1000
    return
      "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))T"
      + "\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
      + ".\(padded(clock % 1000, 3))Z"
  }

  /// `03:04:05` in UTC, for event lines.
  package var clockText: String {
    let second = split.clock / 1000
    return "\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
  }

  /// Reads RFC 3339 with any fraction and any offset; nil when the text is not one.
  package init?(rfc3339 text: String) {
    let bytes = Array(text.utf8)
    func number(_ range: Range<Int>) -> Int64? {
      guard range.upperBound <= bytes.count else { return nil }
      return bytes[range].reduce(Int64?.some(0)) { sum, byte in
        guard let sum, (48...57).contains(byte) else { return nil }
        return sum * 10 + Int64(byte - 48)
      }
    }
    guard bytes.count >= 20, bytes[4] == 45, bytes[7] == 45, bytes[10] | 32 == 116,
      bytes[13] == 58, bytes[16] == 58,
      let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
      let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
      (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 61
    else { return nil }
    var index = 19
    var milliseconds: Int64 = 0
    if bytes[index] == 46 {
      index += 1
      var scale: Int64 = 100
      while index < bytes.count, (48...57).contains(bytes[index]) {
        milliseconds += Int64(bytes[index] - 48) * scale
        scale /= 10
        index += 1
      }
    }
    var offsetMinutes: Int64 = 0
    switch index < bytes.count ? bytes[index] : 0 {
    case 90, 122: guard index + 1 == bytes.count else { return nil }
    case 43, 45:
      guard index + 6 == bytes.count, bytes[index + 3] == 58,
        let hours = number(index + 1..<index + 3), let minutes = number(index + 4..<index + 6)
      else { return nil }
      offsetMinutes = (bytes[index] == 45 ? -1 : 1) * (hours * 60 + minutes)
    default: return nil
    }
    let days = CivilDate(year: year, month: month, day: day).daysSinceEpoch
    let seconds = days * 86_400 + (hour * 60 + minute - offsetMinutes) * 60 + second
    self.init(millisecondsSinceEpoch: seconds * 1000 + milliseconds)
  }

  /// From a civil date and time in UTC; the date is not checked against the calendar.
  package init(
    year: Int64, month: Int64, day: Int64, hour: Int64, minute: Int64, second: Int64
  ) {
    let days = CivilDate(year: year, month: month, day: day).daysSinceEpoch
    self.init(
      millisecondsSinceEpoch: (days * 86_400 + hour * 3600 + minute * 60 + second) * 1000)
  }

  private var split: (day: Int64, clock: Int64) {
    let perDay: Int64 = 86_400_000
    let (day, clock) = millisecondsSinceEpoch.quotientAndRemainder(dividingBy: perDay)
    return clock < 0 ? (day - 1, clock + perDay) : (day, clock)
  }

  private func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}

/// The proleptic Gregorian calendar, by Howard Hinnant's `days_from_civil` and its inverse
/// (http://howardhinnant.github.io/date_algorithms.html).
private struct CivilDate {
  var year: Int64
  var month: Int64
  var day: Int64

  init(year: Int64, month: Int64, day: Int64) {
    (self.year, self.month, self.day) = (year, month, day)
  }

  init(daysSinceEpoch: Int64) {
    let shifted = daysSinceEpoch + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  var daysSinceEpoch: Int64 {
    let fromMarch = month <= 2 ? year - 1 : year
    let era = (fromMarch >= 0 ? fromMarch : fromMarch - 399) / 400
    let yearOfEra = fromMarch - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }
}
