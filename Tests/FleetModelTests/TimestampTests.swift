import FleetModel
import Testing

@Suite struct `A timestamp` {
  @Test(arguments: [
    (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
    (-86_400_000, "1969-12-31T00:00:00.000Z"), (-86_400_001, "1969-12-30T23:59:59.999Z"),
    (1_795_230_245_678, "2026-11-21T03:04:05.678Z"),
  ])
  func `is written in RFC 3339`(milliseconds: Int64, text: String) {
    #expect(Timestamp(millisecondsSinceEpoch: milliseconds).rfc3339 == text)
  }

  @Test(arguments: [
    (Int64.min, "16:47:04"), (Int64.min + 1, "16:47:04"), (Int64.max, "07:12:55"),
  ])
  func `at the end of its range is written without a trap`(milliseconds: Int64, clock: String) {
    let time = Timestamp(millisecondsSinceEpoch: milliseconds)
    #expect(time.clockText == clock)
    #expect(time.rfc3339.contains("T" + clock))
  }

  @Test func `beyond the end of its range stays at it`() {
    let (first, last) = (
      Timestamp(millisecondsSinceEpoch: .min), Timestamp(millisecondsSinceEpoch: .max)
    )
    let now = Timestamp(millisecondsSinceEpoch: 1_795_230_245_678)
    #expect(now - first == .milliseconds(Int64.max))
    #expect(first - now == .milliseconds(Int64.min))
    #expect(last + .seconds(1) == last)
    #expect(first + .seconds(-1) == first)
  }
}
