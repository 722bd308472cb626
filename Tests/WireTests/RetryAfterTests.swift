import FleetModel
import Testing

@testable import Wire

@Suite struct `Retry-After` {
  let now = Timestamp(year: 1994, month: 11, day: 6, hour: 8, minute: 49, second: 7)

  @Test(arguments: [
    ("120", Duration.seconds(120)), (" 0 ", .zero), ("\t7\t", .seconds(7)), ("007", .seconds(7)),
    ("00000000000000000000000000000000005", .seconds(5)), ("9000000000", RetryAfter.longest),
    ("99999999999999999999", RetryAfter.longest), ("9223372036854775807", RetryAfter.longest),
  ])
  func `is a number of seconds, for ever at most (pitfall 20)`(value: String, expected: Duration) {
    #expect(RetryAfter.parse(value, now: now) == expected)
  }

  @Test(arguments: [
    "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
  ])
  func `is a date in each of the three forms (pitfall 19)`(value: String) {
    #expect(RetryAfter.parse(value, now: now) == .seconds(30))
    #expect(RetryAfter.parse(" \(value) ", now: now) == .seconds(30))
  }

  @Test(arguments: [
    "Sun, 06 Nov 1994 08:49:37 gmt", "sun, 06 NOV 1994 08:49:37 Gmt",
    "Sun, 6 Nov 1994 08:49:37 GMT", "Mon, 06 Nov 1994 08:49:37 GMT",
    "sunday, 06-nov-94 08:49:37 gmt", "sun nov 06 08:49:37 1994",
  ])
  func `is read more freely than it is written (pitfall 19)`(value: String) {
    #expect(RetryAfter.parse(value, now: now) == .seconds(30))
  }

  @Test(arguments: [
    "Sat, 05 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:07 GMT",
    "Thu, 01 Jan 1970 00:00:00 GMT", "Thursday, 01-Jan-70 00:00:00 GMT",
    "Sat Nov  5 08:49:37 1994",
  ])
  func `of a date in the past asks for nothing`(value: String) {
    #expect(RetryAfter.parse(value, now: now) == .zero)
  }

  @Test(arguments: [
    ("Monday, 06-Nov-44 08:49:07 GMT", 2044), ("Monday, 06-Nov-44 08:49:08 GMT", 1944),
    ("Saturday, 31-Dec-44 00:00:00 GMT", 1944), ("Sunday, 06-Nov-45 08:49:07 GMT", 1945),
    ("Friday, 05-Nov-99 08:49:07 GMT", 1999), ("Monday, 29-Feb-00 08:49:07 GMT", 2000),
  ])
  func `of a year of two digits is at most 50 years ahead`(value: String, year: Int64) {
    let words = value.split(separator: " ")
    #expect(HTTPDate.parse(words, now: now).map { String($0.rfc3339.prefix(4)) } == "\(year)")
  }

  @Test(arguments: [
    ("Sun Nov 16 08:49:07 1994", Duration.seconds(864_000)),
    ("Sat, 31 Dec 1994 23:59:60 GMT", .seconds(4_806_653)),
    ("Fri, 31 Dec 9999 23:59:59 GMT", .seconds(252_618_189_052)),
  ])
  func `of a distant date is the time until then`(value: String, expected: Duration) {
    #expect(RetryAfter.parse(value, now: now) == expected)
  }

  @Test(arguments: [
    "", " ", "-1", "+1", "1.5", "1e3", "0x10", "soon", "120, 60", "1 2", "٣", "12O",
    "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT",
    "Sun, 06 Nov 1994 08:49 GMT", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 Nov 1994 08:49:37",
    "Sun, 06 Nov 1994 08:49:37 GMT GMT", "Wed, 30 Feb 1994 08:49:37 GMT",
    "Thu, 31 Apr 1994 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 94 08:49:37 GMT", "Sun, 06 Nov 19940 08:49:37 GMT",
    "Sunday, 06-Nov-1994 08:49:37 GMT", "Sunday, 06-Nov--4 08:49:37 GMT",
    "Sunday, -06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 8:49:-7 GMT",
    "Sun, 06 Nov 1994 ::: GMT", "1994-11-06T08:49:37Z",
  ])
  func `is nothing when it is neither seconds nor a date`(value: String) {
    #expect(RetryAfter.parse(value, now: now) == nil)
  }

  @Test func `of any text is nothing or a time that is not negative`() {
    var random = SplitMix64(seed: 1)
    let words = [
      "Sun,", "Sunday,", "Sun", "06", "6", "31", "Nov", "feb", "06-Nov-94", "29-Feb-00", "1994",
      "0000", "9999", "08:49:37", "23:59:60", "::", "GMT", "gmt", "-", "💥", "99999999999999999999",
    ]
    for _ in 0..<20_000 {
      let text = (0..<Int(random.next() % 7)).map { _ in
        words[Int(random.next() % UInt64(words.count))]
      }.joined(separator: random.next() % 8 == 0 ? "\t" : " ")
      if let wait = RetryAfter.parse(text, now: now), wait < .zero {
        Issue.record("\(text) is \(wait)")
      }
    }
  }
}
